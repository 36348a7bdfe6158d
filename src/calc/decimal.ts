import { JoulemarkError } from '../errors.ts';

/**
 * An exact decimal number, mantissa x 10^exponent, in normal form: no trailing zero in the mantissa, zero is 0 x 10^0.
 * One value has one representation, so a decimal on the ledger has one encoding (spec section 3).
 */
export interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Digits a decimal written as text may have, sign and point not counted: bounds the cost of parsing untrusted text. */
const MOST_DIGITS = 400;

const PLAIN = /^-?[0-9]+(?:\.[0-9]+)?$/;

export const ZERO_DECIMAL: Decimal = { mantissa: 0n, exponent: 0 };

const POWERS: bigint[] = [1n];

/** 10^k for a whole k >= 0. */
export function powerOfTen(k: number): bigint {
  if (k > 1024) return 10n ** BigInt(k);
  for (let have = POWERS.length; have <= k; have += 1) POWERS.push(POWERS[have - 1]! * 10n);
  return POWERS[k]!;
}

/** mantissa x 10^exponent in normal form. */
export function decimal(mantissa: bigint, exponent: number): Decimal {
  if (mantissa === 0n) return ZERO_DECIMAL;
  let reduced = mantissa;
  let power = exponent;
  while (reduced % 10n === 0n) {
    reduced /= 10n;
    power += 1;
  }
  return { mantissa: reduced, exponent: power };
}

/**
 * Reads `-?digits[.digits]` and nothing else: no exponent, no grouping, no leading plus, no NaN.
 * Throws USAGE, naming the text.
 */
export function parseDecimal(text: string): Decimal {
  if (text.length > MOST_DIGITS + 2) {
    throw new JoulemarkError(
      'USAGE',
      `number too long: '${text.slice(0, 20)}...' has ${text.length} characters, at most ${MOST_DIGITS} digits are read`,
    );
  }
  if (!PLAIN.test(text)) {
    throw new JoulemarkError('USAGE', `not a plain decimal number: '${text}'`, {
      hints: ['write digits with at most one point, as in 1234.5; no exponent and no thousands separator'],
    });
  }
  const point = text.indexOf('.');
  if (point < 0) return decimal(BigInt(text), 0);
  return decimal(BigInt(text.slice(0, point) + text.slice(point + 1)), point + 1 - text.length);
}

/** Plain notation with every digit; `parseDecimal` reads it back. */
export function decimalToText(value: Decimal): string {
  const sign = value.mantissa < 0n ? '-' : '';
  const digits = (value.mantissa < 0n ? -value.mantissa : value.mantissa).toString();
  if (value.exponent >= 0) return sign + digits + '0'.repeat(value.exponent);
  const places = -value.exponent;
  const padded = digits.padStart(places + 1, '0');
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

/** The mantissa of `value` written at `exponent`, which must not be greater than the value's own. */
export function mantissaAt(value: Decimal, exponent: number): bigint {
  return value.mantissa * powerOfTen(value.exponent - exponent);
}

function lower(a: Decimal, b: Decimal): number {
  return a.exponent < b.exponent ? a.exponent : b.exponent;
}

export function addDecimal(a: Decimal, b: Decimal): Decimal {
  const exponent = lower(a, b);
  return decimal(mantissaAt(a, exponent) + mantissaAt(b, exponent), exponent);
}

export function subtractDecimal(a: Decimal, b: Decimal): Decimal {
  const exponent = lower(a, b);
  return decimal(mantissaAt(a, exponent) - mantissaAt(b, exponent), exponent);
}

export function multiplyDecimal(a: Decimal, b: Decimal): Decimal {
  return decimal(a.mantissa * b.mantissa, a.exponent + b.exponent);
}

export function negateDecimal(value: Decimal): Decimal {
  return value.mantissa === 0n ? value : { mantissa: -value.mantissa, exponent: value.exponent };
}

/** -1, 0 or 1 as a is below, equal to or above b. */
export function compareDecimal(a: Decimal, b: Decimal): -1 | 0 | 1 {
  const exponent = lower(a, b);
  const left = mantissaAt(a, exponent);
  const right = mantissaAt(b, exponent);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function isZeroDecimal(value: Decimal): boolean {
  return value.mantissa === 0n;
}

/** The exact sum, in one pass at a running common exponent: normalised once, whatever the length. */
export function sumDecimals(values: Iterable<Decimal>): Decimal {
  let total = 0n;
  let exponent = 0;
  for (const value of values) {
    if (value.exponent < exponent) {
      total *= powerOfTen(exponent - value.exponent);
      exponent = value.exponent;
    }
    total += value.exponent === exponent ? value.mantissa : mantissaAt(value, exponent);
  }
  return decimal(total, exponent);
}
