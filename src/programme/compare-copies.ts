import type { Branch } from '../ledger/branch.ts';
import type { Id } from '../ledger/codec/id.ts';
import { organisationOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import type { Verification } from './verification.ts';

/** One chain in two copies. A chain that a copy has not at all is behind by all its blocks. */
export interface ChainComparison {
  /** `programme`, or the organisation's id. */
  readonly chain: string;
  readonly name: string;
  readonly relation: 'same' | 'a-behind' | 'b-behind' | 'diverged';
  /** The number of valid blocks in each. */
  readonly a: number;
  readonly b: number;
  /** The first block in which they differ. */
  readonly divergedAt: { readonly seq: number; readonly a: Id; readonly b: Id } | null;
}

/** Two copies side by side, the programme chain first. */
export interface CopyComparison {
  /** Which holds what the other lacks; `each`: both do, in different chains. `diverged`: one is no continuation of the other. */
  readonly newer: 'same' | 'a' | 'b' | 'each' | 'diverged';
  readonly chains: readonly ChainComparison[];
}

/** Compares two verified copies block by block. Pure; what is not valid in a copy is not compared. */
export function compareCopies(a: Verification, b: Verification): CopyComparison {
  const refs = [...new Set([...a.branches.keys(), ...b.branches.keys()])].filter((ref) => ref !== PROGRAMME_REF);
  const chains = [PROGRAMME_REF, ...refs.toSorted()].map((ref) => compareChain(ref, a, b));
  return { newer: newerOf(chains), chains };
}

function compareChain(ref: string, a: Verification, b: Verification): ChainComparison {
  const [inA, inB] = [a.branches.get(ref), b.branches.get(ref)];
  const org = organisationOfRef(ref);
  const divergedAt = firstDifference(inA, inB);
  const lengths = { a: inA?.length ?? 0, b: inB?.length ?? 0 };
  return {
    chain: org ?? 'programme',
    name: org === null ? 'programme' : nameOf(org, a, b),
    relation: divergedAt === null ? relationOf(lengths) : 'diverged',
    ...lengths,
    divergedAt,
  };
}

function relationOf({ a, b }: Pick<ChainComparison, 'a' | 'b'>): ChainComparison['relation'] {
  if (a === b) return 'same';
  return a < b ? 'a-behind' : 'b-behind';
}

/** Each block names the one before it: once they differ they differ ever after, so the first difference is found by halves. */
function firstDifference(a: Branch | undefined, b: Branch | undefined): ChainComparison['divergedAt'] {
  if (a === undefined || b === undefined) return null;
  let low = 0;
  let high = Math.min(a.length, b.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (a.idAt(middle) === b.idAt(middle)) low = middle + 1;
    else high = middle;
  }
  const [inA, inB] = [a.idAt(low), b.idAt(low)];
  return low >= a.length || low >= b.length || inA === undefined || inB === undefined
    ? null
    : { seq: low, a: inA, b: inB };
}

function newerOf(chains: readonly ChainComparison[]): CopyComparison['newer'] {
  const found = new Set(chains.map(({ relation }) => relation));
  if (found.has('diverged')) return 'diverged';
  if (found.has('a-behind')) return found.has('b-behind') ? 'each' : 'b';
  return found.has('b-behind') ? 'a' : 'same';
}

const nameOf = (org: Id, ...copies: readonly Verification[]): string =>
  copies.map(({ state }) => state.organisations.get(org)?.name ?? '').find((name) => name !== '') ?? org.slice(0, 8);
