import { comparableValue } from './comparable-price.ts';
import type { ProductInput } from './evaluation-input.ts';
import type { PeriodName, Reason } from './evaluation.ts';
import type { MeterPeriods } from './meter-period.ts';
import type { MeterNode, MeterTree } from './meter-tree.ts';
import { netQuantity } from './net-quantity.ts';
import type { Filling } from './net-quantity.ts';
import { addRatio, multiplyRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { tryConvert } from './try-convert.ts';

/** What one product made in one period. */
export interface ProductQuantity {
  /** In the product's unit; for basis `value` at current prices. */
  readonly current: Rational;
  /** The denominator: for basis `value` at the baseline's prices, null without an index. */
  readonly quantity: Rational | null;
  /** Readings counted, of all its meters. */
  readonly counted: number;
  readonly reasons: readonly Reason[];
}

/** The meters of a product's output: of kind `value` for basis `value`, else of kind `product`. */
export function outputMeters(product: ProductInput, tree: MeterTree): readonly MeterNode[] {
  const kind = product.basis === 'value' ? 'value' : 'product';
  return [...tree.nodes.values()].filter((node) => node.input.kind === kind && node.product === product.product);
}

function indexOf(product: ProductInput, period: PeriodName): Rational | undefined {
  const index = product.priceIndex;
  if (period === 'baseline') return index?.baseline;
  return period === 'reporting' ? index?.reporting : index?.fixedBase;
}

/** Adds up a product's meters; output of sub-meters is not counted again, rejected output not at all. */
export function productQuantity(
  product: ProductInput,
  tree: MeterTree,
  periods: MeterPeriods,
  period: PeriodName,
  filling: Filling,
): ProductQuantity {
  let current = ZERO;
  let counted = 0;
  const reasons: Reason[] = [];
  for (const node of outputMeters(product, tree)) {
    const meter = periods.get(node.input.meter)!;
    if (node.input.rejected !== true) counted += meter.counted;
    const scale = tryConvert(node.input.unit, product.unit);
    if (scale === null) {
      const text = `'${node.input.meter}' in ${node.input.unit} cannot be brought to ${product.unit} of '${product.product}'`;
      reasons.push(reason('unit-mismatch', 'critical', text, period, node.input.meter));
      continue;
    }
    // its own gaps count against the claimant where it is taken off the meter above it
    if (node.input.rejected === true) continue;
    const net = netQuantity(meter, periods, period, filling);
    reasons.push(...net.reasons);
    current = addRatio(current, multiplyRatio(net.net, scale));
  }
  const quantity =
    product.basis === 'quantity'
      ? current
      : comparableValue(current, indexOf(product, period), product.priceIndex?.baseline);
  if (quantity === null) {
    reasons.push(reason('index-missing', 'critical', `no price index for '${product.product}'`, period));
  }
  return { current, quantity, counted, reasons };
}
