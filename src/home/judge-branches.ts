import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { isSound } from '../ledger/git/chain-ahead.ts';
import { chainOfRef, organisationOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { verifyChains } from '../ledger/git/verify-chains.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { type CheckedStates, readCheckedStates } from './checked-states.ts';
import { chooseBranch, chooseProgramme, listingsOf } from './choose-branch.ts';
import { saveEvidence } from './evidence.ts';
import { compareHeldEntries } from './held-entries.ts';
import { noteOwnFork, type OwnFork } from './own-fork.ts';
import type { SyncHome } from './sync.ts';

/** Programme blocks this far ahead of the local clock are not taken yet (spec section 8). */
const AHEAD_AT_MOST = 3600;

/** What is to become of the branches of a remote that differ from ours. */
export interface Judged {
  /** Blocks that are new here, a chain. */
  readonly taken: readonly { readonly chain: Id | 'programme'; readonly blocks: number }[];
  /** Chains of which the remote has less than we do. */
  readonly behind: readonly (Id | 'programme')[];
  /** Branches that were not taken, and why: nothing of them is visible here. */
  readonly refused: readonly { readonly ref: string; readonly because: string }[];
  /** Where the remote has another branch of this home's own chain. */
  readonly ownFork: OwnFork | null;
  readonly accepted: ReadonlyMap<string, string>;
  /** Those taken over, without their blocks: all of a ledger would not fit. */
  readonly chains: readonly Pick<LoadedChain, 'ref' | 'state'>[];
  readonly programme: LoadedChain | null;
}

export const NOTHING: Judged = {
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
export async function verifyAhead(
  { ledger }: Pick<SyncHome, 'ledger'>,
  checked: CheckedStates,
  quarantine: GitStore,
  refs: ReadonlyMap<string, string>,
): Promise<CheckedStates> {
  const tasks = [...refs]
    .filter(([ref]) => ref === PROGRAMME_REF || organisationOfRef(ref) !== null)
    .map(([ref, commit]) => ({ ref, commit, name: chainOfRef(ledger, ref), from: checked.get(ref) }));
  const reports = await verifyChains(quarantine, tasks);
  const valid = reports.filter(isSound).flatMap(({ ref, state }) => (state === null ? [] : [[ref, state] as const]));
  return new Map([...checked, ...valid]);
}

/** The programme chain that is here, and the one that a remote has; null where there is none. */
export interface Programmes {
  readonly own: LoadedChain | null;
  readonly theirs: LoadedChain | null;
}

/** `verified`: the states of what came whose signatures were checked. */
export function readProgrammes(
  { store, ledger, paths }: SyncHome,
  quarantine: GitStore,
  refs: ReadonlyMap<string, string>,
  verified: CheckedStates,
): Programmes {
  const name = { kind: 'programme' as const, ledger };
  const offered = refs.get(PROGRAMME_REF);
  return {
    own: loadChain(store, name, readCheckedStates(paths.checked).get(PROGRAMME_REF) ?? null),
    theirs: offered === undefined ? null : loadChain(quarantine, name, verified.get(PROGRAMME_REF) ?? null, offered),
  };
}

/**
 * `refs`: branches that came into the quarantine, `verified` the states of those whose signatures were checked. Of an organisation's branch that is
 * new here only what `isWanted` is taken.
 */
export function judge(
  home: SyncHome,
  quarantine: GitStore,
  refs: ReadonlyMap<string, string>,
  now: number,
  verified: CheckedStates,
  { own, theirs }: Programmes,
  isWanted: (chain: LoadedChain) => boolean = () => true,
): Judged {
  const { store, ledger, paths } = home;
  const checked = readCheckedStates(paths.checked);
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
      if (offer === null || (ours === null && !isWanted(offer))) continue;
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
