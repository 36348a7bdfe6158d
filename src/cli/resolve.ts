import type { CommandEntry } from './command-entry.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { toFlag } from './option.ts';

/** What a command line asks for, seen from its first words, before any command is loaded. */
export type Request =
  | { readonly kind: 'version' }
  /** The overview of all commands, or of those of a noun. */
  | { readonly kind: 'help'; readonly noun: string | undefined }
  | { readonly kind: 'command'; readonly entry: CommandEntry; readonly argv: readonly string[] }
  /** A noun that needs a verb. */
  | { readonly kind: 'incomplete'; readonly noun: string }
  | { readonly kind: 'unknown'; readonly word: string; readonly candidates: readonly string[] };

const GLOBALS = Object.entries(GLOBAL_OPTIONS);
const WITH_VALUE: ReadonlySet<string> = new Set(
  GLOBALS.filter(([, spec]) => 'value' in spec).map(([name]) => toFlag(name)),
);
const SWITCHES: ReadonlySet<string> = new Set([
  ...GLOBALS.filter(([, spec]) => !('value' in spec)).flatMap(([name, spec]) => [
    'short' in spec ? `-${spec.short}` : '',
    toFlag(name),
  ]),
  '--help',
  '-h',
  '--version',
  '-V',
]);

/** Finds the words of a command; only flags that every command has may stand before or between them. */
export function resolveRequest(commandLine: readonly string[], entries: readonly CommandEntry[]): Request {
  // `joulemark help audit sign` is `joulemark audit sign --help`
  const argv = commandLine[0] === 'help' ? [...commandLine.slice(1), '--help'] : commandLine;
  const first = findWord(argv, 0);
  const asksHelp = argv.some((token) => token === '--help' || token === '-h');
  if (first === undefined) {
    const flag = argv.find((token) => token.startsWith('-') && !isGlobal(token));
    if (flag !== undefined) return { kind: 'unknown', word: flag, candidates: [] };
    const asksVersion = !asksHelp && argv.some((token) => token === '--version' || token === '-V');
    return asksVersion ? { kind: 'version' } : { kind: 'help', noun: undefined };
  }
  const noun = argv[first] ?? '';
  const rest = argv.toSpliced(first, 1);
  const ofNoun = entries.filter(({ path }) => path[0] === noun);
  if (ofNoun.length === 0)
    return { kind: 'unknown', word: noun, candidates: [...new Set(entries.map(({ path }) => path[0]))] };
  const alone = ofNoun.find(({ path }) => path.length === 1);
  if (alone !== undefined && ofNoun.length === 1) return { kind: 'command', entry: alone, argv: rest };
  return resolveVerb(noun, ofNoun, rest, first, asksHelp);
}

function resolveVerb(
  noun: string,
  ofNoun: readonly CommandEntry[],
  rest: readonly string[],
  from: number,
  asksHelp: boolean,
): Request {
  const second = findWord(rest, from);
  if (second === undefined) {
    if (asksHelp) return { kind: 'help', noun };
    // A noun alone lists.
    const list = ofNoun.find(({ path }) => path.length === 1) ?? ofNoun.find(({ path }) => path[1] === 'list');
    return list === undefined ? { kind: 'incomplete', noun } : { kind: 'command', entry: list, argv: rest };
  }
  const verb = rest[second] ?? '';
  const entry = ofNoun.find(({ path }) => path[1] === verb);
  if (entry !== undefined) return { kind: 'command', entry, argv: rest.toSpliced(second, 1) };
  return { kind: 'unknown', word: `${noun} ${verb}`, candidates: ofNoun.map(({ path }) => path.join(' ')) };
}

/** The index of the next word at or after `from`, skipping global flags; undefined at a flag of a command, or at the end. */
function findWord(argv: readonly string[], from: number): number | undefined {
  for (let index = from; index < argv.length; index += 1) {
    const token = argv[index] ?? '';
    if (!token.startsWith('-') || token === '-') return index;
    if (!isGlobal(token)) return undefined;
    if (WITH_VALUE.has(token)) index += 1;
  }
  return undefined;
}

function isGlobal(token: string): boolean {
  return SWITCHES.has(token) || WITH_VALUE.has(token.split('=', 1)[0] ?? '');
}
