import { JoulemarkError } from '../errors.ts';
import { mantissaAt, powerOfTen } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { DataRules, MeterInput, Provenance, Reading, Window } from './evaluation-input.ts';
import { addRatio, ceilFinest, floorFinest, multiplyRatio, ratio, ratioOfDecimal, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** What one meter's readings say about one window. */
export interface ReadingTotals {
  /** Sum of what was counted, in the meter's unit; nothing filled. Parts of prorated readings are rounded down to 10^-18. */
  readonly measured: Rational;
  /** The same with those parts rounded up; equal to `measured` where nothing is prorated. */
  readonly measuredHigh: Rational;
  /** Readings that were counted. */
  readonly counted: number;
  /** Merged, sorted. */
  readonly covered: readonly Window[];
  /** Merged stretches declared idle. */
  readonly idle: readonly Window[];
  readonly seconds: Readonly<Record<Provenance, number>>;
  /** Meter units in a second of the interval with most; null without readings. */
  readonly highestRate: Rational | null;
  /** Readings that overlap an earlier one; not counted. */
  readonly conflicts: number;
  /** Readings across an edge of the window where the policy refuses them; not counted. */
  readonly straddling: number;
  /** Readings below zero; counted, and for the caller to judge. */
  readonly negative: number;
  /** Readings declared idle with a quantity other than zero. */
  readonly idleWithQuantity: number;
}

type Straddling = DataRules['straddling'];

interface Rate {
  readonly quantity: Decimal;
  readonly seconds: number;
}

/** -1, 0, 1 as a is slower than, as fast as or faster than b: by cross-multiplication. */
function compareRate(a: Rate, b: Rate): number {
  let left = a.quantity.mantissa;
  let right = b.quantity.mantissa;
  if (a.quantity.exponent > b.quantity.exponent) left = mantissaAt(a.quantity, b.quantity.exponent);
  else if (b.quantity.exponent > a.quantity.exponent) right = mantissaAt(b.quantity, a.quantity.exponent);
  if (a.seconds !== b.seconds) {
    left *= BigInt(b.seconds);
    right *= BigInt(a.seconds);
  }
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function rateValue(rate: Rate | null): Rational | null {
  return rate === null ? null : multiplyRatio(ratioOfDecimal(rate.quantity), ratio(1n, BigInt(rate.seconds)));
}

function inOrder(readings: readonly Reading[]): readonly Reading[] {
  for (let i = 1; i < readings.length; i += 1) {
    if (readings[i]!.start < readings[i - 1]!.start)
      return readings.toSorted((a, b) => a.start - b.start || a.end - b.end);
  }
  return readings;
}

function extend(spans: { start: number; end: number }[], start: number, end: number): void {
  const last = spans.at(-1);
  if (last !== undefined && last.end === start) last.end = end;
  else spans.push({ start, end });
}

/** How a reading of a meter across the edge of a window is taken: whoever reads a meter himself can read it at the edge. */
export function straddlingOf({ billed }: Pick<MeterInput, 'billed'>, { straddling }: DataRules): Straddling {
  return billed === true ? straddling : 'refuse';
}

/**
 * Adds up a meter's readings over `window` in one pass, at a running common exponent, so a million readings make one
 * rational. Readings outside the window are passed over. Estimated readings are taken as absent where the policy says so.
 */
export function totalReadings(
  readings: readonly Reading[],
  window: Window,
  { estimatedCountsAs }: Pick<DataRules, 'estimatedCountsAs'>,
  straddles: Straddling,
): ReadingTotals {
  const covered: { start: number; end: number }[] = [];
  const idle: { start: number; end: number }[] = [];
  const seconds = { metered: 0, manual: 0, estimated: 0, idle: 0 };
  let total = 0n;
  let exponent = 0;
  let proratedLow = ZERO;
  let proratedHigh = ZERO;
  let counted = 0;
  let conflicts = 0;
  let straddling = 0;
  let negative = 0;
  let idleWithQuantity = 0;
  let highest: Rate | null = null;
  let reached = window.start;

  for (const reading of inOrder(readings)) {
    const { start, end, quantity, provenance } = reading;
    if (end <= start) throw new JoulemarkError('USAGE', `interval without length: ${start}..${end}`);
    if (end <= window.start || start >= window.end) continue;
    if (provenance === 'estimated' && estimatedCountsAs === 'missing') continue;
    const inside = start >= window.start && end <= window.end;
    if (!inside && straddles === 'refuse') {
      straddling += 1;
      continue;
    }
    const from = start < window.start ? window.start : start;
    const to = end > window.end ? window.end : end;
    if (from < reached) {
      conflicts += 1;
      continue;
    }
    reached = to;
    counted += 1;
    if (quantity.mantissa < 0n) negative += 1;
    if (inside) {
      if (quantity.exponent < exponent) {
        total *= powerOfTen(exponent - quantity.exponent);
        exponent = quantity.exponent;
      }
      total += quantity.exponent === exponent ? quantity.mantissa : mantissaAt(quantity, exponent);
    } else {
      const part = multiplyRatio(ratioOfDecimal(quantity), ratio(BigInt(to - from), BigInt(end - start)));
      proratedLow = addRatio(proratedLow, floorFinest(part));
      proratedHigh = addRatio(proratedHigh, ceilFinest(part));
    }
    const rate = { quantity, seconds: end - start };
    if (highest === null || compareRate(rate, highest) > 0) highest = rate;
    seconds[provenance] += to - from;
    extend(covered, from, to);
    if (provenance === 'idle') {
      extend(idle, from, to);
      if (quantity.mantissa !== 0n) idleWithQuantity += 1;
    }
  }
  const whole = exponent >= 0 ? { n: total, d: 1n } : ratio(total, powerOfTen(-exponent));
  const measured = addRatio(whole, proratedLow);
  const measuredHigh = addRatio(whole, proratedHigh);
  const highestRate = rateValue(highest);
  return {
    measured,
    measuredHigh,
    counted,
    covered,
    idle,
    seconds,
    highestRate,
    conflicts,
    straddling,
    negative,
    idleWithQuantity,
  };
}

/**
 * The count that says how much of a stock there is at `edge`: the last that ends at or before it, not more than the longest gap before; else null.
 * What is below zero is no count, nor what was estimated where that is missing.
 */
export function stockCount(readings: readonly Reading[], edge: number, rules: CountRules): Reading | null {
  let best: Reading | null = null;
  for (const reading of readings) {
    if (reading.end > edge || edge - reading.end > rules.longestGap || !isCount(reading, rules)) continue;
    if (best === null || reading.end > best.end) best = reading;
  }
  return best;
}

type CountRules = Pick<DataRules, 'longestGap' | 'estimatedCountsAs'>;

/** Whether what a stock meter says is a count of it. */
export function isCount(
  { quantity, provenance }: Pick<Reading, 'quantity' | 'provenance'>,
  { estimatedCountsAs }: Pick<CountRules, 'estimatedCountsAs'>,
): boolean {
  return quantity.mantissa >= 0n && (provenance !== 'estimated' || estimatedCountsAs !== 'missing');
}

/** Level of a stock meter at `edge`. */
export function stockLevel(readings: readonly Reading[], edge: number, rules: CountRules): Decimal | null {
  return stockCount(readings, edge, rules)?.quantity ?? null;
}
