import type { CarrierFactor, Counts } from './evaluation-input.ts';
import type { CarrierLine } from './evaluation.ts';
import { addRatio, multiplyRatio, negateRatio, sumRatios, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** Some carrier, brought to the unit of its factor: positive adds, negative is taken off. */
export interface Flow {
  readonly carrier: string;
  readonly counts: Counts | 'stock';
  /** Null: shared. */
  readonly product: string | null;
  readonly quantity: Rational;
  readonly factor: CarrierFactor;
}

interface LineTotal {
  readonly flow: Flow;
  readonly quantity: Rational;
  readonly shared: Rational;
}

/** One product's energy while it is being added up, by carrier and kind. */
export type LineTotals = Map<string, LineTotal>;

/** Adds `quantity` of a flow to a product's lines; `isShared`: its part of shared energy. */
export function addFlow(totals: LineTotals, flow: Flow, quantity: Rational, isShared: boolean): void {
  const key = `${flow.carrier} ${flow.counts}`;
  const before = totals.get(key) ?? { flow, quantity: ZERO, shared: ZERO };
  totals.set(key, {
    flow: before.flow,
    quantity: addRatio(before.quantity, quantity),
    shared: isShared ? addRatio(before.shared, quantity) : before.shared,
  });
}

/** The lines in a fixed order: by carrier, then by kind. */
export function carrierLines(totals: LineTotals): readonly CarrierLine[] {
  const sorted = [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { flow, quantity, shared }]) => ({
    carrier: flow.carrier,
    counts: flow.counts,
    unit: flow.factor.unit,
    quantity,
    factor: flow.factor.factor,
    source: flow.factor.source,
    energy: multiplyRatio(quantity, flow.factor.factor),
    shared: multiplyRatio(shared, flow.factor.factor),
  }));
}

/** Whether a line is used energy and not one taken off. */
export function isUse(line: CarrierLine): boolean {
  return line.counts !== 'export' && line.counts !== 'recovered';
}

/** What a product used, before anything is taken off. */
export function grossEnergy(lines: readonly CarrierLine[]): Rational {
  return sumRatios(lines.filter(isUse).map((line) => line.energy));
}

/** E = sum_k E_k p_k - exported - recovered (GB/T 2589-2020). */
export function netEnergy(lines: readonly CarrierLine[]): Rational {
  return sumRatios(lines.map((line) => line.energy));
}

/** Energy taken off as recovered, positive. */
export function recoveredEnergy(lines: readonly CarrierLine[]): Rational {
  return negateRatio(sumRatios(lines.filter((line) => line.counts === 'recovered').map((line) => line.energy)));
}
