import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { fetchVerified } from '../ledger/remote/fetch-verified.ts';
import { openTransport, type Transport } from '../ledger/remote/remote.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { withLock } from '../ledger/store/lock.ts';
import { organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import type { LoadedChain } from './chain-reader.ts';
import { type CheckedStates, readCheckedStates, writeCheckedStates } from './checked-states.ts';
import { type Judged, judge, NOTHING, type Programmes, readProgrammes, verifyAhead } from './judge-branches.ts';
import type { HomePaths } from './paths.ts';
import { catchUpPin, isPinBehind, movePin } from './move-pin.ts';
import { neededBranches, type Needs } from './needed-branches.ts';
import { fetchNewcomers, type LeftBranches, newcomerBounds } from './newcomers.ts';
import { type SyncOptions, toTransportOptions } from './sync-options.ts';

/** A home as far as copying needs it: it may not have joined yet. */
export interface SyncHome {
  readonly paths: HomePaths;
  readonly store: GitStore;
  readonly ledger: Id;
  /** Null before this organisation has joined. */
  readonly org: Id | null;
}

/** What came from a remote. */
export interface Fetched extends Pick<Judged, 'taken' | 'behind' | 'refused' | 'ownFork'> {
  /** Branches of organisations that were never admitted, which were left where they are; null where there are none. */
  readonly left: LeftBranches | null;
}

/**
 * Fetches from one remote what the order needs of it: quarantine, verify, then visible. The pin moves with what is taken. `isWanted`: which organisations
 * that are new here a home takes besides, if it takes any.
 * @throws JoulemarkError DIVERGED when its programme chain contradicts ours (evidence is kept), VERIFY_FAILED when it serves
 * another ledger, FAILED for the network.
 */
export async function fetchLedger(
  home: SyncHome,
  url: string,
  options: SyncOptions,
  isWanted: (chain: LoadedChain) => boolean = () => true,
): Promise<Fetched> {
  const { paths, store, ledger } = home;
  const progress = options.progress?.('kilobytes received:');
  try {
    const transport = options.transport ?? openTransport(url, toTransportOptions(options, progress));
    const { judged, needs } = await fetchNeeded(home, transport, options);
    if (isPinBehind(home))
      await withLock(paths.lock, { wait: options.wait * 1000 }, () => catchUpPin(home, options.now));
    if (store.readRef(PROGRAMME_REF) === null) {
      throw new JoulemarkError(
        'VERIFY_FAILED',
        `the remote '${url}' has no programme chain of the ledger ${ledger.slice(0, 8)}`,
        { hints: ['check the address, and the ledger id you were given'] },
      );
    }
    const { taken, behind, refused, ownFork } = judged;
    const fetched = { taken, behind, refused, ownFork };
    if (needs.newcomers.length === 0) return { ...fetched, left: null };
    const bounds = newcomerBounds(home);
    if (bounds === null || options.transport !== undefined)
      return { ...fetched, left: { branches: needs.newcomers.length, because: 'not-listed' } };
    const more = await fetchNewcomers(needs, bounds, { url, options, progress }, (some) =>
      fetchAll(home, some, options, isWanted),
    );
    return {
      taken: [...taken, ...more.taken],
      behind: [...behind, ...more.behind],
      refused: [...refused, ...more.refused],
      ownFork,
      left: more.left,
    };
  } finally {
    progress?.done();
  }
}

/** Fetches from a remote what the order needs, and says what it has of others. */
async function fetchNeeded(
  home: SyncHome,
  transport: Transport,
  options: SyncOptions,
): Promise<{ readonly judged: Judged; readonly needs: Needs }> {
  const { paths } = home;
  let judged = NOTHING;
  let needs: Needs = { needed: new Set(), newcomers: [], kept: new Set() };
  let programmes: Programmes = { own: null, theirs: null };
  let verified: CheckedStates = new Map();
  await fetchVerified({
    ...placesOf(home, options),
    transport,
    select: async (quarantine, refs) => {
      const programme = new Map([...refs].filter(([ref]) => ref === PROGRAMME_REF));
      verified = await verifyAhead(home, readCheckedStates(paths.checked), quarantine, programme);
      programmes = readProgrammes(home, quarantine, programme, verified);
      const longer = [programmes.own, programmes.theirs].map((chain) => chain?.blocks ?? []);
      const [blocks = []] = longer.toSorted((a, b) => b.length - a.length);
      needs = neededBranches(home, blocks, refs.keys(), options.named ?? []);
      return needs.needed;
    },
    verify: async (quarantine, refs) => {
      const organisations = new Map([...refs].filter(([ref]) => ref !== PROGRAMME_REF));
      verified = await verifyAhead(home, verified, quarantine, organisations);
      judged = judge(home, quarantine, refs, options.now, verified, programmes);
      return judged.accepted;
    },
    afterwards: () => settle(home, judged, options.now),
  });
  return { judged, needs };
}

/** Fetches all that `transport` lists, but for what is new here and not wanted. */
async function fetchAll(
  home: SyncHome,
  transport: Transport,
  options: SyncOptions,
  isWanted: (chain: LoadedChain) => boolean,
): Promise<Judged> {
  let judged = NOTHING;
  await fetchVerified({
    ...placesOf(home, options),
    transport,
    verify: async (quarantine, refs) => {
      const verified = await verifyAhead(home, readCheckedStates(home.paths.checked), quarantine, refs);
      const programmes = readProgrammes(home, quarantine, refs, verified);
      judged = judge(home, quarantine, refs, options.now, verified, programmes, isWanted);
      return judged.accepted;
    },
    afterwards: () => settle(home, judged, options.now),
  });
  return judged;
}

const placesOf = ({ paths, store }: SyncHome, { wait }: SyncOptions) => ({
  main: store,
  home: paths.home,
  lockPath: paths.lock,
  wait: wait * 1000,
});

/** Publishes this organisation's own branch, and no other. True when the remote had less than we do. */
export async function publishOwn(home: SyncHome, url: string, options: SyncOptions): Promise<boolean> {
  const ref = home.org === home.ledger ? PROGRAMME_REF : organisationRef(home.org ?? home.ledger);
  const oid = home.store.readRef(ref);
  if (oid === null || home.org === null) return false;
  const transport = openTransport(url, toTransportOptions(options));
  const there = (await transport.listRefs()).get(ref) ?? null;
  if (there === oid || (await transport.holds?.(ref, oid, home.store)) === true) return false;
  await transport.push([{ ref, oid, expected: there }], home.store);
  return true;
}

/** Under the lock, after the refs moved: the pin, what is verified, when the programme blocks were first seen. */
function settle(home: SyncHome, judged: Judged, now: number): void {
  const { paths } = home;
  const changed = [...(judged.programme === null ? [] : [judged.programme]), ...judged.chains];
  if (changed.length > 0)
    writeCheckedStates(
      paths.checked,
      new Map([...readCheckedStates(paths.checked), ...changed.map((chain) => [chain.ref, chain.state] as const)]),
    );
  if (judged.programme !== null) movePin(home, judged.programme, now);
}
