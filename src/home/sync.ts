import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { fetchVerified } from '../ledger/remote/fetch-verified.ts';
import { openTransport } from '../ledger/remote/remote.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { withLock } from '../ledger/store/lock.ts';
import { chainOfRef, organisationOfRef, organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { verifyChains } from '../ledger/git/verify-chains.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { type CheckedStates, readCheckedStates, writeCheckedStates } from './checked-states.ts';
import { chooseBranch, chooseProgramme, listingsOf } from './choose-branch.ts';
import { compareHeldEntries } from './held-entries.ts';
import type { HomePaths } from './paths.ts';
import { saveEvidence } from './evidence.ts';
import { catchUpPin, isPinBehind, movePin } from './move-pin.ts';
import { noteOwnFork, type OwnFork } from './own-fork.ts';
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
export interface Fetched {
  /** Blocks that are new here, a chain. */
  readonly taken: readonly { readonly chain: Id | 'programme'; readonly blocks: number }[];
  /** Chains of which the remote has less than we do. */
  readonly behind: readonly (Id | 'programme')[];
  /** Branches that were not taken, and why: nothing of them is visible here. */
  readonly refused: readonly { readonly ref: string; readonly because: string }[];
  /** Where the remote has another branch of this home's own chain. */
  readonly ownFork: OwnFork | null;
}

/** Programme blocks this far ahead of the local clock are not taken yet (spec section 8). */
const AHEAD_AT_MOST = 3600;

/**
 * Fetches from one remote: quarantine, verify, then visible. The pin moves with what is taken.
 * @throws JoulemarkError DIVERGED when its programme chain contradicts ours (evidence is kept), VERIFY_FAILED when it serves
 * another ledger, FAILED for the network.
 */
export async function fetchLedger(home: SyncHome, url: string, options: SyncOptions): Promise<Fetched> {
  const { paths, store, ledger } = home;
  const progress = options.progress?.('kilobytes received:');
  let judged: Judged = NOTHING;
  try {
    await fetchVerified({
      transport: options.transport ?? openTransport(url, toTransportOptions(options, progress)),
      main: store,
      home: paths.home,
      lockPath: paths.lock,
      wait: options.wait * 1000,
      verify: async (quarantine, refs) => {
        judged = judge(home, quarantine, refs, options.now, await verifyAhead(home, quarantine, refs));
        return judged.accepted;
      },
      afterwards: () => settle(home, judged, options.now),
    });
    if (isPinBehind(home))
      await withLock(paths.lock, { wait: options.wait * 1000 }, () => catchUpPin(home, options.now));
  } finally {
    progress?.done();
  }
  if (store.readRef(PROGRAMME_REF) === null) {
    throw new JoulemarkError(
      'VERIFY_FAILED',
      `the remote '${url}' has no programme chain of the ledger ${ledger.slice(0, 8)}`,
      { hints: ['check the address, and the ledger id you were given'] },
    );
  }
  const { taken, behind, refused, ownFork } = judged;
  return { taken, behind, refused, ownFork };
}

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

interface Judged extends Fetched {
  readonly accepted: ReadonlyMap<string, string>;
  /** Those taken over, without their blocks: all of a ledger would not fit. */
  readonly chains: readonly Pick<LoadedChain, 'ref' | 'state'>[];
  readonly programme: LoadedChain | null;
}

const NOTHING: Judged = {
  accepted: new Map(),
  chains: [],
  programme: null,
  taken: [],
  behind: [],
  refused: [],
  ownFork: null,
};

/** What a branch may fail with for what it holds. */
const OF_ITS_OWN: ReadonlySet<string> = new Set(['VERIFY_FAILED', 'USAGE', 'PENDING']);

/**
 * The states of the valid chains among those that came, by their signatures, most of the work. Of one that is not valid
 * nothing is said here; whoever reads it finds out why.
 */
async function verifyAhead(
  { paths, ledger }: SyncHome,
  quarantine: GitStore,
  refs: ReadonlyMap<string, string>,
): Promise<CheckedStates> {
  const checked = readCheckedStates(paths.checked);
  const tasks = [...refs]
    .filter(([ref]) => ref === PROGRAMME_REF || organisationOfRef(ref) !== null)
    .map(([ref, commit]) => ({ ref, commit, name: chainOfRef(ledger, ref), from: checked.get(ref) }));
  const reports = await verifyChains(quarantine, tasks);
  const valid = reports.flatMap(({ ref, state, fault, error }) =>
    state === null || fault !== null || error !== null ? [] : [[ref, state] as const],
  );
  return new Map([...checked, ...valid]);
}

/** `verified`: the states of what came whose signatures were checked. */
function judge(
  home: SyncHome,
  quarantine: GitStore,
  refs: ReadonlyMap<string, string>,
  now: number,
  verified: CheckedStates,
): Judged {
  const { store, ledger, paths } = home;
  const checked = readCheckedStates(paths.checked);
  const own = loadChain(store, { kind: 'programme', ledger }, checked.get(PROGRAMME_REF) ?? null);
  const offered = refs.get(PROGRAMME_REF);
  const theirs =
    offered === undefined
      ? null
      : loadChain(quarantine, { kind: 'programme', ledger }, verified.get(PROGRAMME_REF) ?? null, offered);
  const accepted = new Map<string, string>();
  const chains: Pick<LoadedChain, 'ref' | 'state'>[] = [];
  const taken: { chain: Id | 'programme'; blocks: number }[] = [];
  const behind: (Id | 'programme')[] = [];
  const refused: { ref: string; because: string }[] = [];
  let ownFork: OwnFork | null = null;
  let programme = own;
  if (theirs !== null) {
    const choice = chooseProgramme(own, theirs);
    if (choice === 'diverged') throw divergedProgramme(home, own, theirs);
    if (choice === 'behind') behind.push('programme');
    if (choice === 'take' && theirs.state.time > now + AHEAD_AT_MOST) {
      refused.push({ ref: PROGRAMME_REF, because: 'its newest block is more than an hour ahead of the clock here' });
    } else if (choice === 'take') {
      programme = theirs;
      accepted.set(PROGRAMME_REF, theirs.commit);
      taken.push({ chain: 'programme', blocks: theirs.blocks.length - (own?.blocks.length ?? 0) });
    }
  }
  if (programme === null)
    throw new JoulemarkError('VERIFY_FAILED', `the remote has no programme chain of the ledger ${ledger.slice(0, 8)}`);
  const listings = listingsOf(programme.blocks);
  for (const [ref, oid] of refs) {
    const org = organisationOfRef(ref);
    if (org === null) continue;
    const name = { kind: 'organisation' as const, ledger, id: org };
    try {
      const ours = loadChain(store, name, checked.get(ref) ?? null);
      const offer = loadChain(quarantine, name, verified.get(ref) ?? null, oid);
      if (offer === null) continue;
      const choice = chooseBranch(ours, offer, listings.get(org) ?? []);
      if (choice.fork !== null) saveEvidence(paths, `fork-${org.slice(0, 16)}-${choice.fork.seq}`, choice.fork.blocks);
      if (choice.fork !== null && ours !== null && org === home.org)
        ownFork = noteOwnFork(paths, ours, choice.fork, choice.take);
      const held = compareHeldEntries(ours?.blocks ?? [], offer.blocks);
      if (held.onlyFirst) {
        behind.push(org); // a partial copy: nothing that is here is given up for it
      } else if (choice.take || (held.onlySecond && ours?.state.head === offer.state.head)) {
        accepted.set(ref, oid);
        chains.push({ ref: offer.ref, state: offer.state });
        taken.push({ chain: org, blocks: Math.max(0, offer.blocks.length - (ours?.blocks.length ?? 0)) });
      } else if (ours !== null && offer.blocks.length < ours.blocks.length) behind.push(org);
    } catch (error) {
      // one organisation's broken branch is its own affair, and so is one that cannot be judged: the others are still served
      if (!(error instanceof JoulemarkError) || !OF_ITS_OWN.has(error.code)) throw error;
      refused.push({ ref, because: error.message });
    }
  }
  return {
    accepted,
    chains,
    programme: programme === own ? null : programme,
    taken,
    behind,
    refused,
    ownFork,
  };
}

function divergedProgramme(home: SyncHome, own: LoadedChain | null, theirs: LoadedChain): JoulemarkError {
  const at = theirs.blocks.findIndex((block, seq) => own?.blocks[seq]?.id !== block.id);
  const blocks = [own?.blocks[at]?.bytes, theirs.blocks[at]?.bytes].flatMap((bytes) =>
    bytes === undefined ? [] : [bytes],
  );
  const path = saveEvidence(home.paths, `programme-${at}`, blocks);
  return new JoulemarkError(
    'DIVERGED',
    `the remote shows another programme block ${at} than the one verified here: two histories signed by the certification body`,
    {
      hints: [`the evidence is kept in '${path}': show it to the programme's oversight`],
      details: { seq: at, evidence: path },
    },
  );
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
