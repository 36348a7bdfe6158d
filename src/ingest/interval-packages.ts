import { type Decimal, sumDecimals } from '../calc/decimal.ts';
import { showTime, type Span } from '../programme/calendar.ts';
import { addGap, type DraftSink, type SeriesPoint, toPayload, toQuantity } from './draft.ts';
import type { MeterSeries } from './meter-series.ts';
import { faultInFile, type Provenance, type Reading, weaker } from './reading.ts';

/** The package in the making: one window of a meter. */
interface Open {
  readonly window: Span;
  readonly values: Decimal[];
  readonly points: SeriesPoint[];
  covered: number;
  provenance: Provenance;
  readonly line: number;
}

/**
 * Packages of a meter that gives quantities of intervals. A window becomes a package when its readings cover every second of
 * it; one that the file does not reach to the end is held, one with a hole is a gap (a missing figure is never zero). A
 * reading of several whole windows, a bill for example, is one package.
 * @throws JoulemarkError USAGE for a reading that crosses the edge of a window.
 */
export function intervalPackages(series: MeterSeries, sink: DraftSink): void {
  const { readings } = series;
  const fileEnd = readings.reduce((latest, { end }) => Math.max(latest, end), 0);
  let open: Open | undefined;
  for (const reading of readings) {
    if (open === undefined || reading.start >= open.window.end) {
      if (open !== undefined) close(open, series, fileEnd, sink);
      const window = windowOf(reading, series);
      if (open !== undefined && open.window.end < window.start)
        addGap(sink.gaps, series.name, open.window.end, window.start);
      open = { window, values: [], points: [], covered: 0, provenance: 'idle', line: reading.line };
    }
    if (reading.end > open.window.end) throw crosses(reading, open.window, series);
    add(open, reading, series);
  }
  if (open !== undefined) close(open, series, fileEnd, sink);
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

function add(open: Open, reading: Reading, { definition, keepSeries }: MeterSeries): void {
  if (reading.value === undefined) return;
  open.values.push(reading.value);
  open.covered += reading.end - reading.start;
  open.provenance = weaker(open.provenance, reading.provenance);
  if (keepSeries)
    open.points.push({ start: reading.start, end: reading.end, quantity: toQuantity(reading.value, definition) });
}

function close(open: Open, series: MeterSeries, fileEnd: number, sink: DraftSink): void {
  const { definition, name, party, fileName, zone, now } = series;
  const { window } = open;
  if (window.end > fileEnd || window.end > now) {
    const because =
      window.end > fileEnd ? `the file ends at ${showTime(fileEnd, zone)}` : `it ends at ${showTime(window.end, zone)}`;
    sink.held.push({ meter: name, start: window.start, because });
    return;
  }
  if (open.covered !== window.end - window.start) {
    addGap(sink.gaps, name, window.start, window.end);
    return;
  }
  sink.drafts.push({
    meter: name,
    kind: definition.kind,
    ...window,
    payload: toPayload(definition, toQuantity(sumDecimals(open.values), definition), open.provenance, { party }),
    ...(series.keepSeries && open.points.length > 1 ? { series: open.points } : {}),
    place: { file: fileName, line: open.line },
  });
}
