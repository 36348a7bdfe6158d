import { assertInvariant } from '../errors.ts';
import type { Comparison, PeriodFigures, ProductMix } from './evaluation.ts';
import {
  absRatio,
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  subtractRatio,
  sumRatios,
  ZERO,
} from './ratio.ts';
import type { Rational } from './ratio.ts';

export type ProductionBasis = 'reporting' | 'baseline';

/** e_b - e_r > threshold x |e_b|: the question of the whole calculation, by cross-multiplication and before any rounding. */
export function isSaved(baseline: Rational, reporting: Rational, threshold: Rational): boolean {
  return compareRatio(subtractRatio(baseline, reporting), multiplyRatio(threshold, absRatio(baseline))) > 0;
}

/**
 * (e_b - e_r) / |e_b|; null when e_b is zero. The absolute value matters where a process gives energy off and its intensity
 * is negative (a converter at -30 kgce/t): then too a positive rate means saved.
 */
export function savingRate(baseline: Rational, reporting: Rational): Rational | null {
  return baseline.n === 0n ? null : divideRatio(subtractRatio(baseline, reporting), absRatio(baseline));
}

/** dE = (e_b - e_r) x M, positive = saved (GB/T 13234 counts it negative): M is the output of the production basis. */
export function savingOf(baseline: PeriodFigures, reporting: PeriodFigures, basis: ProductionBasis): Rational | null {
  if (baseline.intensity === null || reporting.intensity === null) return null;
  const output = basis === 'reporting' ? reporting.quantity : baseline.quantity;
  return multiplyRatio(subtractRatio(baseline.intensity, reporting.intensity), output);
}

/** The two periods of one product against each other. */
export function compareFigures(
  baseline: PeriodFigures,
  reporting: PeriodFigures,
  threshold: Rational,
  basis: ProductionBasis,
): Comparison {
  const saving = savingOf(baseline, reporting, basis);
  if (baseline.intensity === null || reporting.intensity === null)
    return { baseline, reporting, rate: null, saving, saved: false };
  return {
    baseline,
    reporting,
    rate: savingRate(baseline.intensity, reporting.intensity),
    saving,
    saved: isSaved(baseline.intensity, reporting.intensity, threshold),
  };
}

/** One product's pair of periods in a sum over products. Both intensities must exist. */
export interface MixPart {
  readonly baseline: PeriodFigures;
  readonly reporting: PeriodFigures;
}

export interface MixWeighted {
  readonly referenceEnergy: Rational;
  readonly actualEnergy: Rational;
  readonly saving: Rational;
  readonly rate: Rational | null;
  readonly saved: boolean;
}

/** 1 - sum e_r M / sum e_b M, M the output of the production basis (GB/T 13234). */
export function mixWeighted(parts: readonly MixPart[], threshold: Rational, basis: ProductionBasis): MixWeighted {
  let reference = ZERO;
  let actual = ZERO;
  for (const { baseline, reporting } of parts) {
    assertInvariant(
      baseline.intensity !== null && reporting.intensity !== null,
      'a product in the mix has both intensities',
    );
    const output = basis === 'reporting' ? reporting.quantity : baseline.quantity;
    reference = addRatio(reference, multiplyRatio(baseline.intensity, output));
    actual = addRatio(actual, multiplyRatio(reporting.intensity, output));
  }
  return {
    referenceEnergy: reference,
    actualEnergy: actual,
    saving: subtractRatio(reference, actual),
    rate: savingRate(reference, actual),
    saved: isSaved(reference, actual, threshold),
  };
}

/**
 * The part of the change in energy per unit of everything that comes from the mix alone: sum e_b (M_r - M_b x sum M_r / sum M_b).
 * All products in one unit. Never a verdict (calculation rule 1); printed beside it, the identity with the saving checked.
 * Null when a sum of outputs is zero.
 */
export function productMixEffect(parts: readonly MixPart[], unit: string): ProductMix | null {
  const outputBaseline = sumRatios(parts.map((part) => part.baseline.quantity));
  const outputReporting = sumRatios(parts.map((part) => part.reporting.quantity));
  if (outputBaseline.n === 0n || outputReporting.n === 0n) return null;
  const growth = divideRatio(outputReporting, outputBaseline);
  let effect = ZERO;
  let technical = ZERO;
  for (const { baseline, reporting } of parts) {
    assertInvariant(
      baseline.intensity !== null && reporting.intensity !== null,
      'a product in the mix has both intensities',
    );
    effect = addRatio(
      effect,
      multiplyRatio(baseline.intensity, subtractRatio(reporting.quantity, multiplyRatio(baseline.quantity, growth))),
    );
    technical = addRatio(
      technical,
      multiplyRatio(subtractRatio(reporting.intensity, baseline.intensity), reporting.quantity),
    );
  }
  const totalIntensityBaseline = divideRatio(sumRatios(parts.map((part) => part.baseline.energy)), outputBaseline);
  const totalIntensityReporting = divideRatio(sumRatios(parts.map((part) => part.reporting.energy)), outputReporting);
  const totalChange = multiplyRatio(subtractRatio(totalIntensityReporting, totalIntensityBaseline), outputReporting);
  assertInvariant(
    compareRatio(totalChange, addRatio(technical, effect)) === 0,
    'change of the total = technical + mix',
  );
  return { unit, totalIntensityBaseline, totalIntensityReporting, totalChange, effect };
}
