import { toHex } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import { type Block, decodeRecord } from '../block.ts';
import type { Branch, BranchFault } from '../branch.ts';
import type { Id } from '../codec/id.ts';
import { splitRecords } from '../segment.ts';
import type { ChainSource } from './chain-source.ts';
import type { SegmentFile } from './chain-tree.ts';

/** A verified branch: where it is, and the ids of its valid blocks from 0 on, 32 bytes each. */
export interface VerifiedBranch {
  readonly ref: string;
  readonly commit: string;
  /** The number of blocks, where the ids are only looked up when they are asked for. */
  readonly length?: number;
  readonly ids: Uint8Array;
  readonly fault: BranchFault | null;
}

/**
 * A branch whose blocks are read from the store when they are asked for, one file of the chain held at a time: a ledger of
 * a million blocks takes 32 bytes a block. Each block read is compared with the id that was verified.
 */
export function storedBranch(source: ChainSource, verified: VerifiedBranch): Branch {
  const { ref, commit, fault, length = verified.ids.length / 32 } = verified;
  let segments: readonly SegmentFile[] | undefined;
  let held: { readonly firstSeq: number; readonly records: readonly Uint8Array[] } | undefined;
  const idAt = (seq: number): Id | undefined =>
    seq >= 0 && seq < length ? (toHex(verified.ids.subarray(32 * seq, 32 * seq + 32)) as Id) : undefined;
  const recordAt = (seq: number): Uint8Array | undefined => {
    if (held === undefined || seq < held.firstSeq || seq >= held.firstSeq + held.records.length) {
      segments ??= source.listSegments(ref, commit);
      const segment = segments.findLast(({ firstSeq }) => firstSeq <= seq);
      if (segment === undefined) return undefined;
      held = { firstSeq: segment.firstSeq, records: splitRecords(source.readSegment(segment)) };
    }
    return held.records[seq - held.firstSeq];
  };
  const block = (seq: number): Block => {
    const record = recordAt(seq);
    if (record === undefined || seq >= length)
      throw new JoulemarkError('INTERNAL', `no verified block ${seq} in '${ref}'`);
    const read = decodeRecord(record);
    if (read.id !== idAt(seq))
      throw new JoulemarkError('VERIFY_FAILED', `block ${seq} of '${ref}' changed while it was read`, {
        details: { ref, seq },
      });
    return read;
  };
  return { length, idAt, block, fault };
}
