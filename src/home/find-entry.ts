import type { Block } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { CborMap } from '../ledger/codec/value.ts';

/** An entry in a chain. */
export interface PlacedEntry {
  readonly seq: number;
  /** The id of its block. */
  readonly id: Id;
  readonly entry: number;
  /** The time of its block, as its signer wrote it. */
  readonly time: number;
  readonly content: CborMap;
}

/** The entries of one type in a chain, oldest first. */
export function* entriesOf(
  blocks: readonly Block[],
  type: string,
): Generator<PlacedEntry & { readonly bytes: Uint8Array }> {
  for (const block of blocks) {
    for (let index = 0; index < block.items.length; index += 1) {
      const entry = entryAt(block, index);
      if (entry === null || entry.type !== type) continue;
      yield {
        seq: block.body.seq,
        id: block.id,
        entry: index,
        time: block.body.time,
        content: entry.content,
        bytes: entry.bytes,
      };
    }
  }
}

/** The newest entry of a type with exactly these bytes, or null: what a command would append again. */
export function findEntry(blocks: readonly Block[], type: string, bytes: Uint8Array): PlacedEntry | null {
  return [...entriesOf(blocks, type)].findLast((placed) => Buffer.compare(placed.bytes, bytes) === 0) ?? null;
}
