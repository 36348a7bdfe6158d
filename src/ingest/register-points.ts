import {
  addDecimal,
  compareDecimal,
  type Decimal,
  decimal,
  decimalToText,
  subtractDecimal,
  ZERO_DECIMAL,
} from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { showTime } from '../programme/calendar.ts';
import type { MeterSeries } from './meter-series.ts';
import { faultInFile, type Provenance } from './reading.ts';
import { eachReading } from './readings.ts';

/** A register as it stood at an instant. `line` 0: known from the ledger. */
export interface RegisterPoint {
  readonly at: number;
  readonly value: Decimal;
  readonly provenance: Provenance;
  /** The row's own interval began here; the same as `at` for a reading. */
  readonly since: number;
  readonly line: number;
}

/**
 * The points of a register in order of time: closing readings, stated openings, the close of the last package on the ledger,
 * and for idle rows without a figure the reading before them, unchanged.
 * @throws JoulemarkError USAGE where two figures stand for one instant.
 */
export function registerPoints(series: MeterSeries): readonly RegisterPoint[] {
  const points: RegisterPoint[] = [];
  const { register, readings } = series;
  let fileEnd = -1;
  for (const { end, value, provenance } of eachReading(readings))
    if (value !== undefined || provenance === 'idle') fileEnd = Math.max(fileEnd, end);
  let fromLedger = register !== undefined && register.end <= fileEnd ? register : undefined;
  const push = (point: RegisterPoint): void => {
    if (fromLedger !== undefined && fromLedger.end <= point.at) {
      const { end, close } = fromLedger;
      fromLedger = undefined;
      push({ at: end, value: close, provenance: 'metered', since: end, line: 0 });
    }
    const before = points.at(-1);
    if (before === undefined || before.at !== point.at) points.push(point);
    else if (compareDecimal(before.value, point.value) !== 0) throw twoFigures(before, point, series);
    else if (before.line === 0) points[points.length - 1] = point;
  };
  for (const { start, end, value, open, provenance, line } of eachReading(readings)) {
    if (open !== undefined) push({ at: start, value: open, provenance, since: start, line });
    if (value !== undefined) push({ at: end, value, provenance, since: start, line });
    else if (provenance === 'idle') {
      if (fromLedger !== undefined && fromLedger.end <= start)
        push({ at: fromLedger.end, value: fromLedger.close, provenance: 'metered', since: fromLedger.end, line: 0 });
      const before = points.at(-1);
      if (before !== undefined && before.at === start)
        push({ at: end, value: before.value, provenance, since: start, line });
    }
  }
  return points;
}

function twoFigures(
  before: RegisterPoint,
  point: RegisterPoint,
  { definition, fileName, zone }: MeterSeries,
): JoulemarkError {
  const { meter } = definition;
  const when = showTime(point.at, zone);
  const [first, second] = [decimalToText(before.value), decimalToText(point.value)];
  if (before.line > 0) {
    return faultInFile(
      `two figures for one time: register of '${meter}' at ${when} is ${first} in line ${before.line} and ${second} in line ${point.line}`,
      { file: fileName, line: point.line },
      { value: second },
    );
  }
  return faultInFile(
    `register of '${meter}' at ${when} is ${second}`,
    { file: fileName, line: point.line },
    {
      expected: `${first} where its last package on the ledger closed`,
      value: second,
      hints: [
        `if the meter was exchanged: joulemark meter exchange ${meter} --at "${when}" --old ${first} --new ${second}`,
        `if the ledger is wrong: joulemark meter correct ${meter} ... --because "..."`,
      ],
    },
  );
}

/**
 * How far a register advanced from one point to the next, in its own unit, through the exchanges and rollovers that the
 * ledger records between them.
 * @throws JoulemarkError USAGE for a register that goes backwards without such an event.
 */
export function advance(from: RegisterPoint, to: RegisterPoint, series: MeterSeries): Decimal {
  let total = ZERO_DECIMAL;
  let current = from.value;
  let mayRollOver = false;
  const step = (next: Decimal): void => {
    if (compareDecimal(next, current) >= 0) total = addDecimal(total, subtractDecimal(next, current));
    else if (mayRollOver)
      total = addDecimal(total, subtractDecimal(addDecimal(decimal(1n, digitsOf(series)), next), current));
    else throw backwards(from, to, series);
    current = next;
  };
  for (const event of series.events) {
    if (event.at <= from.at || event.at > to.at) continue;
    if (event.event === 'rollover') {
      mayRollOver = true;
      continue;
    }
    step(event.old);
    current = event.new;
    mayRollOver = false;
  }
  step(to.value);
  return total;
}

function digitsOf({ definition }: MeterSeries): number {
  if (definition.digits !== undefined) return definition.digits;
  throw new JoulemarkError(
    'USAGE',
    `rollover of '${definition.meter}' cannot be counted: its number of digits is not enrolled`,
    {
      hints: [`add digits to the meter in the boundary: joulemark boundary set`],
      details: { meter: definition.meter },
    },
  );
}

function backwards(
  from: RegisterPoint,
  to: RegisterPoint,
  { definition, fileName, zone }: MeterSeries,
): JoulemarkError {
  const [old, next] = [decimalToText(from.value), decimalToText(to.value)];
  const where = from.line === 0 ? 'the ledger' : `line ${from.line}`;
  return faultInFile(
    `register of '${definition.meter}' goes backwards from ${old} (${where}, ${showTime(from.at, zone)}) to ${next} (${showTime(to.at, zone)})`,
    { file: fileName, line: to.line },
    {
      expected: `${old} or more`,
      value: next,
      hints: [
        `if the meter was exchanged: joulemark meter exchange ${definition.meter} --old <its last reading> --new <the first reading> --at <time>`,
        `if the register began again at zero: joulemark meter exchange ${definition.meter} --event rollover --at <time>`,
      ],
    },
  );
}
