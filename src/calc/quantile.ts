import { assertInvariant } from '../errors.ts';
import { incompleteBeta } from './beta.ts';
import { powerOfTen } from './decimal.ts';
import { addRatio, compareRatio, divideRatio, multiplyRatio, ONE, ratio, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { roundHalfEven } from './rounding.ts';
import { wholeRoot } from './root.ts';

/**
 * The one place where a figure of the calculation is not rational: tails and quantiles of Student's t and of F, and a root that
 * goes on into other figures. Each leaves here rounded half-even to `DIGITS` significant digits, a rational like all others.
 */
const DIGITS = 12;

/** A tail below it is given as zero. */
const LEAST_TAIL: Rational = ratio(1n, 10n ** 100n);

/** `value` to 12 significant digits, half-even. */
function rounded(value: Rational): Rational {
  if (value.n === 0n) return ZERO;
  const size = value.n < 0n ? -value.n : value.n;
  let lead = size.toString().length - value.d.toString().length;
  if (compareRatio({ n: size, d: value.d }, tenTo(lead)) < 0) lead -= 1;
  const unit = tenTo(lead - DIGITS + 1);
  const scaled = divideRatio(value, unit);
  return multiplyRatio({ n: roundHalfEven(scaled.n, scaled.d), d: 1n }, unit);
}

function tenTo(k: number): Rational {
  return k >= 0 ? { n: powerOfTen(k), d: 1n } : { n: 1n, d: powerOfTen(-k) };
}

/** Two-sided tail of Student's t, unrounded: I of df / (df + t^2) at (df/2, 1/2). */
function tTail(tSquared: Rational, degrees: number): Rational {
  const df = ratio(BigInt(degrees), 1n);
  return incompleteBeta(divideRatio(df, addRatio(df, tSquared)), degrees, 1);
}

/** Upper tail of F, unrounded: I of d2 / (d2 + d1 F) at (d2/2, d1/2). */
function fTail(f: Rational, first: number, second: number): Rational {
  const d2 = ratio(BigInt(second), 1n);
  const x = divideRatio(d2, addRatio(d2, multiplyRatio(ratio(BigInt(first), 1n), f)));
  return incompleteBeta(x, second, first);
}

function toProbability(tail: Rational): Rational {
  return compareRatio(tail, LEAST_TAIL) < 0 ? ZERO : rounded(tail);
}

/** p of a t given by its square: the chance of one further from zero. */
export function tProbability(tSquared: Rational, degrees: number): Rational {
  return toProbability(tTail(tSquared, degrees));
}

/** p of an F: the chance of a greater one. */
export function fProbability(f: Rational, first: number, second: number): Rational {
  return toProbability(fTail(f, first, second));
}

/** The t that is exceeded in size with a chance of 1 - `confidence`, 0 < confidence < 1. */
export function tQuantile(confidence: Rational, degrees: number): Rational {
  const tail = subtractRatio(ONE, confidence);
  assertInvariant(tail.n > 0n && confidence.n > 0n, 'a confidence is between 0 and 1');
  return rootOfFalling((t) => compareRatio(tTail(multiplyRatio(t, t), degrees), tail) > 0);
}

/** The F that is exceeded with a chance of `tail`, 0 < tail < 1. */
export function fQuantile(tail: Rational, first: number, second: number): Rational {
  assertInvariant(tail.n > 0n && compareRatio(tail, ONE) < 0, 'a chance is between 0 and 1');
  return rootOfFalling((f) => compareRatio(fTail(f, first, second), tail) > 0);
}

/** Where a falling function of x > 0 crosses, given whether it is still above at an x: 12 significant digits. */
function rootOfFalling(isAbove: (x: Rational) => boolean): Rational {
  let lead = 0;
  while (isAbove(tenTo(lead + 1))) lead += 1;
  while (!isAbove(tenTo(lead))) lead -= 1;
  const unit = tenTo(lead - DIGITS + 1);
  const at = (n: bigint): Rational => multiplyRatio({ n, d: 1n }, unit);
  let low = powerOfTen(DIGITS - 1);
  let high = powerOfTen(DIGITS);
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (isAbove(at(middle))) low = middle;
    else high = middle;
  }
  const half = divideRatio(at(2n * low + 1n), ratio(2n, 1n));
  return isAbove(half) ? at(low + 1n) : at(low);
}

/** Square root of a value that is not negative, rounded half-even to 12 significant digits; an exact one has fewer. */
export function squareRoot(value: Rational): Rational {
  assertInvariant(value.n >= 0n, 'root of a number that is not negative');
  if (value.n === 0n) return ZERO;
  // the root of n d over d, at a place that leaves a floor of more than twelve digits and a sign of what was cut
  const places = BigInt(DIGITS + 4) + BigInt(value.d.toString().length);
  const scale = 10n ** places;
  const square = value.n * value.d * scale * scale;
  const floor = wholeRoot(square);
  const sticky = floor * floor === square ? 0n : 1n;
  return rounded(ratio(2n * floor + sticky, 2n * value.d * scale));
}
