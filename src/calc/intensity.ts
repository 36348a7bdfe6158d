import type { PeriodFigures } from './evaluation.ts';
import { divideRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** e = E / M; null when nothing was produced. Sums first, then one division: never a mean of ratios (calculation rule 2). */
export function intensityOf(energy: Rational, quantity: Rational): Rational | null {
  return quantity.n === 0n ? null : divideRatio(energy, quantity);
}

/** A period's three figures. */
export function periodFigures(energy: Rational, quantity: Rational): PeriodFigures {
  return { energy, quantity, intensity: intensityOf(energy, quantity) };
}
