import { JoulemarkError } from '../errors.ts';

/** For options whose text goes on the ledger for people to read, as it is typed; a text of blanks says nothing. */
export function parseWords(text: string): string {
  if (text.trim() === '')
    throw new JoulemarkError('USAGE', `'${text}' is empty, expected words for those who read the ledger`);
  return text;
}
