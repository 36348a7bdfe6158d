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
  /** Of the blocks that both have, so many entries are in a copy by their hashes only and whole in the other one. */
  readonly hashesOnly: { readonly a: number; readonly b: number };
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
  const chain = org ?? 'programme';
  const both = divergedAt?.seq ?? Math.min(lengths.a, lengths.b);
  const [lacksA, lacksB] = [lacking(a, chain, both), lacking(b, chain, both)];
  return {
    chain,
    name: org === null ? 'programme' : nameOf(org, a, b),
    relation: divergedAt === null ? relationOf(lengths) : 'diverged',
    ...lengths,
    hashesOnly: { a: countBeyond(lacksA, lacksB), b: countBeyond(lacksB, lacksA) },
    divergedAt,
  };
}

/** The places of entries in the first `length` blocks of a chain that a copy has by their hashes only. */
function lacking({ findings }: Verification, chain: string, length: number): ReadonlySet<string> {
  const places = findings.flatMap(({ code, place: { chain: of, seq = 0, entry } }) =>
    code === 'entry-absent' && of === chain && seq < length ? [`${seq}:${entry}`] : [],
  );
  return new Set(places);
}

const countBeyond = (places: ReadonlySet<string>, others: ReadonlySet<string>): number =>
  [...places].filter((place) => !others.has(place)).length;

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
  if (chains.some(({ relation }) => relation === 'diverged')) return 'diverged';
  const lacks = (copy: 'a' | 'b'): boolean =>
    chains.some(({ relation, hashesOnly }) => relation === `${copy}-behind` || hashesOnly[copy] > 0);
  if (lacks('a')) return lacks('b') ? 'each' : 'b';
  return lacks('b') ? 'a' : 'same';
}

const nameOf = (org: Id, ...copies: readonly Verification[]): string =>
  copies.map(({ state }) => state.organisations.get(org)?.name ?? '').find((name) => name !== '') ?? org.slice(0, 8);
