import { evaluate } from '../calc/evaluate.ts';
import { decidingForms } from '../calc/with-model.ts';
import type { DecisionScene } from './decision-scene.ts';
import type { ChainLine } from './evaluation-payload.ts';
import { toEvaluationInput, type Windows } from './evaluation-input.ts';
import { previousPeriod } from './rules.ts';

/** The chain form beside a fixed baseline: the previous period against this one, rate and saving a product. */
export function chainForm(scene: DecisionScene, windows: Windows): readonly ChainLine[] | null {
  const { state, applicant, policy, boundary, period } = scene;
  const previous = previousPeriod(policy.value, period);
  if (previous.start === windows.baseline.start && previous.end === windows.baseline.end) return null;
  const chained = evaluate(
    toEvaluationInput(
      state,
      applicant,
      policy.value,
      boundary.value,
      { baseline: { start: previous.start, end: previous.end }, reporting: windows.reporting },
      [],
    ),
  );
  return chained.products.map((product) => {
    // the figures that the verdict rests on: where a model decides, those of the model of that period
    const { headline } = decidingForms(product);
    return {
      product: product.product,
      verdict: product.verdict,
      rate: headline?.rate ?? null,
      saving: headline?.saving ?? null,
    };
  });
}
