import { widened } from '../programme/widened.ts';
import { type DecimalColumn, decimalAt, newDecimalColumn, putDecimal } from './decimal-column.ts';
import { packageMeter } from './draft.ts';
import { BY_WEAKNESS, type Provenance, type Reading } from './reading.ts';

/**
 * The readings of one meter (and customer) in the order of the file, as columns of numbers: with an object a reading, the garbage collector
 * took a third of a bulk submission, and a reading five times the memory.
 */
export interface Readings {
  readonly meter: string;
  readonly party: string | undefined;
  count: number;
  starts: Float64Array;
  ends: Float64Array;
  lines: Uint32Array;
  /** Places in BY_WEAKNESS. */
  provenances: Uint8Array;
  readonly values: DecimalColumn;
  readonly opens: DecimalColumn;
}

/** Readings by the name under which their packages stand, in the order of each one's first. */
export type ReadingGroups = ReadonlyMap<string, Readings>;

const FIRST_CAPACITY = 16;

const newReadings = (meter: string, party: string | undefined): Readings => ({
  meter,
  party,
  count: 0,
  starts: new Float64Array(FIRST_CAPACITY),
  ends: new Float64Array(FIRST_CAPACITY),
  lines: new Uint32Array(FIRST_CAPACITY),
  provenances: new Uint8Array(FIRST_CAPACITY),
  values: newDecimalColumn(),
  opens: newDecimalColumn(),
});

/** The readings of a meter (and customer), empty when they are asked for first. */
export function readingsOf(groups: Map<string, Readings>, meter: string, party: string | undefined): Readings {
  const name = packageMeter(meter, party);
  const known = groups.get(name);
  if (known !== undefined) return known;
  const readings = newReadings(meter, party);
  groups.set(name, readings);
  return readings;
}

/** Puts a reading behind those of its meter. */
export function addReading(groups: Map<string, Readings>, reading: Reading): void {
  append(readingsOf(groups, reading.meter, reading.party), reading);
}

type Figure = Omit<Reading, 'meter' | 'party'>;

/** Puts a reading behind the others. */
export function append(readings: Readings, { start, end, line, provenance, value, open }: Figure): void {
  const place = readings.count;
  if (place === readings.starts.length) widen(readings);
  readings.starts[place] = start;
  readings.ends[place] = end;
  readings.lines[place] = line;
  readings.provenances[place] = BY_WEAKNESS.indexOf(provenance);
  putDecimal(readings.values, place, value);
  putDecimal(readings.opens, place, open);
  readings.count += 1;
}

function widen(readings: Readings): void {
  const capacity = 2 * readings.starts.length;
  readings.starts = widened(readings.starts, new Float64Array(capacity));
  readings.ends = widened(readings.ends, new Float64Array(capacity));
  readings.lines = widened(readings.lines, new Uint32Array(capacity));
  readings.provenances = widened(readings.provenances, new Uint8Array(capacity));
}

export function readingAt(readings: Readings, place: number): Reading {
  return {
    meter: readings.meter,
    party: readings.party,
    start: readings.starts[place]!,
    end: readings.ends[place]!,
    value: decimalAt(readings.values, place),
    open: decimalAt(readings.opens, place),
    provenance: provenanceAt(readings, place),
    line: readings.lines[place]!,
  };
}

export const provenanceAt = ({ provenances }: Readings, place: number): Provenance => BY_WEAKNESS[provenances[place]!]!;

export function* eachReading(readings: Readings): Generator<Reading> {
  for (let place = 0; place < readings.count; place += 1) yield readingAt(readings, place);
}

/** Readings in order of time, as they are where none ends before the one before it. */
export function sortReadings(readings: Readings): Readings {
  const { starts, ends, lines, count } = readings;
  if (isSorted(readings)) return readings;
  const places = Uint32Array.from({ length: count }, (_, place) => place).sort(
    (a, b) => ends[a]! - ends[b]! || starts[a]! - starts[b]! || lines[a]! - lines[b]!,
  );
  return pick(readings, places);
}

function isSorted({ ends, count }: Readings): boolean {
  for (let place = 1; place < count; place += 1) if (ends[place]! < ends[place - 1]!) return false;
  return true;
}

export function withoutPlaces(readings: Readings, left: ReadonlySet<number>): Readings {
  if (left.size === 0) return readings;
  const places = Array.from({ length: readings.count }, (_, place) => place);
  return pick(
    readings,
    places.filter((place) => !left.has(place)),
  );
}

function pick(readings: Readings, places: Iterable<number>): Readings {
  const picked = newReadings(readings.meter, readings.party);
  for (const place of places) append(picked, readingAt(readings, place));
  return picked;
}

/** When the last of them ends; 0 for none. */
export function lastEnd({ ends, count }: Readings): number {
  let last = 0;
  for (let place = 0; place < count; place += 1) last = Math.max(last, ends[place]!);
  return last;
}
