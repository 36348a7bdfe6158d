import { type Decimal, sumDecimals } from '../calc/decimal.ts';
import { showTime } from '../programme/calendar.ts';
import { addGap, type DraftSink, toPayload, toQuantity } from './draft.ts';
import type { MeterSeries } from './meter-series.ts';
import { faultInFile, type Provenance, type Reading, weaker } from './reading.ts';
import { eachReading } from './readings.ts';

/**
 * Packages of a meter that shows a level, a stock count for example: the last level read in a window is the level at its end.
 * A window in whose midst the file ends is held, one without a level between others is a gap.
 */
export function levelPackages(series: MeterSeries, sink: DraftSink): void {
  const { definition, name, party, fileName, zone, now } = series;
  const levels = [...eachReading(series.readings)].filter(({ value }) => value !== undefined);
  let lastEnd: number | undefined;
  levels.forEach((level, index) => {
    // a level read at the very edge closes the window before it
    const window = series.windowAt(level.end - 1);
    const next = levels[index + 1];
    if (next !== undefined && next.end <= window.end) return;
    if (window.end > now || (next === undefined && level.end < window.end)) {
      const because =
        window.end > now ? `it ends at ${showTime(window.end, zone)}` : `the file ends at ${showTime(level.end, zone)}`;
      sink.held.push({ meter: name, start: window.start, because });
      return;
    }
    if (lastEnd !== undefined && lastEnd < window.start) addGap(sink.gaps, name, lastEnd, window.start);
    lastEnd = window.end;
    if (level.end !== window.end)
      sink.notes.push(
        `'${name}': level at ${showTime(window.end, zone)} is the one read at ${showTime(level.end, zone)}`,
      );
    const payload = toPayload(definition, toQuantity(level.value!, definition), level.provenance, { party });
    sink.drafts.push({
      meter: name,
      kind: definition.kind,
      ...window,
      payload,
      place: { file: fileName, line: level.line },
    });
  });
}

/** Packages of a laboratory: each row is one, over its own interval; nothing is added up. */
export function lotPackages(series: MeterSeries, sink: DraftSink): void {
  const { definition, name, party, fileName, zone, now } = series;
  for (const { start, end, value, provenance, line } of eachReading(series.readings)) {
    if (value === undefined) continue;
    if (start === end)
      throw faultInFile(
        `'${name}' has no interval`,
        { file: fileName, line },
        { expected: 'rows with a beginning and an end' },
      );
    if (end > now) {
      sink.held.push({ meter: name, start, because: `it ends at ${showTime(end, zone)}` });
      continue;
    }
    sink.drafts.push({
      meter: name,
      kind: definition.kind,
      start,
      end,
      payload: toPayload(definition, toQuantity(value, definition), provenance, { party }),
      place: { file: fileName, line },
    });
  }
}

/**
 * Packages of shipments to one customer: the sum of a window. Several shipments of one day are all counted (two equal lorries
 * are no repeat), days without one are no gap, and a window is finished when the file of this meter, whoever the customer,
 * reaches its end.
 * `fileEnd`: the end of the last row of the meter.
 */
export function shipmentPackages(series: MeterSeries, fileEnd: number, sink: DraftSink): void {
  const { definition, name, party, fileName, zone, now } = series;
  const windows = new Map<
    number,
    { readonly end: number; readonly values: Decimal[]; provenance: Provenance; readonly line: number }
  >();
  for (const reading of eachReading(series.readings)) {
    if (reading.value === undefined) continue;
    const window = series.windowAt(reading.start);
    if (reading.end > window.end) throw crossesMonth(reading, window.end, series);
    const open = windows.get(window.start) ?? {
      end: window.end,
      values: [],
      provenance: 'idle' as Provenance,
      line: reading.line,
    };
    open.values.push(reading.value);
    open.provenance = weaker(open.provenance, reading.provenance);
    windows.set(window.start, open);
  }
  for (const [start, { end, values, provenance, line }] of [...windows].sort(([a], [b]) => a - b)) {
    if (end > fileEnd || end > now) {
      sink.held.push({
        meter: name,
        start,
        because: end > fileEnd ? `the file ends at ${showTime(fileEnd, zone)}` : `it ends at ${showTime(end, zone)}`,
      });
      continue;
    }
    sink.drafts.push({
      meter: name,
      kind: definition.kind,
      start,
      end,
      payload: toPayload(definition, toQuantity(sumDecimals(values), definition), provenance, { party }),
      place: { file: fileName, line },
    });
  }
}

function crossesMonth(reading: Reading, end: number, { name, fileName, zone }: MeterSeries): Error {
  return faultInFile(
    `shipment of '${name}' crosses the edge of its packages at ${showTime(end, zone)}`,
    { file: fileName, line: reading.line },
    { expected: 'a shipment inside one package' },
  );
}
