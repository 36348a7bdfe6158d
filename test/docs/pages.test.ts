/** What every written page says of commands, files and other pages is so. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/cli/program.ts';
import { resolveRequest } from '../../src/cli/resolve.ts';
import { COMMANDS } from '../../src/commands/index.ts';
import { codeBlocksOf, inlineCodeOf, proseOf, readPage } from '../support/markdown.ts';
import { PROJECT_ROOT } from '../support/sources.ts';
import { splitWords } from '../support/transcript-script.ts';

const written = (folder: string): readonly string[] =>
  readdirSync(join(PROJECT_ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...written('docs'),
  ...written('docs/guides'),
  ...written('docs/spec'),
].toSorted();

/** A command line of a page as it would be typed: an id may be cut short, and `<id>` stands for one. */
function toArgv(line: string): readonly string[] {
  const typed = line
    .replaceAll(/\b([0-9a-f]{4,})\.\.\./gu, (_cut, start: string) => start.padEnd(64, '0'))
    .replaceAll(/<id>|"?\$(?:ledger|sums)"?/gu, '0'.repeat(64))
    .replaceAll('"$told"', `7:${'0'.repeat(64)}`)
    .replace(/ (?:[|<>]|2>|&&|\|\||#) .*$/u, '')
    .replace(/^\$ /u, '');
  return splitWords(typed).slice(1);
}

const isCommand = (line: string): boolean => /^(?:\$ )?joulemark /u.test(line);

const typedLines = PAGES.flatMap((page) =>
  codeBlocksOf(readPage(page)).flatMap(({ info, lines, line }) =>
    info.startsWith('text')
      ? []
      : lines.flatMap((text, index) => (isCommand(text) ? [[`${page}:${line + index}`, text] as const] : [])),
  ),
);

describe('a command line in a page', () => {
  test.each(typedLines)('%s: %s', async (_, line) => {
    const request = resolveRequest(toArgv(line), COMMANDS);
    if (request.kind !== 'command') return expect(request.kind).toMatch(/^(?:help|version)$/u);
    const command = await request.entry.load();
    expect(parseCommandLine(command, request.argv).kind).toMatch(/^(?:run|help)$/u);
  });

  test('is in the pages that need some', () => {
    expect(typedLines.filter(([place]) => place.startsWith('README.md')).length).toBeGreaterThanOrEqual(15);
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = readPage(page);

  test('names commands that exist', () => {
    const named = inlineCodeOf(text).filter((code) => /^joulemark [a-z]/u.test(code));
    expect(named.filter((code) => !existsCommand(code))).toEqual([]);
  });

  test('links to pages and headings that exist', () => {
    const links = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/gu)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/u.test(target));
    expect(links.filter((target) => !existsTarget(page, target))).toEqual([]);
  });

  test('names files of the project that exist', () => {
    const named = inlineCodeOf(text).filter((code) =>
      /^(?:src|test|docs|fixtures|tools|bench|bin)\/[\w./-]+$/u.test(code),
    );
    expect(named.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).toEqual([]);
  });
});

function existsCommand(code: string): boolean {
  const words = code.split(' ').slice(1);
  return (
    COMMANDS.some(
      ({ path }) => path[0] === words[0] && (path[1] === undefined || words[1] === undefined || path[1] === words[1]),
    ) || words[0] === 'help'
  );
}

function existsTarget(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#');
  const file = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(PROJECT_ROOT, file))) return false;
  if (heading === undefined) return true;
  return [...readPage(file).matchAll(/^#+ (.+)$/gmu)].some(([, title = '']) => toAnchor(title) === heading);
}

/** As GitHub makes them. */
const toAnchor = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
