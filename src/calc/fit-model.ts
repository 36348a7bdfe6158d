import { JoulemarkError } from '../errors.ts';
import type { EvaluationInput, ProductInput, Window } from './evaluation-input.ts';
import { modelRows } from './model-rows.ts';
import type { ModelRow } from './model-rows.ts';
import { ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { fitLinear } from './regression.ts';
import type { Column, LinearModel } from './regression.ts';
import type { RegressionInput } from './regression-input.ts';
import { checkSufficiency } from './sufficiency.ts';
import type { Sufficiency } from './sufficiency.ts';

/** What a model is fitted to: a window before the reporting period, by the factors of the headline or its own. */
export interface ModelBand {
  readonly side: 'baseline' | 'fixedBase';
  readonly table: 'headline' | 'own';
}

/** A model with the rows that it rests on. */
export interface FittedModel {
  readonly fit: LinearModel;
  readonly columns: readonly Column[];
  /** All rows of the window, known or not. */
  readonly before: readonly ModelRow[];
  /** Rows above the median by more than three interquartile ranges. */
  readonly extreme: number;
}

/** A product's model of one band; or why there is none. */
export function fitModel(
  input: EvaluationInput,
  product: ProductInput,
  rules: RegressionInput,
  { side, table }: ModelBand,
): FittedModel | string {
  const window = input[side];
  if (window === undefined) return 'there is no such window';
  const names = rules.products.get(product.product)!;
  const before = modelRows(input, product, side, table, rules, names);
  const known = before.filter(isKnown);
  const { faults, extreme } = sufficiencyOf(window, before, rules);
  // energy below zero is for the meters' own checks: a plant may give off more than it takes
  const lacking = faults.filter((fault) => fault !== 'extreme-values' && fault !== 'negative-values');
  if (lacking.length > 0) return `the baseline does not suffice (${lacking.join(', ')})`;
  const columns = names.map((column, j): Column => ({ name: column, values: known.map(({ values }) => values[j]!) }));
  try {
    const fit = fitLinear(
      known.map(({ energy }) => energy),
      columns,
    );
    return { fit, columns, before, extreme };
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'USAGE') return error.message;
    throw error;
  }
}

interface KnownRow extends ModelRow {
  readonly energy: Rational;
  readonly values: readonly Rational[];
}

export function isKnown(row: ModelRow): row is KnownRow {
  return row.energy !== null && row.values.every((value) => value !== null);
}

/** The rows of a window against CalTRACK's criteria, the share of time being the policy's. */
function sufficiencyOf({ start, end }: Window, rows: readonly ModelRow[], rules: RegressionInput): Sufficiency {
  const length = end - start;
  const dataRows = rows.map(({ window, energy, values }) => ({
    ...window,
    energy,
    variables: ratio(values.every((value) => value !== null) ? 1n : 0n, 1n),
  }));
  const limits = { least: length, most: length, share: rules.coverage, variableShare: ratio(1n, 1n) };
  return checkSufficiency(dataRows, { start, end }, limits);
}
