import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EXIT_STATUS, type ExitName } from '../../src/errors.ts';
import { EXIT_MEANING } from '../../src/cli/exit-meaning.ts';
import { runDemoOnce } from '../support/demo-run.ts';
import { codeBlocksOf, firstMissing, readPage, tableRowsOf } from '../support/markdown.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

const README = readPage('README.md');
const blocks = codeBlocksOf(README);

describe('README.md', () => {
  test(
    'shows what the demo prints: a certificate, a stranger who verifies it, a changed byte that is found',
    { timeout: 300_000 },
    async () => {
      const { status, lines, stderr } = await runDemoOnce();
      expect(status, stderr).toBe(0);
      const shown = blocks.filter(({ info }) => info === 'text demo');
      expect(shown).toHaveLength(1);
      expect(firstMissing(shown[0]?.lines ?? [], lines)).toBeNull();
      // "packages are open to everyone who has the repository": a stranger without a key opens each of them
      const opened = /OPENED {4}([\d,]+) of ([\d,]+) packages/u.exec(lines.join('\n'));
      expect(opened?.[1]).toBe(opened?.[2]);
      // "the demo then changes one byte on the stick, repairs every git hash"
      const after = lines.slice(lines.findIndex((line) => line.startsWith('== The same stick after')));
      expect(after.join('\n')).toMatch(/BROKEN .* block \d+[^]*exit status 3/u);
    },
  );

  test('names the two commands, which need nothing but Node, npm and git', () => {
    const { scripts, engines } = JSON.parse(readFileSync(`${PROJECT_ROOT}package.json`, 'utf8')) as {
      scripts: Record<string, string>;
      engines: { node: string };
    };
    const named = blocks.flatMap(({ info, lines }) =>
      info === 'sh' ? lines.flatMap((line) => /^npm (?:run )?(\w+)/u.exec(line)?.[1] ?? []) : [],
    );
    expect(named).toEqual(['demo', 'test']);
    // each sets a fresh clone up by itself
    for (const name of named) expect(scripts[name]).toMatch(/^node tools\/setup\.js && node /u);
    expect(README).toContain(`Node ${engines.node.replace(/^>=(\d+\.\d+)\.0$/u, '$1')} or later`);
  });

  test('lists every exit status', () => {
    const rows = tableRowsOf(README).filter(([status = '']) => /^\d+$/u.test(status));
    expect(rows).toEqual(
      (Object.keys(EXIT_STATUS) as ExitName[]).map((name) => [String(EXIT_STATUS[name]), name, EXIT_MEANING[name]]),
    );
  });
});
