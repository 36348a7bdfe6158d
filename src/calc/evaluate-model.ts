import { periodAdjustment } from './adjustment.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison, PeriodName, ProductEvaluation, Reason } from './evaluation.ts';
import { fitModel } from './fit-model.ts';
import type { FittedModel, ModelBand } from './fit-model.ts';
import { adverseOfModel } from './model-comparison.ts';
import type { ModelEvaluation, ModelForm } from './model-evaluation.ts';
import { modelForm } from './model-form.ts';
import { modelRows } from './model-rows.ts';
import type { ModelRow } from './model-rows.ts';
import { bandOfSpread, modelSpread } from './model-spread.ts';
import { isSignificant } from './model-sums.ts';
import { reason } from './reason.ts';
import type { RegressionInput } from './regression-input.ts';
import { toUncertainty } from './uncertainty.ts';

/** A model, or the reasons why there is none. */
export interface ModelFound {
  readonly model: ModelEvaluation | null;
  readonly reasons: readonly Reason[];
}

/** What of a product's evaluation by ratio the model stands beside. */
type Forms = Pick<ProductEvaluation, 'headline' | 'adverse' | 'ownTable' | 'fixedBase'>;

/** A product and the rules of its model. */
interface Asked {
  readonly input: EvaluationInput;
  readonly product: ProductInput;
  readonly rules: RegressionInput;
}

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
  const { headline, adverse } = forms;
  if (headline === null || adverse === null) return none('its energy per unit cannot be formed');
  const asked = { input, product, rules };
  const fitted = fitModel(input, product, rules, { side: 'baseline', table: 'headline' });
  if (typeof fitted === 'string') return none(fitted);
  const reporting = modelRows(input, product, 'reporting', 'headline', rules, rules.products.get(name)!);
  const ownTable = besideOf(asked, BANDS.ownTable, forms.ownTable, reporting);
  const fixedBase = besideOf(asked, BANDS.fixedBase, forms.fixedBase, reporting);
  const beside = { ownTable: ownTable.form, fixedBase: fixedBase.form };
  const model = { ...headlineModel(asked, fitted, { headline, adverse }, reporting), ...beside };
  return {
    model,
    reasons: [...reasonsOf(product, model, fitted, headline), ...ownTable.reasons, ...fixedBase.reasons],
  };
}

interface Beside extends ModelBand {
  readonly period: PeriodName;
  readonly text: string;
}

/** The bands that are printed beside the headline: each has a model of its own. */
const BANDS: Readonly<Record<'ownTable' | 'fixedBase', Beside>> = {
  ownTable: { side: 'baseline', table: 'own', period: 'baseline', text: "with each period's own table" },
  fixedBase: {
    side: 'fixedBase',
    table: 'headline',
    period: 'fixed_base',
    text: 'against the first certified period',
  },
};

/** The model of a band beside the headline, where the ratio has an answer in it; printed, so its defects are notes. */
function besideOf(
  { input, product, rules }: Asked,
  band: Beside,
  byRatio: Comparison | null,
  reporting: readonly ModelRow[],
): { readonly form: ModelForm | null; readonly reasons: readonly Reason[] } {
  if (byRatio === null) return { form: null, reasons: [] };
  const fitted = fitModel(input, product, rules, band);
  if (typeof fitted === 'string') {
    const text = `no model of '${product.product}' ${band.text}: ${fitted}`;
    return { form: null, reasons: [reason('model-unformed', 'minor', text, band.period)] };
  }
  const adjustment = periodAdjustment(input, product.product, band.period, input[band.side]).energy;
  const question = { reporting, figures: byRatio.reporting, adjustment };
  return { form: modelForm(input, rules, fitted, question).form, reasons: [] };
}

function headlineModel(
  { input, product, rules }: Asked,
  fitted: FittedModel,
  { headline, adverse }: { readonly headline: Comparison; readonly adverse: Comparison },
  reporting: readonly ModelRow[],
): Omit<ModelEvaluation, 'ownTable' | 'fixedBase'> {
  const { fit } = fitted;
  const adjustment = periodAdjustment(input, product.product, 'baseline', input.baseline).energy;
  const { form, validity } = modelForm(input, rules, fitted, { reporting, figures: headline.reporting, adjustment });
  const { comparison } = form;
  const spread = modelSpread(fit, rules);
  const [constant] = fit.terms;
  return {
    ...form,
    decides: rules.verdict === 'decide',
    rowLength: rules.rowLength,
    terms: fit.terms.map((term, j) => ({ ...term, p: validity.termP[j]! })),
    degrees: fit.degrees,
    sigmaSquared: fit.sigmaSquared,
    adjustedR2: fit.adjustedR2,
    f: fit.f,
    p: validity.modelP,
    variables: validity.variables,
    adverse: adverseOfModel(comparison, { headline, adverse }, fit, input.decision),
    baseLoad: isSignificant(validity.termP[0]!, constant!.coefficient, rules.validity.variableP),
    spread,
    uncertainty:
      spread === null || comparison.rate === null
        ? null
        : toUncertainty(comparison.rate, bandOfSpread(spread, fit, rules, reporting.length)),
  };
}

function reasonsOf(
  { product: name }: ProductInput,
  { decides, faults, rows, baseLoad, comparison }: ModelEvaluation,
  { extreme }: FittedModel,
  headline: Comparison,
): readonly Reason[] {
  const reasons: Reason[] = [];
  if (faults.length > 0) {
    const text = `the model of '${name}' is not valid (${faults.join(', ')})`;
    reasons.push(reason('model-invalid', decides ? 'critical' : 'minor', text));
  }
  if (rows.used < rows.baseline || rows.known < rows.reporting || extreme > 0) {
    const text = `the model of '${name}' rests on ${rows.used} of ${rows.baseline} rows, ${extreme} of them extreme; ${rows.known} of ${rows.reporting} are known in the period`;
    reasons.push(reason('model-rows', 'minor', text));
  }
  if (baseLoad && differsInSign(headline, comparison)) {
    const text = `'${name}' uses energy without output: by the ratio it ${verb(headline)}, by the model it ${verb(comparison)}`;
    reasons.push(reason('base-load', 'moderate', text));
  }
  return reasons;
}

function differsInSign(a: Comparison, b: Comparison): boolean {
  return (a.rate?.n ?? 0n) > 0n !== (b.rate?.n ?? 0n) > 0n;
}

function verb({ rate }: Comparison): string {
  return rate !== null && rate.n > 0n ? 'saves' : 'does not save';
}
