import { intersectWindows, totalSeconds, windowLength } from './coverage.ts';
import { reachedProducts } from './energy-flow.ts';
import type { ProductInput, Window } from './evaluation-input.ts';
import type { PeriodCoverage } from './evaluation.ts';
import type { MeterPeriod, MeterPeriods } from './meter-period.ts';
import type { MeterTree } from './meter-tree.ts';
import { outputMeters } from './product-quantity.ts';

/** The meters that a product's figure rests on. */
export interface ProductMeters {
  /** Its own, and shared ones that can reach it. */
  readonly energy: readonly MeterPeriod[];
  /** Of `energy`: labelled with the product. */
  readonly ownEnergy: readonly MeterPeriod[];
  readonly output: readonly MeterPeriod[];
}

export function productMeters(product: ProductInput, tree: MeterTree, periods: MeterPeriods): ProductMeters {
  const energy: MeterPeriod[] = [];
  for (const node of tree.nodes.values()) {
    if (node.input.kind === 'energy' && reachedProducts(node, [product]).length > 0)
      energy.push(periods.get(node.input.meter)!);
  }
  return {
    energy,
    ownEnergy: energy.filter((meter) => meter.node.product === product.product),
    output: outputMeters(product, tree).map((node) => periods.get(node.input.meter)!),
  };
}

function common(meters: readonly MeterPeriod[], of: (meter: MeterPeriod) => readonly Window[]): readonly Window[] {
  const [first, ...rest] = meters;
  if (first === undefined) return [];
  return rest.reduce<readonly Window[]>((shared, meter) => intersectWindows(shared, of(meter)), of(first));
}

/** Coverage of a product in a period, per meter and jointly, on the programme's clock. */
export function productCoverage(meters: ProductMeters, window: Window): PeriodCoverage {
  const all = [...meters.energy, ...meters.output];
  const lines = [...(meters.ownEnergy.length > 0 ? meters.ownEnergy : meters.energy), ...meters.output];
  const starts = all.map((meter) => meter.node.input.dayStart ?? 0);
  const first = starts.reduce((least, start) => (start < least ? start : least), starts[0] ?? 0);
  const last = starts.reduce((most, start) => (start > most ? start : most), starts[0] ?? 0);
  return {
    meters: all.map((meter) => meter.coverage),
    joint: totalSeconds(common(all, (meter) => meter.covered)),
    window: windowLength(window),
    idle: totalSeconds(common(lines, (meter) => meter.idle)),
    skew: last - first,
  };
}
