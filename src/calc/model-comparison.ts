import type { DecisionRules } from './evaluation-input.ts';
import type { Comparison, PeriodFigures } from './evaluation.ts';
import { periodFigures } from './intensity.ts';
import type { LinearModel } from './regression.ts';
import { divideRatio, floorFinest, minRatio, multiplyRatio, subtractRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { OUTPUT } from './regression-input.ts';
import { compareFigures } from './saving.ts';

/**
 * E_adj against E_r, both at the output of the reporting period, so that the rate is 1 - E_r / E_adj and the saving E_adj - E_r.
 * E_adj is rounded down to a multiple of 10^-18: of hundreds of rows its denominator would have hundreds of digits.
 */
export function adjustedComparison(expected: Rational, reporting: PeriodFigures, rules: DecisionRules): Comparison {
  const adjusted = periodFigures(floorFinest(expected), reporting.quantity);
  return compareFigures(adjusted, reporting, rules.savingMoreThan, 'reporting');
}

/**
 * Idem with every audited difference turned against the claimant: the reporting period as in the adverse case of the ratio, the
 * adjusted baseline less by as much a unit of output as the baseline is there, and no more of it than the model expects of the lesser output.
 */
export function adverseOfModel(
  comparison: Comparison,
  ratioForms: { readonly headline: Comparison; readonly adverse: Comparison },
  fit: LinearModel,
  rules: DecisionRules,
): Comparison {
  const { headline, adverse } = ratioForms;
  const none = { energy: comparison.baseline.energy, quantity: adverse.reporting.quantity, intensity: null };
  const own = comparison.baseline.intensity;
  const before = headline.baseline.intensity;
  const less = adverse.baseline.intensity;
  if (own === null || before === null || less === null || adverse.reporting.quantity.n <= 0n)
    return compareFigures(none, adverse.reporting, rules.savingMoreThan, 'reporting');
  const slope = fit.terms.find(({ name }) => name === OUTPUT)?.coefficient;
  const lost = subtractRatio(headline.reporting.quantity, adverse.reporting.quantity);
  const atLess =
    slope === undefined
      ? own
      : divideRatio(subtractRatio(comparison.baseline.energy, multiplyRatio(slope, lost)), adverse.reporting.quantity);
  const intensity = subtractRatio(minRatio(own, atLess), subtractRatio(before, less));
  const energy = floorFinest(multiplyRatio(intensity, adverse.reporting.quantity));
  const adjusted = periodFigures(energy, adverse.reporting.quantity);
  return compareFigures(adjusted, adverse.reporting, rules.savingMoreThan, 'reporting');
}
