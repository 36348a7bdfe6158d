import { shiftWindow } from './coverage.ts';
import type { Reading } from './evaluation-input.ts';
import type { Reason } from './evaluation.ts';
import { readingsOf } from './meter-period.ts';
import { boughtMeters } from './meter-tree.ts';
import type { MeterNode } from './meter-tree.ts';
import type { PeriodQuestion } from './period-question.ts';
import { ratioOfDecimal, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { stockCount } from './readings.ts';
import { reason } from './reason.ts';
import { boughtBeside } from './stock-timing.ts';
import type { CountedStock } from './stock-timing.ts';

/** What a stock gave to (or, negative, took from) the use of its carrier in a period. */
export interface StockChange {
  readonly carrier: string;
  readonly product: string | null;
  readonly unit: string;
  /** opening - closing, or what was bought between a count and the edge, in `unit`. */
  readonly used: Rational;
  readonly reasons: readonly Reason[];
}

type Question = Pick<PeriodQuestion, 'tree' | 'period' | 'window' | 'input'>;

/**
 * Opening less closing stock of every storable carrier that is metered where it is bought (`import`), in the window asked for, and what its meters
 * bought between a count and the edge. A carrier metered only where it is used (a belt scale) needs no stock: its count only serves the audits; use
 * metered under what is bought is a part of it. Levels are needed at both edges, not older than the policy's longest gap.
 * Source: GB/T 2589-2020, used = purchased + opening - closing - sold.
 */
export function stockChanges(question: Question): readonly StockChange[] {
  const { tree } = question;
  const changes: StockChange[] = [];
  const counted: CountedStock[] = [];
  for (const node of tree.nodes.values()) {
    const { carrier, input: meter } = node;
    if (meter.kind !== 'stock' || carrier === null) continue;
    const bought = boughtMeters(tree, carrier);
    if (bought.length === 0) continue;
    const product = placeOf(node, bought);
    const found = countsOf(node, question);
    if ('code' in found) {
      changes.push({ carrier, product, unit: meter.unit, used: ZERO, reasons: [found] });
      continue;
    }
    const { opening, closing } = found;
    const used = subtractRatio(ratioOfDecimal(opening.quantity), ratioOfDecimal(closing.quantity));
    changes.push({ carrier, product, unit: meter.unit, used, reasons: [] });
    counted.push({ carrier, product, counts: { start: opening.end, end: closing.end } });
  }
  return [...changes, ...boughtBeside(question, counted)];
}

/** A stock is of the product that it names where something is bought for that one or for all; else of the one that all is bought for, if that is one. */
function placeOf({ product }: MeterNode, bought: readonly MeterNode[]): string | null {
  const owners = new Set(bought.map((one) => one.product));
  if (product !== null && (owners.has(product) || owners.has(null))) return product;
  return owners.size === 1 ? [...owners][0]! : null;
}

function countsOf(
  node: MeterNode,
  { period, window, input }: Question,
): { readonly opening: Reading; readonly closing: Reading } | Reason {
  const { meter, dayStart } = node.input;
  const { start, end } = shiftWindow(window, dayStart ?? 0);
  const readings = readingsOf(node, period);
  const opening = stockCount(readings, start, input.dataRules);
  const closing = stockCount(readings, end, input.dataRules);
  if (opening !== null && closing !== null) return { opening, closing };
  const edge = opening === null ? 'beginning' : 'end';
  return reason('stock-missing', 'critical', `'${meter}' has no level for the ${edge} of the period`, period, meter);
}
