import type { Id } from '../ledger/codec/id.ts';
import type { PackagePayload } from './package.ts';
import { addFigures, dropSlot, findSlot, newPackageColumns, type PackageColumns, slotsOf } from './package-columns.ts';
import { isLabelledAs, nameOfLabels, type PackageLabels, packageLabelsOf } from './package-labels.ts';
import { PackageView, STANDINGS } from './package-view.ts';

/** A package that counts, with its place on the ledger. */
export interface CountedPackage {
  readonly commit: Id;
  readonly meter: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  /** Decoded when first asked for. */
  readonly payload: PackagePayload;
  /** Two of its parts, without the rest where most packages say the same. */
  readonly quantity: PackagePayload['quantity'];
  readonly provenance: PackagePayload['provenance'];
  /** Ledger time: that of the covering broadcast. */
  readonly time: number;
  /** Covered in time, too late, or from before the organisation was admitted. */
  readonly standing: 'on_time' | 'late' | 'history';
  readonly place: { readonly seq: number; readonly entry: number };
  /** The commit of the package that this one corrected. */
  readonly corrects?: Id;
  /** Where they are kept: most packages of most meters. */
  readonly labels?: PackageLabels | undefined;
}

/** A package to be added. */
export type NewPackage = Omit<CountedPackage, 'payload' | 'quantity' | 'provenance' | 'labels'> & {
  /** The payload as it was signed, known to be one. */
  readonly encoded: Uint8Array;
  /** The same decoded; without it, it is decoded when it is looked at. */
  readonly payload?: PackagePayload;
};

interface Row {
  /** Its place in `rowList`. */
  readonly number: number;
  readonly meter: string;
  readonly kind: string;
  /** The slots of its packages, sorted by start; those from `length` on are free. */
  slots: Int32Array;
  length: number;
  /** The labels of the package that came last, by their place in `labelList`: mostly those of the next one too. */
  lastLabels: number;
  /** How often it changed elsewhere than at its end: while this stays the same, the packages that were there stand where they stood. */
  rewrites: number;
}

/**
 * The counting packages of one organisation: a meter and kind a row, each row sorted by start and without overlaps.
 * Changed in place while the ledger is walked, because a copy a package would make the walk quadratic.
 */
export interface PackageIndex {
  /** How many packages count. */
  size: number;
  /** How often it changed: the same number, the same packages. */
  changes: number;
  readonly columns: PackageColumns;
  readonly rows: Map<string, Row>;
  /** The row of each slot, by its place in `rowList`. */
  readonly rowOfSlot: number[];
  readonly rowList: Row[];
  /** The labels of each slot, by their place in `labelList`; -1 where none were noted. */
  readonly labelOfSlot: number[];
  readonly labelList: PackageLabels[];
  readonly labelPlaces: Map<string, number>;
  /** The commits that corrections stand in the place of, by the slot of the correction. */
  readonly corrected: Map<number, Id>;
  /** Commits that counted once and were corrected: the same commit again is still a repeat. */
  readonly replaced: Set<Id>;
}

export const emptyPackageIndex = (): PackageIndex => ({
  size: 0,
  changes: 0,
  columns: newPackageColumns(),
  rows: new Map(),
  rowOfSlot: [],
  rowList: [],
  labelOfSlot: [],
  labelList: [],
  labelPlaces: new Map(),
  corrected: new Map(),
  replaced: new Set(),
});

/** The name of a row. */
export const rowKey = (meter: string, kind: string): string => `${kind}\u0000${meter}`;

/** The place at which a package that starts at `start` stands or would stand in a row. */
export function placeOf({ columns }: PackageIndex, { slots, length }: Row, start: number): number {
  if (length === 0 || (columns.starts[slots[length - 1] as number] as number) < start) return length;
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns.starts[slots[middle] as number] as number) < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The package of a commit, if it counts. */
export function packageOf(index: PackageIndex, commit: Id): CountedPackage | undefined {
  const slot = findSlot(index.columns, commit);
  return slot < 0 ? undefined : new PackageView(index, slot);
}

/** True when the package of a commit counts. */
export const hasPackage = (index: PackageIndex, commit: Id): boolean => findSlot(index.columns, commit) >= 0;

/** True when the package of a commit counts, or did before it was corrected. */
export const isKnownPackage = (index: PackageIndex, commit: Id): boolean =>
  hasPackage(index, commit) || index.replaced.has(commit);

export const countPackages = ({ size }: PackageIndex): number => size;

/** All counting packages, in the order in which they came. */
export function* allPackages(index: PackageIndex): Generator<CountedPackage> {
  for (const slot of slotsOf(index.columns)) yield new PackageView(index, slot);
}

/** The counting package of the same meter and kind that overlaps [start, end), if there is one. */
export function overlapping(
  index: PackageIndex,
  meter: string,
  kind: string,
  start: number,
  end: number,
): CountedPackage | undefined {
  const row = index.rows.get(rowKey(meter, kind));
  if (row === undefined) return undefined;
  const at = placeOf(index, row, start);
  const before = row.slots[at - 1];
  if (at > 0 && before !== undefined && (index.columns.ends[before] as number) > start)
    return new PackageView(index, before);
  const after = row.slots[at];
  return at < row.length && after !== undefined && (index.columns.starts[after] as number) < end
    ? new PackageView(index, after)
    : undefined;
}

/** Adds a package that overlaps none. */
export function addPackage(index: PackageIndex, added: NewPackage): void {
  const { columns, rowOfSlot, corrected } = index;
  const row = rowNamed(index, added.meter, added.kind);
  const at = placeOf(index, row, added.start);
  const slot = addFigures(columns, added, added.payload?.quantity, STANDINGS.indexOf(added.standing));
  rowOfSlot.push(row.number);
  const labels = added.payload === undefined ? null : packageLabelsOf(added.payload);
  if (labels !== null && !isLabelledAs(labels, index.labelList[row.lastLabels]))
    row.lastLabels = labelPlace(index, labels);
  index.labelOfSlot.push(labels === null ? -1 : row.lastLabels);
  if (added.corrects !== undefined) corrected.set(slot, added.corrects);
  if (row.length === row.slots.length) {
    const larger = new Int32Array(2 * row.length);
    larger.set(row.slots);
    row.slots = larger;
  }
  if (at < row.length) row.rewrites += 1;
  row.slots.copyWithin(at + 1, at, row.length);
  row.slots[at] = slot;
  row.length += 1;
  index.size += 1;
  index.changes += 1;
}

function labelPlace({ labelList, labelPlaces }: PackageIndex, labels: PackageLabels): number {
  const key = nameOfLabels(labels);
  const known = labelPlaces.get(key);
  if (known !== undefined) return known;
  // whoever gives each package a unit of its own has no list as long as his packages kept for him
  if (labelList.length >= MOST_LABELS) return -1;
  labelPlaces.set(key, labelList.length);
  return labelList.push(labels) - 1;
}

const MOST_LABELS = 1000;

function rowNamed({ rows, rowList }: PackageIndex, meter: string, kind: string): Row {
  const key = rowKey(meter, kind);
  const known = rows.get(key);
  if (known !== undefined) return known;
  const row: Row = {
    number: rowList.length,
    meter,
    kind,
    slots: new Int32Array(4),
    length: 0,
    lastLabels: -1,
    rewrites: 0,
  };
  rows.set(key, row);
  rowList.push(row);
  return row;
}

/** Takes a package out, because a correction stands in its place. */
export function removePackage(index: PackageIndex, removed: Pick<CountedPackage, 'commit'>): void {
  const slot = findSlot(index.columns, removed.commit);
  const row = index.rowList[index.rowOfSlot[slot] as number] as Row;
  const at = placeOf(index, row, index.columns.starts[slot] as number);
  row.slots.copyWithin(at, at + 1, row.length);
  row.length -= 1;
  row.rewrites += 1;
  index.size -= 1;
  index.changes += 1;
  dropSlot(index.columns, slot);
  index.replaced.add(removed.commit);
}
