import { equalBytes } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { decodeRecord, LIMITS } from '../ledger/block.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { type Draft, type Sealed, sealBlock } from '../ledger/seal.ts';
import { splitRecords } from '../ledger/segment.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import {
  checkBranchMark,
  checkHighWaterMark,
  moveHighWaterMark,
  raiseHighWaterMark,
} from '../ledger/store/high-water-mark.ts';
import { clearJournal, readJournal, writeJournal } from '../ledger/store/journal.ts';
import { removeLeftovers, sweepRepository } from '../ledger/store/leftovers.ts';
import { withLock } from '../ledger/store/lock.ts';
import { writePin } from '../ledger/store/pin.ts';
import { readCheckedStates, writeCheckedStates } from './checked-states.ts';
import { refOf } from './chain-reader.ts';
import type { HomePaths } from './paths.ts';

/** What signs: the key in force, or for a rotation the key that it reveals. */
export type Signer = Pick<Draft, 'secretKey' | 'publicKey'> & { readonly keyId: Id };

/** What is appended: the chain as verified, the blocks' entries, the place seen. */
export interface Append {
  readonly store: GitStore;
  readonly paths: HomePaths;
  readonly signer: Signer;
  /** The verified head of the chain and its commit; null for a block 0. */
  readonly head: { readonly state: ChainState; readonly commit: string } | null;
  /** For block 0 of an organisation. */
  readonly ledger?: Id;
  readonly seen: Draft['seen'];
  readonly time: number;
  /** Encoded entries of each block, in order. */
  readonly blocks: readonly (readonly Uint8Array[])[];
  /** The key signed these positions before, on a branch that was left out of the chain (own-fork.ts). */
  readonly otherBranch?: boolean;
  /** Go all the way but write nothing. */
  readonly dryRun: boolean;
}

/**
 * Signs and appends blocks; the caller holds the lock. Crash-only: the signed bytes are durable in the journal before they
 * enter the chain, the mark beside the key rises before the chain does, and whatever comes in between is completed by
 * `resumeAppend`.
 */
export function appendBlocks(append: Append): readonly Sealed[] {
  const { store, paths, signer, head } = append;
  const nextSeq = head === null ? 0 : head.state.seq + 1;
  const onto = append.otherBranch === true ? (head?.state.head ?? null) : null;
  if (onto === null) checkHighWaterMark(paths.highWaterMark, signer.keyId, nextSeq);
  else checkBranchMark(paths.highWaterMark, signer.keyId, onto);
  const sealed: Sealed[] = [];
  let state = head?.state ?? null;
  for (const entries of append.blocks) {
    const next = sealBlock({
      state,
      ...(state === null ? { ledger: append.ledger } : {}),
      seen: append.seen,
      time: state !== null && state.kind === 'programme' ? Math.max(append.time, state.time) : append.time,
      entries,
      secretKey: signer.secretKey,
      publicKey: signer.publicKey,
    });
    sealed.push(next);
    state = next.state;
  }
  if (append.dryRun || state === null || sealed.length === 0) return sealed;
  const ref = refOf(state);
  const records = sealed.map((one) => one.record);
  writeJournal(paths.journal, { ref, firstSeq: nextSeq, time: append.time, records });
  const mark = { keyId: signer.keyId, seq: state.seq };
  if (onto === null) raiseHighWaterMark(paths.highWaterMark, mark);
  else moveHighWaterMark(paths.highWaterMark, mark, onto);
  store.appendRecords({ ref, expectedHead: head?.commit ?? null, nextSeq, records, time: append.time });
  rememberState(paths, ref, state);
  // its own history is the one that the certification body means
  if (state.kind === 'programme') writePin(paths.pin, { ledger: state.ledger, seq: state.seq, id: state.head });
  clearJournal(paths.journal);
  return sealed;
}

/** Notes how far a chain is verified: our own blocks were judged as they were sealed. */
export function rememberState(paths: HomePaths, ref: string, state: ChainState): void {
  writeCheckedStates(paths.checked, new Map([...readCheckedStates(paths.checked), [ref, state]]));
}

/** Completes an append that a crash cut short, with the same bytes; the caller holds the lock. */
export function resumeAppend(store: GitStore, paths: HomePaths): void {
  const entry = readJournal(paths.journal);
  if (entry === null) return;
  const commit = store.readRef(entry.ref);
  const chain = [...store.readSegments(entry.ref)].flatMap((segment) => splitRecords(segment.bytes));
  const there = chain.slice(entry.firstSeq);
  const goesOn =
    chain.length >= entry.firstSeq &&
    there.every((record, index) => equalBytes(record, entry.records[index] ?? record));
  if (!goesOn) {
    throw new JoulemarkError(
      'DIVERGED',
      `the journal goes on from block ${entry.firstSeq}, the chain here does not: it looks like a restored backup`,
      { hints: ['joulemark sync'] },
    );
  }
  // the crash may have come before the mark rose: what is in the journal is signed
  const last = entry.records.at(-1);
  if (last !== undefined)
    raiseHighWaterMark(paths.highWaterMark, {
      keyId: decodeRecord(last).kid,
      seq: entry.firstSeq + entry.records.length - 1,
    });
  const records = entry.records.slice(there.length);
  if (records.length > 0)
    store.appendRecords({ ref: entry.ref, expectedHead: commit, nextSeq: chain.length, records, time: entry.time });
  clearJournal(paths.journal);
}

/**
 * Checks that a key file holds the key in force, before anything is prepared for it; a rotation, which signs with the next key, does not ask.
 * @throws JoulemarkError KEY_UNAVAILABLE with the way out.
 */
export function verifyKeyInForce(state: ChainState, keyId: Id): void {
  const { currentId } = state.keys;
  if (currentId === keyId) return;
  throw new JoulemarkError(
    'KEY_UNAVAILABLE',
    `the key file holds the key ${keyId.slice(0, 8)}, in force is ${currentId.slice(0, 8)}`,
    {
      hints: [
        'to complete a rotation that was cut short: joulemark key rotate',
        'after a rotation on another machine, bring the new key file here',
      ],
    },
  );
}

/** Runs with the home's lock, what a killed process left swept away and an unfinished append completed first. `wait`: seconds. */
export async function withHomeLock<T>(
  paths: HomePaths,
  store: GitStore,
  wait: number,
  run: () => T | Promise<T>,
): Promise<T> {
  return withLock(paths.lock, { wait: wait * 1000 }, (after) => {
    for (const folder of [paths.home, paths.keys]) removeLeftovers(folder);
    sweepRepository(paths.store, after);
    resumeAppend(store, paths);
    return run();
  });
}

/** Splits entries over as many blocks as the limits ask for (spec section 4), in order. */
export function toBlocks(entries: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const blocks: Uint8Array[][] = [];
  let size = 0;
  for (const entry of entries) {
    const current = blocks[blocks.length - 1];
    if (current === undefined || current.length >= LIMITS.entries || size + entry.length > LIMITS.entryBytes) {
      blocks.push([entry]);
      size = entry.length;
    } else {
      current.push(entry);
      size += entry.length;
    }
  }
  return blocks;
}
