import { JoulemarkError } from '../errors.ts';
import type { BlockPlace } from '../ledger/body.ts';
import type { Branch } from '../ledger/branch.ts';
import { parseId } from '../ledger/codec/id.ts';

/**
 * A programme block as people are told it: its number, a colon, its id.
 * @throws JoulemarkError USAGE.
 */
export function parseBlockPlace(text: string): BlockPlace {
  const [, seq, id] = /^\s*(\d{1,8}):(.+)$/s.exec(text) ?? [];
  if (seq === undefined || id === undefined)
    throw new JoulemarkError(
      'USAGE',
      `not a place: '${text.slice(0, 100)}', expected a block's number, a colon, its id`,
    );
  return { seq: Number(seq), id: parseId(id) };
}

/** A programme block that is known to belong to the history that is meant: told by another way, or pinned by this home. */
export interface KnownPlace {
  readonly seq: number;
  readonly id: string;
}

/**
 * Whether two blocks in a place of the programme chain leave no doubt: everything up to a block that is known is of its history.
 * @throws JoulemarkError DIVERGED when the chain has another block in the place of a known one.
 */
export function knownHistory(programme: Branch, known: readonly KnownPlace[]): (seq: number) => boolean {
  for (const { seq, id } of known) {
    const here = programme.idAt(seq);
    if (here !== undefined && here !== id)
      throw new JoulemarkError(
        'DIVERGED',
        `programme block ${seq} of this copy is '${here}', known is '${id}': two histories of the certification body`,
        {
          hints: ['show both to the oversight of the programme'],
          details: { seq, known: id, found: here },
        },
      );
  }
  const last = Math.max(-1, ...known.map(({ seq }) => (programme.idAt(seq) === undefined ? -1 : seq)));
  return (seq) => seq <= last;
}
