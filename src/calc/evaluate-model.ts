import { JoulemarkError } from '../errors.ts';
import { netEnergy } from './energy-lines.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison, ProductEvaluation, Reason } from './evaluation.ts';
import { adjustedComparison, adverseOfModel, scaledAdjustment } from './model-comparison.ts';
import type { ModelEvaluation } from './model-evaluation.ts';
import { modelRows } from './model-rows.ts';
import type { ModelRow } from './model-rows.ts';
import { bandOfSpread, modelSpread } from './model-spread.ts';
import { isSignificant, meansOf, reportingSums, withheldEnergy } from './model-sums.ts';
import { judgeModel, modelled } from './model-validity.ts';
import { addRatio, subtractRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { fitLinear } from './regression.ts';
import type { Column, LinearModel } from './regression.ts';
import type { RegressionInput } from './regression-input.ts';
import { checkSufficiency } from './sufficiency.ts';
import type { Sufficiency } from './sufficiency.ts';
import { toUncertainty } from './uncertainty.ts';

/** A model, or the reasons why there is none. */
export interface ModelFound {
  readonly model: ModelEvaluation | null;
  readonly reasons: readonly Reason[];
}

/** What of a product's evaluation by ratio the model stands beside. */
type Forms = Pick<ProductEvaluation, 'headline' | 'adverse' | 'carriers'>;

/**
 * The energy of a product against what a regression of its baseline expects of the reporting period (ISO 50006): E_adj = sum over
 * the rows of f_b(x). Reasons are critical where the verdict rests on the model and it cannot speak.
 */
export function evaluateModel(
  input: EvaluationInput,
  product: ProductInput,
  rules: RegressionInput,
  forms: Forms,
): ModelFound {
  const name = product.product;
  const decides = rules.verdict === 'decide';
  const none = (why: string): ModelFound => ({
    model: null,
    reasons: [reason('model-unformed', decides ? 'critical' : 'minor', `no model of '${name}': ${why}`)],
  });
  const names = rules.products.get(name)!;
  const { headline, adverse } = forms;
  if (headline === null || adverse === null) return none('its energy per unit cannot be formed');
  const baseline = modelRows(input, product, 'baseline', rules, names);
  const known = baseline.filter(isKnown);
  const sufficiency = sufficiencyOf(input, baseline, rules);
  if (!sufficiency.suffices) return none(`the baseline does not suffice (${sufficiency.faults.join(', ')})`);
  const columns = names.map((column, j): Column => ({ name: column, values: known.map(({ values }) => values[j]!) }));
  let fit: LinearModel;
  try {
    fit = fitLinear(
      known.map(({ energy }) => energy),
      columns,
    );
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'USAGE') return none(error.message);
    throw error;
  }
  const reporting = modelRows(input, product, 'reporting', rules, names);
  const found = modelOf(
    input,
    rules,
    { headline, adverse, carriers: forms.carriers },
    { fit, columns, baseline, reporting },
  );
  const { faults, rows } = found;
  const reasons: Reason[] = [];
  if (faults.length > 0)
    reasons.push(
      reason(
        'model-invalid',
        decides ? 'critical' : 'minor',
        `the model of '${name}' is not valid (${faults.join(', ')})`,
      ),
    );
  if (rows.used < rows.baseline || rows.known < rows.reporting || sufficiency.extreme > 0) {
    const text = `the model of '${name}' rests on ${rows.used} of ${rows.baseline} rows, ${sufficiency.extreme} of them extreme; ${rows.known} of ${rows.reporting} are known in the period`;
    reasons.push(reason('model-rows', 'minor', text));
  }
  if (found.baseLoad && differsInSign(headline, found.comparison)) {
    const text = `'${name}' uses energy without output: by the ratio it ${verb(headline)}, by the model it ${verb(found.comparison)}`;
    reasons.push(reason('base-load', 'moderate', text));
  }
  return { model: found, reasons };
}

interface KnownRow extends ModelRow {
  readonly energy: Rational;
  readonly values: readonly Rational[];
}

function isKnown(row: ModelRow): row is KnownRow {
  return row.energy !== null && row.values.every((value) => value !== null);
}

/** The baseline's rows against CalTRACK's criteria, the share of time being the policy's; energy below zero is for the meter's own check. */
function sufficiencyOf(input: EvaluationInput, rows: readonly ModelRow[], rules: RegressionInput): Sufficiency {
  const { start, end } = input.baseline;
  const length = end - start;
  const dataRows = rows.map(({ window, energy, values }) => ({
    ...window,
    energy: energy !== null && energy.n >= 0n ? energy : null,
    variables: { n: values.every((value) => value !== null) ? 1n : 0n, d: 1n },
  }));
  const limits = { least: length, most: length, share: rules.coverage, variableShare: { n: 1n, d: 1n } };
  return checkSufficiency(dataRows, { start, end }, limits);
}

interface Fitted {
  readonly fit: LinearModel;
  readonly columns: readonly Column[];
  readonly baseline: readonly ModelRow[];
  readonly reporting: readonly ModelRow[];
}

function modelOf(
  input: EvaluationInput,
  rules: RegressionInput,
  forms: {
    readonly headline: Comparison;
    readonly adverse: Comparison;
    readonly carriers: ProductEvaluation['carriers'];
  },
  { fit, columns, baseline, reporting }: Fitted,
): ModelEvaluation {
  const { headline, adverse, carriers } = forms;
  const count = reporting.length;
  const sums = reportingSums(
    fit,
    columns.map(({ name }) => name),
    baseline,
    reporting,
  );
  const validity = judgeModel(fit, columns, meansOf(sums, count), rules.validity);
  const expected = modelled(fit, count, sums);
  const withheld = withheldEnergy(expected, fit.rows, baseline.length);
  const measured = netEnergy(carriers.baseline);
  const adjustment = scaledAdjustment(headline.baseline.energy, measured, count, baseline.length);
  const adjusted = addRatio(subtractRatio(expected, withheld), adjustment);
  const comparison = adjustedComparison(adjusted, headline.reporting, input.decision);
  const spread = modelSpread(fit, rules);
  const [constant] = fit.terms;
  return {
    decides: rules.verdict === 'decide',
    rowLength: rules.rowLength,
    rows: { baseline: baseline.length, used: fit.rows, reporting: count, known: reporting.filter(isKnown).length },
    terms: fit.terms.map((term, j) => ({ ...term, p: validity.termP[j]! })),
    degrees: fit.degrees,
    sigmaSquared: fit.sigmaSquared,
    r2: fit.r2,
    adjustedR2: fit.adjustedR2,
    f: fit.f,
    p: validity.modelP,
    variables: validity.variables,
    faults: validity.faults,
    sums,
    modelled: expected,
    withheld,
    adjustment,
    comparison,
    adverse: adverseOfModel(comparison, { headline, adverse }, fit, input.decision),
    baseLoad: isSignificant(validity.termP[0]!, constant!.coefficient, rules.validity.variableP),
    spread,
    uncertainty:
      spread === null || comparison.rate === null
        ? null
        : toUncertainty(comparison.rate, bandOfSpread(spread, fit, rules, count)),
  };
}

function differsInSign(a: Comparison, b: Comparison): boolean {
  return (a.rate?.n ?? 0n) > 0n !== (b.rate?.n ?? 0n) > 0n;
}

function verb({ rate }: Comparison): string {
  return rate !== null && rate.n > 0n ? 'saves' : 'does not save';
}
