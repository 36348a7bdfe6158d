import type { Flow } from './energy-lines.ts';
import type { ProductInput } from './evaluation-input.ts';
import { isDeduction } from './gap-fill.ts';
import type { MeterNode } from './meter-tree.ts';
import { netQuantity } from './net-quantity.ts';
import { countsCarrier } from './period-question.ts';
import type { Notes, PeriodQuestion } from './period-question.ts';
import { multiplyRatio, negateRatio } from './ratio.ts';
import { reason } from './reason.ts';
import { stockChanges } from './stock-change.ts';
import { tryConvert } from './try-convert.ts';

/** The products that a meter's energy can reach: its own, or all that count its carrier. */
export function reachedProducts(
  node: Pick<MeterNode, 'carrier' | 'product'>,
  products: readonly ProductInput[],
): readonly ProductInput[] {
  const { carrier, product } = node;
  if (carrier === null) return [];
  return products.filter((one) => (product === null || one.product === product) && countsCarrier(one, carrier));
}

/** Every meter's net quantity and every stock change of a period, in the units of their factors. */
export function energyFlows(
  question: PeriodQuestion,
  products: readonly ProductInput[],
): { readonly flows: readonly Flow[]; readonly notes: Notes } {
  const { tree, periods, period, factors, filling } = question;
  const flows: Flow[] = [];
  const notes: Notes[number][] = [];
  const stocks = stockChanges(question);
  for (const node of tree.nodes.values()) {
    const { carrier, input: meter } = node;
    if (meter.kind !== 'energy' || carrier === null) continue;
    const reached = reachedProducts(node, products).map(({ product }) => product);
    if (reached.length === 0 && !factors.has(carrier)) continue;
    const factor = factors.get(carrier);
    if (factor === undefined) {
      notes.push({
        products: reached,
        reason: reason(
          'factor-missing',
          'critical',
          `no factor for '${carrier}' of '${meter.meter}'`,
          period,
          meter.meter,
        ),
      });
      continue;
    }
    const scale = tryConvert(meter.unit, factor.unit);
    if (scale === null) {
      const text = `'${meter.meter}' in ${meter.unit} cannot be brought to ${factor.unit} of '${carrier}'`;
      notes.push({ products: reached, reason: reason('unit-mismatch', 'critical', text, period, meter.meter) });
      continue;
    }
    if (factor.gap !== undefined) {
      const found = reason('calorific-gap', factor.gap.critical ? 'critical' : 'minor', factor.gap.text, period);
      notes.push({ products: reached, reason: found });
    }
    const { net, reasons } = netQuantity(periods.get(meter.meter)!, periods, period, filling);
    for (const found of reasons) notes.push({ products: reached, reason: found });
    const quantity = multiplyRatio(isDeduction(meter) ? negateRatio(net) : net, scale);
    flows.push({
      carrier,
      counts: node.converted ? 'converted' : meter.counts,
      product: node.product,
      quantity,
      factor,
    });
  }
  for (const { carrier, product, unit, used, reasons } of stocks) {
    const reached = reachedProducts({ carrier, product }, products).map((one) => one.product);
    for (const found of reasons) notes.push({ products: reached, reason: found });
    const factor = factors.get(carrier);
    if (factor === undefined) continue; // said above, of the meter that buys it
    const scale = tryConvert(unit, factor.unit);
    if (scale === null) {
      const text = `stock of '${carrier}' in ${unit} cannot be brought to ${factor.unit}`;
      notes.push({ products: reached, reason: reason('unit-mismatch', 'critical', text, period) });
      continue;
    }
    flows.push({ carrier, counts: 'stock', product, quantity: multiplyRatio(used, scale), factor });
  }
  return { flows, notes };
}
