import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { branchAhead } from '../ledger/git/branch-ahead.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { chainOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { verifyChains } from '../ledger/git/verify-chains.ts';
import type { ChainReport } from '../ledger/git/verify-task.ts';
import { newCursor } from '../ledger/order.ts';
import { type Replay, replay } from './replay.ts';
import { emptyState } from './state.ts';
import type { KnownPlace } from './told-history.ts';
import {
  type CheckedBranch,
  genesisOf,
  organisationBranches,
  toChecked,
  toVerification,
  type Verification,
  viewOf,
} from './verification.ts';

export interface VerifyCopyOptions {
  /** The ledger id to hold the genesis block against; null takes the genesis block at its word. */
  readonly ledger: Id | null;
  /** Programme blocks that the caller knows by another way. Without any no verdict reaches past two histories. */
  readonly known?: readonly KnownPlace[];
  readonly progress?: ((blocks: number) => void) | undefined;
  /** Lets in what others answer meanwhile. */
  readonly pause: () => Promise<unknown>;
}

/**
 * The verification of a copy, every byte from genesis (spec sections 4 to 11): bytes, chains, keys, order, packages and boundary, audits,
 * decisions recomputed and compared byte for byte. Pure but for who judges signatures (`#primitives`): a browser runs it too.
 * @throws JoulemarkError VERIFY_FAILED when the programme chain itself is broken, DIVERGED when it has another block in the place of a known
 * one, NO_LEDGER when there is none.
 */
export async function verifyCopy(source: ChainSource, options: VerifyCopyOptions): Promise<Verification> {
  const refs = source.listRefs();
  if (!refs.has(PROGRAMME_REF)) throw new JoulemarkError('NO_LEDGER', 'the copy has no programme chain');
  const ledger = options.ledger ?? genesisOf(source, refs);
  const tasks = [...refs].map(([ref, commit]) => ({ ref, commit, name: chainOfRef(ledger, ref) }));
  const verifying = verifyChains(source, tasks, (report) => options.progress?.(report.ids.length / 32));
  verifying.catch(() => undefined); // told below, after the replay
  const early = await replayAhead(source, ledger, refs, options.pause);
  const verified = new Map((await verifying).map((report) => [report.ref, report]));
  const read = new Map<string, CheckedBranch>(
    [...verified].map(([ref, report]) => [ref, toChecked(source, report)] as const),
  );
  return toVerification(ledger, read, early?.isOf(verified) === true ? early.replay : null, options.known);
}

/** A few milliseconds of replay: programme blocks that each list a day of some chains. */
const BLOCKS_AT_ONCE = 16;

/**
 * Replays chains that nobody has verified yet, while others judge their signatures. The replay of the verified ones is the same if these are:
 * valid from end to end, and each block the one that was read here. Null where they cannot be read, which a replay of what is verified will
 * explain.
 */
async function replayAhead(
  source: ChainSource,
  ledger: Id,
  refs: ReadonlyMap<string, string>,
  pause: () => Promise<unknown>,
): Promise<{ readonly replay: Replay; readonly isOf: (verified: ReadonlyMap<string, ChainReport>) => boolean } | null> {
  try {
    const chains = new Map([...refs].map(([ref, commit]) => [ref, branchAhead(source, ref, commit)]));
    const programme = chains.get(PROGRAMME_REF);
    if (programme === undefined) return null;
    const branches = organisationBranches(chains);
    const view = viewOf(ledger, programme.branch, branches);
    let early: Replay = { cursor: newCursor(), state: emptyState(ledger), fault: null };
    for (const slice of slicesOf(programme.blocks(), BLOCKS_AT_ONCE)) {
      early = replay(slice, view, { from: early });
      if (early.fault !== null) return null;
      // oxlint-disable-next-line no-await-in-loop -- more signatures are asked for in between
      await pause();
    }
    const isOf = (verified: ReadonlyMap<string, ChainReport>): boolean =>
      [...chains].every(([ref, chain]) => {
        const report = verified.get(ref);
        return report !== undefined && report.error === null && report.fault === null && chain.isOf(report);
      });
    return { replay: early, isOf };
  } catch {
    return null; // whatever it is: what nobody has signed may hold anything
  }
}

function* slicesOf<T>(items: Iterable<T>, most: number): Generator<readonly T[]> {
  let slice: T[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < most) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}
