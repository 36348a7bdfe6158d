import { assertInvariant } from '../errors.ts';
import { decimal, decimalToText, powerOfTen } from './decimal.ts';
import type { Rational } from './ratio.ts';

/** The largest whole r with r^2 <= n, n >= 0: Newton's method from above. */
export function wholeRoot(n: bigint): bigint {
  assertInvariant(n >= 0n, 'root of a number that is not negative');
  if (n < 2n) return n;
  let root = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * Square root of `value` >= 0, rounded half-even to `digits` significant digits; trailing zeros dropped. For display only:
 * comparisons are made in squares. This is the one place where a root is taken.
 */
export function rootText(value: Rational, digits: number): string {
  if (value.n === 0n) return '0';
  // Leading place of the value, then of its root, right or one too high: one spare digit makes up for it below.
  const lead = value.n.toString().length - value.d.toString().length;
  let places = digits - (lead >> 1);
  let rounded = roundedRoot(value, places);
  while (rounded >= powerOfTen(digits)) {
    places -= 1;
    rounded = roundedRoot(value, places);
  }
  return decimalToText(decimal(rounded, -places));
}

/** sqrt(value) x 10^places to the nearest whole, ties to even: floor of the root, then 4n against (2r + 1)^2 d. */
function roundedRoot(value: Rational, places: number): bigint {
  const n = places >= 0 ? value.n * powerOfTen(2 * places) : value.n;
  const d = places >= 0 ? value.d : value.d * powerOfTen(-2 * places);
  const floor = wholeRoot(n / d);
  const left = 4n * n;
  const middle = (2n * floor + 1n) * (2n * floor + 1n) * d;
  if (left > middle || (left === middle && floor % 2n === 1n)) return floor + 1n;
  return floor;
}
