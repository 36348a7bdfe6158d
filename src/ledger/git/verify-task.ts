import { sha256 } from '../../crypto/hash.ts';
import { type ErrorCode, type ErrorDetails, JoulemarkError } from '../../errors.ts';
import { type Block, decodeRecord } from '../block.ts';
import { type BranchFault, checkBranchInSteps } from '../branch.ts';
import type { ChainName, ChainState, SignatureJudge } from '../chain.ts';
import { idBytes } from '../codec/id.ts';
import { brokenRule } from '../rule.ts';
import { eachRecord } from '../segment.ts';
import type { ChainSource } from './chain-source.ts';
import type { SegmentFile } from './chain-tree.ts';
import { type IdList, newIdList } from './id-list.ts';

/** One chain to verify: a branch at a commit. */
export interface ChainTask {
  readonly ref: string;
  readonly commit: string;
  readonly name: ChainName;
  /** A state verified before: what is below it is not read again as long as the branch still holds its head. */
  readonly from?: ChainState | undefined;
}

/** What came of a ChainTask: small, whatever the length of the chain. */
export interface ChainReport {
  readonly ref: string;
  readonly commit: string;
  /** The state after the last valid block; null when there is none. */
  readonly state: ChainState | null;
  /** The first block that is not valid. */
  readonly fault: BranchFault | null;
  /** Seq of the first block judged now: 0, or the one after `from`. */
  readonly firstSeq: number;
  /** The ids of the valid blocks judged now, 32 bytes each. */
  readonly ids: Uint8Array;
  /** H of the bytes of each file of the chain that was read, 32 bytes each. */
  readonly files: Uint8Array;
  /** Why the branch could not be read at all. */
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly details: ErrorDetails } | null;
}

/** Verifies one chain of a store, segment after segment. Faults of the chain are in the report; nothing is thrown for them. */
export function runChainTask(source: ChainSource, task: ChainTask, judge?: SignatureJudge): ChainReport {
  const steps = runChainTaskInSteps(source, task, judge);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `runChainTask`, a valid block a step; `ids` is filled with theirs. */
export function* runChainTaskInSteps(
  source: ChainSource,
  task: ChainTask,
  judge?: SignatureJudge,
  ids: IdList = newIdList(),
): Generator<Block, ChainReport> {
  try {
    return yield* verifyStored(source, task, judge, ids);
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    const { code, message, details } = error;
    return {
      ref: task.ref,
      commit: task.commit,
      state: null,
      fault: null,
      firstSeq: 0,
      ids: new Uint8Array(0),
      files: new Uint8Array(0),
      error: { code, message, details },
    };
  }
}

function* verifyStored(
  source: ChainSource,
  { ref, commit, name, from }: ChainTask,
  judge: SignatureJudge | undefined,
  ids: IdList,
): Generator<Block, ChainReport> {
  const segments = source.listSegments(ref, commit);
  const base = from !== undefined && holdsHead(source, segments, from) ? from : undefined;
  const firstSeq = base === undefined ? 0 : base.seq + 1;
  const files = newIdList();
  const records = recordsFrom(source, segments, firstSeq, (bytes) => files.push(sha256(bytes)));
  const steps = checkBranchInSteps({ ...name, from: base, records, ...(judge === undefined ? {} : { judge }) });
  for (;;) {
    const step = steps.next();
    if (step.done === true)
      return { ref, commit, ...step.value, firstSeq, ids: ids.packed(), files: files.packed(), error: null };
    ids.push(idBytes(step.value.id));
    yield step.value;
  }
}

/** True when the branch still has the head of a state in its place: by hash, so has it everything below. */
function holdsHead(source: ChainSource, segments: readonly SegmentFile[], from: ChainState): boolean {
  try {
    const [record] = recordsFrom(source, segments, from.seq);
    return record !== undefined && decodeRecord(record).id === from.head;
  } catch (error) {
    if (error instanceof JoulemarkError) return false;
    throw error;
  }
}

/**
 * The records of a chain from one on, reading only the files that hold them. `onFile` is given the bytes of each.
 * @throws JoulemarkError VERIFY_FAILED, rule 'position', where a file does not begin where the one before ends.
 */
export function* recordsFrom(
  source: ChainSource,
  segments: readonly SegmentFile[],
  firstSeq: number,
  onFile?: (bytes: Uint8Array) => void,
): Generator<Uint8Array> {
  const start = Math.max(
    segments.findLastIndex((segment) => segment.firstSeq <= firstSeq),
    0,
  );
  let seq = segments[start]?.firstSeq ?? 0;
  for (const segment of segments.slice(start)) {
    if (segment.firstSeq !== seq)
      throw brokenRule('position', seq, `the next file of the chain begins with block ${segment.firstSeq}`);
    const bytes = source.readSegment(segment);
    onFile?.(bytes);
    for (const record of eachRecord(bytes)) {
      if (seq >= firstSeq) yield record;
      seq += 1;
    }
  }
}
