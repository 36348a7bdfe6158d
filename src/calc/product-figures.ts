import { netEnergy } from './energy-lines.ts';
import type { PeriodFigures } from './evaluation.ts';
import { periodFigures } from './intensity.ts';
import type { PeriodView } from './period-view.ts';
import { addRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** A product's energy, output and energy per unit in a period; null without a price index. `adjustment`: verdict units, added. */
export function figuresOf(
  view: PeriodView,
  product: string,
  adjustment: Rational = ZERO,
  prices: 'comparable' | 'current' = 'comparable',
): PeriodFigures | null {
  const found = view.quantities.get(product);
  const quantity = prices === 'current' ? found?.current : found?.quantity;
  if (quantity === undefined || quantity === null) return null;
  return periodFigures(addRatio(netEnergy(view.energy.lines.get(product) ?? []), adjustment), quantity);
}
