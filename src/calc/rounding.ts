import { assertInvariant } from '../errors.ts';
import { decimal, decimalToText, powerOfTen } from './decimal.ts';
import type { Rational } from './ratio.ts';

/** The whole number nearest to n / d, d > 0; a tie goes to the even neighbour (half-even, as IEEE 754 and GB/T 8170). */
export function roundHalfEven(n: bigint, d: bigint): bigint {
  assertInvariant(d > 0n, 'rounding needs a positive denominator');
  const size = n < 0n ? -n : n;
  const floor = size / d;
  const twice = (size % d) * 2n;
  const up = twice > d || (twice === d && floor % 2n === 1n);
  const rounded = up ? floor + 1n : floor;
  return n < 0n ? -rounded : rounded;
}

/** mantissa x 10^-places with exactly `places` digits after the point (trailing zeros kept); never "-0". */
function fixedText(mantissa: bigint, places: number): string {
  const text = decimalToText({ mantissa, exponent: places === 0 ? 0 : -places });
  return mantissa === 0n && places > 0 ? `0.${'0'.repeat(places)}` : text;
}

/** `value` rounded half-even to exactly `places` >= 0 digits after the point. For display only: never compared. */
export function roundPlaces(value: Rational, places: number): string {
  return fixedText(roundHalfEven(value.n * powerOfTen(places), value.d), places);
}

/**
 * `value` rounded half-even to `digits` >= 1 significant digits, in plain notation, trailing zeros kept
 * ("1.34745069693", "11.5300" for six digits of 11.53). Zero is "0". For display only: never compared.
 */
export function roundSignificant(value: Rational, digits: number): string {
  assertInvariant(digits >= 1, 'at least one significant digit');
  if (value.n === 0n) return '0';
  const size = value.n < 0n ? -value.n : value.n;
  // The first guess of the leading digit's place is right or one too high.
  let lead = size.toString().length - value.d.toString().length;
  const reaches = lead >= 0 ? size >= value.d * powerOfTen(lead) : size * powerOfTen(-lead) >= value.d;
  if (!reaches) lead -= 1;
  let places = digits - 1 - lead;
  let rounded = scaledRound(value, places);
  if ((rounded < 0n ? -rounded : rounded) >= powerOfTen(digits)) {
    places -= 1; // 9.99 carried into 10.0
    rounded = scaledRound(value, places);
  }
  if (places > 0) return fixedText(rounded, places);
  return decimalToText(decimal(rounded, -places));
}

function scaledRound(value: Rational, places: number): bigint {
  if (places >= 0) return roundHalfEven(value.n * powerOfTen(places), value.d);
  return roundHalfEven(value.n, value.d * powerOfTen(-places));
}

/** Every digit of `value`: a plain decimal where it ends, else "n/d" in lowest terms. `ratioOfText` reads it back. */
export function exactText(value: Rational): string {
  let places = 0;
  let rest = value.d;
  while (rest % 10n === 0n) {
    rest /= 10n;
    places += 1;
  }
  for (const prime of [2n, 5n]) {
    while (rest % prime === 0n) {
      rest /= prime;
      places += 1;
    }
  }
  if (rest !== 1n) return `${value.n}/${value.d}`;
  return decimalToText(decimal((value.n * powerOfTen(places)) / value.d, -places));
}

/** Commas between groups of three in the whole part of a plain number: "92006.746" is "92,006.746". */
export function groupThousands(text: string): string {
  const sign = text.startsWith('-') ? '-' : '';
  const point = text.indexOf('.');
  const whole = text.slice(sign.length, point < 0 ? text.length : point);
  const grouped = whole.replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return sign + grouped + (point < 0 ? '' : text.slice(point));
}
