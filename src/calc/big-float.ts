import { wholeRoot } from './root.ts';
import { ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** Bits that a rounded number keeps: 77 decimal digits, of which at most 12 are shown. */
export const BITS = 256;

/** A positive number m x 2^e, cut to `BITS` bits (at most three more): relative error below 2^-250 an operation. */
export interface BigFloat {
  readonly m: bigint;
  readonly e: number;
}

function bitsOf(n: bigint): number {
  return n.toString(16).length * 4;
}

function cut(m: bigint, e: number): BigFloat {
  const over = bitsOf(m) - BITS;
  return over <= 0 ? { m, e } : { m: m >> BigInt(over), e: e + over };
}

/** n / d of whole numbers above zero, which need no common factor taken out. */
export function floatQuotient(n: bigint, d: bigint): BigFloat {
  const shift = BITS + 4 + bitsOf(d) - bitsOf(n);
  return shift >= 0 ? cut((n << BigInt(shift)) / d, -shift) : cut(n / (d << BigInt(-shift)), -shift);
}

export function floatProduct(a: BigFloat, b: BigFloat): BigFloat {
  return cut(a.m * b.m, a.e + b.e);
}

/** a^k, k >= 0 whole. */
export function floatPower(a: BigFloat, k: number): BigFloat {
  let result: BigFloat = { m: 1n, e: 0 };
  let square = a;
  for (let left = k; left > 0; left >>= 1) {
    if (left % 2 === 1) result = floatProduct(result, square);
    if (left > 1) square = floatProduct(square, square);
  }
  return result;
}

export function floatRoot(a: BigFloat): BigFloat {
  let shift = 2 * BITS + 8 - bitsOf(a.m);
  if ((a.e - shift) % 2 !== 0) shift += 1;
  return cut(wholeRoot(a.m << BigInt(shift)), (a.e - shift) / 2);
}

export function floatToRatio({ m, e }: BigFloat): Rational {
  return e >= 0 ? { n: m << BigInt(e), d: 1n } : ratio(m, 1n << BigInt(-e));
}
