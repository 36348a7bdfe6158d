import { parseHex, toHex } from '../crypto/hash.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { DecimalParts } from '../ledger/codec/quantity.ts';
import { widened } from './widened.ts';

/** What of a package is kept in columns: numbers, the 32 bytes of its commit, and the bytes of its payload as they were signed. */
export interface PackageFigures {
  readonly commit: Id;
  readonly start: number;
  readonly end: number;
  readonly encoded: Uint8Array;
  readonly time: number;
  readonly place: { readonly seq: number; readonly entry: number };
}

/**
 * Packages as columns of numbers, each in a slot of its own for good. An object a package was a third of a replay's time, spent by the garbage
 * collector, and 0.7 KB; this is 220 bytes that it never looks at.
 */
export interface PackageColumns {
  count: number;
  dropped: number;
  starts: Float64Array;
  ends: Float64Array;
  times: Float64Array;
  /** The quantity, whose mantissa the ledger holds within +-(2^53-1); 0 where it was not given. */
  mantissas: Float64Array;
  exponents: Int8Array;
  seqs: Float64Array;
  entries: Uint16Array;
  /** The standing, and DROPPED where the commit is forgotten. */
  flags: Uint8Array;
  commits: Uint8Array;
  /** Where in `payloads` the payload of a slot ends; it begins where that of the slot before ends. */
  payloadEnds: Float64Array;
  payloads: Uint8Array;
  /** Slots by commit, open addressing by its last bytes: slot + 1, 0 is free. */
  table: Int32Array;
  /** What those bytes are mixed with. */
  readonly seed: number;
}

const FIRST_CAPACITY = 16;
const DROPPED = 0x80;

/**
 * Another one in each process; nothing that anybody sees depends on it. Whoever signs packages chooses their salts until the commits end as he
 * likes: at places of the table that he could foretell, a million of them would take everybody an hour.
 */
const SEED = (Math.random() * 2 ** 32) | 0;

export const newPackageColumns = (): PackageColumns => ({
  count: 0,
  dropped: 0,
  starts: new Float64Array(FIRST_CAPACITY),
  ends: new Float64Array(FIRST_CAPACITY),
  times: new Float64Array(FIRST_CAPACITY),
  mantissas: new Float64Array(FIRST_CAPACITY),
  exponents: new Int8Array(FIRST_CAPACITY),
  seqs: new Float64Array(FIRST_CAPACITY),
  entries: new Uint16Array(FIRST_CAPACITY),
  flags: new Uint8Array(FIRST_CAPACITY),
  commits: new Uint8Array(32 * FIRST_CAPACITY),
  payloadEnds: new Float64Array(FIRST_CAPACITY),
  payloads: new Uint8Array(64 * FIRST_CAPACITY),
  table: new Int32Array(4 * FIRST_CAPACITY),
  seed: SEED,
});

/** Puts a package into the next slot, which is returned. `standing`: a small number that the caller gives a meaning. */
export function addFigures(
  columns: PackageColumns,
  figures: PackageFigures,
  quantity: DecimalParts | undefined,
  standing: number,
): number {
  if (columns.count === columns.starts.length) grow(columns);
  const slot = columns.count;
  columns.count += 1;
  columns.starts[slot] = figures.start;
  columns.ends[slot] = figures.end;
  columns.times[slot] = figures.time;
  columns.mantissas[slot] = Number(quantity?.mantissa ?? 0n);
  columns.exponents[slot] = quantity?.exponent ?? 0;
  columns.seqs[slot] = figures.place.seq;
  columns.entries[slot] = figures.place.entry;
  columns.flags[slot] = standing;
  columns.commits.set(parseHex(figures.commit), 32 * slot);
  const from = payloadStart(columns, slot);
  const to = from + figures.encoded.length;
  if (to > columns.payloads.length)
    columns.payloads = widened(columns.payloads, new Uint8Array(Math.max(2 * columns.payloads.length, to)));
  columns.payloads.set(figures.encoded, from);
  columns.payloadEnds[slot] = to;
  enter(columns, slot);
  return slot;
}

/** The slot of a commit that was not dropped; -1 when there is none. */
export function findSlot({ table, flags, commits, seed }: PackageColumns, commit: Id): number {
  const bytes = parseHex(commit);
  const mask = table.length - 1;
  for (let at = hashAt(bytes, 0, seed) & mask; table[at] !== 0; at = (at + 1) & mask) {
    const slot = (table[at] as number) - 1;
    if (((flags[slot] as number) & DROPPED) === 0 && isAt(commits, 32 * slot, bytes)) return slot;
  }
  return -1;
}

/** Forgets the commit of a slot; its figures stay readable. */
export function dropSlot(columns: PackageColumns, slot: number): void {
  columns.flags[slot] = (columns.flags[slot] as number) | DROPPED;
  columns.dropped += 1;
}

/** Slots whose commit was not dropped, in the order in which they were taken. */
export function* slotsOf({ flags, count }: PackageColumns): Generator<number> {
  for (let slot = 0; slot < count; slot += 1) if (((flags[slot] as number) & DROPPED) === 0) yield slot;
}

export const commitAt = ({ commits }: PackageColumns, slot: number): Id =>
  toHex(commits.subarray(32 * slot, 32 * slot + 32)) as Id;

export const standingAt = ({ flags }: PackageColumns, slot: number): number => (flags[slot] as number) & ~DROPPED;

export const quantityAt = ({ mantissas, exponents }: PackageColumns, slot: number): DecimalParts => ({
  mantissa: BigInt(mantissas[slot] as number),
  exponent: exponents[slot] as number,
});

/** A view, valid until the next package is added. */
export const payloadAt = (columns: PackageColumns, slot: number): Uint8Array =>
  columns.payloads.subarray(payloadStart(columns, slot), columns.payloadEnds[slot]);

const payloadStart = ({ payloadEnds }: PackageColumns, slot: number): number =>
  slot === 0 ? 0 : (payloadEnds[slot - 1] as number);

function grow(columns: PackageColumns): void {
  const capacity = 2 * columns.starts.length;
  columns.starts = widened(columns.starts, new Float64Array(capacity));
  columns.ends = widened(columns.ends, new Float64Array(capacity));
  columns.times = widened(columns.times, new Float64Array(capacity));
  columns.mantissas = widened(columns.mantissas, new Float64Array(capacity));
  columns.exponents = widened(columns.exponents, new Int8Array(capacity));
  columns.seqs = widened(columns.seqs, new Float64Array(capacity));
  columns.entries = widened(columns.entries, new Uint16Array(capacity));
  columns.flags = widened(columns.flags, new Uint8Array(capacity));
  columns.commits = widened(columns.commits, new Uint8Array(32 * capacity));
  columns.payloadEnds = widened(columns.payloadEnds, new Float64Array(capacity));
  columns.table = new Int32Array(4 * capacity);
  for (let slot = 0; slot < columns.count; slot += 1) enter(columns, slot);
}

function enter({ table, commits, seed }: PackageColumns, slot: number): void {
  const mask = table.length - 1;
  let at = hashAt(commits, 32 * slot, seed) & mask;
  while (table[at] !== 0) at = (at + 1) & mask;
  table[at] = slot + 1;
}

/** Of the last 8 bytes, each half mixed as in the finaliser of MurmurHash3. */
function hashAt(bytes: Uint8Array, offset: number, seed: number): number {
  const half = mixed(seed ^ wordAt(bytes, offset + 24));
  return mixed(half ^ wordAt(bytes, offset + 28));
}

function mixed(word: number): number {
  const first = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2_ae35);
  return second ^ (second >>> 16);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function isAt(commits: Uint8Array, offset: number, commit: Uint8Array): boolean {
  for (let index = 0; index < 32; index += 1) if (commits[offset + index] !== commit[index]) return false;
  return true;
}
