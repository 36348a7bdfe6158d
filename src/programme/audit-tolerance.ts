import { minRatio, type Rational, ratioOfDecimal, ZERO } from '../calc/ratio.ts';
import { dimensionOf, knownUnits } from '../calc/unit.ts';
import type { Policy } from './policy.ts';

/** What a carrier is like when it is delivered; policies give a tolerance a class (programme-v1 section 6.3). */
export type CarrierClass = 'electricity' | 'gas' | 'heat' | 'liquid' | 'solid';

/** The words that make the class, looked for in a carrier's name from its end: `coke_oven_gas` is a gas, `waste_heat_power` electricity. */
const WORDS: Readonly<Record<CarrierClass, readonly string[]>> = {
  electricity: ['electricity', 'power'],
  gas: ['gas', 'biogas', 'methane', 'hydrogen', 'acetylene', 'air', 'oxygen', 'nitrogen'],
  heat: ['heat', 'steam', 'hot'],
  liquid: ['oil', 'diesel', 'gasoline', 'kerosene', 'methanol', 'ethanol', 'benzene', 'tar', 'lpg', 'lng'],
  solid: [
    'coal',
    'coke',
    'lignite',
    'peat',
    'wood',
    'biomass',
    'pellets',
    'straw',
    'middlings',
    'slime',
    'gangue',
    'carbide',
  ],
};

const CLASS_OF_WORD: ReadonlyMap<string, CarrierClass> = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) => words.map((word) => [word, kind as CarrierClass] as const)),
);

/** The class of a carrier: by the last word of its name that the table has, else by what its unit measures. */
export function carrierClass(carrier: string, unit: string): CarrierClass {
  for (const word of carrier
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .reverse()) {
    const found = CLASS_OF_WORD.get(word);
    if (found !== undefined) return found;
  }
  if (!knownUnits().includes(unit)) return 'solid';
  const dimension = dimensionOf(unit);
  if (dimension === 'volume' || dimension === 'normal_volume') return 'gas';
  return dimension === 'energy' || dimension === 'coal_equivalent' ? 'heat' : 'solid';
}

/** Weighed and measured out in lots, so that a day without a record is a day without a delivery; the others flow all the time. */
export const comesInLots = (kind: CarrierClass): boolean => kind === 'solid' || kind === 'liquid';

/**
 * Share of the delivery by which the books may differ: the policy's for the carrier itself, else for its class (a liquid without one: solid),
 * else the least that the policy gives at all.
 */
export function upstreamTolerance(policy: Policy, carrier: string, kind: CarrierClass): Rational {
  const { tolerance } = policy.audits.upstream;
  const found =
    tolerance.get(carrier) ?? tolerance.get(kind) ?? (kind === 'liquid' ? tolerance.get('solid') : undefined);
  if (found !== undefined) return ratioOfDecimal(found);
  const all = [...tolerance.values()].map(ratioOfDecimal);
  return all.length === 0 ? ZERO : all.reduce(minRatio);
}

/** The tolerance of a product by how its unit is taken: pieces, energy and money are counted, all else is weighed or measured. */
export function downstreamTolerance(policy: Policy, unit: string): Rational {
  const { counted, weighed } = policy.audits.downstream.tolerance;
  if (!knownUnits().includes(unit)) return ratioOfDecimal(counted);
  const dimension = dimensionOf(unit);
  const isWeighed = ['mass', 'volume', 'normal_volume', 'length', 'area'].includes(dimension);
  return ratioOfDecimal(isWeighed ? weighed : counted);
}
