import { isCount } from '../calc/readings.ts';
import { type Boundary, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { isCounted, shifted } from './counted-packages.ts';
import { packageRows, packagesWithin } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';
import { countRules, reachOf } from './stock-reach.ts';

/** Every package that a decision over a window rests on; of a stock also the count that the window opens with, and what was bought since. */
export function packagesOfWindow(
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  window: Span,
): readonly CountedPackage[] {
  const rules = countRules(policy);
  const found: CountedPackage[] = [];
  for (const row of packageRows(applicant.packages)) {
    const { meter: name, kind } = row;
    const meter = meterOfPackage(boundary, name);
    if (meter === undefined) continue;
    if (meter.kind === 'stock') {
      const { start } = shifted(meter, window);
      const opening = row.packages.findLast(
        (one) => one.end <= start && isCounted(policy, boundary, one) && isCount(one, rules),
      );
      if (opening !== undefined) found.push(opening);
    }
    const { start, end } = reachOf(applicant, policy, boundary, meter, window);
    for (const one of packagesWithin(applicant.packages, name, kind, start, end))
      if (isCounted(policy, boundary, one)) found.push(one);
  }
  return found;
}
