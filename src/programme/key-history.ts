import type { Block } from '../ledger/block.ts';
import { entryAt } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import { rotateContent } from '../ledger/entries.ts';
import { keyIdOf } from '../ledger/key-id.ts';

/** A key of a chain, from the block on that enrolled it. */
export interface KeyPeriod {
  readonly key: Id;
  /** The block that enrolled it, and its time as its signer wrote it. */
  readonly from: { readonly seq: number; readonly time: number };
  /** The last block that it may have signed; null for the key in force. */
  readonly to: number | null;
}

/** The signing keys of a verified chain, oldest first. */
export function keyHistory(blocks: readonly Block[]): readonly KeyPeriod[] {
  const enrolled = blocks.flatMap((block) => {
    const { seq, time } = block.body;
    if (seq === 0) return [{ key: block.kid, seq, time }];
    const entry = entryAt(block, 0);
    return entry?.type === 'rotate'
      ? [{ key: keyIdOf(rotateContent.read(entry.content, 'rotate').key), seq, time }]
      : [];
  });
  return enrolled.map(({ key, seq, time }, index) => {
    const following = enrolled[index + 1];
    return { key, from: { seq, time }, to: following === undefined ? null : following.seq - 1 };
  });
}
