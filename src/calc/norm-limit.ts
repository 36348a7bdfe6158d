import { compareRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';

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
