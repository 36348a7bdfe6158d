import { JoulemarkError } from '../errors.ts';
import { defineOptions, type OptionsOf } from './option.ts';

/** The flags that every command has. */
export const GLOBAL_OPTIONS = defineOptions({
  home: {
    value: '<folder>',
    description: 'the .joulemark folder to use (default: JOULEMARK_HOME, else found upwards)',
    parse: parseFolder,
  },
  json: { description: 'print the result as one line of JSON; a failure as one line of JSON on stderr' },
  quiet: { short: 'q', description: 'print nothing on success' },
  color: { value: '<when>', description: 'colour the result', choices: ['auto', 'always', 'never'], default: 'auto' },
  passphraseFile: { value: '<file>', description: 'read the passphrase of a key from the first line of a file' },
});

/** The flags that the shell adds to a command that appends to the ledger. */
export const APPEND_OPTIONS = defineOptions({
  dryRun: { description: 'do everything but write; show what would be appended' },
  wait: {
    value: '<seconds>',
    description: 'wait for another process that holds the lock',
    default: '0',
    parse: parseSeconds,
  },
});

/** All flags of the shell; the append flags are absent (false, 0) for commands that do not append. */
export type ShellOptions = OptionsOf<typeof GLOBAL_OPTIONS> & OptionsOf<typeof APPEND_OPTIONS>;

function parseFolder(text: string): string {
  if (text === '') throw new JoulemarkError('USAGE', "'' is no folder");
  return text;
}

function parseSeconds(text: string): number {
  if (!/^\d{1,6}$/u.test(text)) throw new JoulemarkError('USAGE', `'${text}' is not a whole number of seconds`);
  return Number(text);
}
