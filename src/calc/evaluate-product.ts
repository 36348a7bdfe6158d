import { periodAdjustment } from './adjustment.ts';
import { adverseComparison } from './adverse-comparison.ts';
import { recoveredEnergy } from './energy-lines.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison, PeriodFigures, ProductEvaluation, Reason } from './evaluation.ts';
import type { EvaluationViews } from './evaluation-views.ts';
import { fixedBaseComparison } from './fixed-base.ts';
import { gradeProduct } from './norm-limit.ts';
import type { PeriodViews } from './period-view.ts';
import { figuresOf } from './product-figures.ts';
import { productCoverage, productMeters } from './product-meters.ts';
import { hasMissingFactor, preventsFigures, productReasons } from './product-reasons.ts';
import { uncertaintyOf } from './product-uncertainty.ts';
import { verdictOf } from './product-verdict.ts';
import { absRatio, compareRatio } from './ratio.ts';
import { orderReasons, reason } from './reason.ts';
import { checkRecovered } from './recovered-share.ts';
import { roundPlaces } from './rounding.ts';
import { compareFigures } from './saving.ts';
import { sharingChanges } from './sharing-change.ts';

/** The admitted adjustments of a product, in each period. */
function adjustmentsOf(input: EvaluationInput, product: string) {
  return {
    baseline: periodAdjustment(input, product, 'baseline', input.baseline),
    reporting: periodAdjustment(input, product, 'reporting', input.reporting),
    fixedBase: periodAdjustment(input, product, 'fixed_base', input.fixedBase),
  };
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
  const resets = (input.baselineResets ?? []).filter((reset) => (reset.product ?? name) === name);
  const isReset = resets.length > 0;
  const adjusted = adjustmentsOf(input, name);

  const found: Reason[] = [
    ...productReasons(product, reporting, reportingMeters, reportingCoverage, input.dataRules),
    ...adjusted.reporting.reasons,
    ...resets.map(({ text }) => reason('baseline-reset', 'minor', text, 'baseline')),
  ];
  const isReportingSound = !found.some(preventsFigures);
  if (!recordedInBaseline)
    found.push(
      reason('baseline-missing', 'minor', `no output of '${name}' is recorded in the baseline window`, 'baseline'),
    );
  else if (!isReset)
    found.push(
      ...productReasons(product, baseline, baselineMeters, baselineCoverage, input.dataRules),
      ...adjusted.baseline.reasons,
    );

  const compare = (before: PeriodFigures | null, after: PeriodFigures | null): Comparison | null =>
    before === null || after === null ? null : compareFigures(before, after, savingMoreThan, productionBasis);
  const formed = recordedInBaseline && !isReset && !found.some(preventsFigures);
  const before = (view: PeriodViews['filled'], prices?: 'current') =>
    figuresOf(view, name, adjusted.baseline.energy, prices);
  const now = (view: PeriodViews['filled'], prices?: 'current') =>
    figuresOf(view, name, adjusted.reporting.energy, prices);
  const after = formed ? now(reporting.filled) : null;
  const headline = compare(formed ? before(baseline.filled) : null, after);
  const ownTable = hasMissingFactor(baseline.ownTable, name) ? null : compare(before(baseline.ownTable), after);
  const adverse = headline === null ? null : adverseComparison(input, product, views, headline);
  if (adverse !== null) found.push(...adverse.reasons);
  const uncertainty = headline === null ? null : uncertaintyOf(input, product, views, headline);
  if (headline !== null && uncertainty === null) {
    const text = `the uncertainty of '${name}' cannot be stated: a meter has no accuracy, or a figure is zero`;
    found.push(reason('accuracy-unknown', 'minor', text));
  }
  const fixed = fixedBaseComparison(product, fixedBase, after, adjusted.fixedBase.energy, compare);
  found.push(...fixed.reasons);
  if (headline !== null && headline.reporting.quantity.n === 0n) {
    found.push(reason('not-produced', 'minor', `'${name}' was not made in the period`, 'reporting'));
  }
  found.push(...changeReasons(name, headline, input));
  if (headline !== null) found.push(...sharingChanges(name, baseline.filled, reporting.filled));
  found.push(...checkRecovered(name, reporting.filled.energy.lines.get(name) ?? []));
  const reasons = orderReasons([...found, ...views.tree.reasons]);
  const facts = { recordedInBaseline, isReset, reasons, headline, adverse: adverse?.comparison ?? null, uncertainty };
  const current = product.basis === 'value' && recordedInBaseline && !isReset;
  const isAdjusted = adjusted.baseline.lines.length + adjusted.reporting.lines.length > 0;
  const lines = (view: PeriodViews) => view.filled.energy.lines.get(name) ?? [];
  return {
    product: name,
    basis: product.basis,
    unit: product.unit,
    intermediate: product.intermediate === true,
    verdict: verdictOf(facts, input),
    reasons,
    headline,
    withoutFill: formed ? compare(before(baseline.measured), now(reporting.measured)) : null,
    ownTable: formed ? ownTable : null,
    fixedBase: fixed.comparison,
    adverse: adverse?.comparison ?? null,
    withoutAdjustment:
      formed && isAdjusted ? compare(figuresOf(baseline.filled, name), figuresOf(reporting.filled, name)) : null,
    currentPrices: current ? compare(before(baseline.filled, 'current'), now(reporting.filled, 'current')) : null,
    carriers: { baseline: lines(baseline), reporting: lines(reporting) },
    adjustments: { baseline: adjusted.baseline.lines, reporting: adjusted.reporting.lines },
    norm: gradeProduct(
      product,
      input.verdictUnit,
      headline?.baseline.intensity ?? null,
      isReportingSound ? (now(reporting.filled)?.intensity ?? null) : null,
    ),
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
