import { readFileSync } from 'node:fs';
import { PROJECT_ROOT } from './sources.ts';

/** A fenced block of a page: ` ```sh ` has the info string `sh`. */
export interface CodeBlock {
  readonly info: string;
  readonly lines: readonly string[];
  /** 1-based line of its first line. */
  readonly line: number;
}

/** A page of the project as text; `path` from its root. */
export const readPage = (path: string): string => readFileSync(`${PROJECT_ROOT}${path}`, 'utf8');

/** The fenced blocks of a page, in order. */
export function codeBlocksOf(text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const info = /^```(\S.*|)$/u.exec(lines[index] ?? '')?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf('```', index + 1);
    if (end === -1) throw new Error(`line ${index + 1}: the block is not closed`);
    blocks.push({ info, lines: lines.slice(index + 1, end), line: index + 2 });
    index = end;
  }
  return blocks;
}

/** The page without its fenced blocks. */
export const proseOf = (text: string): string => text.replaceAll(/^```[^]*?^```$/gmu, '');

/** What stands in backticks in the prose of a page. */
export const inlineCodeOf = (text: string): readonly string[] =>
  [...proseOf(text).matchAll(/(?<!`)`([^`\n]+)`(?!`)/gu)].map(([, code = '']) => code);

/** The rows of every table of a page, without headings: cells trimmed, `\|` as `|`. */
export function tableRowsOf(text: string): readonly (readonly string[])[] {
  const lines = proseOf(text).split('\n');
  return lines
    .filter(
      (line, index) =>
        line.startsWith('|') && !/^\|[-|: ]+\|$/u.test(line) && !/^\|[-|: ]+\|$/u.test(lines[index + 1] ?? ''),
    )
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split(/(?<!\\)\|/u)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    );
}

/** Ids and times of day differ from run to run: both sides of a comparison are brought to the same words. */
export function withoutIds(line: string): string {
  return line
    .replaceAll(/\b[0-9a-f]{64}\b/gu, '<id>')
    .replaceAll(/\b[0-9a-f]{4}(?: [0-9a-f]{4}){15}\b/gu, '<id>')
    .replaceAll(/\b[0-9a-f]{4}(?: [0-9a-f]{4}){3}$/gu, '<part of an id>')
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8}\b/gu, '<start of an id>')
    .replaceAll(/\b\d\d:\d\d(?::\d\d)? [+-]\d\d:\d\d/gu, '<time>')
    .trimEnd();
}

/**
 * Where the shown lines are in the printed ones: a line `...` stands for any number of lines. Returns the first shown line
 * that is not there, or null.
 */
export function firstMissing(shown: readonly string[], printed: readonly string[]): string | null {
  const lines = printed.map(withoutIds);
  let from = 0;
  for (const run of splitRuns(shown.map(withoutIds))) {
    const at = indexOfRun(lines, run, from);
    if (at === -1)
      return run.find((_, index) => indexOfRun(lines, run.slice(0, index + 1), from) === -1) ?? run[0] ?? '';
    from = at + run.length;
  }
  return null;
}

function splitRuns(lines: readonly string[]): readonly (readonly string[])[] {
  const runs: string[][] = [[]];
  for (const line of lines) {
    if (line === '...') runs.push([]);
    else runs.at(-1)?.push(line);
  }
  return runs.filter((run) => run.length > 0);
}

function indexOfRun(lines: readonly string[], run: readonly string[], from: number): number {
  for (let at = from; at + run.length <= lines.length; at += 1) if (matchesAt(lines, run, at)) return at;
  return -1;
}

const matchesAt = (lines: readonly string[], run: readonly string[], at: number): boolean =>
  run.every((line, index) => lines[at + index] === line);
