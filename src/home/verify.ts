import { JoulemarkError } from '../errors.ts';
import { type Branch, type BranchFault, checkBranch, toBranch } from '../ledger/branch.ts';
import type { Block } from '../ledger/block.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import { splitRecords } from '../ledger/segment.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { PROGRAMME_REF } from '../ledger/store/refs.ts';
import { countAudits } from '../programme/audit-count.ts';
import { checkMeters } from '../programme/meter-checks.ts';
import { packageRows } from '../programme/packages.ts';
import { replay } from '../programme/replay.ts';
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
  readonly findings: readonly Finding[];
  readonly packages: number;
  readonly sealed: number;
  readonly audits: number;
  readonly decisions: { readonly recomputed: number; readonly different: number };
  /** Organisations of which a listed block is not in this copy. */
  readonly absent: readonly Id[];
  readonly states: ReadonlyMap<string, ChainState>;
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
 * and compared byte for byte. Reads every byte of every chain.
 * @throws JoulemarkError VERIFY_FAILED when the programme chain itself is broken, NO_LEDGER when there is none.
 */
export function verifyStore(store: GitStore, options: VerifyOptions): Verification {
  const refs = [...store.listRefs().keys()];
  if (!refs.includes(PROGRAMME_REF)) throw new JoulemarkError('NO_LEDGER', `no programme chain in '${store.directory}'`);
  const programme = loadChain(store, { kind: 'programme', ...(options.ledger === null ? {} : { ledger: options.ledger }) }, options.checked.get(PROGRAMME_REF) ?? null);
  if (programme === null) throw new JoulemarkError('NO_LEDGER', `no programme chain in '${store.directory}'`);
  const ledger = programme.state.ledger;
  const branches = new Map<Id, Branch>();
  const broken: BrokenChain[] = [];
  const states = new Map([[programme.ref, programme.state]]);
  let verifiedNow = programme.verifiedNow;
  for (const ref of refs) {
    if (!ref.startsWith(ORGANISATION_PREFIX)) continue;
    const org = ref.slice(ORGANISATION_PREFIX.length) as Id;
    const checked = readBranch(store, ledger, org, ref, options.checked.get(ref) ?? null);
    branches.set(org, checked.branch);
    verifiedNow += checked.verifiedNow;
    if (checked.state !== null) states.set(ref, checked.state);
    if (checked.fault !== null) broken.push({ ref, seq: checked.fault.seq, rule: checked.fault.rule, message: checked.fault.message });
    options.progress?.(verifiedNow);
  }
  const view = {
    ledger,
    branches: (org: Id): readonly Branch[] => (branches.has(org) ? [branches.get(org) as Branch] : []),
    organisations: () => branches.keys(),
    programmeId: (seq: number) => programme.blocks[seq]?.id,
  };
  const { state, cursor } = replay(programme.blocks, view);
  const applicants = [...state.organisations.values()].filter((organisation) => organisation.roles.includes('applicant'));
  const findings = [...state.findings, ...applicants.flatMap((applicant) => findingsOf(state, applicant))];
  const covered = [...cursor.covered.values()].reduce((sum, head) => sum + head.seq + 1, 0);
  const held = [...branches.values()].reduce((sum, branch) => sum + branch.length, 0);
  return {
    ledger,
    state,
    blocks: programme.blocks.length + held,
    chains: 1 + branches.size,
    verifiedNow,
    pending: Math.max(0, held - covered),
    broken,
    findings,
    packages: countPackages(state),
    sealed: state.findings.filter((finding) => finding.code === 'package-sealed').length,
    audits: [...state.organisations.values()].reduce((sum, organisation) => sum + organisation.audits.length, 0),
    decisions: {
      recomputed: state.decisions.filter((decision) => decision.recomputed).length,
      different: state.decisions.filter((decision) => !decision.recomputed).length,
    },
    absent: [...state.absent],
    states,
  };
}

interface CheckedBranch {
  readonly branch: Branch;
  readonly state: ChainState | null;
  readonly fault: BranchFault | null;
  readonly verifiedNow: number;
}

function readBranch(store: GitStore, ledger: Id, org: Id, ref: string, checked: ChainState | null): CheckedBranch {
  const name = { kind: 'organisation' as const, ledger, id: org };
  if (checked !== null) {
    try {
      const chain = loadChain(store, name, checked);
      if (chain !== null) return { branch: toBranch(chain.blocks), state: chain.state, fault: null, verifiedNow: chain.verifiedNow };
    } catch (error) {
      if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error; // judged again below, block by block
    }
  }
  const blocks: Block[] = [];
  try {
    const { state, fault } = checkBranch({ ...name, records: recordsOf(store, ref) }, (block) => void blocks.push(block));
    return { branch: toBranch(blocks, fault), state: fault === null ? state : null, fault, verifiedNow: blocks.length };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
    // git objects that cannot be read: the bytes are damaged, and the chain ends where they begin
    const fault = { seq: blocks.length, rule: 'encoding' as const, message: error.message, neverValid: [] };
    return { branch: toBranch(blocks, fault), state: null, fault, verifiedNow: blocks.length };
  }
}

function* recordsOf(store: GitStore, ref: string): Generator<Uint8Array> {
  let next = 0;
  for (const segment of store.readSegments(ref)) {
    if (segment.firstSeq !== next) throw new JoulemarkError('VERIFY_FAILED', `the files of '${ref}' are not contiguous: record ${next} is missing`);
    for (const record of splitRecords(segment.bytes)) {
      next += 1;
      yield record;
    }
  }
}

function findingsOf(state: ProgrammeState, applicant: Parameters<typeof countAudits>[1]): readonly Finding[] {
  const boundary = applicant.boundaries.at(-1)?.value;
  const everything = { start: 0, end: state.head.time };
  return [...(boundary === undefined ? [] : checkMeters(applicant, boundary, everything)), ...countAudits(state, applicant).findings];
}

function countPackages(state: ProgrammeState): number {
  let count = 0;
  for (const organisation of state.organisations.values()) for (const { packages } of packageRows(organisation.packages)) count += packages.length;
  return count;
}
