import { JoulemarkError } from '../errors.ts';
import { ask } from './prompt.ts';
import { readInput } from './read-input.ts';
import type { World } from './world.ts';

/** What a passphrase is wanted for, and whether it is a new one that has to be typed twice. */
export interface PassphraseWanted {
  readonly purpose?: string;
  readonly confirm?: boolean;
}

const FILE_HINT = 'give it in a file: --passphrase-file <file>, or set JOULEMARK_PASSPHRASE_FILE';

/** A passphrase from the file given, or asked for on a terminal. Throws KEY_UNAVAILABLE. */
export async function obtainPassphrase(
  world: World,
  flag: string | undefined,
  wanted: PassphraseWanted,
): Promise<string> {
  const file = flag ?? world.env['JOULEMARK_PASSPHRASE_FILE'];
  const passphrase =
    file === undefined || file === '' ? await askPassphrase(world, wanted) : await readPassphrase(world, file);
  if (passphrase === '') throw new JoulemarkError('KEY_UNAVAILABLE', 'the passphrase is empty', { hints: [FILE_HINT] });
  return passphrase;
}

/** The first line: editors end a file with a line break that nobody means as a part of the passphrase. */
async function readPassphrase(world: World, file: string): Promise<string> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readInput(world, file));
    return text.replace(/\r?\n$/u, '');
  } catch (error) {
    const reason = error instanceof JoulemarkError ? error.message : 'it is not UTF-8 text';
    throw new JoulemarkError('KEY_UNAVAILABLE', `no passphrase from '${file}': ${reason}`, {
      hints: [FILE_HINT],
      cause: error,
    });
  }
}

async function askPassphrase(
  { terminal }: World,
  { purpose = 'this key', confirm = false }: PassphraseWanted,
): Promise<string> {
  if (terminal === undefined) {
    throw new JoulemarkError('KEY_UNAVAILABLE', `no passphrase for ${purpose}, and no terminal to ask for it`, {
      hints: [FILE_HINT],
    });
  }
  const secret = async (message: string): Promise<string> =>
    String(await ask(terminal, { type: 'password', message, mask: '*' }));
  const first = await secret(`Passphrase for ${purpose}:`);
  if (confirm && (await secret('The same again:')) !== first) {
    throw new JoulemarkError('KEY_UNAVAILABLE', 'the two passphrases differ', { hints: ['run the command again'] });
  }
  return first;
}
