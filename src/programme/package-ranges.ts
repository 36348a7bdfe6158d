import { type CommitRows, newCommitRows, writeRow } from './commit-rows.ts';
import { PackageView } from './package-view.ts';
import { type CountedPackage, type PackageIndex, placeOf, rowKey } from './packages.ts';

/** The counting packages of a meter and kind whose interval touches [start, end), in order. */
export function packagesWithin(
  index: PackageIndex,
  meter: string,
  kind: string,
  start: number,
  end: number,
): readonly CountedPackage[] {
  const row = index.rows.get(rowKey(meter, kind));
  if (row === undefined) return [];
  let from = placeOf(index, row, start);
  if (from > 0 && (index.columns.ends[row.slots[from - 1] as number] as number) > start) from -= 1;
  const found: CountedPackage[] = [];
  for (let at = from; at < row.length && (index.columns.starts[row.slots[at] as number] as number) < end; at += 1)
    found.push(new PackageView(index, row.slots[at] as number));
  return found;
}

/** The rows of the counting packages of a meter and kind that start in [start, end), in order; without a view of any. */
export function rowsStartingIn(
  index: PackageIndex,
  meter: string,
  kind: string,
  start: number,
  end: number,
): CommitRows {
  const row = index.rows.get(rowKey(meter, kind));
  if (row === undefined) return newCommitRows(0);
  const [from, to] = [placeOf(index, row, start), placeOf(index, row, end)];
  const found = newCommitRows(to - from);
  for (let at = from; at < to; at += 1) writeRow(index.columns, row.slots[at] as number, found, at - from);
  return found;
}

/** The earliest start of a counting package; null when there is none. */
export function firstStart({ columns, rowList }: PackageIndex): number | null {
  let first: number | null = null;
  for (const { slots, length } of rowList) {
    const start = length === 0 ? null : (columns.starts[slots[0] as number] as number);
    if (start !== null && (first === null || start < first)) first = start;
  }
  return first;
}

/** True when a counting package starts in [start, end). */
export const isAnyStartingIn = (index: PackageIndex, start: number, end: number): boolean =>
  index.rowList.some((row) => placeOf(index, row, start) < placeOf(index, row, end));

/** The packages of a meter and kind, the last one first. */
export function* lastFirst(index: PackageIndex, meter: string, kind: string): Generator<CountedPackage> {
  const row = index.rows.get(rowKey(meter, kind));
  for (let at = (row?.length ?? 0) - 1; at >= 0; at -= 1) yield new PackageView(index, row?.slots[at] as number);
}

/** The packages of a meter and kind, in order; views of them are made when they are asked for. */
export interface PackageRow {
  readonly meter: string;
  readonly kind: string;
  readonly length: number;
  /** The same number, the same packages in the places that there were. */
  readonly rewrites: number;
  readonly packages: readonly CountedPackage[];
  /** The packages from a place on. */
  readonly from: (place: number) => readonly CountedPackage[];
}

/** Every row that has packages. */
export function* packageRows(index: PackageIndex): Generator<PackageRow> {
  for (const { meter, kind, slots, length, rewrites } of index.rowList) {
    if (length === 0) continue;
    const from = (place: number): readonly CountedPackage[] =>
      Array.from(slots.subarray(place, length), (slot) => new PackageView(index, slot));
    yield {
      meter,
      kind,
      length,
      rewrites,
      get packages() {
        return from(0);
      },
      from,
    };
  }
}
