import type { DecisionRules } from './evaluation-input.ts';
import type { MixEvaluation, ProductEvaluation } from './evaluation.ts';
import { given, SAVING, step } from './explain-step.ts';
import type { ExplainStep, StepInput } from './explain-step.ts';

/** All products together at one mix: sum e_b M against sum e_r M. */
export function mixSteps(
  mix: MixEvaluation,
  products: readonly ProductEvaluation[],
  verdictUnit: string,
  decision: DecisionRules,
): readonly ExplainStep[] {
  const inputs: { readonly reference: StepInput[]; readonly actual: StepInput[] } = { reference: [], actual: [] };
  const terms = { reference: [] as string[], actual: [] as string[] };
  for (const [index, name] of mix.products.entries()) {
    const product = products.find((one) => one.product === name);
    const headline = product?.headline;
    if (product === undefined || !headline?.baseline.intensity || !headline.reporting.intensity) continue;
    const output = given(
      `M${index + 1}`,
      headline[decision.productionBasis].quantity,
      product.unit,
      `output of ${name}`,
    );
    const unit = `${verdictUnit}/${product.unit}`;
    inputs.reference.push(
      given(`b${index + 1}`, headline.baseline.intensity, unit, `${name}/baseline/intensity`),
      output,
    );
    inputs.actual.push(
      given(`r${index + 1}`, headline.reporting.intensity, unit, `${name}/reporting/intensity`),
      output,
    );
    terms.reference.push(`b${index + 1} * M${index + 1}`);
    terms.actual.push(`r${index + 1} * M${index + 1}`);
  }
  const { referenceEnergy, actualEnergy, saving, rate } = mix;
  const pair = [
    given('R', referenceEnergy, verdictUnit, 'mix/reference'),
    given('A', actualEnergy, verdictUnit, 'mix/actual'),
  ];
  return [
    step(
      'mix/reference',
      'energy at the intensities of the baseline',
      terms.reference.join(' + '),
      SAVING,
      inputs.reference,
      verdictUnit,
      referenceEnergy,
    ),
    step(
      'mix/actual',
      'energy at the intensities of the period',
      terms.actual.join(' + '),
      SAVING,
      inputs.actual,
      verdictUnit,
      actualEnergy,
    ),
    step('mix/saving', 'energy saved, all products', 'R - A', `${SAVING}, sign reversed`, pair, verdictUnit, saving),
    ...(rate === null ? [] : [step('mix/rate', 'mix-weighted saving rate', '(R - A) / |R|', SAVING, pair, '1', rate)]),
  ];
}
