import type { EvaluationInput, ProductInput } from './evaluation-input.ts';
import type { Comparison, Uncertainty } from './evaluation.ts';
import type { EvaluationViews } from './evaluation-views.ts';
import { energyContributions, outputContributions, rateUncertainty } from './uncertainty.ts';

/** The uncertainty of a product's rate from the accuracies of its meters; null where it cannot be stated. */
export function uncertaintyOf(
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
