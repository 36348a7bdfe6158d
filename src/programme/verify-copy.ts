import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { type ChainAhead, isSound } from '../ledger/git/chain-ahead.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { chainOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { startReading } from '../ledger/git/verify-chains.ts';
import type { ChainReport } from '../ledger/git/verify-task.ts';
import { newCursor } from '../ledger/order.ts';
import { type Replay, replay, type ReplayOptions } from './replay.ts';
import { emptyState } from './state.ts';
import type { KnownPlace } from './told-history.ts';
import {
  blocksOf,
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
  /** How many more blocks are verified; called now and then. */
  readonly progress?: ((blocks: number) => void) | undefined;
  /** Lets in what others answer meanwhile. */
  readonly pause: () => Promise<unknown>;
  /** Called as a replay begins: what watches it. The last one is that of what is verified. */
  readonly watch?: () => NonNullable<ReplayOptions['before']>;
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
  const { chains, room, readAll, reports } = startReading(source, tasks, options.progress);
  const byRef = new Map(tasks.map(({ ref }, index) => [ref, chains[index] as ChainAhead]));
  const watched = (): Pick<ReplayOptions, 'before'> => (options.watch === undefined ? {} : { before: options.watch() });
  const replayed = await replayAhead(ledger, byRef, watched(), async () => {
    await options.pause();
    await room();
  });
  await readAll();
  const toldOf = (all: readonly ChainReport[], ahead: Replay | null): Verification => {
    const read = new Map(all.map((report) => [report.ref, toChecked(source, report)]));
    return toVerification(ledger, read, ahead ?? replayOf(ledger, read, watched()), options.known);
  };
  const early = chains.map((chain) => chain.early());
  // what will be said if all signatures hold is made while the last of them are judged
  const ifSound = replayed !== null && early.every(isSound) ? attempt(() => toldOf(early, replayed)) : null;
  const judged = await reports();
  return ifSound !== null && judged.every((report, index) => report === early[index])
    ? ifSound()
    : toldOf(judged, null);
}

/** The replay of what is verified; null where there is no programme chain to walk. */
function replayOf(ledger: Id, read: ReadonlyMap<string, CheckedBranch>, watched: ReplayOptions): Replay | null {
  const programme = read.get(PROGRAMME_REF);
  if (programme === undefined || programme.fault !== null || programme.unjudged !== undefined) return null;
  return replay(blocksOf(programme.branch), viewOf(ledger, programme.branch, organisationBranches(read)), watched);
}

/** What comes of `run`: to be had, or thrown, later. */
function attempt<T>(run: () => T): () => T {
  try {
    const result = run();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

/** A few milliseconds of replay: programme blocks that each list a day of some chains. */
const BLOCKS_AT_ONCE = 16;

/**
 * Replays chains as they are read, while others judge their signatures: it is the replay of the verified ones if none of them has a fault. Null
 * where they cannot be read, which a replay of what is verified will explain.
 */
async function replayAhead(
  ledger: Id,
  chains: ReadonlyMap<string, ChainAhead>,
  watched: ReplayOptions,
  pause: () => Promise<void>,
): Promise<Replay | null> {
  const programme = chains.get(PROGRAMME_REF);
  if (programme === undefined) return null;
  try {
    const view = viewOf(ledger, programme.branch, organisationBranches(chains));
    let early: Replay = { cursor: newCursor(), state: emptyState(ledger), fault: null };
    for (const slice of slicesOf(programme.blocks(), BLOCKS_AT_ONCE)) {
      early = replay(slice, view, { ...watched, from: early });
      if (early.fault !== null) return null;
      // oxlint-disable-next-line no-await-in-loop -- answers are taken in between
      await pause();
    }
    return early;
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
