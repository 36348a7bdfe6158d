import { adverseFigures } from './adverse.ts';
import { netEnergy, recoveredEnergy } from './energy-lines.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type {
  Comparison,
  PeriodFigures,
  ProductEvaluation,
  ProductVerdict,
  Reason,
  Uncertainty,
} from './evaluation.ts';
import { periodFigures } from './intensity.ts';
import type { MeterTree } from './meter-tree.ts';
import type { PeriodView, PeriodViews } from './period-view.ts';
import { productCoverage, productMeters } from './product-meters.ts';
import { preventsFigures, productReasons } from './product-reasons.ts';
import { absRatio, compareRatio, divideRatio, ONE } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { isCritical, orderReasons, reason } from './reason.ts';
import { roundPlaces } from './rounding.ts';
import { compareFigures } from './saving.ts';
import { energyContributions, outputContributions, rateUncertainty } from './uncertainty.ts';

/** All periods of an evaluation. */
export interface EvaluationViews {
  readonly tree: MeterTree;
  readonly baseline: PeriodViews;
  readonly reporting: PeriodViews;
  readonly fixedBase: PeriodViews | null;
}

function figuresOf(
  view: PeriodView,
  product: string,
  prices: 'comparable' | 'current' = 'comparable',
): PeriodFigures | null {
  const found = view.quantities.get(product);
  const quantity = prices === 'current' ? found?.current : found?.quantity;
  if (quantity === undefined || quantity === null) return null;
  return periodFigures(netEnergy(view.energy.lines.get(product) ?? []), quantity);
}

function hasMissingFactor(view: PeriodView, product: string): boolean {
  return view.energy.notes.some((note) => note.products.includes(product) && preventsFigures(note.reason));
}

/** Comparable over current prices of a period; 1 for basis `quantity`. */
function priceScale(view: PeriodView, product: string): Rational {
  const found = view.quantities.get(product)!;
  return found.quantity === null || found.current.n === 0n ? ONE : divideRatio(found.quantity, found.current);
}

function adverseComparison(
  input: EvaluationInput,
  product: ProductInput,
  views: EvaluationViews,
  headline: Comparison,
) {
  const side = (period: 'baseline' | 'reporting') => {
    const view = views[period].filled;
    const scale = priceScale(view, product.product);
    return adverseFigures({
      input,
      product,
      period,
      figures: headline[period],
      factors: view.factors,
      lines: view.energy.lines,
      priceScale: scale,
    });
  };
  const baseline = side('baseline');
  const reporting = side('reporting');
  const { savingMoreThan, productionBasis } = input.decision;
  const comparison = compareFigures(baseline.figures, reporting.figures, savingMoreThan, productionBasis);
  return { comparison, reasons: [...baseline.reasons, ...reporting.reasons] };
}

function uncertaintyOf(
  input: EvaluationInput,
  product: ProductInput,
  views: EvaluationViews,
  headline: Comparison,
): Uncertainty | null {
  const { tree } = views;
  const energy = (period: 'baseline' | 'reporting') => {
    const { meters, filled } = views[period];
    return {
      total: headline[period].energy,
      by: energyContributions(product, tree, meters, filled.factors, filled.energy.shares),
    };
  };
  const output = (period: 'baseline' | 'reporting') => {
    const { meters, filled } = views[period];
    return { total: filled.quantities.get(product.product)!.current, by: outputContributions(product, tree, meters) };
  };
  return rateUncertainty(
    headline,
    { baseline: energy('baseline'), reporting: energy('reporting') },
    { baseline: output('baseline'), reporting: output('reporting') },
    tree,
    input.decision.significance,
  );
}

/** What a product's verdict is formed from. */
interface VerdictFacts {
  readonly recordedInBaseline: boolean;
  readonly reasons: readonly Reason[];
  readonly headline: Comparison | null;
  readonly adverse: Comparison | null;
  readonly uncertainty: Uncertainty | null;
}

function verdictOf(
  { recordedInBaseline, reasons, headline, adverse, uncertainty }: VerdictFacts,
  input: EvaluationInput,
): ProductVerdict {
  if (!recordedInBaseline) return 'no_baseline';
  if (headline === null || reasons.some(isCritical)) return 'insufficient_data';
  if (headline.baseline.quantity.n === 0n) return 'no_baseline';
  if (headline.reporting.quantity.n === 0n) return 'not_produced';
  if (!headline.saved) return 'not_saved';
  const { adverseCase, significance } = input.decision;
  if (adverseCase === 'must_hold' && adverse?.saved !== true) return 'not_distinguishable';
  // An uncertainty that cannot be stated cannot be exceeded either.
  if (significance.below === 'refuse' && uncertainty?.distinguishable !== true) return 'not_distinguishable';
  return 'saved';
}

/** One product: figures in every form, reasons, verdict. */
export function evaluateProduct(
  input: EvaluationInput,
  product: ProductInput,
  views: EvaluationViews,
): ProductEvaluation {
  const name = product.product;
  const { baseline, reporting, fixedBase, tree } = views;
  const { savingMoreThan, productionBasis } = input.decision;
  const baselineMeters = productMeters(product, tree, baseline.meters);
  const reportingMeters = productMeters(product, tree, reporting.meters);
  const baselineCoverage = productCoverage(baselineMeters, input.baseline);
  const reportingCoverage = productCoverage(reportingMeters, input.reporting);
  const recordedInBaseline = baseline.filled.quantities.get(name)!.counted > 0;

  const found: Reason[] = [...productReasons(product, reporting, reportingMeters, reportingCoverage, input.dataRules)];
  if (recordedInBaseline)
    found.push(...productReasons(product, baseline, baselineMeters, baselineCoverage, input.dataRules));
  else
    found.push(
      reason('baseline-missing', 'minor', `no output of '${name}' is recorded in the baseline window`, 'baseline'),
    );

  const compare = (before: PeriodFigures | null, after: PeriodFigures | null): Comparison | null =>
    before === null || after === null ? null : compareFigures(before, after, savingMoreThan, productionBasis);
  const formed = recordedInBaseline && !found.some(preventsFigures);
  const after = formed ? figuresOf(reporting.filled, name) : null;
  const headline = compare(formed ? figuresOf(baseline.filled, name) : null, after);
  const ownTable = hasMissingFactor(baseline.ownTable, name)
    ? null
    : compare(figuresOf(baseline.ownTable, name), after);
  const adverse = headline === null ? null : adverseComparison(input, product, views, headline);
  if (adverse !== null) found.push(...adverse.reasons);
  const uncertainty = headline === null ? null : uncertaintyOf(input, product, views, headline);
  if (headline !== null && uncertainty === null) {
    found.push(
      reason(
        'accuracy-unknown',
        'minor',
        `the uncertainty of '${name}' cannot be stated: a meter has no accuracy, or a figure is zero`,
      ),
    );
  }
  const fixed = fixedBaseComparison(product, fixedBase, after, compare);
  found.push(...fixed.reasons);
  if (headline !== null && headline.reporting.quantity.n === 0n) {
    found.push(reason('not-produced', 'minor', `'${name}' was not made in the period`, 'reporting'));
  }
  found.push(...changeReasons(name, headline, input));
  const reasons = orderReasons([...found, ...views.tree.reasons]);
  const facts = { recordedInBaseline, reasons, headline, adverse: adverse?.comparison ?? null, uncertainty };
  const current = product.basis === 'value' && recordedInBaseline;
  const lines = (view: PeriodViews) => view.filled.energy.lines.get(name) ?? [];
  return {
    product: name,
    basis: product.basis,
    unit: product.unit,
    verdict: verdictOf(facts, input),
    reasons,
    headline,
    withoutFill: formed ? compare(figuresOf(baseline.measured, name), figuresOf(reporting.measured, name)) : null,
    ownTable: formed ? ownTable : null,
    fixedBase: fixed.comparison,
    adverse: adverse?.comparison ?? null,
    currentPrices: current
      ? compare(figuresOf(baseline.filled, name, 'current'), figuresOf(reporting.filled, name, 'current'))
      : null,
    carriers: { baseline: lines(baseline), reporting: lines(reporting) },
    recovered: { baseline: recoveredEnergy(lines(baseline)), reporting: recoveredEnergy(lines(reporting)) },
    coverage: { baseline: baselineCoverage, reporting: reportingCoverage },
    uncertainty,
  };
}

function changeReasons(name: string, headline: Comparison | null, input: EvaluationInput): readonly Reason[] {
  const { flags } = input.dataRules;
  if (flags === undefined || headline?.rate === undefined || headline.rate === null) return [];
  if (compareRatio(absRatio(headline.rate), flags.changeSinceBaseline) <= 0) return [];
  const share = roundPlaces({ n: headline.rate.n * 100n, d: headline.rate.d }, 1);
  return [
    reason('change-since-baseline', 'minor', `energy per unit of '${name}' changed by ${share} % (positive = less)`),
  ];
}

/** The first certified period against this one: printed, never the verdict, so its defects are notes. */
function fixedBaseComparison(
  product: ProductInput,
  views: PeriodViews | null,
  after: PeriodFigures | null,
  compare: (before: PeriodFigures | null, after: PeriodFigures | null) => Comparison | null,
): { readonly comparison: Comparison | null; readonly reasons: readonly Reason[] } {
  if (views === null || after === null) return { comparison: null, reasons: [] };
  const quantity = views.filled.quantities.get(product.product)!;
  const notes = views.filled.energy.notes
    .filter((note) => note.products.includes(product.product))
    .map((note) => note.reason);
  const reasons = [...quantity.reasons, ...notes].map((found): Reason => ({ ...found, severity: 'minor' }));
  if (quantity.counted === 0 || hasMissingFactor(views.filled, product.product)) return { comparison: null, reasons };
  return { comparison: compare(figuresOf(views.filled, product.product), after), reasons };
}
