import type { Id } from '../ledger/codec/id.ts';
import type { PackagePayload } from './package.ts';

/** A package that counts, with its place on the ledger. */
export interface CountedPackage {
  readonly commit: Id;
  readonly meter: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly payload: PackagePayload;
  /** Ledger time: that of the covering broadcast. */
  readonly time: number;
  /** Covered in time, too late, or from before the organisation was admitted. */
  readonly standing: 'on_time' | 'late' | 'history';
  readonly place: { readonly seq: number; readonly entry: number };
  /** The commit of the package that this one corrected. */
  readonly corrects?: Id;
}

/**
 * The counting packages of one organisation: a meter and kind a row, each row sorted by start and without overlaps.
 * Changed in place while the ledger is walked, because a copy a package would make the walk quadratic.
 */
export interface PackageIndex {
  readonly rows: Map<string, CountedPackage[]>;
  readonly byCommit: Map<Id, CountedPackage>;
  /** Commits that counted once and were corrected: the same commit again is still a repeat. */
  readonly replaced: Set<Id>;
}

export const emptyPackageIndex = (): PackageIndex => ({ rows: new Map(), byCommit: new Map(), replaced: new Set() });

const rowKey = (meter: string, kind: string): string => `${kind}\u0000${meter}`;

/** The place at which a package that starts at `start` stands or would stand in a row. */
function placeOf(row: readonly CountedPackage[], start: number): number {
  const last = row[row.length - 1];
  if (last === undefined || last.start < start) return row.length;
  let low = 0;
  let high = row.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((row[middle]?.start ?? Number.POSITIVE_INFINITY) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The counting package of the same meter and kind that overlaps [start, end), if there is one. */
export function overlapping(
  index: PackageIndex,
  meter: string,
  kind: string,
  start: number,
  end: number,
): CountedPackage | undefined {
  const row = index.rows.get(rowKey(meter, kind)) ?? [];
  const at = placeOf(row, start);
  const before = row[at - 1];
  if (before !== undefined && before.end > start) return before;
  const after = row[at];
  return after !== undefined && after.start < end ? after : undefined;
}

/** Adds a package that overlaps none. */
export function addPackage(index: PackageIndex, added: CountedPackage): void {
  const key = rowKey(added.meter, added.kind);
  const row = index.rows.get(key);
  if (row === undefined) index.rows.set(key, [added]);
  else row.splice(placeOf(row, added.start), 0, added);
  index.byCommit.set(added.commit, added);
}

/** Takes a package out, because a correction stands in its place. */
export function removePackage(index: PackageIndex, removed: CountedPackage): void {
  const row = index.rows.get(rowKey(removed.meter, removed.kind)) ?? [];
  row.splice(placeOf(row, removed.start), 1);
  index.byCommit.delete(removed.commit);
  index.replaced.add(removed.commit);
}

/** The counting packages of a meter and kind whose interval touches [start, end), in order. */
export function packagesWithin(
  index: PackageIndex,
  meter: string,
  kind: string,
  start: number,
  end: number,
): readonly CountedPackage[] {
  const row = index.rows.get(rowKey(meter, kind)) ?? [];
  let from = placeOf(row, start);
  if ((row[from - 1]?.end ?? 0) > start) from -= 1;
  let to = from;
  while (to < row.length && (row[to]?.start ?? end) < end) to += 1;
  return row.slice(from, to);
}

/** Every row: meter, kind and its packages in order. */
export function* packageRows(
  index: PackageIndex,
): Generator<{ readonly meter: string; readonly kind: string; readonly packages: readonly CountedPackage[] }> {
  for (const packages of index.rows.values()) {
    const first = packages[0];
    if (first !== undefined) yield { meter: first.meter, kind: first.kind, packages };
  }
}
