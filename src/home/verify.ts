import { setImmediate } from 'node:timers/promises';

import { JoulemarkError } from '../errors.ts';
import { toBranch } from '../ledger/branch.ts';
import type { ChainName, ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { chainOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { runChainTask } from '../ledger/git/verify-task.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { verifyCopy } from '../programme/verify-copy.ts';
import {
  type CheckedBranch,
  damaged,
  genesisOf,
  toChecked,
  toVerification,
  type Verification,
} from '../programme/verification.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import { loadChain } from './chain-reader.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyOn } from './verify-on.ts';

export interface VerifyOptions {
  /** The ledger id to hold the genesis block against; null takes the genesis block at its word. */
  readonly ledger: Id | null;
  /** What was verified before, by branch; empty for a verification from genesis. */
  readonly checked: ReadonlyMap<string, ChainState>;
  /** A programme block that the caller was told by another way. Without it, or a pin, no verdict reaches past two histories. */
  readonly at?: KnownPlace | null;
  /** The newest programme block that this home has verified before. */
  readonly pinned?: KnownPlace | null;
  readonly progress?: (blocks: number) => void;
  /** What this home verified before, to go on from; not looked at where nothing is `checked`. */
  readonly checkpoint?: Checkpoint | null;
}

/**
 * The verification of a copy in a repository (verifyCopy), from genesis, or on from what was verified before. Reads every
 * byte of every chain, but for what a checkpoint of this home vouches for.
 * @throws JoulemarkError VERIFY_FAILED when the programme chain itself is broken, DIVERGED when it has another block in the place of a known one,
 * NO_LEDGER when there is none.
 */
export async function verifyStore(store: GitStore, options: VerifyOptions): Promise<Verification> {
  const refs = store.listRefs();
  if (!refs.has(PROGRAMME_REF))
    throw new JoulemarkError('NO_LEDGER', `no programme chain in '${store.directory}'`, { hints: ['joulemark sync'] });
  const ledger = options.ledger ?? genesisOf(store, refs);
  const { checked, progress, checkpoint = null } = options;
  const known = [options.at ?? null, options.pinned ?? null].filter((place) => place !== null);
  // what was checked under another ledger id than the one that was told says nothing
  if (checked.get(PROGRAMME_REF)?.ledger !== ledger)
    return verifyCopy(store, { ledger, known, progress, pause: setImmediate });
  const on = checkpoint === null ? null : verifyOn(store, checkpoint, { ledger, refs, checked, progress });
  return on === null
    ? toVerification(ledger, readOn(store, ledger, refs, options), null, known)
    : toVerification(ledger, on.read, on.ahead, known);
}

/** From what was verified before: every byte is read and every hash followed, only new signatures are checked. */
function readOn(
  store: GitStore,
  ledger: Id,
  refs: ReadonlyMap<string, string>,
  options: VerifyOptions,
): ReadonlyMap<string, CheckedBranch> {
  return new Map(
    [...refs].map(([ref, commit]) => [ref, readOne(store, chainOfRef(ledger, ref), ref, commit, options)] as const),
  );
}

function readOne(store: GitStore, name: ChainName, ref: string, commit: string, options: VerifyOptions): CheckedBranch {
  try {
    const chain = loadChain(store, name, options.checked.get(ref) ?? null, commit);
    if (chain === null) return damaged(0, 'it is not here');
    options.progress?.(chain.verifiedNow);
    return { commit, branch: toBranch(chain.blocks), state: chain.state, fault: null, verifiedNow: chain.verifiedNow };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || (error.code !== 'VERIFY_FAILED' && error.code !== 'PENDING')) throw error;
    return toChecked(store, runChainTask(store, { ref, commit, name })); // judged again, block by block, to find the first that is broken
  }
}
