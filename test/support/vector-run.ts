import { JoulemarkError } from '../../src/errors.ts';
import type { Vector } from '../../fixtures/vector.ts';
import type { Block } from '../../src/ledger/block.ts';
import { type Branch, type BranchFault, checkBranch, toBranch } from '../../src/ledger/branch.ts';
import type { ChainName } from '../../src/ledger/chain.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import type { Finding } from '../../src/ledger/finding.ts';
import { forkFindings, judgeForks } from '../../src/programme/fork-evidence.ts';
import { replay } from '../../src/programme/replay.ts';

/** What the verifier says of a vector. */
export interface VectorOutcome {
  readonly faults: readonly { readonly condition: string; readonly chain: string; readonly seq: number }[];
  readonly findings: readonly Finding[];
  readonly isPending: boolean;
}

/** Verifies the chains of a vector and walks them. */
export function runVector({ chains }: Vector): VectorOutcome {
  try {
    const programme = load({ kind: 'programme' }, chains.programme);
    if (programme.fault !== null)
      return { faults: [named(programme.fault, 'programme')], findings: [], isPending: false };
    const ledger = programme.blocks[0]?.id as Id;
    const organisations = new Map<Id, readonly Branch[]>();
    const firstBranches = new Map<Id, Branch>();
    const faults: VectorOutcome['faults'][number][] = [];
    for (const [org, branches] of chains.organisations) {
      const loaded = branches.map((records) => load({ kind: 'organisation', ledger, id: org as Id }, records));
      const known = loaded.map(({ blocks, fault }) => toBranch(blocks, fault));
      organisations.set(org as Id, known);
      if (known[0] !== undefined) firstBranches.set(org as Id, known[0]);
      faults.push(...loaded.flatMap(({ fault }) => (fault === null ? [] : [named(fault, org)])));
    }
    const { state, fault } = replay(programme.blocks, {
      ledger,
      branches: (org) => organisations.get(org) ?? [],
      organisations: () => organisations.keys(),
      programmeId: (seq) => programme.blocks[seq]?.id,
    });
    // covered bytes are broken: the branch's own fault says which, and without one nothing accounts for the stop
    if (fault !== null && faults.length === 0) throw fault;
    const view = { ledger, programme: toBranch(programme.blocks), branches: firstBranches };
    const findings = [...state.findings, ...forkFindings(judgeForks(state.forks, view), ledger)];
    return { faults, findings, isPending: false };
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'PENDING')
      return { faults: [], findings: [], isPending: true };
    throw error;
  }
}

function load(
  name: ChainName,
  records: readonly Uint8Array[],
): { readonly blocks: readonly Block[]; readonly fault: BranchFault | null } {
  const blocks: Block[] = [];
  const { fault } = checkBranch({ ...name, records }, (block) => blocks.push(block));
  return { blocks, fault };
}

const named = ({ rule, seq }: BranchFault, chain: string): VectorOutcome['faults'][number] => ({
  condition: rule,
  chain,
  seq,
});
