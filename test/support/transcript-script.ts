/**
 * A transcript: what a person types and what the program answers, run in-process by `transcript.ts`.
 *
 *     # a comment
 *     !clock 2026-03-01T00:00:00Z     sets the clock (it stands still); `!clock +3600` moves it, in seconds
 *     !env NAME=value                 sets a variable for the commands that follow; `!env NAME=` removes it
 *     !cd folder                      changes the folder, made if absent; relative to the current one
 *     !stdin name                     gives a file to the next command on standard input
 *     > joulemark audit list 'a b'    a command; quotes as in a shell, no variables, no pipes
 *     > cat name                      shows a file
 *     expected output                 stdout, then stderr with `2: ` before each line
 *     ? 2                             the exit status expected; 0 when there is no such line
 *     -- name --                      from here on files, each up to the next such line, written before the start
 *
 * `[..]` in expected output stands for anything within a line, a line `...` for any number of lines. The temporary
 * folder is shown as `$WORK`. Blank lines at the end of expected output do not count.
 */
export interface Script {
  readonly steps: readonly Step[];
  /** Name -> text. */
  readonly files: ReadonlyMap<string, string>;
}

export type Step =
  | { readonly kind: 'clock'; readonly to: string; readonly line: number }
  | { readonly kind: 'env'; readonly name: string; readonly value: string; readonly line: number }
  | { readonly kind: 'cd'; readonly folder: string; readonly line: number }
  | { readonly kind: 'stdin'; readonly file: string; readonly line: number }
  | CommandStep;

export interface CommandStep {
  readonly kind: 'command';
  readonly words: readonly string[];
  readonly expected: readonly string[];
  readonly status: number;
  /** 1-based line of the script; the expected lines follow it. */
  readonly line: number;
}

const FILE_HEADING = /^-- (\S+) --$/u;

export function parseScript(text: string): Script {
  const lines = text.replace(/\n$/u, '').split('\n');
  const firstFile = lines.findIndex((line) => FILE_HEADING.test(line));
  const end = firstFile === -1 ? lines.length : firstFile;
  return { steps: parseSteps(lines.slice(0, end)), files: parseFiles(lines.slice(end)) };
}

function parseFiles(lines: readonly string[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  let name = '';
  for (const line of lines) {
    const heading = FILE_HEADING.exec(line)?.[1];
    if (heading === undefined) files.set(name, `${files.get(name) ?? ''}${line}\n`);
    else files.set((name = heading), '');
  }
  return files;
}

function parseSteps(lines: readonly string[]): readonly Step[] {
  const steps: Step[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const text = lines[index] ?? '';
    if (text.startsWith('> ')) {
      const step = parseCommand(lines, index);
      steps.push(step);
      index += step.consumed;
    } else if (text.startsWith('!')) {
      steps.push(parseDirective(text, index + 1));
    } else if (text !== '' && !text.startsWith('#')) {
      throw new Error(`line ${index + 1}: '${text}' belongs to no command`);
    }
  }
  return steps;
}

function parseCommand(lines: readonly string[], index: number): CommandStep & { readonly consumed: number } {
  const rest = lines.slice(index + 1);
  const next = rest.findIndex((line) => line.startsWith('> ') || line.startsWith('!') || line.startsWith('#'));
  const body = rest.slice(0, next === -1 ? rest.length : next);
  const statusAt = body.findIndex((line) => /^\? \d+$/u.test(line));
  const expected = statusAt === -1 ? body : body.slice(0, statusAt);
  if (statusAt !== -1 && body.slice(statusAt + 1).some((line) => line !== '')) {
    throw new Error(`line ${index + statusAt + 3}: output after the exit status`);
  }
  return {
    kind: 'command',
    words: splitWords((lines[index] ?? '').slice(2)),
    expected: expected.slice(0, expected.findLastIndex((line) => line !== '') + 1),
    status: statusAt === -1 ? 0 : Number((body[statusAt] ?? '').slice(2)),
    line: index + 1,
    consumed: body.length,
  };
}

function parseDirective(text: string, line: number): Step {
  const [, name = '', value = ''] = /^!(\w+) (.+)$/u.exec(text) ?? [];
  if (name === 'clock') return { kind: 'clock', to: value, line };
  if (name === 'cd') return { kind: 'cd', folder: value, line };
  if (name === 'stdin') return { kind: 'stdin', file: value, line };
  const equals = value.indexOf('=');
  if (name === 'env' && equals > 0) {
    return { kind: 'env', name: value.slice(0, equals), value: value.slice(equals + 1), line };
  }
  throw new Error(`line ${line}: '${text}' is no directive`);
}

/** Words of a command line: spaces separate, '...' and "..." hold together. */
export function splitWords(text: string): readonly string[] {
  const words = text.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/gu) ?? [];
  return words.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/gu, (_, single?: string, double?: string) => single ?? double ?? ''),
  );
}

/** True when the lines printed are those expected, wildcards considered. */
export function matchesLines(expected: readonly string[], actual: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return actual.length === 0;
  if (first === '...') {
    return Array.from({ length: actual.length + 1 }, (_, skip) => skip).some((skip) =>
      matchesLines(rest, actual.slice(skip)),
    );
  }
  const [line, ...others] = actual;
  return line !== undefined && matchesLine(first, line) && matchesLines(rest, others);
}

function matchesLine(expected: string, actual: string): boolean {
  const pieces = expected.split('[..]').map((piece) => piece.replaceAll(/[.*+?^${}()|[\]\\]/gu, '\\$&'));
  return new RegExp(`^${pieces.join('.*')}$`, 'u').test(actual);
}
