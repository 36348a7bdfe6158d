import { compareDecimal, type Decimal, decimal, decimalToText } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { BoundaryMeter } from './boundary.ts';
import { showTime } from './calendar.ts';
import type { MeterEventContent } from './entries.ts';
import { registerState, retiredAt } from './meter-situation.ts';
import { lastOwnPackage, type OwnChain } from './own-packages.ts';

const same = (a: Decimal | undefined, b: Decimal | undefined): boolean =>
  a === undefined || b === undefined ? a === b : compareDecimal(a, b) === 0;

/** True when two events say the same of a meter. */
export function isSameEvent(a: MeterEventContent, b: MeterEventContent): boolean {
  return (
    a.meter === b.meter &&
    a.event === b.event &&
    a.at === b.at &&
    a.serial === b.serial &&
    a.reason === b.reason &&
    same(a.old, b.old) &&
    same(a.new, b.new)
  );
}

/**
 * The place in `events` of one that says the same, -1 where there is none. `timed`: the caller named the time; where not, only the newest
 * event about the meter's service can be the same.
 */
export function indexOfSame(events: readonly MeterEventContent[], event: MeterEventContent, timed: boolean): number {
  if (timed) return events.findLastIndex((earlier) => isSameEvent(earlier, event));
  const newest = events.findLastIndex(
    (earlier) => earlier.meter === event.meter && (earlier.event === 'enroll' || earlier.event === 'retire'),
  );
  const earlier = events[newest];
  return earlier !== undefined && isSameEvent({ ...earlier, at: event.at }, event) ? newest : -1;
}

/** @throws JoulemarkError USAGE for a time to come: an event has happened. */
export function assertPast(at: number, now: number, zone: string): void {
  if (at > now)
    throw new JoulemarkError('USAGE', `${showTime(at, zone)} is still to come, expected a time that is past`);
}

/** @throws JoulemarkError USAGE for a reading that the register of the meter cannot show. */
export function assertReading(meter: BoundaryMeter, reading: Decimal, option: string): void {
  if (meter.reads !== 'register') {
    throw new JoulemarkError(
      'USAGE',
      `'${meter.name}' has no register: the boundary declares that it reads ${meter.reads}, expected no '${option}'`,
    );
  }
  if (reading.mantissa < 0n)
    throw new JoulemarkError('USAGE', `'${option}' is ${decimalToText(reading)}, expected 0 or more`);
  if (meter.digits !== undefined && compareDecimal(reading, decimal(1n, meter.digits)) >= 0) {
    throw new JoulemarkError(
      'USAGE',
      `'${option}' is ${decimalToText(reading)}, beyond the ${meter.digits} digits of '${meter.name}'`,
    );
  }
}

/**
 * What the chain already says against an exchange or rollover: an event in the midst of a package that was made without it would make
 * that package wrong.
 * @throws JoulemarkError USAGE.
 */
export function assertExchange(meter: BoundaryMeter, event: MeterEventContent, own: OwnChain, zone: string): void {
  const last = lastOwnPackage(own.packages, meter.name, meter.kind);
  if (last !== undefined && event.at < last.end) {
    throw new JoulemarkError(
      'USAGE',
      `'${meter.name}' has packages up to ${showTime(last.end, zone)}, and the ${event.event} at ${showTime(event.at, zone)} is before that`,
      {
        hints: [`if those packages are wrong: joulemark meter correct ${meter.name} ... --because meter_error`],
      },
    );
  }
  const stood = registerState(meter.name, meter.kind, own);
  if (
    stood !== undefined &&
    event.event === 'exchange' &&
    event.old !== undefined &&
    compareDecimal(event.old, stood.close) < 0
  ) {
    throw new JoulemarkError(
      'USAGE',
      `the old reading is ${decimalToText(event.old)}, but the register stood at ${decimalToText(stood.close)} at ${showTime(stood.end, zone)}: expected that or more`,
      {
        hints: [
          `if the register began again at zero before: joulemark meter exchange ${meter.name} --event rollover --at <time>`,
        ],
      },
    );
  }
  if (event.event === 'rollover' && meter.digits === undefined) {
    throw new JoulemarkError(
      'USAGE',
      `a rollover of '${meter.name}' cannot be counted: the boundary does not say how many digits it has`,
      { hints: ['add digits to the meter: joulemark boundary set boundary.yaml'] },
    );
  }
}

/** @throws JoulemarkError USAGE where packages of the meter end after it went out of service. */
export function assertRetirement(meter: BoundaryMeter, at: number, own: OwnChain, zone: string): void {
  const last = lastOwnPackage(own.packages, meter.name, meter.kind);
  if (last !== undefined && last.end > at) {
    throw new JoulemarkError(
      'USAGE',
      `'${meter.name}' has packages up to ${showTime(last.end, zone)}, after ${showTime(at, zone)}`,
      { hints: [`joulemark meter retire ${meter.name} --at "${showTime(last.end, zone)}"`] },
    );
  }
  const retired = retiredAt(own, meter.name);
  if (retired !== undefined && retired !== at)
    throw new JoulemarkError('USAGE', `'${meter.name}' was retired at ${showTime(retired, zone)} already`);
}
