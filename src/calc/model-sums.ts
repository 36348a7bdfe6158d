import {
  absRatio,
  compareRatio,
  divideRatio,
  maxRatio,
  minRatio,
  multiplyRatio,
  ratio,
  sumRatios,
  ZERO,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import type { ModelRow } from './model-rows.ts';
import type { LinearModel } from './regression.ts';
import { OUTPUT } from './regression-input.ts';

/**
 * The sum of each variable over the reporting period. A value that is not known is taken against the claimant, as a gap is
 * (section 4): of all known values of both periods the one by which the model expects least; of output what was measured, where
 * more output means more energy.
 */
export function reportingSums(
  fit: LinearModel,
  names: readonly string[],
  baseline: readonly ModelRow[],
  reporting: readonly ModelRow[],
): readonly Rational[] {
  return names.map((name, j) => {
    const rises = fit.terms[j + 1]!.coefficient.n > 0n;
    const known = [...baseline, ...reporting].flatMap(({ values }) => values[j] ?? []);
    const worst = known.length === 0 ? ZERO : known.reduce(rises ? minRatio : maxRatio);
    return sumRatios(
      reporting.map(({ values, output }) => {
        const value = values[j];
        if (value !== null && value !== undefined) return value;
        if (name !== OUTPUT) return worst;
        return rises ? output : maxRatio(output, worst);
      }),
    );
  });
}

/**
 * What is taken off the modelled energy for rows that are missing in the baseline: their share of it. A row that is not shown
 * counts as one without energy, as in the ratio (section 4); anything else would pay for withholding days that used little.
 */
export function withheldEnergy(modelledEnergy: Rational, used: number, rows: number): Rational {
  return multiplyRatio(absRatio(modelledEnergy), ratio(BigInt(rows - used), BigInt(rows)));
}

/** The mean of each variable over `rows` rows from their sums. */
export function meansOf(sums: readonly Rational[], rows: number): readonly Rational[] {
  return sums.map((sum) => divideRatio(sum, ratio(BigInt(rows), 1n)));
}

/** True where a figure differs from zero with a p not above the limit. */
export function isSignificant(p: Rational | null, coefficient: Rational, limit: Rational): boolean {
  if (coefficient.n === 0n) return false;
  return p === null || compareRatio(p, limit) <= 0;
}

/** Adjustments of what a model was fitted to, at the length of the reporting period. */
export function scaledAdjustment(adjustment: Rational, reportingRows: number, rows: number): Rational {
  return multiplyRatio(adjustment, ratio(BigInt(reportingRows), BigInt(rows)));
}
