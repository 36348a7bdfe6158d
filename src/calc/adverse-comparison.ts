import { adverseFigures } from './adverse.ts';
import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison } from './evaluation.ts';
import type { EvaluationViews } from './evaluation-views.ts';
import type { PeriodView } from './period-view.ts';
import { divideRatio, ONE } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { compareFigures } from './saving.ts';

/** Comparable over current prices of a period; 1 for basis `quantity`. */
function priceScale(view: PeriodView, product: string): Rational {
  const found = view.quantities.get(product)!;
  return found.quantity === null || found.current.n === 0n ? ONE : divideRatio(found.quantity, found.current);
}

/** The headline with every audited difference turned against the claimant. */
export function adverseComparison(
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
