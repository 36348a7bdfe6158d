import { mantissaAt } from './decimal.ts';
import type { FlagRules, Reading, Window } from './evaluation-input.ts';
import type { Rational } from './ratio.ts';

/** What looks odd in a meter's readings: counted and printed, never dropped (calculation rule 8). */
export interface Flags {
  /** Intervals in runs of the same quantity, other than zero, at least as long as the policy's. */
  readonly repeated: number;
  /** Intervals outside [Q1 - k IQR, Q3 + k IQR] of the nominal-length intervals. */
  readonly jumps: number;
}

const LEAST_INT64 = -(2n ** 63n);
const MOST_INT64 = 2n ** 63n - 1n;

/** Ascending. Typed where the values fit: a million took 0.08 s against 0.29 s and more with a comparator. */
function ascending(values: readonly bigint[]): readonly bigint[] | BigInt64Array {
  if (values.every((value) => value >= LEAST_INT64 && value <= MOST_INT64)) return BigInt64Array.from(values).sort();
  return values.toSorted((a, b) => {
    if (a === b) return 0;
    return a < b ? -1 : 1;
  });
}

/** Four times the quartile `which` (1 or 3), linear between neighbours: exact, no division. */
function fourfoldQuartile(sorted: readonly bigint[] | BigInt64Array, which: 1 | 3): bigint {
  const place = (sorted.length - 1) * which;
  const below = (place - (place % 4)) / 4;
  const part = BigInt(place % 4);
  const low = sorted[below]!;
  const high = sorted[below + 1] ?? low;
  return 4n * low + part * (high - low);
}

function countJumps(values: readonly bigint[], factor: Rational): number {
  // Quartiles of a handful of values say nothing.
  if (values.length < 8) return 0;
  const sorted = ascending(values);
  const first = fourfoldQuartile(sorted, 1);
  const third = fourfoldQuartile(sorted, 3);
  const margin = factor.n * (third - first);
  const low = first * factor.d - margin;
  const high = third * factor.d + margin;
  return values.filter((value) => 4n * value * factor.d < low || 4n * value * factor.d > high).length;
}

function countRepeated(readings: readonly Reading[], least: number): number {
  let repeated = 0;
  let run = 0;
  for (const [index, { quantity }] of readings.entries()) {
    const before = readings[index - 1]?.quantity;
    const same =
      before !== undefined &&
      quantity.mantissa !== 0n &&
      before.mantissa === quantity.mantissa &&
      before.exponent === quantity.exponent;
    run = same ? run + 1 : 1;
    if (run === least) repeated += least;
    else if (run > least) repeated += 1;
  }
  return repeated;
}

/** Looks at a meter's measured readings inside `window`; declared idle and estimated ones are left out. `interval` in seconds. */
export function flagReadings(readings: readonly Reading[], window: Window, interval: number, rules: FlagRules): Flags {
  const measured = readings
    .filter(
      (one) =>
        one.start >= window.start &&
        one.end <= window.end &&
        (one.provenance === 'metered' || one.provenance === 'manual'),
    )
    .toSorted((a, b) => a.start - b.start);
  const nominal = measured.filter((one) => one.end - one.start === interval);
  const exponent = nominal.reduce((least, { quantity }) => (quantity.exponent < least ? quantity.exponent : least), 0);
  const values = nominal.map(({ quantity }) => mantissaAt(quantity, exponent));
  return {
    repeated: rules.repeated < 2 ? 0 : countRepeated(measured, rules.repeated),
    jumps: countJumps(values, rules.jumpIqr),
  };
}
