import { evaluateModel } from './evaluate-model.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison, ProductEvaluation, ProductVerdict, Uncertainty } from './evaluation.ts';
import type { ModelEvaluation } from './model-evaluation.ts';
import { isCritical, orderReasons } from './reason.ts';

/** The verdict by the model, of a product that the ratio has a verdict for. */
function verdictByModel(model: ModelEvaluation, input: EvaluationInput): ProductVerdict {
  const { adverseCase, significance } = input.decision;
  if (!model.comparison.saved) return 'not_saved';
  if (adverseCase === 'must_hold' && !model.adverse.saved) return 'not_distinguishable';
  if (significance.below === 'refuse' && model.uncertainty?.distinguishable !== true) return 'not_distinguishable';
  return 'saved';
}

/** The evaluation of a product with its model beside the ratio, where the policy has one for it; else unchanged. */
export function withModel(
  input: EvaluationInput,
  product: ProductInput,
  evaluation: ProductEvaluation,
): ProductEvaluation {
  const rules = input.regression;
  if (rules === undefined || !rules.products.has(product.product)) return evaluation;
  const { verdict } = evaluation;
  const judged = verdict === 'saved' || verdict === 'not_saved' || verdict === 'not_distinguishable';
  if (!judged) return { ...evaluation, model: null };
  const { model, reasons: found } = evaluateModel(input, product, rules, evaluation);
  const reasons = orderReasons([...evaluation.reasons, ...found]);
  if (rules.verdict === 'print') return { ...evaluation, model, reasons };
  if (model === null || found.some(isCritical)) return { ...evaluation, model, reasons, verdict: 'insufficient_data' };
  return { ...evaluation, model, reasons, verdict: verdictByModel(model, input) };
}

/** The forms that a product's verdict rests on: those of the model where it decides, else those of the ratio. */
export function decidingForms(product: ProductEvaluation): {
  readonly headline: Comparison | null;
  readonly adverse: Comparison | null;
  readonly uncertainty: Uncertainty | null;
} {
  const { model } = product;
  if (model === null || model === undefined || !model.decides) return product;
  return { headline: model.comparison, adverse: model.adverse, uncertainty: model.uncertainty };
}
