import type { DataRules } from '../calc/evaluation-input.ts';
import { stockCount } from '../calc/readings.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import { roughSeconds, type Span } from './calendar.ts';
import { countedReadings, countsOf, shifted } from './counted-packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/** Which counts of a stock are taken as such. */
export function countRules(policy: Policy): Pick<DataRules, 'longestGap' | 'estimatedCountsAs'> {
  const { coverage, estimated } = policy.data;
  return { longestGap: roughSeconds(coverage.longest_gap), estimatedCountsAs: estimated.counts_as };
}

/** Whether a stock enters figures: one of a carrier that the policy does not ignore, and not of a supply point at which use alone is metered. */
export function entersFigures(policy: Policy, boundary: Boundary, stock: BoundaryMeter): boolean {
  // what is in the warehouse is held against shipments by customers
  if (stock.carrier === undefined) return stock.product === undefined;
  if (policy.energy.carriers.get(stock.carrier)?.stock === 'ignored') return false;
  const here = [...boundary.meters.values()]
    .filter(({ kind, at }) => kind === 'energy' && at !== undefined && at === stock.at)
    .map((meter) => countsOf(policy, meter));
  return !here.includes('use') || here.includes('import');
}

/**
 * The time over which packages of a meter matter to a window: its own, for what is bought with a stock from the count that opens it to the one that
 * closes it, where these reach further (calculation-v1 section 5.2).
 */
export function reachOf(
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  meter: BoundaryMeter,
  window: Span,
): Span {
  let { start, end } = shifted(meter, window);
  if (meter.kind !== 'energy' || meter.under !== undefined || countsOf(policy, meter) !== 'import')
    return { start, end };
  const rules = countRules(policy);
  for (const stock of boundary.meters.values()) {
    if (stock.kind !== 'stock' || stock.carrier !== meter.carrier || !entersFigures(policy, boundary, stock)) continue;
    const edges = shifted(stock, window);
    const span = { start: edges.start - rules.longestGap, end: edges.end };
    const counts = countedReadings(applicant, policy, boundary, stock, span);
    start = Math.min(start, stockCount(counts, edges.start, rules)?.end ?? start);
    end = Math.max(end, stockCount(counts, edges.end, rules)?.end ?? end);
  }
  return { start, end };
}
