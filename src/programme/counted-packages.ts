import type { MeterInput, Reading } from '../calc/evaluation-input.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import { boundaryFault } from './meter-checks.ts';
import { packagesWithin } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/** A meter whose day starts at 08:00 has its periods from 08:00 to 08:00. */
export function shifted(meter: BoundaryMeter, window: Span): Span {
  const shift = meter.day_starts ?? 0;
  return { start: window.start + shift, end: window.end + shift };
}

/** How a meter's energy counts: as the boundary says, else as the policy says of its carrier. */
export function countsOf(policy: Policy, meter: BoundaryMeter): MeterInput['counts'] {
  if (meter.counts !== undefined) return meter.counts;
  return meter.carrier === undefined ? 'use' : (policy.energy.carriers.get(meter.carrier)?.counts ?? 'use');
}

/** Packages that agree with the boundary and that the policy does not exclude, as readings. */
export function countedReadings(
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  meter: BoundaryMeter,
  window: Span,
): readonly Reading[] {
  return packagesWithin(applicant.packages, meter.name, meter.kind, window.start, window.end)
    .filter((counted) => isCounted(policy, boundary, counted))
    .map(({ start, end, quantity, provenance }) => ({ start, end, quantity, provenance }));
}

/** True when a package enters the figures: it fits its meter in the boundary, and is not one that the policy leaves out as late. */
export function isCounted(policy: Policy, boundary: Boundary, counted: CountedPackage): boolean {
  const meter = meterOfPackage(boundary, counted.meter);
  if (meter === undefined || boundaryFault(meter, counted.kind, counted) !== null) return false;
  return counted.standing !== 'late' || policy.calendar.late_package === 'count_and_flag';
}
