import { assertInvariant } from '../errors.ts';
import { BITS, floatPower, floatProduct, floatQuotient, floatRoot, floatToRatio } from './big-float.ts';
import type { BigFloat } from './big-float.ts';
import { compareRatio, ONE, ratio, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** Below it, one minus the other tail would have lost too many digits. */
const SMALL: Rational = ratio(1n, 10n ** 30n);

/**
 * The regularised incomplete beta function I_x(a, b) for a = `twiceA` / 2 and b = `twiceB` / 2, to more than 40 significant
 * digits (DLMF 8.17.8): x^a (1 - x)^b / (a B(a, b)) times a series of positive terms. The tails of Student's t and of F are values of it.
 */
export function incompleteBeta(x: Rational, twiceA: number, twiceB: number): Rational {
  assertInvariant(twiceA >= 1 && twiceB >= 1, 'parameters of the beta function are above zero');
  if (x.n <= 0n) return ZERO;
  if (compareRatio(x, ONE) >= 0) return ONE;
  // the series takes the fewer terms the smaller its argument
  if (2n * x.n <= x.d) return lowerTail(x, twiceA, twiceB);
  const upper = subtractRatio(ONE, lowerTail(subtractRatio(ONE, x), twiceB, twiceA));
  return compareRatio(upper, SMALL) > 0 ? upper : lowerTail(x, twiceA, twiceB);
}

function lowerTail(x: Rational, twiceA: number, twiceB: number): Rational {
  const power = floatPower(floatQuotient(x.n, x.d), twiceA);
  const rest = floatPower(floatQuotient(x.d - x.n, x.d), twiceB);
  const front = floatProduct(floatRoot(floatProduct(power, rest)), inverseBeta(twiceA, twiceB));
  const series = floatQuotient(2n * seriesSum(x, twiceA, twiceB), BigInt(twiceA) << BigInt(BITS));
  return floatToRatio(floatProduct(front, series));
}

/** sum over k of the product of (a + b + j) / (a + 1 + j) x for j < k, in units of 2^-BITS. */
function seriesSum(x: Rational, twiceA: number, twiceB: number): bigint {
  const bits = BigInt(BITS);
  const argument = (x.n << bits) / x.d;
  const a = BigInt(twiceA);
  const both = a + BigInt(twiceB);
  let term = 1n << bits;
  let sum = term;
  for (let k = 0n; term > 0n; k += 2n) {
    term = (term * argument * (both + k)) / ((a + 2n + k) << bits);
    sum += term;
  }
  return sum;
}

/** 1 / B(a, b) = gamma(a + b) / (gamma(a) gamma(b)); of whole and half numbers it is rational, or that divided by pi. */
function inverseBeta(twiceA: number, twiceB: number): BigFloat {
  const a = gamma(twiceA);
  const b = gamma(twiceB);
  const both = gamma(twiceA + twiceB);
  const quotient = floatQuotient(both.n * a.d * b.d, both.d * a.n * b.n);
  if (twiceA % 2 === 0 || twiceB % 2 === 0) return quotient;
  return floatProduct(quotient, floatQuotient(1n << BigInt(PI_BITS), pi()));
}

/** gamma(twice / 2), for half numbers without its factor, the root of pi. */
function gamma(twice: number): { readonly n: bigint; readonly d: bigint } {
  const half = twice >> 1;
  if (twice % 2 === 0) return { n: factorial(half - 1), d: 1n };
  return { n: factorial(2 * half), d: factorial(half) << BigInt(2 * half) };
}

function factorial(n: number): bigint {
  let product = 1n;
  for (let k = 2n; k <= BigInt(n); k += 1n) product *= k;
  return product;
}

const PI_BITS = BITS + 32;

/** pi x 2^PI_BITS = 16 arctan(1/5) - 4 arctan(1/239) (Machin). */
function pi(): bigint {
  return 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);
}

function arctanOfInverse(k: bigint): bigint {
  let power = (1n << BigInt(PI_BITS)) / k;
  let sum = 0n;
  for (let odd = 1n; power !== 0n; odd += 2n) {
    sum += power / odd;
    power = -power / (k * k);
  }
  return sum;
}
