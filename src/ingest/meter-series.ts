import { compareDecimal, decimalToText } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { showTime, type Span } from '../programme/calendar.ts';
import type { MeterDefinition, RegisterEvent, RegisterState } from './meter-definition.ts';
import type { Reading } from './reading.ts';

/** The readings of one meter (and customer) of one file, with what is needed to make packages of them. */
export interface MeterSeries {
  /** The name under which the packages stand. */
  readonly name: string;
  readonly definition: MeterDefinition;
  readonly party: string | undefined;
  /** In order of time, repeats taken out. */
  readonly readings: readonly Reading[];
  readonly fileName: string;
  readonly zone: string;
  readonly windowAt: (epoch: number) => Span;
  readonly register: RegisterState | undefined;
  readonly events: readonly RegisterEvent[];
  readonly keepSeries: boolean;
  /** Nothing that ends after this instant is finished. */
  readonly now: number;
}

/**
 * Readings in order of time without repeats: the same figure for the same interval is one, different figures are refused, and
 * so are intervals that overlap.
 * @returns the readings and how many repeats were left out.
 * @throws JoulemarkError USAGE naming both lines.
 */
export function inOrder(
  readings: readonly Reading[],
  fileName: string,
  zone: string,
): { readonly readings: readonly Reading[]; readonly repeats: number } {
  const sorted = isSorted(readings)
    ? readings
    : [...readings].sort((a, b) => a.end - b.end || a.start - b.start || a.line - b.line);
  const kept: Reading[] = [];
  let repeats = 0;
  for (const reading of sorted) {
    const before = kept.at(-1);
    const isSameTime = before !== undefined && reading.start === before.start && reading.end === before.end;
    if (before === undefined || (reading.start >= before.end && !isSameTime)) {
      kept.push(reading);
      continue;
    }
    if (!isSameTime) throw conflict('intervals overlap', before, reading, fileName, zone);
    if (!sameFigure(before, reading)) throw conflict('two figures for one time', before, reading, fileName, zone);
    repeats += 1;
  }
  return { readings: kept, repeats };
}

function isSorted(readings: readonly Reading[]): boolean {
  for (let index = 1; index < readings.length; index += 1) {
    if (readings[index]!.end < readings[index - 1]!.end) return false;
  }
  return true;
}

function sameFigure(a: Reading, b: Reading): boolean {
  if (a.provenance !== b.provenance || (a.open === undefined) !== (b.open === undefined)) return false;
  if (a.open !== undefined && b.open !== undefined && compareDecimal(a.open, b.open) !== 0) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return compareDecimal(a.value, b.value) === 0;
}

function conflict(failure: string, first: Reading, second: Reading, fileName: string, zone: string): JoulemarkError {
  const figure = ({ value, provenance, line }: Reading): string =>
    `${value === undefined ? 'none' : decimalToText(value)} (${provenance}, ${fileName}:${line})`;
  return new JoulemarkError(
    'USAGE',
    `${failure}: '${first.meter}' at ${showTime(second.start, zone)} is ${figure(first)} and ${figure(second)}`,
    {
      hints: ['remove one of the two lines, or drop such rows with file.drop_rows of the profile'],
      details: { file: fileName, line: second.line, first_line: first.line, meter: first.meter },
    },
  );
}
