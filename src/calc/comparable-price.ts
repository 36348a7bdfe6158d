import { JoulemarkError } from '../errors.ts';
import { compareRatio, divideRatio, multiplyRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/**
 * Output value at the baseline's prices: current value / (index now / index of the baseline). Both indexes on one base.
 * `null` for a missing index: the product is then incomplete, never taken at current prices (calculation section 3).
 * Throws USAGE for an index that is not positive.
 */
export function comparableValue(
  current: Rational,
  index: Rational | undefined,
  baselineIndex: Rational | undefined,
): Rational | null {
  if (index === undefined || baselineIndex === undefined) return null;
  if (compareRatio(index, ZERO) <= 0 || compareRatio(baselineIndex, ZERO) <= 0) {
    throw new JoulemarkError('USAGE', 'price index is not positive');
  }
  return divideRatio(multiplyRatio(current, baselineIndex), index);
}
