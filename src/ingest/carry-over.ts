import { JoulemarkError } from '../errors.ts';
import type { HeldInterval } from './draft.ts';
import type { MeterDefinition } from './meter-definition.ts';
import { addReading, eachReading, type ReadingGroups, type Readings } from './readings.ts';

/**
 * The readings of intervals that wait: put before those of the next file they complete what was cut in two. Shipments are carried only
 * where nothing is read twice (`once`): two equal lorries are no repeat, so a file that repeats rows would double them.
 */
export function carryOver(
  groups: ReadingGroups,
  held: readonly HeldInterval[],
  meters: ReadonlyMap<string, MeterDefinition>,
  once: boolean,
): ReadingGroups {
  const starts = new Map<string, number>();
  for (const { meter, start } of held) starts.set(meter, Math.min(start, starts.get(meter) ?? start));
  const left = new Map<string, Readings>();
  for (const [name, readings] of groups) {
    const start = starts.get(name);
    const definition = meters.get(readings.meter);
    if (start === undefined || definition === undefined || (definition.kind === 'shipment' && !once)) continue;
    // the reading at the edge opens a register; of a quantity it belongs to the interval before
    const isLeft = (end: number): boolean => (definition.reads === 'register' ? end >= start : end > start);
    for (const reading of eachReading(readings)) if (isLeft(reading.end)) addReading(left, reading);
  }
  return left;
}

/** The readings of one part followed by those of the next, whose lines are counted on by `lines`. */
export function joinReadings(first: ReadingGroups, second: ReadingGroups, lines = 0): ReadingGroups {
  if (first.size === 0 && lines === 0) return second;
  const joined = new Map<string, Readings>();
  for (const [groups, more] of [
    [first, 0],
    [second, lines],
  ] as const)
    for (const readings of groups.values())
      for (const reading of eachReading(readings)) addReading(joined, { ...reading, line: reading.line + more });
  return joined;
}

/** A fault of a part of a stream with the line of the whole stream. */
export function shiftFault(error: unknown, lines: number): unknown {
  if (!(error instanceof JoulemarkError) || lines === 0) return error;
  const { file, line } = error.details;
  if (typeof file !== 'string' || typeof line !== 'number') return error;
  const message = error.message.replaceAll(`${file}:${line}`, `${file}:${line + lines}`);
  return new JoulemarkError(error.code, message, {
    hints: error.hints,
    details: { ...error.details, line: line + lines },
    cause: error,
  });
}
