/** Exact quantities on the ledger: one value, one encoding (spec section 3). No arithmetic here, only the two shapes. */
import { JoulemarkError } from '../../errors.ts';
import { converted, integer, pair, type Schema, text } from './schema.ts';

/** mantissa x 10^exponent. */
export interface DecimalParts {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** n / d, d > 0. */
export interface RationalParts {
  readonly n: bigint;
  readonly d: bigint;
}

const MOST_EXPONENT = 18;
const MOST_DIGITS = 4096;
const DECIMAL_EXPECTED =
  '[mantissa, exponent] with exponent -18..18, no trailing zero in the mantissa and zero as [0, 0]';
const RATIONAL_EXPECTED = `[text, text], decimal integers in lowest terms, denominator above 0, at most ${MOST_DIGITS} digits each`;

/**
 * `[mantissa, exponent]` on the ledger. Reading refuses every form but the normal one; writing normalises.
 * @throws JoulemarkError USAGE, writing a value whose normal form is out of range.
 */
export const decimal: Schema<DecimalParts> = converted(
  pair(integer, integer),
  DECIMAL_EXPECTED,
  ([mantissa, exponent]) => {
    if (!isNormal(mantissa, exponent)) throw outOfForm(DECIMAL_EXPECTED);
    return { mantissa: BigInt(mantissa), exponent };
  },
  (value) => {
    const { mantissa, exponent } = normal(value);
    // A mantissa beyond 2^53-1 is rounded by Number(), but never to a safe integer.
    if (!isNormal(Number(mantissa), exponent))
      throw new JoulemarkError(
        'USAGE',
        `${value.mantissa}e${value.exponent} has no exact encoding: expected a mantissa within +-(2^53-1) and an exponent -18..18`,
      );
    return [Number(mantissa), exponent] as const;
  },
);

/**
 * `[text, text]` on the ledger. Reading refuses every form but the lowest terms; writing reduces.
 * @throws JoulemarkError USAGE, writing more than 4,096 digits or a denominator of zero or less.
 */
export const rational: Schema<RationalParts> = converted(
  pair(text, text),
  RATIONAL_EXPECTED,
  ([numerator, denominator]) => {
    const n = parseDigits(numerator);
    const d = parseDigits(denominator);
    if (d <= 0n || greatestCommonDivisor(n, d) !== 1n) throw outOfForm(RATIONAL_EXPECTED);
    return { n, d };
  },
  ({ n, d }) => {
    if (d <= 0n) throw outOfForm(RATIONAL_EXPECTED);
    const divisor = greatestCommonDivisor(n, d);
    const terms = [String(n / divisor), String(d / divisor)] as const;
    if (terms.some((term) => digitsOf(term) > MOST_DIGITS)) throw outOfForm(RATIONAL_EXPECTED);
    return terms;
  },
);

function isNormal(mantissa: number, exponent: number): boolean {
  if (!Number.isSafeInteger(mantissa) || Math.abs(exponent) > MOST_EXPONENT) return false;
  return mantissa === 0 ? exponent === 0 : mantissa % 10 !== 0;
}

function normal(value: DecimalParts): DecimalParts {
  let { mantissa, exponent } = value;
  if (mantissa === 0n) return { mantissa, exponent: 0 };
  while (mantissa % 10n === 0n) {
    mantissa /= 10n;
    exponent += 1;
  }
  return { mantissa, exponent };
}

function parseDigits(digits: string): bigint {
  if (!/^(?:0|-?[1-9][0-9]*)$/.test(digits) || digitsOf(digits) > MOST_DIGITS) throw outOfForm(RATIONAL_EXPECTED);
  return BigInt(digits);
}

function digitsOf(written: string): number {
  return written.startsWith('-') ? written.length - 1 : written.length;
}

function greatestCommonDivisor(n: bigint, d: bigint): bigint {
  let a = n < 0n ? -n : n;
  let b = d;
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function outOfForm(expected: string): JoulemarkError {
  return new JoulemarkError('USAGE', `the quantity has another form: expected ${expected}`);
}
