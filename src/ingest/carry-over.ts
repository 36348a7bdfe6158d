import { JoulemarkError } from '../errors.ts';
import { type HeldInterval, packageMeter } from './draft.ts';
import type { MeterDefinition } from './meter-definition.ts';
import type { Reading } from './reading.ts';

/**
 * The readings of intervals that wait: put before those of the next file they complete what was cut in two. Shipments are carried only
 * where nothing is read twice (`once`): two equal lorries are no repeat, so a file that repeats rows would double them.
 */
export function carryOver(
  readings: readonly Reading[],
  held: readonly HeldInterval[],
  meters: ReadonlyMap<string, MeterDefinition>,
  once: boolean,
): readonly Reading[] {
  const starts = new Map<string, number>();
  for (const { meter, start } of held) starts.set(meter, Math.min(start, starts.get(meter) ?? start));
  return readings.filter((reading) => {
    const start = starts.get(packageMeter(reading.meter, reading.party));
    const definition = meters.get(reading.meter);
    if (start === undefined || definition === undefined || (definition.kind === 'shipment' && !once)) return false;
    // the reading at the edge opens a register; of a quantity it belongs to the interval before
    return definition.reads === 'register' ? reading.end >= start : reading.end > start;
  });
}

/** Readings with the lines of the whole stream. */
export const shiftReadings = (readings: readonly Reading[], lines: number): readonly Reading[] =>
  lines === 0 ? readings : readings.map((reading) => ({ ...reading, line: reading.line + lines }));

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
