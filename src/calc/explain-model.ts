import type { Comparison, ProductEvaluation } from './evaluation.ts';
import { given, step } from './explain-step.ts';
import type { ExplainStep, StepInput } from './explain-step.ts';
import type { ModelEvaluation, ModelForm, ModelSpread } from './model-evaluation.ts';
import { addRatio, ratio, subtractRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { bandTerms } from './savings-band.ts';

const MODEL = 'ISO 50006: ordinary least squares';
const BAND = 'ASHRAE Guideline 14; CalTRACK 2.0 section 4.3.2';

const whole = (n: number): Rational => ratio(BigInt(n), 1n);

/** The steps of a product's model: what it expects, what that makes of the period, how well it fits and how far it can be off. */
export function modelSteps(product: ProductEvaluation, verdictUnit: string): readonly ExplainStep[] {
  const { model } = product;
  if (model === null || model === undefined) return [];
  const name = product.product;
  const root = `${name}/model`;
  const beside = [
    [`${root}/own-table`, " with each period's own table", model.ownTable],
    [`${root}/fixed-base`, ' against the first certified period', model.fixedBase],
  ] as const;
  return [
    ...formSteps(name, root, '', model, verdictUnit),
    ...comparisonSteps(
      name,
      `${root}/adverse`,
      ' with every audited difference against the claimant',
      [model.adverse, 'adjusted baseline, adverse'],
      verdictUnit,
    ),
    ...fitSteps(root, model),
    ...(model.spread === null ? [] : spreadSteps(root, model, model.spread)),
    ...beside.flatMap(([id, title, form]) => (form === null ? [] : formSteps(name, id, title, form, verdictUnit))),
  ];
}

/** What a model of one band expects, and what that makes of the period. */
function formSteps(
  name: string,
  root: string,
  title: string,
  form: ModelForm,
  verdictUnit: string,
): readonly ExplainStep[] {
  const from = `${root}/adjusted, rounded down to a multiple of 10^-18`;
  return [
    ...expectedSteps(name, root, title, form, verdictUnit),
    ...comparisonSteps(name, root, title, [form.comparison, from], verdictUnit),
  ];
}

function expectedSteps(
  name: string,
  root: string,
  title: string,
  model: ModelForm,
  verdictUnit: string,
): readonly ExplainStep[] {
  const [constant, ...slopes] = model.terms;
  const fitted = `fitted to ${model.rows.used} of ${model.rows.baseline} rows of the baseline`;
  const inputs: StepInput[] = [
    given('b0', constant!.coefficient, `${verdictUnit}/row`, fitted),
    given('n', whole(model.rows.reporting), '1', 'rows of the reporting period'),
  ];
  for (const [j, { name: variable, coefficient }] of slopes.entries()) {
    inputs.push(given(`b${j + 1}`, coefficient, `${verdictUnit} by ${variable}`, fitted));
    inputs.push(
      given(
        `x${j + 1}`,
        model.sums[j]!,
        variable,
        `${variable} of the reporting period, gaps taken against the claimant`,
      ),
    );
  }
  const formula = ['b0 * n', ...slopes.map((_, j) => `b${j + 1} * x${j + 1}`)].join(' + ');
  const adjusted = addRatio(subtractRatio(model.modelled, model.withheld), model.adjustment);
  return [
    step(
      `${root}/expected`,
      `energy of ${name} that the model expects${title}`,
      formula,
      MODEL,
      inputs,
      verdictUnit,
      model.modelled,
    ),
    step(
      `${root}/adjusted`,
      `adjusted baseline of ${name}${title}`,
      'F - W + A',
      'ISO 50006; a gap never helps the claimant',
      [
        given('F', model.modelled, verdictUnit, `${root}/expected`),
        given('W', model.withheld, verdictUnit, 'for rows of the baseline that are missing'),
        given('A', model.adjustment, verdictUnit, 'adjustments of the baseline'),
      ],
      verdictUnit,
      adjusted,
    ),
  ];
}

function comparisonSteps(
  name: string,
  id: string,
  title: string,
  [{ baseline, reporting, rate, saving }, from]: readonly [Comparison, string],
  verdictUnit: string,
): readonly ExplainStep[] {
  if (rate === null || saving === null) return [];
  const inputs = [
    given('E_adj', baseline.energy, verdictUnit, from),
    given('E_r', reporting.energy, verdictUnit, 'energy of the reporting period'),
  ];
  const titles = [`saving rate of ${name} by the model${title}`, `energy saved by the model${title}`] as const;
  return [
    step(`${id}/rate`, titles[0], '(E_adj - E_r) / |E_adj|', MODEL, inputs, '1', rate),
    step(`${id}/saving`, titles[1], 'E_adj - E_r', MODEL, inputs, verdictUnit, saving),
  ];
}

function fitSteps(root: string, { r2, adjustedR2, f, degrees, terms, rows }: ModelEvaluation): readonly ExplainStep[] {
  const found: ExplainStep[] = [];
  const slopes = whole(terms.length - 1);
  if (r2 !== null && adjustedR2 !== null) {
    const inputs = [
      given('R2', r2, '1', 'share of the variation that the model explains'),
      given('n', whole(rows.used), '1', 'rows'),
      given('k', slopes, '1', 'slopes'),
    ];
    found.push(
      step(
        `${root}/adjusted-r2`,
        'adjusted R2',
        '1 - (1 - R2) * (n - 1) / (n - k - 1)',
        MODEL,
        inputs,
        '1',
        adjustedR2,
      ),
    );
  }
  if (r2 !== null && f !== null) {
    const inputs = [
      given('R2', r2, '1', 'share of the variation that the model explains'),
      given('k', slopes, '1', 'slopes'),
      given('df', whole(degrees), '1', 'degrees of freedom of the residuals'),
    ];
    found.push(step(`${root}/f`, 'F of the model', '(R2 / k) / ((1 - R2) / df)', MODEL, inputs, '1', f));
  }
  for (const { name, coefficient, errorSquared, tSquared } of terms) {
    if (tSquared === null) continue;
    const inputs = [given('b', coefficient, '1', name), given('s2', errorSquared, '1', `square of its standard error`)];
    found.push(step(`${root}/t-squared/${name}`, `t^2 of ${name}`, 'b * b / s2', MODEL, inputs, '1', tSquared));
  }
  return found;
}

function spreadSteps(root: string, model: ModelEvaluation, spread: ModelSpread): readonly ExplainStep[] {
  const found: ExplainStep[] = [];
  const n = given('n', whole(model.rows.used), '1', 'rows');
  if (spread.independent !== null) {
    const inputs = [n, given('r', spread.rho, '1', 'autocorrelation of the residuals, to 12 digits')];
    const id = `${root}/independent-rows`;
    found.push(step(id, "independent rows n'", 'n * (1 - r) / (1 + r)', BAND, inputs, '1', spread.independent));
  }
  if (model.uncertainty === null) return found;
  const { months, a, b, c } = bandTerms(model.rowLength, model.rows.reporting);
  const inputs = [
    given('t', spread.t, '1', `quantile of t of ${spread.degrees} degrees of freedom, to 12 digits`),
    given('a', a, '1', 'Sun and Baltazar'),
    given('b', b, '1', 'Sun and Baltazar'),
    given('c', c, '1', 'Sun and Baltazar'),
    given('M', months, '1', 'months of the reporting period'),
    given('V', spread.cvSquared, '1', 'CV(RMSE)^2'),
    n,
    given('m', spread.counted, '1', "min(n, n')"),
    given('q', whole(model.rows.reporting), '1', 'rows of the reporting period'),
  ];
  const polynomial = '(a * M * M + b * M + c)';
  const formula = `t * t * ${polynomial} * ${polynomial} * V * (n / m) * (1 + 2 / m) / q`;
  const title = 'square of the band around the modelled energy, relative to it';
  found.push(step(`${root}/band-squared`, title, formula, BAND, inputs, '1', model.uncertainty.expandedSquared));
  return found;
}
