import { multiplyRatio, type Rational, ratio } from '../calc/ratio.ts';
import { groupThousands, roundPlaces, roundSignificant } from '../calc/rounding.ts';

export interface Figure {
  /** n/d in lowest terms. */
  readonly exact: string;
  readonly displayed: string;
}

const HUNDRED = ratio(100n, 1n);

const exact = (value: Rational): string => `${value.n}/${value.d}`;

/** To `digits` significant digits, thousands grouped. */
export const significant = (value: Rational | null, digits = 9): Figure | null =>
  value === null ? null : { exact: exact(value), displayed: groupThousands(roundSignificant(value, digits)) };

/** A share as a percentage with `places` digits after the point. */
export const percent = (value: Rational | null | undefined, places = 3): Figure | null =>
  value === null || value === undefined
    ? null
    : { exact: exact(multiplyRatio(value, HUNDRED)), displayed: roundPlaces(multiplyRatio(value, HUNDRED), places) };

/** To three digits after the point, thousands grouped. */
export const amount = (value: Rational | null | undefined): Figure | null =>
  value === null || value === undefined
    ? null
    : { exact: exact(value), displayed: groupThousands(roundPlaces(value, 3)) };
