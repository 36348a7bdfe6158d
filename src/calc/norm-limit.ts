import { JoulemarkError } from '../errors.ts';
import type { ProductInput } from './evaluation-input.ts';
import type { NormGrade } from './evaluation.ts';
import { addRatio, compareRatio, divideRatio, multiplyRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { convertQuotient, parseUnitQuotient } from './unit.ts';

/**
 * Grade of a unit consumption against a norm: the smallest g with e <= L_g (GB 16780, GB 21256, GB 29446). A null limit is a
 * grade that the norm does not define for this case; limits may be negative. 0 = above every limit. Exact: 5.0000004 is not
 * 5.0. It is the limit that a norm corrects, never the measurement.
 */
export function gradeOf(intensity: Rational, limits: readonly (Rational | null)[]): number {
  for (const [index, limit] of limits.entries()) {
    if (limit !== null && compareRatio(intensity, limit) <= 0) return index + 1;
  }
  return 0;
}

/** A norm's corrections of its own limits for a case: added first, a grade each, then multiplied, then divided. */
export interface LimitCorrection {
  readonly add?: readonly Rational[];
  readonly times?: Rational;
  readonly over?: Rational;
}

/** (L + add) x times / over, grade by grade. Throws USAGE where `over` is zero. */
export function correctLimits(
  limits: readonly (Rational | null)[],
  { add = [], times, over }: LimitCorrection,
): readonly (Rational | null)[] {
  return limits.map((limit, index) => {
    if (limit === null) return null;
    const summand = add[index];
    const moved = summand === undefined ? limit : addRatio(limit, summand);
    const scaled = times === undefined ? moved : multiplyRatio(moved, times);
    return over === undefined ? scaled : divideRatio(scaled, over);
  });
}

/** Both periods of a product under its norm; null without a norm, or where its unit is of another kind than the verdict's. */
export function gradeProduct(
  { norm, unit }: ProductInput,
  verdictUnit: string,
  baseline: Rational | null,
  reporting: Rational | null,
): NormGrade | null {
  if (norm === undefined) return null;
  const scale = toNormUnit(verdictUnit, unit, norm.unit);
  if (scale === null) return null;
  const grade = (intensity: Rational | null): number | null =>
    intensity === null ? null : gradeOf(multiplyRatio(intensity, scale), norm.limits);
  return { ...norm, baseline: grade(baseline), reporting: grade(reporting) };
}

function toNormUnit(verdictUnit: string, productUnit: string, normUnit: string): Rational | null {
  try {
    return convertQuotient({ numerator: verdictUnit, denominator: productUnit }, parseUnitQuotient(normUnit));
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'USAGE') return null;
    throw error;
  }
}
