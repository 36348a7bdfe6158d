import { squareRoot } from './quantile.ts';
import { absRatio, addRatio, divideRatio, multiplyRatio, ONE, ratio, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { toCommon } from './regression.ts';
import type { CommonValues } from './regression.ts';

/** How far a model is off the rows that it is held against (ASHRAE Guideline 14). */
export interface FitFigures {
  readonly rows: number;
  readonly mean: Rational;
  readonly residualSquares: Rational;
  /** Squared correlation of observed and predicted; null where one of them does not vary. */
  readonly correlationSquared: Rational | null;
  /** RMSE^2 / mean^2 with n as divisor; null where the mean is zero. */
  readonly cvSquared: Rational | null;
  /** Mean of predicted - observed, and of its size, over the mean of observed; null where that is zero. */
  readonly bias: Rational | null;
  readonly absoluteError: Rational | null;
}

/** Figures of predicted against observed rows, of equal number, at least one. */
export function fitFigures(observed: readonly Rational[], predicted: readonly Rational[]): FitFigures {
  const count = ratio(BigInt(observed.length), 1n);
  const residuals = observed.map((value, i) => subtractRatio(predicted[i]!, value));
  const total = sum(observed);
  const mean = divideRatio(total, count);
  const residualSquares = sum(residuals.map((value) => multiplyRatio(value, value)));
  const over = (value: Rational): Rational | null => (total.n === 0n ? null : divideRatio(value, total));
  const meanSquares = divideRatio(residualSquares, count);
  return {
    rows: observed.length,
    mean,
    residualSquares,
    correlationSquared: correlation(toCommon(observed).n, toCommon(predicted).n)?.squared ?? null,
    cvSquared: mean.n === 0n ? null : divideRatio(meanSquares, multiplyRatio(mean, mean)),
    bias: over(sum(residuals)),
    absoluteError: over(sum(residuals.map(absRatio))),
  };
}

function sum(values: readonly Rational[]): Rational {
  return values.reduce(addRatio, ZERO);
}

/** Pearson's correlation of two rows of numbers, each up to a scale above zero: its square, exact, and its sign. */
function correlation(a: readonly bigint[], b: readonly bigint[]): { squared: Rational; negative: boolean } | null {
  const count = BigInt(a.length);
  let sumA = 0n;
  let sumB = 0n;
  let squaresA = 0n;
  let squaresB = 0n;
  let products = 0n;
  for (const [i, x] of a.entries()) {
    const y = b[i]!;
    sumA += x;
    sumB += y;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  const spread = (count * squaresA - sumA * sumA) * (count * squaresB - sumB * sumB);
  if (spread === 0n) return null;
  const common = count * products - sumA * sumB;
  return { squared: ratio(common * common, spread), negative: common < 0n };
}

/**
 * Correlation of each residual with the one before it, a root and so rounded to 12 digits (OpenEEmeter: Pearson's of the
 * residuals without the last and without the first). Zero where it has no value: residuals that do not vary.
 */
export function autocorrelation(residuals: CommonValues): Rational {
  const found = correlation(residuals.n.slice(1), residuals.n.slice(0, -1));
  if (found === null) return ZERO;
  const root = squareRoot(found.squared);
  return found.negative ? { n: -root.n, d: root.d } : root;
}

/** n (1 - rho) / (1 + rho), the number of independent rows among n (ASHRAE Guideline 14); null where rho is -1: without bound. */
export function independentRows(rows: number, rho: Rational): Rational | null {
  const below = addRatio(ONE, rho);
  if (below.n === 0n) return null;
  return divideRatio(multiplyRatio(ratio(BigInt(rows), 1n), subtractRatio(ONE, rho)), below);
}
