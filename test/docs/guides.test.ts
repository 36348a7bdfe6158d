/** The guides, run as a reader would run them: the real program in a shell, at today's date. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXIT_STATUS } from '../../src/errors.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { resolveRequest } from '../../src/cli/resolve.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { codeBlocksOf, firstMissing, readPage, tableRowsOf } from '../support/markdown.ts';
import { hasGit } from '../support/git.ts';
import { PROJECT_ROOT } from '../support/sources.ts';
import { splitWords } from '../support/transcript-script.ts';

let clone = '';

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'joulemark-clone-'));
  mkdirSync(join(clone, 'tmp'));
  for (const name of ['bin', 'package.json']) cpSync(`${PROJECT_ROOT}${name}`, join(clone, name), { recursive: true });
  symlinkSync(`${PROJECT_ROOT}fixtures`, join(clone, 'fixtures'));
  expect(spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(clone, 'dist')]).status).toBe(0);
});
afterAll(() => rmSync(clone, { recursive: true, force: true }));

/** Runs shell lines in the clone; `MARK n` on stdout begins the output of block n. */
function shell(blocks: readonly (readonly string[])[]): {
  readonly status: number | null;
  readonly stdout: readonly (readonly string[])[];
  readonly stderr: string;
} {
  const script = blocks.map((lines, index) => `echo "MARK ${index}"\n${lines.join('\n')}`).join('\n');
  const env = { PATH: process.env['PATH'], HOME: join(clone, 'tmp'), TMPDIR: join(clone, 'tmp') };
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', script], { cwd: clone, env, encoding: 'utf8' });
  const outputs = stdout.split(/^MARK \d+\n/mu).slice(1);
  return { status, stdout: outputs.map((text) => text.split('\n')), stderr };
}

describe('docs/guides/getting-started.md', () => {
  const blocks = codeBlocksOf(readPage('docs/guides/getting-started.md'));
  const typed = blocks.filter(({ info }) => info === 'sh');

  test('goes through from the first line to the last, and prints what it shows', { timeout: 300_000 }, () => {
    const { status, stdout, stderr } = shell(typed.map(({ lines }) => lines));
    expect(status, stderr).toBe(0);
    for (const [index, { info, lines, line }] of blocks.entries()) {
      if (info !== 'text') continue;
      const before = typed.indexOf(blocks[index - 1] ?? blocks[0]!);
      expect(firstMissing(lines, stdout[before] ?? []), `line ${line}`).toBeNull();
    }
    const repeated =
      stdout[typed.findIndex(({ lines }) => lines[0]?.startsWith('joulemark meter submit') === true)] ?? [];
    expect(repeated.join('\n')).toMatch(/already in the ledger/u);
  });
});

describe('docs/guides/offline-audit.md', () => {
  const blocks = codeBlocksOf(readPage('docs/guides/offline-audit.md'));
  const typed = blocks.filter(({ info }) => info === 'sh');

  test.skipIf(!hasGit)('goes through word for word, and prints what it shows', { timeout: 300_000 }, () => {
    const { status, stdout, stderr } = shell(typed.map(({ lines }) => lines));
    expect(status, stderr).toBe(0);
    for (const [index, { info, lines, line }] of blocks.entries()) {
      if (info !== 'text') continue;
      const before = typed.indexOf(blocks[index - 1] ?? blocks[0]!);
      expect(firstMissing(lines, stdout[before] ?? []), `line ${line}`).toBeNull();
    }
    expect(stderr).toBe('');
    expect(
      stdout
        .flat()
        .join('\n')
        .match(/^CHECKED/gmu),
    ).toHaveLength(5);
  });

  test('speaks of every status that the verifier can answer with', () => {
    const said = tableRowsOf(readPage('docs/guides/offline-audit.md')).flatMap(([cell = '', word = '']) =>
      /^\d+$/u.test(cell) ? [[Number(cell), word] as const] : [],
    );
    expect(said).toEqual([
      [EXIT_STATUS.OK, 'CHECKED'],
      ...(['VERIFY_FAILED', 'PENDING', 'DIVERGED', 'STALE'] as const).map((word) => [EXIT_STATUS[word], word]),
    ]);
  });
});

describe('docs/guides/cron.md', () => {
  const blocks = codeBlocksOf(readPage('docs/guides/cron.md'));
  const jobs = blocks
    .filter(({ info }) => info === 'crontab')
    .flatMap(({ lines }) => lines.filter((line) => /^[\d*]/u.test(line)));

  test.each(jobs)('%s', async (job) => {
    const [, minute = '', hour = '', command = ''] =
      /^(\d+|\*) +(\d+|\*) +\* +\* +\* +(joulemark .+)$/u.exec(job) ?? [];
    expect([Number(minute) < 60, hour === '*' || Number(hour) < 24]).toEqual([true, true]);
    const request = resolveRequest(splitWords(command).slice(1), COMMANDS);
    expect(request.kind).toBe('command');
    if (request.kind === 'command') expect(parseCommandLine(await request.entry.load(), request.argv).kind).toBe('run');
  });

  test('speaks of every status that a command can end with, but signals', () => {
    const said = tableRowsOf(readPage('docs/guides/cron.md')).flatMap(([cell = '']) =>
      /^\d/u.test(cell) ? cell.split(', ').map(Number) : [],
    );
    expect(said.toSorted((a, b) => a - b)).toEqual(Object.values(EXIT_STATUS).filter((status) => status < 128));
  });

  test('the script at its end passes a status on', () => {
    const script = blocks.find(({ lines }) => lines[0]?.startsWith('joulemark sync') === true)?.lines ?? [];
    const program = 'joulemark() { node "$PWD/bin/joulemark.js" "$@"; }';
    const { status, stderr } = shell([[program, 'set +e', ...script]]);
    expect(status).toBe(EXIT_STATUS.NO_LEDGER);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'NO_LEDGER', exitStatus: 10 } });
  });
});
