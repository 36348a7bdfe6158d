import {
  addRatio,
  compareRatio,
  divideRatio,
  maxRatio,
  minRatio,
  multiplyRatio,
  ratio,
  subtractRatio,
  sumRatios,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import type { Column, LinearModel } from './regression.ts';
import { fProbability, tProbability } from './quantile.ts';

/** When a model may speak. The names of the rules are those of a policy; SEP's values stand beside them. */
export interface ValidityRules {
  /** p of F below it: 0.10. */
  readonly modelP: Rational;
  /** p of every slope not above it: 0.20. */
  readonly variableP: Rational;
  /** p of at least one slope below it: 0.10. */
  readonly oneVariableP: Rational;
  /** R2 not below it: 0.5. */
  readonly r2: Rational;
  /** Standard deviations about the mean in which a variable's mean may lie where it leaves the range of the model's rows: 3. */
  readonly deviations: Rational;
}

/** One slope, judged. */
export interface VariableValidity {
  readonly name: string;
  readonly least: Rational;
  readonly most: Rational;
  /** Mean and square of the standard deviation (n - 1) over the model's rows. */
  readonly mean: Rational;
  readonly deviationSquared: Rational;
  /** Mean of the reporting period. */
  readonly reportingMean: Rational;
  readonly inRange: boolean;
  readonly inDeviations: boolean;
}

export type ModelFault = 'model-p' | 'variable-p' | 'one-variable-p' | 'r2' | 'range';

export interface ModelValidity {
  /** Null where the fit is perfect or nothing varies. */
  readonly modelP: Rational | null;
  /** Of the constant and each slope, in the order of the terms; null where the standard error is zero. */
  readonly termP: readonly (Rational | null)[];
  readonly variables: readonly VariableValidity[];
  /** What is not met, in the order of the rules. */
  readonly faults: readonly ModelFault[];
}

/** A column over the model's rows against its mean in another period: inside the range, and inside mean +- k s. */
export function judgeVariable(column: Column, reportingMean: Rational, deviations: Rational): VariableValidity {
  const { name, values } = column;
  const count = ratio(BigInt(values.length), 1n);
  const mean = divideRatio(sumRatios(values), count);
  const squares = sumRatios(values.map((value) => multiplyRatio(value, value)));
  const spread = subtractRatio(squares, multiplyRatio(count, multiplyRatio(mean, mean)));
  const deviationSquared = divideRatio(spread, subtractRatio(count, ratio(1n, 1n)));
  const least = values.reduce(minRatio);
  const most = values.reduce(maxRatio);
  const distance = subtractRatio(reportingMean, mean);
  const reach = multiplyRatio(multiplyRatio(deviations, deviations), deviationSquared);
  return {
    name,
    least,
    most,
    mean,
    deviationSquared,
    reportingMean,
    inRange: compareRatio(reportingMean, least) >= 0 && compareRatio(reportingMean, most) <= 0,
    inDeviations: compareRatio(multiplyRatio(distance, distance), reach) <= 0,
  };
}

/**
 * The conditions of the Superior Energy Performance programme: F, each slope, one slope, R2, and each variable's mean in the
 * model's range or within three standard deviations. A perfect fit has p = 0. `reportingMeans` stand in the order of `columns`, of which at least one.
 */
export function judgeModel(
  model: LinearModel,
  columns: readonly Column[],
  reportingMeans: readonly Rational[],
  rules: ValidityRules,
): ModelValidity {
  const slopes = model.terms.slice(1);
  const modelP = model.f === null ? null : fProbability(model.f, slopes.length, model.degrees);
  const termP = model.terms.map(({ tSquared }) => (tSquared === null ? null : tProbability(tSquared, model.degrees)));
  const slopeP = termP.slice(1);
  const variables = columns.map((column, i) => judgeVariable(column, reportingMeans[i]!, rules.deviations));
  const perfect = model.residualSquares.n === 0n && model.totalSquares.n !== 0n;
  const below = (p: Rational | null, limit: Rational): boolean => (p === null ? perfect : compareRatio(p, limit) < 0);
  const notAbove = (p: Rational | null, limit: Rational): boolean =>
    p === null ? perfect : compareRatio(p, limit) <= 0;
  const met: readonly (readonly [ModelFault, boolean])[] = [
    ['model-p', below(modelP, rules.modelP)],
    ['variable-p', slopeP.every((p) => notAbove(p, rules.variableP))],
    ['one-variable-p', slopeP.some((p) => below(p, rules.oneVariableP))],
    ['r2', model.r2 !== null && compareRatio(model.r2, rules.r2) >= 0],
    ['range', variables.every(({ inRange, inDeviations }) => inRange || inDeviations)],
  ];
  return { modelP, termP, variables, faults: met.flatMap(([fault, holds]) => (holds ? [] : [fault])) };
}

/** sum b_j x_j + b_0 n: what a model says of n rows whose columns sum to `sums`. */
export function modelled(model: LinearModel, rows: number, sums: readonly Rational[]): Rational {
  const [constant, ...slopes] = model.terms;
  return slopes.reduce(
    (total, { coefficient }, i) => addRatio(total, multiplyRatio(coefficient, sums[i]!)),
    multiplyRatio(constant!.coefficient, ratio(BigInt(rows), 1n)),
  );
}
