import { JoulemarkError } from '../errors.ts';
import { type Block, decodeRecord } from '../ledger/block.ts';
import { type Branch, type BranchFault, toBranch } from '../ledger/branch.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import type { ChainSource } from '../ledger/git/chain-source.ts';
import { organisationOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { storedBranch } from '../ledger/git/stored-branch.ts';
import { type ChainReport, recordsFrom } from '../ledger/git/verify-task.ts';
import type { LedgerView, OrderCursor } from '../ledger/order.ts';
import { applicantFindings, type FindingMemo } from './applicant-findings.ts';
import { forkClaimsOf, forkFindings, type ForkVerdict, judgeForks } from './fork-evidence.ts';
import { countPackages } from './packages.ts';
import { type Replay, replay } from './replay.ts';
import { counts } from './standing-decision.ts';
import { knownHistory, type KnownPlace } from './told-history.ts';
import type { ProgrammeState } from './state.ts';

/** A chain whose bytes are not what they should be. */
export interface BrokenChain {
  readonly ref: string;
  readonly seq: number;
  readonly rule: string;
  readonly message: string;
}

/** Decisions that came out the same, how many of these are revoked, and those that came out otherwise. */
export interface DecisionCount {
  readonly recomputed: number;
  readonly revoked: number;
  readonly different: number;
}

/** Everything that a verification found. */
export interface Verification {
  readonly ledger: Id;
  readonly state: ProgrammeState;
  readonly blocks: number;
  readonly chains: number;
  /** Blocks whose signature was checked in this run. */
  readonly verifiedNow: number;
  /** Blocks that were verified before and not read in this run: of them a verdict says what they were. */
  readonly unread: number;
  /** Blocks above the covered heads: transported, never an input to a verdict. */
  readonly pending: number;
  readonly broken: readonly BrokenChain[];
  /** Chains that a partial copy cannot judge: a block's entry 0, which may change the key, is here only as a leaf hash. */
  readonly unjudged: readonly { readonly ref: string; readonly message: string }[];
  /** Why the walk along the programme chain stopped before its end: a covered block is broken. What follows is true up to there. */
  readonly stopped: string | null;
  /** The block from which on this copy holds two histories of the programme, and nothing told which is meant: no verdict reaches it. */
  readonly twoHistoriesAt: number | null;
  readonly findings: readonly Finding[];
  readonly packages: number;
  readonly sealed: number;
  readonly audits: number;
  readonly decisions: DecisionCount;
  /** Organisations of which a listed block is not in this copy. */
  readonly absent: readonly Id[];
  readonly states: ReadonlyMap<string, ChainState>;
  /** Id of a programme block of this copy. */
  readonly programmeId: (seq: number) => Id | undefined;
  /** Id of a covered block of an organisation; undefined where none is covered, null where this copy cannot say. */
  readonly coveredId: (org: Id, seq: number) => Id | null | undefined;
  /** The valid blocks of each branch, by its ref. */
  readonly branches: ReadonlyMap<string, Branch>;
  /** The commit at which each branch was read. */
  readonly commits: ReadonlyMap<string, string>;
  /** What a later verification can go on from, with `state`: how far the walk came, and what was found of each applicant. */
  readonly cursor: OrderCursor;
  readonly memo: FindingMemo;
}

/** A replay that was made before or meanwhile, and what was found of applicants at some place of it. */
export interface ReplayedAhead extends Replay {
  readonly memo?: FindingMemo;
}

/** A branch as it was read and judged. */
export interface CheckedBranch {
  /** The commit it was read at. */
  readonly commit?: string;
  readonly branch: Branch;
  readonly state: ChainState | null;
  readonly fault: BranchFault | null;
  /** Why it could not be judged in this copy, where it could not. */
  readonly unjudged?: string;
  readonly verifiedNow: number;
  /** Blocks, from 0 on, that were not read: whoever asked vouches for them. */
  readonly unread?: number;
}

/**
 * What is to be said of branches that were judged, each by itself: their order, and everything that follows from it. `ahead`: the replay of
 * the same branches where it was made meanwhile. `known`: programme blocks of the history that is meant.
 * @throws JoulemarkError VERIFY_FAILED when the programme chain itself is broken; DIVERGED when it has another block in the place of a known one.
 */
export function toVerification(
  ledger: Id,
  read: ReadonlyMap<string, CheckedBranch>,
  ahead: ReplayedAhead | null,
  known: readonly KnownPlace[] = [],
): Verification {
  const programme = read.get(PROGRAMME_REF);
  if (programme?.unjudged !== undefined)
    throw new JoulemarkError('PENDING', `the programme chain cannot be judged: ${programme.unjudged}`, {
      details: { ref: PROGRAMME_REF },
    });
  if (programme === undefined || programme.fault !== null) {
    throw new JoulemarkError(
      'VERIFY_FAILED',
      `the programme chain is broken: ${programme?.fault?.message ?? 'it cannot be read'}`,
      { details: { ref: PROGRAMME_REF, seq: programme?.fault?.seq ?? 0 } },
    );
  }
  const isKnown = knownHistory(programme.branch, known);
  const branches = organisationBranches(read);
  const view = viewOf(ledger, programme.branch, branches);
  const whole = ahead ?? replay(blocksOf(programme.branch), view);
  const forks = judgedForks(ledger, programme.branch, branches, whole);
  const twoHistoriesAt = firstFork(forks, ledger, isKnown);
  const { state, cursor, fault } =
    twoHistoriesAt === null ? whole : replay(blocksOf(programme.branch, twoHistoriesAt), view);
  const memo: FindingMemo = (twoHistoriesAt === null ? ahead?.memo : undefined) ?? new Map();
  const covered = [...cursor.covered.values()].reduce((sum, head) => sum + head.seq + 1, 0);
  const held = [...branches.values()].reduce((sum, branch) => sum + branch.length, 0);
  const organisations = [...state.organisations.values()];
  return {
    ledger,
    state,
    blocks: programme.branch.length + held,
    chains: read.size,
    verifiedNow: [...read.values()].reduce((sum, one) => sum + one.verifiedNow, 0),
    unread: [...read.values()].reduce((sum, { unread = 0 }) => sum + unread, 0),
    pending: Math.max(0, held - covered),
    broken: [...read].flatMap(([ref, one]) =>
      one.fault === null ? [] : [{ ref, seq: one.fault.seq, rule: one.fault.rule, message: one.fault.message }],
    ),
    unjudged: [...read].flatMap(([ref, one]) => (one.unjudged === undefined ? [] : [{ ref, message: one.unjudged }])),
    stopped: fault?.message ?? null,
    twoHistoriesAt,
    findings: [...state.findings, ...forkFindings(forks, ledger), ...applicantFindings(state, memo)],
    packages: organisations.reduce((sum, { packages }) => sum + countPackages(packages), 0),
    sealed: state.findings.filter((finding) => finding.code === 'package-sealed').length,
    audits: organisations.reduce((sum, organisation) => sum + organisation.audits.length, 0),
    decisions: countDecisions(state),
    absent: [...state.absent],
    programmeId: programme.branch.idAt,
    coveredId: (org, seq) => {
      const branch = branches.get(org);
      if (fault !== null || branch === undefined || state.absent.has(org)) return null;
      return seq <= (cursor.covered.get(org)?.seq ?? -1) ? branch.idAt(seq) : undefined;
    },
    branches: new Map([...read].map(([ref, { branch }]) => [ref, branch])),
    states: new Map(
      [...read].flatMap(([ref, one]) => (one.state === null || one.fault !== null ? [] : [[ref, one.state] as const])),
    ),
    commits: new Map([...read].flatMap(([ref, { commit }]) => (commit === undefined ? [] : [[ref, commit] as const]))),
    cursor,
    memo,
  };
}

function countDecisions({ decisions }: ProgrammeState): DecisionCount {
  const same = decisions.filter(({ recomputed }) => recomputed);
  return {
    recomputed: same.length,
    revoked: same.filter(({ revoked }) => revoked !== undefined).length,
    different: decisions.filter((decision) => !counts(decision)).length,
  };
}

/** The genesis block of a copy, taken at its word: the caller says that the ledger id was not compared. */
export function genesisOf(source: ChainSource, refs: ReadonlyMap<string, string>): Id {
  const commit = refs.get(PROGRAMME_REF) ?? '';
  const [first] = recordsFrom(source, source.listSegments(PROGRAMME_REF, commit), 0);
  if (first === undefined) throw new JoulemarkError('VERIFY_FAILED', 'the programme chain has no block');
  return decodeRecord(first).id;
}

export function* blocksOf(branch: Branch, end = branch.length, first = 0): Generator<Block> {
  for (let seq = first; seq < end; seq += 1) yield branch.block(seq);
}

/** All evidence of forks in the copy. What no broadcast covers is looked at too: two signatures prove the same wherever they stand. */
function judgedForks(
  ledger: Id,
  programme: Branch,
  branches: ReadonlyMap<Id, Branch>,
  { state, cursor }: Replay,
): readonly ForkVerdict[] {
  const pending = [...branches].flatMap(([org, branch]) => [
    ...forkClaimsOf(org, branch, (cursor.covered.get(org)?.seq ?? -1) + 1),
  ]);
  return judgeForks([...state.forks, ...pending], { ledger, programme, branches });
}

/** The first place where the certification body signed twice, unless it is known which history is meant. */
function firstFork(forks: readonly ForkVerdict[], ledger: Id, isKnown: (seq: number) => boolean): number | null {
  const places = forks.flatMap((verdict) =>
    verdict.type === 'proved' && verdict.fork.org === ledger && !isKnown(verdict.fork.seq) ? [verdict.fork.seq] : [],
  );
  return places.length === 0 ? null : Math.min(...places);
}

/** The branches of organisations, by organisation. */
export function organisationBranches(read: ReadonlyMap<string, { readonly branch: Branch }>): ReadonlyMap<Id, Branch> {
  const branches = new Map<Id, Branch>();
  for (const [ref, { branch }] of read) {
    const org = organisationOfRef(ref);
    if (org !== null) branches.set(org, branch);
  }
  return branches;
}

/** The view of a ledger that its branches give. */
export function viewOf(ledger: Id, programme: Branch, branches: ReadonlyMap<Id, Branch>): LedgerView {
  return {
    ledger,
    branches: (org) => {
      const branch = branches.get(org);
      return branch === undefined ? [] : [branch];
    },
    organisations: () => branches.keys(),
    programmeId: programme.idAt,
  };
}

/** The branch of a report, whose blocks are read again when they are asked for. */
export function toChecked(source: ChainSource, { ref, commit, state, fault, ids, error }: ChainReport): CheckedBranch {
  if (error?.code === 'PENDING')
    return { commit, branch: toBranch([]), state: null, fault: null, unjudged: error.message, verifiedNow: 0 };
  if (error !== null) return damaged(0, error.message);
  return {
    commit,
    branch: storedBranch(source, { ref, commit, ids, fault }),
    state,
    fault,
    verifiedNow: ids.length / 32,
  };
}

/** Bytes that cannot be read at all: the chain ends where they begin. */
export function damaged(seq: number, message: string): CheckedBranch {
  const fault = { seq, rule: 'encoding' as const, message, neverValid: [] };
  return { branch: toBranch([], fault), state: null, fault, verifiedNow: 0 };
}
