import { shiftWindow } from './coverage.ts';
import type { Reason } from './evaluation.ts';
import { readingsOf } from './meter-period.ts';
import type { PeriodQuestion } from './period-question.ts';
import { ratioOfDecimal, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { stockLevel } from './readings.ts';
import { reason } from './reason.ts';

/** What a stock gave to (or, negative, took from) the use of its carrier in a period. */
export interface StockChange {
  readonly carrier: string;
  readonly product: string | null;
  readonly unit: string;
  /** opening - closing, in `unit`. */
  readonly used: Rational;
  readonly reasons: readonly Reason[];
}

/**
 * Opening less closing stock of every storable carrier that is metered where it is bought (`import`), in the window asked for. A carrier metered where
 * it is used (a belt scale) needs no stock: its count only serves the audits. Levels are needed at both edges, not older than
 * the policy's longest gap. Source: GB/T 2589-2020, used = purchased + opening - closing - sold.
 */
export function stockChanges({
  tree,
  period,
  window,
  input,
}: Pick<PeriodQuestion, 'tree' | 'period' | 'window' | 'input'>): readonly StockChange[] {
  const changes: StockChange[] = [];
  for (const node of tree.nodes.values()) {
    const { carrier, input: meter } = node;
    if (meter.kind !== 'stock' || carrier === null) continue;
    const sameCarrier = [...tree.nodes.values()].filter(
      (other) =>
        other.input.kind === 'energy' &&
        other.carrier === carrier &&
        (node.product === null || other.product === node.product),
    );
    const bought = sameCarrier.filter((other) => other.input.counts === 'import');
    if (bought.length === 0 || sameCarrier.some((other) => other.input.counts === 'use')) continue;
    // A stock without a label belongs where all of its carrier's meters belong, if that is one product.
    const owners = new Set(bought.map((other) => other.product));
    const product = node.product ?? (owners.size === 1 ? [...owners][0]! : null);
    const { start, end } = shiftWindow(window, meter.dayStart ?? 0);
    const readings = readingsOf(node, period);
    const opening = stockLevel(readings, start, input.dataRules);
    const closing = stockLevel(readings, end, input.dataRules);
    if (opening === null || closing === null) {
      const edge = opening === null ? 'beginning' : 'end';
      const found = reason(
        'stock-missing',
        'critical',
        `'${meter.meter}' has no level for the ${edge} of the period`,
        period,
        meter.meter,
      );
      changes.push({ carrier, product, unit: meter.unit, used: ZERO, reasons: [found] });
      continue;
    }
    changes.push({
      carrier,
      product,
      unit: meter.unit,
      used: subtractRatio(ratioOfDecimal(opening), ratioOfDecimal(closing)),
      reasons: [],
    });
  }
  return changes;
}
