import { equalBytes, sha256, toHex } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import { type Block, decodeUnrooted } from '../block.ts';
import type { Branch } from '../branch.ts';
import { type Id, idBytes } from '../codec/id.ts';
import type { ChainSource } from './chain-source.ts';
import { newIdList } from './id-list.ts';
import { type ChainReport, recordsFrom } from './verify-task.ts';

/** A branch that is read before anybody has verified it: what is made of it holds only if `isOf` says so in the end. */
export interface BranchAhead {
  readonly branch: Branch;
  /** All blocks in order, as far as they go. */
  readonly blocks: () => Generator<Block>;
  /** True when every file read so far is the one that was verified in its place. */
  readonly isOf: (verified: Pick<ChainReport, 'files'>) => boolean;
}

/** So many decoded blocks are held for those who asked for a later id first; beyond, they are decoded again. */
const MOST_HELD = 4096;
const NOT_ASKED = new Uint8Array(32);

/**
 * Reads a chain from block 0 on as far as it is asked for, one file held at a time and 32 bytes a block. Nothing is hashed but the files:
 * whoever verifies them hashes them too, so the same files are the same blocks, and what links and entries are worth he has found.
 * @throws JoulemarkError VERIFY_FAILED, from any of its functions, where it cannot be read on.
 */
export function branchAhead(source: ChainSource, ref: string, commit: string): BranchAhead {
  const segments = source.listSegments(ref, commit);
  const files = newIdList();
  const records = recordsFrom(source, segments, 0, (bytes) => files.push(sha256(bytes)));
  const ids = newIdList();
  const held = new Map<number, Block>();

  const readOne = (): boolean => {
    const step = records.next();
    if (step.done === true) return false;
    const seq = ids.count();
    ids.push(NOT_ASKED);
    held.set(seq, decodeUnrooted(step.value));
    held.delete(seq - MOST_HELD);
    return true;
  };
  const readAgain = (seq: number): Block => {
    const file = segments.findLastIndex(({ firstSeq }) => firstSeq <= seq);
    const [record] = recordsFrom(source, segments, seq, (bytes) => {
      if (!equalBytes(files.at(file), sha256(bytes)))
        throw new JoulemarkError('VERIFY_FAILED', `block ${seq} of '${ref}' changed while it was read`, {
          details: { ref, seq },
        });
    });
    if (record === undefined) throw new JoulemarkError('INTERNAL', `no block ${seq} in '${ref}'`);
    return decodeUnrooted(record);
  };
  const reaches = (seq: number): boolean => {
    while (ids.count() <= seq) if (!readOne()) return false;
    return seq >= 0;
  };
  const idAt = (seq: number): Id | undefined => {
    if (!reaches(seq)) return undefined;
    const known = ids.at(seq);
    if (!equalBytes(known, NOT_ASKED)) return toHex(known) as Id;
    const { id } = held.get(seq) ?? readAgain(seq);
    ids.set(seq, idBytes(id));
    return id;
  };
  const block = (seq: number): Block => {
    // its id is asked for later, when the block is gone: as the head last covered, or as what somebody has seen
    if (idAt(seq) === undefined) throw new JoulemarkError('INTERNAL', `no block ${seq} in '${ref}'`);
    const known = held.get(seq);
    held.delete(seq - 1); // walks ask once, in order, and then once more for the id of the last
    return known ?? readAgain(seq);
  };
  return {
    branch: {
      get length() {
        while (readOne());
        return ids.count();
      },
      idAt,
      block,
      fault: null,
    },
    *blocks() {
      for (let seq = 0; reaches(seq); seq += 1) yield block(seq);
    },
    isOf: ({ files: verified }) => {
      const read = files.packed();
      return verified.length >= read.length && equalBytes(read, verified.subarray(0, read.length));
    },
  };
}
