import type { EvaluationInput } from './evaluation-input.ts';
import type { PeriodFigures } from './evaluation.ts';
import { isKnown } from './fit-model.ts';
import type { FittedModel } from './fit-model.ts';
import { adjustedComparison } from './model-comparison.ts';
import type { ModelForm } from './model-evaluation.ts';
import type { ModelRow } from './model-rows.ts';
import { meansOf, reportingSums, scaledAdjustment, withheldEnergy } from './model-sums.ts';
import { judgeModel, modelled } from './model-validity.ts';
import type { ModelValidity } from './model-validity.ts';
import { addRatio, subtractRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import type { RegressionInput } from './regression-input.ts';

/** What the reporting period is to a model: its rows, its figures, and the adjustments of what the model was fitted to. */
export interface ModelQuestion {
  readonly reporting: readonly ModelRow[];
  readonly figures: PeriodFigures;
  readonly adjustment: Rational;
}

/** What a fitted model expects of the reporting period, and what that makes of it: E_adj = F - W + A (calculation-v1 section 16.4). */
export function modelForm(
  input: EvaluationInput,
  rules: RegressionInput,
  { fit, columns, before }: FittedModel,
  { reporting, figures, adjustment: admitted }: ModelQuestion,
): { readonly form: ModelForm; readonly validity: ModelValidity } {
  const count = reporting.length;
  const names = columns.map(({ name }) => name);
  const sums = reportingSums(fit, names, before, reporting);
  const validity = judgeModel(fit, columns, meansOf(sums, count), rules.validity);
  const expected = modelled(fit, count, sums);
  const withheld = withheldEnergy(expected, fit.rows, before.length);
  const adjustment = scaledAdjustment(admitted, count, before.length);
  const adjusted = addRatio(subtractRatio(expected, withheld), adjustment);
  const form: ModelForm = {
    rows: { baseline: before.length, used: fit.rows, reporting: count, known: reporting.filter(isKnown).length },
    terms: fit.terms.map(({ name, coefficient }, j) => ({ name, coefficient, p: validity.termP[j]! })),
    r2: fit.r2,
    faults: validity.faults,
    sums,
    modelled: expected,
    withheld,
    adjustment,
    comparison: adjustedComparison(adjusted, figures, input.decision),
  };
  return { form, validity };
}
