import { JoulemarkError } from '../errors.ts';
import { findEntry, type PlacedEntry } from './find-entry.ts';
import type { Writer } from './session.ts';
import type { LoadedChain } from './chain-reader.ts';

/** Where an entry stands, and whether it stood there before. */
export interface AppendedEntry {
  readonly block: { readonly chain: string; readonly seq: number; readonly id: string };
  readonly already: boolean;
  readonly dryRun: boolean;
}

/** What a home's own chain is called in messages: the name that its owner gave it, or `programme`. */
export const ownChainName = (writer: Pick<Writer, 'home'>): string =>
  writer.home.isBody ? 'programme' : writer.home.config.name;

/** A home's own chain. @throws JoulemarkError NO_LEDGER when it is not here. */
export function ownChain({ home, programme, chains }: Pick<Writer, 'home' | 'programme' | 'chains'>): LoadedChain {
  const own = home.isBody ? programme : chains.get(home.org);
  if (own === undefined)
    throw new JoulemarkError('NO_LEDGER', 'the chain of this organisation is not here', { hints: ['joulemark sync'] });
  return own;
}

/** Appends one entry as a block of its own. */
export function appendEntry(writer: Writer, dryRun: boolean, bytes: Uint8Array): AppendedEntry {
  const [appended] = writer.append([bytes]);
  if (appended === undefined) throw new JoulemarkError('INTERNAL', 'one entry made no block');
  return { block: { chain: ownChainName(writer), seq: appended.seq, id: appended.id }, already: false, dryRun };
}

/** The place of an entry that is in the chain already; what `appendEntry` gives when there is nothing to append. */
export function alreadyThere(writer: Pick<Writer, 'home'>, placed: PlacedEntry, dryRun: boolean): AppendedEntry {
  return { block: { chain: ownChainName(writer), seq: placed.seq, id: placed.id }, already: true, dryRun };
}

/** Appends an entry unless it still holds (`holds`: what the ledger says now is what the entry would say). */
export function appendUnlessThere(
  writer: Writer,
  dryRun: boolean,
  type: string,
  bytes: Uint8Array,
  holds: boolean,
): AppendedEntry {
  const placed = holds ? findEntry(ownChain(writer).blocks, type, bytes) : null;
  return placed === null ? appendEntry(writer, dryRun, bytes) : alreadyThere(writer, placed, dryRun);
}
