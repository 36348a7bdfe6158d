import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { shortId } from '../ledger/codec/id.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** Something with an id and a name that its owner chose: names are not unique, ids are. */
export interface Named {
  readonly id: Id;
  readonly name: string;
}

const MOST_LISTED = 10;

/**
 * The organisation that a person names: by its name, by the first digits of its id (4 or more, unique) or by all 64, in groups or
 * not. Covered or admitted organisations only.
 * @throws JoulemarkError USAGE listing the candidates.
 */
export function findOrganisation(state: ProgrammeState, text: string): Organisation {
  return findNamed([...state.organisations.values()], text);
}

/**
 * The same among any candidates. Anybody may choose a name that reads like the digits of somebody else's id, so a text that
 * fits several is refused, whatever it fits them by.
 * @throws JoulemarkError USAGE listing the candidates.
 */
export function findNamed<T extends Named>(candidates: readonly T[], text: string): T {
  const wanted = text.trim();
  const digits = wanted.replaceAll(' ', '').toLowerCase();
  const isPrefix = /^[0-9a-f]{4,64}$/.test(digits);
  const exact = candidates.filter(({ id, name }) => name === wanted || (isPrefix && id.startsWith(digits)));
  const found = exact.length > 0 ? exact : candidates.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase());
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    const known = candidates.length === 0 ? 'none is known here' : `known are ${listed(candidates)}`;
    throw new JoulemarkError('USAGE', `no organisation '${wanted}': ${known}`, {
      hints: ['for all of them: joulemark org list', 'to fetch new ones: joulemark sync'],
    });
  }
  throw new JoulemarkError('USAGE', `'${wanted}' fits ${found.length} organisations: ${listed(found)}`, {
    hints: ['give more digits of the id, or all 64'],
  });
}

function listed(candidates: readonly Named[]): string {
  const shown = candidates
    .slice(0, MOST_LISTED)
    .map(({ id, name }) => (name === '' ? `'${shortId(id)}'` : `'${name}' (${shortId(id)})`));
  const more = candidates.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}
