import type { PeriodFigures } from './evaluation.ts';
import { divideRatio, sumRatios } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** e = E / M; null when nothing was produced. Sums first, then one division: never a mean of ratios (calculation rule 2). */
export function intensityOf(energy: Rational, quantity: Rational): Rational | null {
  return quantity.n === 0n ? null : divideRatio(energy, quantity);
}

/** A period's three figures. */
export function periodFigures(energy: Rational, quantity: Rational): PeriodFigures {
  return { energy, quantity, intensity: intensityOf(energy, quantity) };
}

/** The intensity of many intervals together: ratio of the sums, start-up days with energy and no product included. */
export function intensityOfIntervals(intervals: readonly { readonly energy: Rational; readonly quantity: Rational }[]): Rational | null {
  return intensityOf(sumRatios(intervals.map((interval) => interval.energy)), sumRatios(intervals.map((interval) => interval.quantity)));
}
