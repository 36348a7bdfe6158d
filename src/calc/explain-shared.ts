import type { CarrierLine, Evaluation, ProductEvaluation } from './evaluation.ts';
import { isUse } from './energy-lines.ts';
import { GENERAL, given, step } from './explain-step.ts';
import type { ExplainStep, StepInput } from './explain-step.ts';
import { compareRatio, divideRatio, multiplyRatio, subtractRatio, sumRatios } from './ratio.ts';
import type { Rational } from './ratio.ts';

type Side = 'baseline' | 'reporting';

/**
 * How a product comes to its part of a carrier that is shared: what all of them share, by the key. Nothing where it has no part, or all of it.
 */
export function sharedSteps(
  { products, allocationKey, verdictUnit }: Evaluation,
  { product: name }: ProductEvaluation,
  side: Side,
  { carrier, counts, shared }: CarrierLine,
): readonly ExplainStep[] {
  const parts = products.flatMap((one) =>
    one.carriers[side].filter((line) => line.carrier === carrier && line.counts === counts).map((line) => line.shared),
  );
  const all = sumRatios(parts);
  if (shared.n === 0n || all.n === 0n || compareRatio(all, shared) === 0) return [];
  const share = divideRatio(shared, all);
  const whole = given('S', all, verdictUnit, 'of all products: what is left of the meters after their sub-meters');
  const weights = products.map((one) => ({ product: one.product, weight: ownEnergy(one, side) }));
  const sum = sumRatios(weights.map(({ weight }) => weight));
  const own = weights.find((one) => one.product === name)!.weight;
  const id = `${name}/${side}/shared/${carrier}/${counts}`;
  const title = `shared ${carrier} of ${name}, ${side}: by ${allocationKey.replaceAll('_', ' ')}`;
  const asStep = (formula: string, inputs: readonly StepInput[]): ExplainStep =>
    step(id, title, formula, `${GENERAL}; the policy's key`, inputs, verdictUnit, shared);
  // own converted energy weighs too and is in no line: then, and by another key, the share is given as it is
  const isByLines = allocationKey === 'direct_energy' && sum.n !== 0n && isSame(multiplyRatio(share, sum), own);
  if (!isByLines) return [asStep('S * s', [whole, given('s', share, '1', 'share of the product by the key')])];
  const others = weights.filter((one) => one.product !== name && one.weight.n !== 0n);
  const inputs = [
    whole,
    given('w', own, verdictUnit, `metered for ${name} alone`),
    ...others.map(({ product, weight }, index) =>
      given(`w${index + 1}`, weight, verdictUnit, `metered for ${product} alone`),
    ),
  ];
  return [asStep(`S * w / (${['w', ...others.map((_, index) => `w${index + 1}`)].join(' + ')})`, inputs)];
}

/** What is metered for a product alone, before anything is taken off. */
function ownEnergy({ carriers }: ProductEvaluation, side: Side): Rational {
  return sumRatios(carriers[side].filter(isUse).map(({ energy, shared }) => subtractRatio(energy, shared)));
}

const isSame = (a: Rational, b: Rational): boolean => compareRatio(a, b) === 0;
