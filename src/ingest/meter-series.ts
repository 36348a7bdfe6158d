import { compareDecimal, decimalToText } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { showTime, type Span } from '../programme/calendar.ts';
import type { MeterDefinition, RegisterEvent, RegisterState } from './meter-definition.ts';
import type { Reading } from './reading.ts';
import { type Readings, readingAt, sortReadings, withoutPlaces } from './readings.ts';

/** The readings of one meter (and customer) of one file, with what is needed to make packages of them. */
export interface MeterSeries {
  /** The name under which the packages stand. */
  readonly name: string;
  readonly definition: MeterDefinition;
  readonly party: string | undefined;
  /** In order of time, repeats taken out. */
  readonly readings: Readings;
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
  readings: Readings,
  fileName: string,
  zone: string,
): { readonly readings: Readings; readonly repeats: number } {
  const sorted = sortReadings(readings);
  const { starts, ends, count } = sorted;
  const repeats = new Set<number>();
  let before = 0;
  for (let place = 1; place < count; place += 1) {
    const isSameTime = starts[place] === starts[before] && ends[place] === ends[before];
    if (starts[place]! >= ends[before]! && !isSameTime) {
      before = place;
      continue;
    }
    const [first, second] = [readingAt(sorted, before), readingAt(sorted, place)];
    if (!isSameTime) throw conflict('intervals overlap', first, second, fileName, zone);
    if (!sameFigure(first, second)) throw conflict('two figures for one time', first, second, fileName, zone);
    repeats.add(place);
  }
  return { readings: withoutPlaces(sorted, repeats), repeats: repeats.size };
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
