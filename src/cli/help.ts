import { EXIT_STATUS, type ExitName } from '../errors.ts';
import type { Declaration } from './command.ts';
import { EXIT_MEANING } from './exit-meaning.ts';
import type { Summary } from './summary.ts';

/** Outcomes that any command can have, besides its own. */
const ALWAYS: readonly ExitName[] = ['USAGE', 'INTERNAL', 'SIGINT', 'SIGTERM'];

/** The outcomes of a command, in the order of their status. */
export function toExits(command: Declaration): readonly ExitName[] {
  const own = new Set<ExitName>([...command.exits, ...ALWAYS]);
  return (Object.keys(EXIT_STATUS) as ExitName[])
    .filter((name) => own.has(name))
    .toSorted((a, b) => EXIT_STATUS[a] - EXIT_STATUS[b]);
}

/** The end of a command's help: examples and exit status. */
export function toHelpTail(command: Declaration): string {
  const examples = command.examples.map((example) => `  $ ${example}`);
  const exits = toExits(command).map(
    (name) => `  ${String(EXIT_STATUS[name]).padStart(3)}  ${name.padEnd(15)} ${EXIT_MEANING[name]}`,
  );
  return ['', 'Examples:', ...examples, '', 'Exit status:', ...exits, ''].join('\n');
}

/** The overview of all commands, or of those of one noun. */
export function toOverview(summaries: readonly Summary[], noun: string | undefined): string {
  const shown = summaries.filter(({ path }) => noun === undefined || path[0] === noun);
  const width = Math.max(0, ...shown.map(({ path }) => path.join(' ').length));
  const lines = shown.map(({ path, summary }) => `  ${path.join(' ').padEnd(width)}  ${summary}`);
  const usage = noun === undefined ? 'joulemark <command>' : `joulemark ${noun} <verb>`;
  const about =
    noun === undefined ? ['Certify saved energy on a signed ledger that anyone can verify offline', ''] : [];
  return [
    `Usage: ${usage} [arguments] [options]`,
    '',
    ...about,
    'Commands:',
    ...lines,
    '',
    'More about one: joulemark <command> --help',
    'Options of every command: --home <folder>, --json, --quiet, --color <when>, --passphrase-file <file>',
    '',
  ].join('\n');
}
