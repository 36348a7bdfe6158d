import type { Block } from '../ledger/block.ts';

/** How the entries of two copies of the same blocks stand to each other: a partial copy holds only leaf hashes of some. */
export interface HeldEntries {
  /** True when the first has an entry of which the second has only the hash. */
  readonly onlyFirst: boolean;
  readonly onlySecond: boolean;
}

/** Compares what two copies of a chain hold, as far as both go. */
export function compareHeldEntries(first: readonly Block[], second: readonly Block[]): HeldEntries {
  let onlyFirst = false;
  let onlySecond = false;
  for (const [seq, { id, items }] of first.entries()) {
    const other = second[seq];
    if (other === undefined || other.id !== id) break;
    for (const [index, item] of items.entries()) {
      const there = other.items[index];
      if (there === undefined || 'leaf' in item === 'leaf' in there) continue;
      if ('leaf' in item) onlySecond = true;
      else onlyFirst = true;
    }
  }
  return { onlyFirst, onlySecond };
}
