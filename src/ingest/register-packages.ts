import { type Decimal, decimalToText, isZeroDecimal, sumDecimals } from '../calc/decimal.ts';
import { showTime } from '../programme/calendar.ts';
import { type DraftSink, toPayload, toQuantity } from './draft.ts';
import type { MeterSeries } from './meter-series.ts';
import { faultInFile, type Provenance } from './reading.ts';
import { lastEnd, readingAt } from './readings.ts';
import { advance, type RegisterPoint, registerPoints } from './register-points.ts';

/**
 * Packages of a register meter: from one reading at the edge of a window to the next such reading, so days without a reading
 * are spanned by one package and are no gap. Readings between the edges are checked and otherwise unused.
 * @throws JoulemarkError USAGE for a register that goes backwards, or advances in a row declared idle.
 */
export function registerPackages(series: MeterSeries, sink: DraftSink): void {
  const { name, zone, now } = series;
  const points = registerPoints(series);
  const first = points[0];
  if (first === undefined) return holdUnread(series, sink);
  const isEdge = ({ at, line }: RegisterPoint): boolean => line === 0 || series.windowAt(at).start === at;
  let opening: RegisterPoint | undefined = isEdge(first) ? first : undefined;
  if (series.register === undefined)
    sink.notes.push(
      `'${name}': counting begins at ${showTime(first.at, zone)}, register ${decimalToText(first.value)}`,
    );
  let advances: Decimal[] = [];
  let passed: RegisterPoint[] = [];
  let before = first;
  for (const point of points.slice(1)) {
    const step = advance(before, point, series);
    refuseIdleAdvance(before, point, step, series);
    advances.push(step);
    passed.push(point);
    before = point;
    if (!isEdge(point)) continue;
    if (opening !== undefined && point.at > now)
      sink.held.push({ meter: name, start: opening.at, because: `it ends at ${showTime(point.at, zone)}` });
    else if (opening !== undefined) draft(opening, passed, advances, series, sink);
    opening = point;
    advances = [];
    passed = [];
  }
  const fileEnd = lastEnd(series.readings);
  const start = opening?.at ?? series.windowAt(first.at).start;
  if (passed.length > 0 || opening === undefined) {
    sink.held.push({
      meter: name,
      start,
      because: `no reading at ${showTime(series.windowAt(before.at).end, zone)}: the file ends at ${showTime(fileEnd, zone)}`,
    });
  } else if (fileEnd > opening.at && before.at === opening.at) {
    sink.held.push({ meter: name, start, because: `no reading after ${showTime(opening.at, zone)}` });
  }
}

function holdUnread({ name, readings, windowAt }: MeterSeries, sink: DraftSink): void {
  sink.held.push({
    meter: name,
    start: windowAt(readingAt(readings, 0).start).start,
    because: 'the file has no reading of its register',
  });
}

function refuseIdleAdvance(
  before: RegisterPoint,
  point: RegisterPoint,
  step: Decimal,
  { definition, fileName }: MeterSeries,
): void {
  if (point.provenance !== 'idle' || isZeroDecimal(step)) return;
  // without a reading at the row's own beginning the advance may be older than the row
  if (point.since < point.at && before.at < point.since) return;
  throw faultInFile(
    `row declared idle, but the register of '${definition.meter}' advanced by ${decimalToText(step)}`,
    { file: fileName, line: point.line },
    {
      expected: decimalToText(before.value),
      value: decimalToText(point.value),
    },
  );
}

function draft(
  opening: RegisterPoint,
  passed: readonly RegisterPoint[],
  advances: readonly Decimal[],
  series: MeterSeries,
  sink: DraftSink,
): void {
  const { definition, name, party, fileName, zone } = series;
  const closing = passed.at(-1)!;
  const quantity = toQuantity(sumDecimals(advances), definition);
  sink.drafts.push({
    meter: name,
    kind: definition.kind,
    start: opening.at,
    end: closing.at,
    payload: toPayload(definition, quantity, provenanceOf(opening, passed), {
      party,
      register: { open: opening.value, close: closing.value },
    }),
    ...(series.keepSeries && passed.length > 1 ? { series: toSeries(opening, passed, advances, series) } : {}),
    place: { file: fileName, line: closing.line },
  });
  if (series.windowAt(closing.at - 1).start > opening.at) {
    sink.notes.push(
      `'${name}': one package from ${showTime(opening.at, zone)} to ${showTime(closing.at, zone)}, between two readings`,
    );
  }
}

/**
 * The quantity rests on the closing reading. Only its own rows count, not the opening: where a file begins must not change
 * what a package says. Idle is a statement for every second: all of the package's rows must make it.
 */
function provenanceOf(opening: RegisterPoint, passed: readonly RegisterPoint[]): Provenance {
  const closing = passed.at(-1)!;
  if (closing.provenance !== 'idle') return closing.provenance;
  let until = opening.at;
  for (const { provenance, since, at } of passed) {
    if (provenance !== 'idle' || (since < at && since > until)) return 'metered';
    until = at;
  }
  return 'idle';
}

function toSeries(
  opening: RegisterPoint,
  passed: readonly RegisterPoint[],
  advances: readonly Decimal[],
  { definition }: MeterSeries,
): readonly { start: number; end: number; quantity: Decimal }[] {
  return passed.map((point, index) => ({
    start: passed[index - 1]?.at ?? opening.at,
    end: point.at,
    quantity: toQuantity(advances[index]!, definition),
  }));
}
