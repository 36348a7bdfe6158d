import { assertInvariant } from '../errors.ts';
import { evaluateProduct } from './evaluate-product.ts';
import type { EvaluationInput, Window } from './evaluation-input.ts';
import type { Comparison, Evaluation, MixEvaluation, PeriodName, ProductEvaluation, Reason } from './evaluation.ts';
import { buildMeterTree } from './meter-tree.ts';
import { highestRates, periodTotals } from './meter-period.ts';
import type { PeriodTotals } from './meter-period.ts';
import { periodViews } from './period-view.ts';
import { addRatio, divideRatio, multiplyRatio, ZERO } from './ratio.ts';
import { isCritical, orderReasons, reason } from './reason.ts';
import { mixWeighted, productMixEffect } from './saving.ts';
import type { MixPart } from './saving.ts';
import { toUncertainty } from './uncertainty.ts';
import { decidingForms, withModel } from './with-model.ts';
import { wholeOfProducts } from './whole.ts';

function asPart(comparison: Comparison | null): MixPart | null {
  if (comparison === null || comparison.baseline.intensity === null || comparison.reporting.intensity === null)
    return null;
  return comparison;
}

/** sum of w^2 U^2, w = a product's part of the reference energy; null where one is unknown. */
function mixUncertainty(
  products: readonly ProductEvaluation[],
  parts: readonly MixPart[],
  input: EvaluationInput,
  mix: ReturnType<typeof mixWeighted>,
) {
  if (mix.rate === null) return null;
  let spread = ZERO;
  for (const [index, part] of parts.entries()) {
    const known = decidingForms(products[index]!).uncertainty;
    if (known === null || part.baseline.intensity === null) return null;
    const output = input.decision.productionBasis === 'reporting' ? part.reporting.quantity : part.baseline.quantity;
    const weight = divideRatio(multiplyRatio(part.baseline.intensity, output), mix.referenceEnergy);
    spread = addRatio(spread, multiplyRatio(multiplyRatio(weight, weight), known.expandedSquared));
  }
  return toUncertainty(mix.rate, spread);
}

/** The products that have a verdict, taken together at one mix. Null where there is none. */
function evaluateMix(evaluations: readonly ProductEvaluation[], input: EvaluationInput): MixEvaluation | null {
  const judged = evaluations.filter(
    ({ verdict }) => verdict === 'saved' || verdict === 'not_saved' || verdict === 'not_distinguishable',
  );
  const parts = judged.map((product) => asPart(decidingForms(product).headline)).filter((part) => part !== null);
  if (judged.length === 0 || parts.length < judged.length) return null;
  const { savingMoreThan, productionBasis } = input.decision;
  const mix = mixWeighted(parts, savingMoreThan, productionBasis);
  const adverseParts = judged.map((product) => asPart(decidingForms(product).adverse)).filter((part) => part !== null);
  // A product whose output the differences eat up entirely cannot be said to save.
  const adverse =
    adverseParts.length < judged.length ? null : mixWeighted(adverseParts, savingMoreThan, productionBasis);
  // output that goes on into another product would stand in the total twice
  const final = judged.filter(({ intermediate }) => !intermediate);
  const units = new Set(final.map(({ unit }) => unit));
  const finalParts = final.map(({ headline }) => asPart(headline)).filter((part) => part !== null);
  return {
    products: judged.map(({ product }) => product),
    ...mix,
    adverseRate: adverse?.rate ?? null,
    adverseSaved: adverse?.saved ?? false,
    uncertainty: mixUncertainty(judged, parts, input, mix),
    productMix: units.size === 1 ? productMixEffect(finalParts, final[0]!.unit) : null,
  };
}

/**
 * The whole evaluation of an applicant's period: per product type the energy per unit of product against its own history,
 * exact, and the whole that follows from it. A pure function of its input, whatever the order of meters, products and
 * readings. Audits are combined with it by `combineWhole`. Product names are distinct. Throws USAGE for figures that no ledger
 * can hold: an interval without length, a price index that is not positive.
 */
export function evaluate(input: EvaluationInput): Evaluation {
  const names = input.products.map(({ product }) => product).toSorted();
  assertInvariant(new Set(names).size === names.length, 'product names are distinct');
  const tree = buildMeterTree(input.meters);
  const totalsOf = (period: PeriodName, window: Window) => periodTotals(tree, period, window, input.dataRules);
  const before = totalsOf('baseline', input.baseline);
  const after = totalsOf('reporting', input.reporting);
  const highest = highestRates([before, after]);
  const viewsOf = (period: PeriodName, window: Window, totals: PeriodTotals) =>
    periodViews(input, tree, period, window, totals, highest);
  const baseline = viewsOf('baseline', input.baseline, before);
  const reporting = viewsOf('reporting', input.reporting, after);
  const first = input.fixedBase;
  const fixedBase = first === undefined ? null : viewsOf('fixed_base', first, totalsOf('fixed_base', first));
  const views = { tree, baseline, reporting, fixedBase };
  const sorted = input.products.toSorted((a, b) => (a.product < b.product ? -1 : 1));
  const products = sorted.map((product) => withModel(input, product, evaluateProduct(input, product, views)));
  const mix = evaluateMix(products, input);
  const general: Reason[] = [...tree.reasons];
  for (const view of [baseline, reporting]) {
    for (const note of view.filled.energy.notes) if (note.products.length === 0) general.push(note.reason);
  }
  if (products.length === 0) general.push(reason('product-missing', 'critical', 'the boundary has no product'));
  const broken = tree.reasons.some(isCritical);
  return {
    verdictUnit: input.verdictUnit,
    allocationKey: input.allocationKey,
    products,
    mix,
    whole: broken ? 'INCOMPLETE' : wholeOfProducts(products, mix, input.decision),
    reasons: orderReasons(general),
  };
}
