import { type Decimal, sumDecimals } from '../calc/decimal.ts';
import { showTime, type Span } from '../programme/calendar.ts';
import { decimalAt } from './decimal-column.ts';
import { addGap, type DraftSink, type SeriesPoint, toPayload, toQuantity } from './draft.ts';
import type { MeterSeries } from './meter-series.ts';
import { faultInFile, type Provenance, type Reading, weaker } from './reading.ts';
import { lastEnd, provenanceAt, readingAt } from './readings.ts';

/** The package in the making: one window of a meter, and the place of its first reading. */
interface Open {
  readonly window: Span;
  readonly first: number;
}

/**
 * Packages of a meter that gives quantities of intervals. A window becomes a package when its readings cover every second of
 * it; one that the file does not reach to the end is held, one with a hole is a gap (a missing figure is never zero). A
 * reading of several whole windows, a bill for example, is one package.
 * @throws JoulemarkError USAGE for a reading that crosses the edge of a window.
 */
export function intervalPackages(series: MeterSeries, sink: DraftSink): void {
  const { readings } = series;
  const { starts, ends, count } = readings;
  const fileEnd = lastEnd(readings);
  let open: Open | undefined;
  for (let place = 0; place < count; place += 1) {
    if (open === undefined || starts[place]! >= open.window.end) {
      if (open !== undefined) close(open, place, series, fileEnd, sink);
      const window = windowOf(readingAt(readings, place), series);
      if (open !== undefined && open.window.end < window.start)
        addGap(sink.gaps, series.name, open.window.end, window.start);
      open = { window, first: place };
    }
    if (ends[place]! > open.window.end) throw crosses(readingAt(readings, place), open.window, series);
  }
  if (open !== undefined) close(open, count, series, fileEnd, sink);
}

function windowOf(reading: Reading, series: MeterSeries): Span {
  const window = series.windowAt(reading.start);
  if (reading.end <= window.end) return window;
  if (reading.start !== window.start || series.windowAt(reading.end).start !== reading.end)
    throw crosses(reading, window, series);
  return { start: reading.start, end: reading.end };
}

function crosses(reading: Reading, window: Span, { definition, fileName, zone }: MeterSeries): Error {
  return faultInFile(
    `interval ${showTime(reading.start, zone)} to ${showTime(reading.end, zone)} of '${definition.meter}' crosses the edge of its packages at ${showTime(window.end, zone)}`,
    { file: fileName, line: reading.line },
    {
      expected: 'intervals inside one package or of whole packages',
      hints: ['check time.zone, time.day_starts, time.stamp and time.every of the profile'],
    },
  );
}

/** `next`: the place of the first reading behind the window. */
function close({ window, first }: Open, next: number, series: MeterSeries, fileEnd: number, sink: DraftSink): void {
  const { definition, name, party, fileName, zone, now, readings } = series;
  if (window.end > fileEnd || window.end > now) {
    const because =
      window.end > fileEnd ? `the file ends at ${showTime(fileEnd, zone)}` : `it ends at ${showTime(window.end, zone)}`;
    sink.held.push({ meter: name, start: window.start, because });
    return;
  }
  const values: Decimal[] = [];
  let covered = 0;
  let provenance: Provenance = 'idle';
  for (let place = first; place < next; place += 1) {
    const value = decimalAt(readings.values, place);
    if (value === undefined) continue;
    values.push(value);
    covered += readings.ends[place]! - readings.starts[place]!;
    provenance = weaker(provenance, provenanceAt(readings, place));
  }
  if (covered !== window.end - window.start) {
    addGap(sink.gaps, name, window.start, window.end);
    return;
  }
  sink.drafts.push({
    meter: name,
    kind: definition.kind,
    ...window,
    payload: toPayload(definition, toQuantity(sumDecimals(values), definition), provenance, { party }),
    ...(series.keepSeries && values.length > 1 ? { series: pointsOf(series, first, next) } : {}),
    place: { file: fileName, line: readings.lines[first]! },
  });
}

function pointsOf({ readings, definition }: MeterSeries, first: number, next: number): readonly SeriesPoint[] {
  const points: SeriesPoint[] = [];
  for (let place = first; place < next; place += 1) {
    const { start, end, value } = readingAt(readings, place);
    if (value !== undefined) points.push({ start, end, quantity: toQuantity(value, definition) });
  }
  return points;
}
