import { equalBytes, toHex } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import { type Block, decodeRecord } from '../block.ts';
import type { Branch } from '../branch.ts';
import { type Id, idBytes } from '../codec/id.ts';
import { brokenRule } from '../rule.ts';
import type { ChainSource } from './chain-source.ts';
import { newIdList } from './id-list.ts';
import { recordsFrom } from './verify-task.ts';

/** A branch that is read before anybody has verified it: what is made of it holds only if `isOf` says so in the end. */
export interface BranchAhead {
  readonly branch: Branch;
  /** All blocks in order, as far as they go. */
  readonly blocks: () => Generator<Block>;
  /** True when every block read so far is the one that was verified in its place. */
  readonly isOf: (verified: Uint8Array) => boolean;
}

/** So many decoded blocks are held for those who asked for a later id first; beyond, they are decoded again. */
const MOST_HELD = 4096;

/**
 * Reads a chain from block 0 on as far as it is asked for, one file held at a time and 32 bytes a block. Links and entries
 * are followed by hash; signatures, keys and histories are not looked at.
 * @throws JoulemarkError VERIFY_FAILED, from any of its functions, where it cannot be read on.
 */
export function branchAhead(source: ChainSource, ref: string, commit: string): BranchAhead {
  const segments = source.listSegments(ref, commit);
  const records = recordsFrom(source, segments, 0);
  const ids = newIdList();
  const held = new Map<number, Block>();
  let head: Id | null = null;

  const readOne = (): Block | null => {
    const step = records.next();
    if (step.done === true) return null;
    const block = decodeRecord(step.value);
    const seq = ids.count();
    if (block.body.seq !== seq || block.body.prev !== head)
      throw brokenRule('position', seq, 'it does not follow the one before');
    ids.push(idBytes(block.id));
    head = block.id;
    held.set(seq, block);
    held.delete(seq - MOST_HELD);
    return block;
  };
  const idAt = (seq: number): Id | undefined => {
    const near = held.get(seq);
    if (near !== undefined) return near.id;
    while (ids.count() <= seq) if (readOne() === null) return undefined;
    return seq < 0 ? undefined : (toHex(ids.at(seq)) as Id);
  };
  const readAgain = (seq: number): Block => {
    const [record] = recordsFrom(source, segments, seq);
    const block = record === undefined ? null : decodeRecord(record);
    if (block === null || block.id !== idAt(seq))
      throw new JoulemarkError('VERIFY_FAILED', `block ${seq} of '${ref}' changed while it was read`, {
        details: { ref, seq },
      });
    return block;
  };
  const block = (seq: number): Block => {
    if (idAt(seq) === undefined) throw new JoulemarkError('INTERNAL', `no block ${seq} in '${ref}'`);
    const known = held.get(seq);
    held.delete(seq - 1); // walks ask once, in order, and then once more for the id of the last
    return known ?? readAgain(seq);
  };
  return {
    branch: {
      get length() {
        while (readOne() !== null);
        return ids.count();
      },
      idAt,
      block,
      fault: null,
    },
    *blocks() {
      for (let seq = 0; idAt(seq) !== undefined; seq += 1) yield block(seq);
    },
    isOf: (verified) =>
      verified.length >= 32 * ids.count() && equalBytes(ids.packed(), verified.subarray(0, 32 * ids.count())),
  };
}
