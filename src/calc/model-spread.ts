import type { ModelSpread } from './model-evaluation.ts';
import { tQuantile } from './quantile.ts';
import { divideRatio, multiplyRatio, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import type { LinearModel } from './regression.ts';
import type { RegressionInput } from './regression-input.ts';
import { autocorrelation, independentRows } from './residuals.ts';
import { countedRows, relativeBandSquared } from './savings-band.ts';

/** Autocorrelation, independent rows, CV(RMSE) and t of a model; null where the mean is zero or no row is independent. */
export function modelSpread(fit: LinearModel, rules: RegressionInput): ModelSpread | null {
  if (fit.mean.n === 0n) return null;
  const slopes = fit.terms.length - 1;
  const degrees = rules.degreesOfFreedom === 'terms' ? fit.degrees : fit.rows - slopes;
  const rho = autocorrelation(fit.residuals);
  const independent = independentRows(fit.rows, rho);
  const counted = countedRows(fit.rows, independent);
  if (counted.n <= 0n) return null;
  const errorSquared = divideRatio(fit.residualSquares, ratio(BigInt(degrees), 1n));
  return {
    rho,
    independent,
    counted,
    cvSquared: divideRatio(errorSquared, multiplyRatio(fit.mean, fit.mean)),
    degrees,
    t: tQuantile(rules.confidence, degrees),
  };
}

/** The band around a modelled energy, relative to it and squared, with min(n, n') for the independent rows. */
export function bandOfSpread(
  spread: ModelSpread,
  fit: LinearModel,
  rules: RegressionInput,
  reportingRows: number,
): Rational {
  return relativeBandSquared({
    rowLength: rules.rowLength,
    rows: fit.rows,
    independent: spread.counted,
    reportingRows,
    cvSquared: spread.cvSquared,
    t: spread.t,
  });
}
