import { verifyEd25519 } from '#primitives';

import { equalBytes, toHex } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import type { Questions } from '../ask-signatures.ts';
import { type Block, decodeRecord } from '../block.ts';
import type { Branch } from '../branch.ts';
import type { Id } from '../codec/id.ts';
import type { ChainSource } from './chain-source.ts';
import { newIdList } from './id-list.ts';
import { type ChainReport, type ChainTask, recordsFrom, runChainTask, runChainTaskInSteps } from './verify-task.ts';

/** A chain that is verified as far as it is read, its signatures taken to hold before they are answered. */
export interface ChainAhead {
  /** Its blocks, read on as far as they are asked for. What is made of them holds if its report is that of a chain without a fault. */
  readonly branch: Branch;
  /** All blocks in order. */
  readonly blocks: () => Generator<Block>;
  /** Reads one block more, and holds none; false at the end. */
  readonly readOn: () => boolean;
  /** After the end: its report if every signature holds. */
  readonly early: () => ChainReport;
  /** After the end, once all is answered: that report, or where anything is wrong, that of the chain judged again block by block. */
  readonly report: () => Promise<ChainReport>;
}

/** So many blocks are held for those who ask for a later one first; beyond, they are read again. */
const MOST_HELD = 4096;

/** `task`: a chain from block 0 on, where its branch is looked at. */
export function readAhead(source: ChainSource, task: ChainTask, questions: Questions): ChainAhead {
  const ids = newIdList();
  const steps = runChainTaskInSteps(source, task, questions.judge, ids);
  const held = new Map<number, Block>();
  let end: ChainReport | null = null;
  let failure: { readonly cause: unknown } | null = null;
  const take = (): Block | null => {
    if (failure !== null) throw failure.cause; // a generator that threw would say that it is done
    if (end !== null) return null;
    try {
      const step = steps.next();
      if (step.done !== true) return step.value;
      end = step.value;
      return null;
    } catch (cause) {
      failure = { cause };
      throw cause;
    }
  };
  const reaches = (seq: number): boolean => {
    while (ids.count() <= seq) {
      const block = take();
      if (block === null) return false;
      held.set(block.body.seq, block);
      held.delete(block.body.seq - MOST_HELD);
    }
    return seq >= 0;
  };
  const block = (seq: number): Block => {
    if (!reaches(seq)) throw new JoulemarkError('INTERNAL', `no block ${seq} in '${task.ref}'`);
    const known = held.get(seq);
    held.delete(seq - 1); // walks ask once, in order
    return known ?? blockAgain(source, task, seq, ids.at(seq));
  };
  const early = (): ChainReport => {
    if (end === null) throw new JoulemarkError('INTERNAL', `'${task.ref}' was not read to its end`);
    return end;
  };
  return {
    branch: {
      get length() {
        while (take() !== null);
        return ids.count();
      },
      idAt: (seq) => (reaches(seq) ? (toHex(ids.at(seq)) as Id) : undefined),
      block,
      fault: null,
    },
    *blocks() {
      for (let seq = 0; reaches(seq); seq += 1) yield block(seq);
    },
    readOn: () => {
      held.clear();
      return take() !== null;
    },
    early,
    report: async () => {
      const report = early();
      const { asked, held: known } = await questions.answered();
      return known === asked && isSound(report) ? report : judgeAgain(source, task, report, known);
    },
  };
}

/** True when nothing is wrong with a chain. */
export const isSound = ({ fault, error }: ChainReport): boolean => fault === null && error === null;

function blockAgain(source: ChainSource, { ref, commit }: ChainTask, seq: number, id: Uint8Array): Block {
  const [record] = recordsFrom(source, source.listSegments(ref, commit), seq);
  const block = record === undefined ? null : decodeRecord(record);
  if (block?.id === toHex(id)) return block;
  throw new JoulemarkError('VERIFY_FAILED', `block ${seq} of '${ref}' changed while it was read`, {
    details: { ref, seq },
  });
}

/** `known`: how many of the first signatures hold that were asked when `early` was read. */
function judgeAgain(source: ChainSource, task: ChainTask, early: ChainReport, known: number): ChainReport {
  let at = -1;
  const report = runChainTask(source, task, (signature, message, publicKey) => {
    at += 1;
    return at < known || verifyEd25519(signature, message, publicKey);
  });
  // the answers are for the bytes that were read then
  const isSame =
    report.firstSeq === early.firstSeq &&
    report.files.length <= early.files.length &&
    equalBytes(report.files, early.files.subarray(0, report.files.length));
  return isSame && report.error === null ? report : runChainTask(source, task);
}
