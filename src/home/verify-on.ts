import { JoulemarkError } from '../errors.ts';
import { decodeRecord } from '../ledger/block.ts';
import { type ChainName, type ChainState, verifyRecords } from '../ledger/chain.ts';
import { concatBytes } from '../crypto/hash.ts';
import { type Id, idBytes } from '../ledger/codec/id.ts';
import { newIdList } from '../ledger/git/id-list.ts';
import { chainOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { storedBranch } from '../ledger/git/stored-branch.ts';
import { recordsFrom } from '../ledger/git/verify-task.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { replay } from '../programme/replay.ts';
import {
  blocksOf,
  type CheckedBranch,
  organisationBranches,
  type ReplayedAhead,
  viewOf,
} from '../programme/verification.ts';
import { type Checkpoint, type CheckpointBranch, StaleCheckpoint } from './checkpoint.ts';

export interface VerifiedOn {
  readonly read: ReadonlyMap<string, CheckedBranch>;
  readonly ahead: ReplayedAhead;
}

export interface VerifyOnOptions {
  readonly ledger: Id;
  readonly refs: ReadonlyMap<string, string>;
  /** States whose signatures were checked, at or above those of the checkpoint. */
  readonly checked: ReadonlyMap<string, ChainState>;
  readonly progress?: ((blocks: number) => void) | undefined;
}

/**
 * Goes on from a checkpoint: reads, verifies and replays what is new, and nothing else. Null where that does not do: a branch that does not
 * lead on from what was verified, anything wrong in what is new. Whoever verifies everything finds out what.
 */
export function verifyOn(store: GitStore, checkpoint: Checkpoint, options: VerifyOnOptions): VerifiedOn | null {
  const { ledger, refs, checked, progress } = options;
  try {
    if ([...checkpoint.branches.keys()].some((ref) => !refs.has(ref))) return null;
    const read = new Map<string, CheckedBranch>();
    for (const [ref, commit] of refs) {
      const known = checkpoint.branches.get(ref);
      const one = readNew(store, chainOfRef(ledger, ref), ref, commit, known, checked.get(ref));
      if (one === null) return null;
      progress?.(one.verifiedNow);
      read.set(ref, one);
    }
    const programme = read.get(PROGRAMME_REF);
    if (programme === undefined) return null;
    const { cursor, state, memo } = checkpoint;
    const view = viewOf(ledger, programme.branch, organisationBranches(read));
    const next = blocksOf(programme.branch, programme.branch.length, cursor.next);
    const gone = replay(next, view, { from: { cursor, state } });
    return gone.fault === null ? { read, ahead: { ...gone, memo } } : null;
  } catch (error) {
    if (error instanceof StaleCheckpoint) return null;
    if (error instanceof JoulemarkError && (error.code === 'VERIFY_FAILED' || error.code === 'PENDING')) return null;
    throw error;
  }
}

/** A branch as far as it was known, and what is new of it: by hash up to the last state whose signatures were checked, then by signature. */
function readNew(
  store: GitStore,
  name: ChainName,
  ref: string,
  commit: string,
  known: CheckpointBranch | undefined,
  checked: ChainState | undefined,
): CheckedBranch | null {
  const first = known === undefined ? 0 : known.state.seq + 1;
  if (known !== undefined && known.commit === commit)
    return { ...toBranchOn(store, ref, commit, known.state, 0, first, known.ids), unread: first };
  const segments = store.listSegments(ref, commit);
  const records = recordsFrom(store, segments, Math.max(0, first - 1));
  let head: Id | null = null;
  if (known !== undefined) {
    const step = records.next();
    if (step.done === true) return null;
    head = decodeRecord(step.value).id;
    if (head !== known.state.head) return null;
  }
  const added = newIdList();
  let state: ChainState | undefined = known?.state;
  if (checked !== undefined && checked.seq >= first) {
    for (let seq = first; seq <= checked.seq; seq += 1) {
      const step = records.next();
      if (step.done === true) return null;
      const { id, body } = decodeRecord(step.value);
      if (body.prev !== head || body.seq !== seq) return null;
      head = id;
      added.push(idBytes(id));
    }
    if (head !== checked.head) return null;
    state = checked;
  }
  let verifiedNow = 0;
  for (const step of verifyRecords({ ...name, records, from: state })) {
    state = step.state;
    added.push(idBytes(step.block.id));
    verifiedNow += 1;
  }
  if (state === undefined) return null;
  const ids = (): Uint8Array => (known === undefined ? added.packed() : concatBytes(known.ids(), added.packed()));
  return { ...toBranchOn(store, ref, commit, state, verifiedNow, first + added.count(), ids), unread: first };
}

function toBranchOn(
  store: GitStore,
  ref: string,
  commit: string,
  state: ChainState,
  verifiedNow: number,
  length: number,
  ids: () => Uint8Array,
): CheckedBranch {
  let known: Uint8Array | undefined;
  const verified = {
    ref,
    commit,
    length,
    fault: null,
    get ids() {
      return (known ??= ids());
    },
  };
  return { commit, branch: storedBranch(store, verified), state, fault: null, verifiedNow };
}
