import { JoulemarkError } from '../errors.ts';
import { divideRatio, ratio, subtractRatio, multiplyRatio, ONE } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { solveGram } from './solve.ts';

/** A relevant variable (ISO 50006) with a value for each row. */
export interface Column {
  readonly name: string;
  readonly values: readonly Rational[];
}

/** Numbers over one denominator: sums of many need no common factor taken out at each step. */
export interface CommonValues {
  readonly n: readonly bigint[];
  readonly d: bigint;
}

/** The constant or a slope of a model. */
export interface Term {
  readonly name: string;
  readonly coefficient: Rational;
  /** Square of the standard error. */
  readonly errorSquared: Rational;
  /** (coefficient / standard error)^2; null where the error is zero. */
  readonly tSquared: Rational | null;
}

/** y = b0 + sum b_j x_j by ordinary least squares; every figure exact. */
export interface LinearModel {
  /** The constant first, then the columns as given. */
  readonly terms: readonly Term[];
  readonly rows: number;
  /** rows - terms. */
  readonly degrees: number;
  readonly mean: Rational;
  /** Sum of squares of the residuals, and of the deviations from the mean. */
  readonly residualSquares: Rational;
  readonly totalSquares: Rational;
  /** residualSquares / degrees. */
  readonly sigmaSquared: Rational;
  /** Null where y does not vary. */
  readonly r2: Rational | null;
  readonly adjustedR2: Rational | null;
  /** Null where y does not vary, the fit is perfect or there is no column. */
  readonly f: Rational | null;
  /** y - model, in the order of the rows. */
  readonly residuals: CommonValues;
}

export const CONSTANT = 'constant';

/** The numerators of values over the least common multiple of their denominators. */
export function toCommon(values: readonly Rational[]): CommonValues {
  let d = 1n;
  for (const value of values) {
    const { d: left } = ratio(value.d, d);
    // d / gcd(value.d, d) divides d: what is missing of value.d is value.d / gcd
    d *= (value.d * left) / d;
  }
  return { n: values.map((value) => value.n * (d / value.d)), d };
}

function dot(a: readonly bigint[], b: readonly bigint[]): bigint {
  let total = 0n;
  for (let i = 0; i < a.length; i += 1) total += a[i]! * b[i]!;
  return total;
}

/**
 * Fits y by ordinary least squares with a constant, through the normal equations in whole numbers: exact, so an ill-conditioned
 * set of columns costs digits and no accuracy. Throws USAGE naming the column that depends on those before it, and where there
 * are not more rows than terms.
 */
export function fitLinear(y: readonly Rational[], columns: readonly Column[]): LinearModel {
  const rows = y.length;
  const degrees = rows - columns.length - 1;
  for (const { name, values } of columns)
    if (values.length !== rows)
      throw new JoulemarkError('USAGE', `column '${name}' has ${values.length} rows, expected ${rows}`);
  if (degrees < 1)
    throw new JoulemarkError('USAGE', `too few rows for a model: ${rows}, expected at least ${columns.length + 2}`);
  const target = toCommon(y);
  const ones: CommonValues = { n: y.map(() => 1n), d: 1n };
  const scaled = [ones, ...columns.map(({ values }) => toCommon(values))];
  const right = scaled.map(({ n }) => dot(n, target.n));
  const solved = solveGram(
    scaled.map((a) => scaled.map((b) => dot(a.n, b.n))),
    right,
  );
  if ('dependent' in solved) {
    const name = columns[solved.dependent - 1]!.name;
    throw new JoulemarkError('USAGE', `column '${name}' is constant or a combination of the others`, {
      details: { column: name },
    });
  }
  const { solution, adjugate, determinant } = solved;
  // with y = Y / d: residual = (det Y - sum X_j s_j) / (det d)
  const residuals = target.n.map((value, i) =>
    scaled.reduce((left, { n }, j) => left - n[i]! * solution[j]!, determinant * value),
  );
  const scale = determinant * target.d;
  const residualSquares = ratio(
    determinant * dot(target.n, target.n) - dot(solution, right),
    determinant * target.d * target.d,
  );
  const sum = right[0]!;
  const count = BigInt(rows);
  const totalSquares = ratio(count * dot(target.n, target.n) - sum * sum, count * target.d * target.d);
  const sigmaSquared = divideRatio(residualSquares, ratio(BigInt(degrees), 1n));
  const terms = scaled.map(({ d }, j): Term => {
    const coefficient = ratio(solution[j]! * d, determinant * target.d);
    const errorSquared = multiplyRatio(sigmaSquared, ratio(adjugate[j]![j]! * d * d, determinant));
    return {
      name: j === 0 ? CONSTANT : columns[j - 1]!.name,
      coefficient,
      errorSquared,
      tSquared: errorSquared.n === 0n ? null : divideRatio(multiplyRatio(coefficient, coefficient), errorSquared),
    };
  });
  return {
    terms,
    rows,
    degrees,
    mean: ratio(sum, count * target.d),
    residualSquares,
    totalSquares,
    sigmaSquared,
    ...fitOf(residualSquares, totalSquares, rows, columns.length),
    residuals: { n: residuals, d: scale },
  };
}

function fitOf(
  residual: Rational,
  total: Rational,
  rows: number,
  slopes: number,
): Pick<LinearModel, 'r2' | 'adjustedR2' | 'f'> {
  if (total.n === 0n) return { r2: null, adjustedR2: null, f: null };
  const degrees = BigInt(rows - slopes - 1);
  const left = divideRatio(residual, total);
  const f =
    residual.n === 0n || slopes === 0
      ? null
      : divideRatio(multiplyRatio(subtractRatio(total, residual), ratio(degrees, BigInt(slopes))), residual);
  return {
    r2: subtractRatio(ONE, left),
    adjustedR2: subtractRatio(ONE, multiplyRatio(left, ratio(BigInt(rows - 1), degrees))),
    f,
  };
}
