import { grossEnergy, recoveredEnergy } from './energy-lines.ts';
import type { DecisionRules } from './evaluation-input.ts';
import type { CarrierLine, Comparison, Evaluation, PeriodFigures, ProductEvaluation } from './evaluation.ts';
import { mixSteps } from './explain-mix.ts';
import { modelSteps } from './explain-model.ts';
import { sharedSteps } from './explain-shared.ts';
import { GENERAL, given, SAVING, step } from './explain-step.ts';
import type { ExplainStep } from './explain-step.ts';
import { divideRatio, ratio } from './ratio.ts';
import { recoveredShare } from './recovered-share.ts';

type Side = 'baseline' | 'reporting';

/** What is put in for the gaps of each meter, against the claimant; in the meter's own unit. */
function gapSteps(product: ProductEvaluation, side: Side): readonly ExplainStep[] {
  return product.coverage[side].meters.flatMap(({ meter, window, covered, filled }) => {
    if (filled.n === 0n) return [];
    const missing = ratio(BigInt(window - covered), 1n);
    const unit = `unit of ${meter}`;
    const inputs = [
      given('h', divideRatio(filled, missing), `${unit}/s`, 'highest interval of both periods, a second'),
      given('t', missing, 's', `missing in the ${side} period`),
    ];
    const title = `gaps of ${meter}, ${side}: against the claimant`;
    const id = `${product.product}/${side}/gaps/${meter}`;
    return [step(id, title, 'h * t', 'calculation-v1 section 4', inputs, unit, filled)];
  });
}

function carrierSteps(evaluation: Evaluation, product: ProductEvaluation, side: Side): readonly ExplainStep[] {
  const { verdictUnit } = evaluation;
  return product.carriers[side].flatMap((line) => {
    const id = carrierId(product, side, line);
    const shared = sharedSteps(evaluation, product, side, line);
    const taken = line.counts === 'export' || line.counts === 'recovered' ? `, ${line.counts}: taken off` : '';
    const inputs = [
      given(
        'Q',
        line.quantity,
        line.unit,
        `metered, gaps filled${taken}${shared.length === 0 ? '' : ', with its part of what is shared'}`,
      ),
      given('p', line.factor, `${verdictUnit}/${line.unit}`, line.source),
    ];
    const title = `${line.carrier} of ${product.product}, ${side}`;
    return [...shared, step(id, title, 'Q * p', GENERAL, inputs, verdictUnit, line.energy)];
  });
}

function carrierId(product: ProductEvaluation, side: Side, line: CarrierLine): string {
  return `${product.product}/${side}/energy/${line.carrier}/${line.counts}`;
}

/** How much of the result rests on meters that no outside party can see. */
function recoveredStep(evaluation: Evaluation, product: ProductEvaluation, side: Side): readonly ExplainStep[] {
  const lines = product.carriers[side];
  const share = recoveredShare(lines);
  if (share === null || share.n === 0n) return [];
  const inputs = [
    given('R', recoveredEnergy(lines), evaluation.verdictUnit, "recovered, by the claimant's own meters"),
    given('G', grossEnergy(lines), evaluation.verdictUnit, 'used, before anything is taken off'),
  ];
  const title = `share of ${product.product} that rests on own meters of recovered energy, ${side}`;
  return [
    step(`${product.product}/${side}/recovered`, title, 'R / G', 'calculation-v1 section 5.5', inputs, '1', share),
  ];
}

function periodSteps(
  evaluation: Evaluation,
  product: ProductEvaluation,
  side: Side,
  figures: PeriodFigures,
): readonly ExplainStep[] {
  const { verdictUnit } = evaluation;
  const lines = product.carriers[side];
  const root = `${product.product}/${side}`;
  const parts = [
    ...lines.map((line, index) => given(`E${index + 1}`, line.energy, verdictUnit, carrierId(product, side, line))),
    ...product.adjustments[side]
      .filter(({ counted }) => counted)
      .map(({ energy, from, reason }, index) =>
        given(`A${index + 1}`, energy, verdictUnit, `adjustment ${from}: ${reason}`),
      ),
  ];
  const sum = parts.length === 0 ? '0' : parts.map(({ name }) => name).join(' + ');
  const steps = [
    ...gapSteps(product, side),
    ...carrierSteps(evaluation, product, side),
    step(
      `${root}/energy`,
      `energy of ${product.product}, ${side}`,
      sum,
      `${GENERAL}: E = sum E_k p_k - exported - recovered`,
      parts,
      verdictUnit,
      figures.energy,
    ),
  ];
  const recovered = recoveredStep(evaluation, product, side);
  if (figures.intensity === null) return [...steps, ...recovered];
  const inputs = [
    given('E', figures.energy, verdictUnit, `${root}/energy`),
    given(
      'M',
      figures.quantity,
      product.unit,
      product.basis === 'value'
        ? 'output value at the prices of the baseline'
        : 'output, gaps taken against the claimant',
    ),
  ];
  const unit = `${verdictUnit}/${product.unit}`;
  return [
    ...steps,
    ...recovered,
    step(
      `${root}/intensity`,
      `energy per unit of ${product.product}, ${side}`,
      'E / M',
      'ratio of sums',
      inputs,
      unit,
      figures.intensity,
    ),
  ];
}

function comparisonSteps(
  root: string,
  title: string,
  source: string,
  comparison: Comparison,
  units: { verdict: string; product: string },
  decision: DecisionRules,
): readonly ExplainStep[] {
  const { baseline, reporting, rate, saving } = comparison;
  if (baseline.intensity === null || reporting.intensity === null) return [];
  const unit = `${units.verdict}/${units.product}`;
  const before = given('e_b', baseline.intensity, unit, `${source}/baseline/intensity`);
  const after = given('e_r', reporting.intensity, unit, `${source}/reporting/intensity`);
  const steps: ExplainStep[] = [];
  if (rate !== null) {
    steps.push(
      step(
        `${root}/rate`,
        `saving rate${title}, positive = less energy per unit`,
        '(e_b - e_r) / |e_b|',
        SAVING,
        [before, after],
        '1',
        rate,
      ),
    );
  }
  if (saving !== null) {
    const basis = decision.productionBasis;
    const output = given('M', comparison[basis].quantity, units.product, `output of the ${basis} period`);
    steps.push(
      step(
        `${root}/saving`,
        `energy saved${title} at the output of the ${basis} period`,
        '(e_b - e_r) * M',
        `${SAVING}, sign reversed`,
        [before, after, output],
        units.verdict,
        saving,
      ),
    );
  }
  return steps;
}

/** Figures that do not come from a step of their own: a period with the audited differences turned against the claimant. */
function plainIntensities(
  root: string,
  product: ProductEvaluation,
  comparison: Comparison,
  verdictUnit: string,
): readonly ExplainStep[] {
  const steps: ExplainStep[] = [];
  for (const side of ['baseline', 'reporting'] as const) {
    const { energy, quantity, intensity } = comparison[side];
    if (intensity === null) continue;
    const inputs = [given('E', energy, verdictUnit, 'energy'), given('M', quantity, product.unit, 'output')];
    steps.push(
      step(
        `${root}/${side}/intensity`,
        `energy per unit of ${product.product}, ${side}`,
        'E / M',
        'ratio of sums',
        inputs,
        `${verdictUnit}/${product.unit}`,
        intensity,
      ),
    );
  }
  return steps;
}

function productSteps(
  evaluation: Evaluation,
  product: ProductEvaluation,
  decision: DecisionRules,
): readonly ExplainStep[] {
  const { verdictUnit } = evaluation;
  const { headline } = product;
  if (headline === null) return [];
  const units = { verdict: verdictUnit, product: product.unit };
  const name = product.product;
  const steps = [
    ...periodSteps(evaluation, product, 'baseline', headline.baseline),
    ...periodSteps(evaluation, product, 'reporting', headline.reporting),
    ...comparisonSteps(name, '', name, headline, units, decision),
  ];
  const others = [
    ['without-fill', ' without any gap filled', product.withoutFill],
    ['own-table', " with each period's own factors", product.ownTable],
    ['fixed-base', ' against the first certified period', product.fixedBase],
    ['without-adjustment', ' without the admitted adjustments', product.withoutAdjustment],
    ['adverse', ' with every audited difference against the claimant', product.adverse],
    ['current-prices', ' at current prices', product.currentPrices],
  ] as const;
  for (const [word, title, comparison] of others) {
    if (comparison === null) continue;
    const root = `${name}/${word}`;
    steps.push(
      ...plainIntensities(root, product, comparison, verdictUnit),
      ...comparisonSteps(root, title, root, comparison, units, decision),
    );
  }
  return steps;
}

/**
 * The evaluation as steps to redo by hand, in order: each carrier, each sum, each intensity, each rate; then the forms printed
 * beside the headline; then all products together. Every input and result is exact.
 */
export function explain(evaluation: Evaluation, decision: DecisionRules): readonly ExplainStep[] {
  const { products, mix, verdictUnit } = evaluation;
  const steps = products.flatMap((product) => [
    ...productSteps(evaluation, product, decision),
    ...modelSteps(product, verdictUnit),
  ]);
  return mix === null ? steps : [...steps, ...mixSteps(mix, products, verdictUnit, decision)];
}
