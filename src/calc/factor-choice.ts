import type { CarrierFactor, CarrierFactors } from './evaluation-input.ts';

/**
 * The factors for an earlier period by the reporting period's table (calculation rule 5): its own where it has a measured
 * calorific value, else the reporting table's. A carrier that the reporting period does not know keeps its own.
 */
export function sameTableFactors(own: CarrierFactors, reporting: CarrierFactors): CarrierFactors {
  const chosen = new Map<string, CarrierFactor>();
  for (const [carrier, factor] of reporting) {
    const mine = own.get(carrier);
    if (mine?.measured === true || (mine !== undefined && factor.measured === true && factor.tableFactor === undefined))
      chosen.set(carrier, mine);
    else if (factor.measured === true && factor.tableFactor !== undefined) {
      chosen.set(carrier, { unit: factor.unit, factor: factor.tableFactor, source: 'table of the reporting period' });
    } else chosen.set(carrier, factor);
  }
  for (const [carrier, factor] of own) if (!chosen.has(carrier)) chosen.set(carrier, factor);
  return chosen;
}
