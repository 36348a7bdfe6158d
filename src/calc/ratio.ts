import { JoulemarkError } from '../errors.ts';
import { parseDecimal, powerOfTen } from './decimal.ts';
import type { Decimal } from './decimal.ts';

/** An exact rational number in lowest terms, d > 0: one value, one representation (spec section 3). */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

export const ZERO: Rational = { n: 0n, d: 1n };
export const ONE: Rational = { n: 1n, d: 1n };

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

/** n / d in lowest terms. Throws USAGE when d is zero: nothing in the calculation divides by zero and goes on. */
export function ratio(n: bigint, d: bigint): Rational {
  if (d === 0n) throw new JoulemarkError('USAGE', `division by zero: '${n}/0'`);
  if (n === 0n) return ZERO;
  const divisor = greatestCommonDivisor(n, d);
  return d < 0n ? { n: -n / divisor, d: -d / divisor } : { n: n / divisor, d: d / divisor };
}

export function ratioOfDecimal(value: Decimal): Rational {
  if (value.exponent >= 0) return { n: value.mantissa * powerOfTen(value.exponent), d: 1n };
  return ratio(value.mantissa, powerOfTen(-value.exponent));
}

const FRACTION = /^(-?[0-9]{1,4096})\/([0-9]{1,4096})$/;

/** Reads a plain decimal ("0.9") or a fraction of whole numbers ("60000/11"). Throws USAGE. */
export function ratioOfText(text: string): Rational {
  const parts = FRACTION.exec(text);
  if (parts === null) return ratioOfDecimal(parseDecimal(text));
  return ratio(BigInt(parts[1]!), BigInt(parts[2]!));
}

/** "n/d" in lowest terms, or "n" when whole; `ratioOfText` reads it back. */
export function ratioToText(value: Rational): string {
  return value.d === 1n ? value.n.toString() : `${value.n}/${value.d}`;
}

export function addRatio(a: Rational, b: Rational): Rational {
  if (a.d === b.d) return ratio(a.n + b.n, a.d);
  return ratio(a.n * b.d + b.n * a.d, a.d * b.d);
}

export function subtractRatio(a: Rational, b: Rational): Rational {
  return addRatio(a, negateRatio(b));
}

export function multiplyRatio(a: Rational, b: Rational): Rational {
  return ratio(a.n * b.n, a.d * b.d);
}

/** a / b. Throws USAGE when b is zero. */
export function divideRatio(a: Rational, b: Rational): Rational {
  return ratio(a.n * b.d, a.d * b.n);
}

export function negateRatio(value: Rational): Rational {
  return { n: -value.n, d: value.d };
}

export function absRatio(value: Rational): Rational {
  return value.n < 0n ? negateRatio(value) : value;
}

/** -1, 0 or 1 as a is below, equal to or above b: by cross-multiplication, never after rounding (calculation rule 3). */
export function compareRatio(a: Rational, b: Rational): -1 | 0 | 1 {
  const left = a.n * b.d;
  const right = b.n * a.d;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function sumRatios(values: Iterable<Rational>): Rational {
  let total = ZERO;
  for (const value of values) total = addRatio(total, value);
  return total;
}

/** What a figure is rounded to where exactness would make its denominator grow without end: 10^-18 of its unit. */
const FINEST = 10n ** 18n;

/** The next multiple of 10^-18 at or above: itself for a decimal of up to 18 places. */
export function ceilFinest({ n, d }: Rational): Rational {
  if (FINEST % d === 0n) return { n, d };
  const scaled = n * FINEST;
  const floor = scaled / d;
  return ratio(scaled > 0n && scaled % d !== 0n ? floor + 1n : floor, FINEST);
}

/** The next multiple of 10^-18 at or below. */
export function floorFinest(value: Rational): Rational {
  return negateRatio(ceilFinest(negateRatio(value)));
}

export function minRatio(a: Rational, b: Rational): Rational {
  return compareRatio(a, b) <= 0 ? a : b;
}

export function maxRatio(a: Rational, b: Rational): Rational {
  return compareRatio(a, b) >= 0 ? a : b;
}
