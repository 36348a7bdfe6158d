import type { DecisionRules } from './evaluation-input.ts';
import type { MixEvaluation, ProductEvaluation } from './evaluation.ts';
import { subtractRatio, sumRatios, ZERO } from './ratio.ts';
import { given, SAVING, step } from './explain-step.ts';
import type { ExplainStep, StepInput } from './explain-step.ts';
import { decidingForms } from './with-model.ts';

/** The change of energy per unit of everything, in what the products did and what their mix did: the identity to be redone. */
function mixEffectSteps(
  { productMix }: MixEvaluation,
  products: readonly ProductEvaluation[],
  verdictUnit: string,
): readonly ExplainStep[] {
  if (productMix === null) return [];
  const { unit, effect, totalChange, totalIntensityBaseline, totalIntensityReporting } = productMix;
  const final = products.filter(({ intermediate, verdict }) => !intermediate && JUDGED.has(verdict));
  const inputs: StepInput[] = [];
  const terms: string[] = [];
  for (const [index, { product, headline }] of final.entries()) {
    if (!headline?.baseline.intensity) continue;
    const place = index + 1;
    inputs.push(
      given(`b${place}`, headline.baseline.intensity, `${verdictUnit}/${unit}`, `${product}/baseline/intensity`),
      given(`P${place}`, headline.baseline.quantity, unit, `output of ${product}, baseline`),
      given(`N${place}`, headline.reporting.quantity, unit, `output of ${product}, reporting`),
    );
    terms.push(`b${place} * (N${place} - P${place} * S / T)`);
  }
  const total = (side: 'baseline' | 'reporting') =>
    sumRatios(final.map((one) => one.headline?.[side].quantity ?? ZERO));
  const before = given('T', total('baseline'), unit, 'output of all products, baseline');
  const now = given('S', total('reporting'), unit, 'output of all products, reporting');
  const technical = subtractRatio(totalChange, effect);
  const clause = `${SAVING}, product mix`;
  const perUnit = `${verdictUnit}/${unit}`;
  return [
    step(
      'mix/effect',
      'change of energy by the product mix alone',
      terms.join(' + '),
      clause,
      [...inputs, now, before],
      verdictUnit,
      effect,
    ),
    step(
      'mix/total-change',
      'change of energy per unit of everything, at the output of the period',
      '(x_r - x_b) * S',
      clause,
      [
        given('x_r', totalIntensityReporting, perUnit, 'energy of all / output of all, reporting'),
        given('x_b', totalIntensityBaseline, perUnit, 'energy of all / output of all, baseline'),
        now,
      ],
      verdictUnit,
      totalChange,
    ),
    step(
      'mix/technical',
      'of it by the products themselves, negative = saved',
      'C - F',
      clause,
      [given('C', totalChange, verdictUnit, 'mix/total-change'), given('F', effect, verdictUnit, 'mix/effect')],
      verdictUnit,
      technical,
    ),
  ];
}

const JUDGED: ReadonlySet<string> = new Set(['saved', 'not_saved', 'not_distinguishable']);

/** Where a product's reference intensity comes from: its baseline, or what a model of it expects. */
function referenceOf({ product, model }: ProductEvaluation): string {
  return model?.decides === true
    ? `${product}/model/adjusted, for each unit of output`
    : `${product}/baseline/intensity`;
}

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
    const headline = product === undefined ? null : decidingForms(product).headline;
    if (product === undefined || !headline?.baseline.intensity || !headline.reporting.intensity) continue;
    const output = given(
      `M${index + 1}`,
      headline[decision.productionBasis].quantity,
      product.unit,
      `output of ${name}`,
    );
    const unit = `${verdictUnit}/${product.unit}`;
    inputs.reference.push(given(`b${index + 1}`, headline.baseline.intensity, unit, referenceOf(product)), output);
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
    ...mixEffectSteps(mix, products, verdictUnit),
  ];
}
