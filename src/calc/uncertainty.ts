import type { CarrierFactors, ProductInput, Significance } from './evaluation-input.ts';
import type { Comparison, Uncertainty } from './evaluation.ts';
import type { MeterPeriods } from './meter-period.ts';
import type { MeterNode, MeterTree } from './meter-tree.ts';
import { countsCarrier } from './period-question.ts';
import {
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  ONE,
  ratio,
  ratioOfDecimal,
  subtractRatio,
  ZERO,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import { rootText } from './root.ts';
import { outputMeters } from './product-quantity.ts';
import { tryConvert } from './try-convert.ts';

/** How much of a product's figure rests on each meter; signed, in one unit. */
export type Contributions = ReadonlyMap<string, Rational>;

/** Weight of a meter's whole reading in a product: 1 its own, its share where shared, 0 another's. */
type Weight = (node: MeterNode) => Rational;

/** A sub-meter moves energy from its parent's place to its own: its weight less its parent's. */
function ownWeight(node: MeterNode, tree: MeterTree, weight: Weight): Rational {
  const parent = node.parent === null ? undefined : tree.nodes.get(node.parent);
  return parent === undefined ? weight(node) : subtractRatio(weight(node), weight(parent));
}

/** Energy of `product` by meter, in verdict units. The dependence of shares on the meters themselves is left out. */
export function energyContributions(
  product: ProductInput,
  tree: MeterTree,
  periods: MeterPeriods,
  factors: CarrierFactors,
  shares: ReadonlyMap<string, ReadonlyMap<string, Rational>>,
): Contributions {
  const weight: Weight = ({ carrier, converted, product: owner }) => {
    if (carrier === null || converted || !countsCarrier(product, carrier)) return ZERO;
    if (owner !== null) return owner === product.product ? ONE : ZERO;
    return shares.get(carrier)?.get(product.product) ?? ZERO;
  };
  const found = new Map<string, Rational>();
  for (const node of tree.nodes.values()) {
    const factor = node.carrier === null ? undefined : factors.get(node.carrier);
    if (node.input.kind !== 'energy' || factor === undefined) continue;
    const scale = tryConvert(node.input.unit, factor.unit) ?? ZERO;
    const share = ownWeight(node, tree, weight);
    const quantity = periods.get(node.input.meter)!.measured;
    const contribution = multiplyRatio(multiplyRatio(quantity, share), multiplyRatio(scale, factor.factor));
    if (contribution.n !== 0n) found.set(node.input.meter, contribution);
  }
  return found;
}

/** Output of `product` by meter, in its unit. */
export function outputContributions(product: ProductInput, tree: MeterTree, periods: MeterPeriods): Contributions {
  const mine = new Set(outputMeters(product, tree).map((node) => node.input.meter));
  const found = new Map<string, Rational>();
  for (const name of mine) {
    const node = tree.nodes.get(name)!;
    const share = ownWeight(node, tree, ({ input }) => (mine.has(input.meter) && input.rejected !== true ? ONE : ZERO));
    const scale = tryConvert(node.input.unit, product.unit) ?? ZERO;
    const contribution = multiplyRatio(multiplyRatio(periods.get(name)!.measured, share), scale);
    if (contribution.n !== 0n) found.set(name, contribution);
  }
  return found;
}

/** One figure of both periods with what it rests on. */
export interface Measured {
  readonly baseline: { readonly total: Rational; readonly by: Contributions };
  readonly reporting: { readonly total: Rational; readonly by: Contributions };
}

/** sum of a^2 (x_r^2 + x_b^2 - 2 rho x_r x_b) over the meters, x = contribution / total; null where an accuracy is unknown. */
function relativeSpread(measured: Measured, tree: MeterTree, correlation: Rational): Rational | null {
  const { baseline, reporting } = measured;
  let spread = ZERO;
  for (const name of new Set([...baseline.by.keys(), ...reporting.by.keys()])) {
    const declared = tree.nodes.get(name)?.input.accuracy;
    if (declared === undefined) return null;
    const accuracy = ratioOfDecimal(declared);
    const before = divideRatio(baseline.by.get(name) ?? ZERO, baseline.total);
    const after = divideRatio(reporting.by.get(name) ?? ZERO, reporting.total);
    const common = multiplyRatio(multiplyRatio(ratio(2n, 1n), correlation), multiplyRatio(before, after));
    const squares = subtractRatio(addRatio(multiplyRatio(before, before), multiplyRatio(after, after)), common);
    spread = addRatio(spread, multiplyRatio(multiplyRatio(accuracy, accuracy), squares));
  }
  return spread;
}

/**
 * Expanded uncertainty of the rate 1 - e_r / e_b from the meters' largest permissible errors. Each is taken as the half-width
 * of a rectangular distribution, u^2 = a^2 / 3 (JCGM 100:2008, 4.3.7); meters are independent of each other, and the same
 * meter in both periods is correlated as the policy says. Stays a square; the root is for display. Null where an accuracy is
 * unknown or a figure is zero.
 */
export function rateUncertainty(
  headline: Comparison,
  energy: Measured,
  output: Measured,
  tree: MeterTree,
  rules: Significance,
): Uncertainty | null {
  const { baseline, reporting, rate } = headline;
  if (rate === null || baseline.intensity === null || reporting.intensity === null) return null;
  if ([energy, output].some((one) => one.baseline.total.n === 0n || one.reporting.total.n === 0n)) return null;
  const energySpread = relativeSpread(energy, tree, rules.sameMeterCorrelation);
  const outputSpread = relativeSpread(output, tree, rules.sameMeterCorrelation);
  if (energySpread === null || outputSpread === null) return null;
  const quotient = divideRatio(reporting.intensity, baseline.intensity);
  const spread = multiplyRatio(addRatio(energySpread, outputSpread), multiplyRatio(quotient, quotient));
  return toUncertainty(rate, multiplyRatio(multiplyRatio(rules.k, rules.k), divideRatio(spread, ratio(3n, 1n))));
}

/** A rate against the square of its expanded uncertainty. */
export function toUncertainty(rate: Rational, expandedSquared: Rational): Uncertainty {
  const distinguishable = compareRatio(multiplyRatio(rate, rate), expandedSquared) > 0;
  return { expandedSquared, expanded: rootText(expandedSquared, 12), distinguishable };
}
