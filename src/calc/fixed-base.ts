import type { ProductInput } from './evaluation-input.ts';
import type { Comparison, PeriodFigures, Reason } from './evaluation.ts';
import type { PeriodViews } from './period-view.ts';
import { figuresOf } from './product-figures.ts';
import { hasMissingFactor } from './product-reasons.ts';
import type { Rational } from './ratio.ts';

/** The first certified period against this one: printed, never the verdict, so its defects are notes. */
export function fixedBaseComparison(
  product: ProductInput,
  views: PeriodViews | null,
  after: PeriodFigures | null,
  adjustment: Rational,
  compare: (before: PeriodFigures | null, after: PeriodFigures | null) => Comparison | null,
): { readonly comparison: Comparison | null; readonly reasons: readonly Reason[] } {
  if (views === null || after === null) return { comparison: null, reasons: [] };
  const quantity = views.filled.quantities.get(product.product)!;
  const notes = views.filled.energy.notes
    .filter((note) => note.products.includes(product.product))
    .map((note) => note.reason);
  const reasons = [...quantity.reasons, ...notes].map((found): Reason => ({ ...found, severity: 'minor' }));
  if (quantity.counted === 0 || hasMissingFactor(views.filled, product.product)) return { comparison: null, reasons };
  return { comparison: compare(figuresOf(views.filled, product.product, adjustment), after), reasons };
}
