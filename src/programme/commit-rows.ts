import { writeLeafHash } from '../crypto/merkle.ts';
import type { PackageColumns } from './package-columns.ts';

/** Of each of some packages the commit, and its leaf hash (RFC 6962 section 2.1): 32 bytes of either, in the same order. */
export interface CommitRows {
  readonly commits: Uint8Array;
  readonly leaves: Uint8Array;
}

export const newCommitRows = (count: number): CommitRows => ({
  commits: new Uint8Array(32 * count),
  leaves: new Uint8Array(32 * count),
});

/**
 * Leaf hashes by slot, zeros where nobody has asked. A decision asks twice for each package, for the audit that speaks of it and for itself. Of
 * this process alone: nothing that is stored holds them.
 */
const leafHashes = new WeakMap<PackageColumns, Uint8Array>();

/** Writes the row of a slot. */
export function writeRow(columns: PackageColumns, slot: number, rows: CommitRows, place: number): void {
  const known = leavesOf(columns);
  if (isZero(known, 32 * slot)) writeLeafHash(columns.commits, 32 * slot, known, 32 * slot);
  for (let index = 0; index < 32; index += 1) {
    rows.commits[32 * place + index] = columns.commits[32 * slot + index] as number;
    rows.leaves[32 * place + index] = known[32 * slot + index] as number;
  }
}

function leavesOf(columns: PackageColumns): Uint8Array {
  const known = leafHashes.get(columns);
  if (known?.length === columns.commits.length) return known;
  const leaves = new Uint8Array(columns.commits.length);
  if (known !== undefined) leaves.set(known);
  leafHashes.set(columns, leaves);
  return leaves;
}

function isZero(bytes: Uint8Array, from: number): boolean {
  for (let index = 0; index < 32; index += 1) if (bytes[from + index] !== 0) return false;
  return true;
}
