import { JoulemarkError } from '../errors.ts';
import { type Block, decodeRecord } from '../ledger/block.ts';
import { type Branch, type BranchFault, toBranch } from '../ledger/branch.ts';
import type { ChainName, ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import type { LedgerView } from '../ledger/order.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../ledger/store/refs.ts';
import { storedBranch } from '../ledger/store/stored-branch.ts';
import { branchAhead } from '../ledger/store/branch-ahead.ts';
import { startVerifying } from '../ledger/store/verify-pool.ts';
import { type ChainReport, recordsFrom, runChainTask } from '../ledger/store/verify-task.ts';
import { countAudits } from '../programme/audit-count.ts';
import { checkMeters } from '../programme/meter-checks.ts';
import { packageRows } from '../programme/packages.ts';
import { type Replay, replay } from '../programme/replay.ts';
import type { ProgrammeState } from '../programme/state.ts';
import { loadChain } from './chain-reader.ts';

/** A chain whose bytes are not what they should be. */
export interface BrokenChain {
  readonly ref: string;
  readonly seq: number;
  readonly rule: string;
  readonly message: string;
}

/** Everything that a verification found. */
export interface Verification {
  readonly ledger: Id;
  readonly state: ProgrammeState;
  readonly blocks: number;
  readonly chains: number;
  /** Blocks whose signature was checked in this run. */
  readonly verifiedNow: number;
  /** Blocks above the covered heads: transported, never an input to a verdict. */
  readonly pending: number;
  readonly broken: readonly BrokenChain[];
  /** Why the walk along the programme chain stopped before its end: a covered block is broken. What follows is true up to there. */
  readonly stopped: string | null;
  readonly findings: readonly Finding[];
  readonly packages: number;
  readonly sealed: number;
  readonly audits: number;
  readonly decisions: { readonly recomputed: number; readonly different: number };
  /** Organisations of which a listed block is not in this copy. */
  readonly absent: readonly Id[];
  readonly states: ReadonlyMap<string, ChainState>;
  /** Id of a programme block of this copy. */
  readonly programmeId: (seq: number) => Id | undefined;
}

export interface VerifyOptions {
  /** The ledger id to hold the genesis block against; null takes the genesis block at its word. */
  readonly ledger: Id | null;
  /** What was verified before, by branch; empty for a verification from genesis. */
  readonly checked: ReadonlyMap<string, ChainState>;
  readonly progress?: (blocks: number) => void;
}

const ORGANISATION_PREFIX = 'refs/heads/org/';

/**
 * The verification of a copy (spec sections 4 to 11): bytes, chains, keys, order, packages and boundary, audits, decisions recomputed
 * and compared byte for byte. Reads every byte of every chain; from genesis it does so on worker threads.
 * @throws JoulemarkError VERIFY_FAILED when the programme chain itself is broken, NO_LEDGER when there is none.
 */
export async function verifyStore(store: GitStore, options: VerifyOptions): Promise<Verification> {
  const refs = store.listRefs();
  if (!refs.has(PROGRAMME_REF))
    throw new JoulemarkError('NO_LEDGER', `no programme chain in '${store.directory}'`, { hints: ['joulemark sync'] });
  const ledger = options.ledger ?? genesisOf(store);
  const { read, ahead } =
    options.checked.size === 0
      ? await readAnew(store, ledger, refs, options)
      : { read: readOn(store, ledger, refs, options), ahead: null };
  const programme = read.get(PROGRAMME_REF);
  if (programme === undefined || programme.fault !== null) {
    throw new JoulemarkError(
      'VERIFY_FAILED',
      `the programme chain is broken: ${programme?.fault?.message ?? 'it cannot be read'}`,
      { details: { ref: PROGRAMME_REF, seq: programme?.fault?.seq ?? 0 } },
    );
  }
  const branches = new Map(
    [...read]
      .filter(([ref]) => ref !== PROGRAMME_REF)
      .map(([ref, { branch }]) => [ref.slice(ORGANISATION_PREFIX.length) as Id, branch]),
  );
  const { state, cursor, fault } =
    ahead ?? replay(blocksOf(programme.branch), toView(ledger, programme.branch, branches));
  const applicants = [...state.organisations.values()].filter((organisation) =>
    organisation.roles.includes('applicant'),
  );
  const covered = [...cursor.covered.values()].reduce((sum, head) => sum + head.seq + 1, 0);
  const held = [...branches.values()].reduce((sum, branch) => sum + branch.length, 0);
  const organisations = [...state.organisations.values()];
  return {
    ledger,
    state,
    blocks: programme.branch.length + held,
    chains: read.size,
    verifiedNow: [...read.values()].reduce((sum, one) => sum + one.verifiedNow, 0),
    pending: Math.max(0, held - covered),
    broken: [...read].flatMap(([ref, one]) =>
      one.fault === null ? [] : [{ ref, seq: one.fault.seq, rule: one.fault.rule, message: one.fault.message }],
    ),
    stopped: fault?.message ?? null,
    findings: [...state.findings, ...applicants.flatMap((applicant) => findingsOf(state, applicant))],
    packages: countPackages(state),
    sealed: state.findings.filter((finding) => finding.code === 'package-sealed').length,
    audits: organisations.reduce((sum, organisation) => sum + organisation.audits.length, 0),
    decisions: {
      recomputed: state.decisions.filter((decision) => decision.recomputed).length,
      different: state.decisions.filter((decision) => !decision.recomputed).length,
    },
    absent: [...state.absent],
    programmeId: programme.branch.idAt,
    states: new Map(
      [...read].flatMap(([ref, one]) => (one.state === null || one.fault !== null ? [] : [[ref, one.state] as const])),
    ),
  };
}

/** The genesis block of a copy, taken at its word: the caller says that the ledger id was not compared. */
function genesisOf(store: GitStore): Id {
  const [first] = recordsFrom(store, store.listSegments(PROGRAMME_REF), 0);
  if (first === undefined) throw new JoulemarkError('VERIFY_FAILED', 'the programme chain has no block');
  return decodeRecord(first).id;
}

interface CheckedBranch {
  readonly branch: Branch;
  readonly state: ChainState | null;
  readonly fault: BranchFault | null;
  readonly verifiedNow: number;
}

const nameOf = (ledger: Id, ref: string): ChainName =>
  ref === PROGRAMME_REF
    ? { kind: 'programme', ledger }
    : { kind: 'organisation', ledger, id: ref.slice(ORGANISATION_PREFIX.length) as Id };

function* blocksOf(branch: Branch): Generator<Block> {
  for (let seq = 0; seq < branch.length; seq += 1) yield branch.block(seq);
}

function toView(ledger: Id, programme: Branch, branches: ReadonlyMap<Id, Branch>): LedgerView {
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

/** What was read, and the replay of it where there was time for it meanwhile. */
interface ReadAnew {
  readonly read: ReadonlyMap<string, CheckedBranch>;
  readonly ahead: Replay | null;
}

/** From genesis: whole chains on worker threads, 32 bytes a block held. While they check signatures this thread replays. */
async function readAnew(
  store: GitStore,
  ledger: Id,
  refs: ReadonlyMap<string, string>,
  options: VerifyOptions,
): Promise<ReadAnew> {
  const tasks = [...refs].map(([ref, commit]) => ({ ref, commit, name: nameOf(ledger, ref) }));
  const { onThreads, reports } = startVerifying({ directory: store.directory }, tasks, {
    onChain: (report) => options.progress?.(report.ids.length / 32),
  });
  const early = onThreads ? replayAhead(store, ledger, refs) : null;
  const verified = new Map((await reports).map((report) => [report.ref, report]));
  const read = new Map([...verified].map(([ref, report]) => [ref, toChecked(store, report)]));
  return { read, ahead: early?.isOf(verified) === true ? early.replay : null };
}

/**
 * Replays chains that nobody has verified yet. The replay of the verified ones is the same if these are: valid from end to end, and
 * each block the one that was read here. Null where they cannot be read, which a replay of what is verified will explain.
 */
function replayAhead(
  store: GitStore,
  ledger: Id,
  refs: ReadonlyMap<string, string>,
): { readonly replay: Replay; readonly isOf: (verified: ReadonlyMap<string, ChainReport>) => boolean } | null {
  try {
    const chains = new Map([...refs].map(([ref, commit]) => [ref, branchAhead(store, ref, commit)]));
    const programme = chains.get(PROGRAMME_REF);
    if (programme === undefined) return null;
    const branches = new Map(
      [...chains]
        .filter(([ref]) => ref !== PROGRAMME_REF)
        .map(([ref, { branch }]) => [ref.slice(ORGANISATION_PREFIX.length) as Id, branch]),
    );
    const early = replay(programme.blocks(), toView(ledger, programme.branch, branches));
    if (early.fault !== null) return null;
    const isOf = (verified: ReadonlyMap<string, ChainReport>): boolean =>
      [...chains].every(([ref, chain]) => {
        const report = verified.get(ref);
        return report !== undefined && report.error === null && report.fault === null && chain.isOf(report.ids);
      });
    return { replay: early, isOf };
  } catch {
    return null; // whatever it is: what nobody has signed may hold anything
  }
}

function toChecked(store: GitStore, { ref, commit, state, fault, ids, error }: ChainReport): CheckedBranch {
  if (error !== null) return damaged(0, error.message);
  return { branch: storedBranch(store, { ref, commit, ids, fault }), state, fault, verifiedNow: ids.length / 32 };
}

/** Bytes that cannot be read at all: the chain ends where they begin. */
function damaged(seq: number, message: string): CheckedBranch {
  const fault = { seq, rule: 'encoding' as const, message, neverValid: [] };
  return { branch: toBranch([], fault), state: null, fault, verifiedNow: 0 };
}

/** From what was verified before: every byte is read and every hash followed, only new signatures are checked. */
function readOn(
  store: GitStore,
  ledger: Id,
  refs: ReadonlyMap<string, string>,
  options: VerifyOptions,
): ReadonlyMap<string, CheckedBranch> {
  return new Map(
    [...refs].map(([ref, commit]) => [ref, readOne(store, nameOf(ledger, ref), ref, commit, options)] as const),
  );
}

function readOne(store: GitStore, name: ChainName, ref: string, commit: string, options: VerifyOptions): CheckedBranch {
  try {
    const chain = loadChain(store, name, options.checked.get(ref) ?? null, commit);
    if (chain === null) return damaged(0, 'it is not here');
    options.progress?.(chain.verifiedNow);
    return { branch: toBranch(chain.blocks), state: chain.state, fault: null, verifiedNow: chain.verifiedNow };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
    return toChecked(store, runChainTask(store, { ref, commit, name })); // judged again, block by block, to find the first that is broken
  }
}

function findingsOf(state: ProgrammeState, applicant: Parameters<typeof countAudits>[1]): readonly Finding[] {
  const boundary = applicant.boundaries.at(-1)?.value;
  const everything = { start: 0, end: state.head.time };
  return [
    ...(boundary === undefined ? [] : checkMeters(applicant, boundary, everything)),
    ...countAudits(state, applicant).findings,
  ];
}

function countPackages(state: ProgrammeState): number {
  let count = 0;
  for (const organisation of state.organisations.values())
    for (const { packages } of packageRows(organisation.packages)) count += packages.length;
  return count;
}
