import type { BoundaryMeter } from '../programme/boundary.ts';
import { type Span, startOfDay } from '../programme/calendar.ts';
import { firstPeriodInForce } from '../programme/first-period.ts';
import { coverageOf, expectedFrom, type MeterCoverage } from '../programme/meter-coverage.ts';
import { retiredAt, toSituatedMeter } from '../programme/meter-situation.ts';
import type { OwnChain } from '../programme/own-packages.ts';
import type { Policy } from '../programme/policy.ts';
import { afterPeriod, type Dated, type Period, periodHolding, previousPeriod } from '../programme/rules.ts';
import { showInterval } from '../programme/show-quantity.ts';
import { packagesOfMeter, type WindowMaker } from './meter-list.ts';

/** Where the packages of one meter stand, over every period of which corrections still count. Times in epoch seconds. */
export interface MeterDue extends Pick<MeterCoverage, 'next'> {
  readonly meter: string;
  readonly kind: string;
  /** Finished intervals without a package, neighbours as one, in the meter's own days. */
  readonly gaps: readonly (MeterCoverage['gaps'][number] & { readonly dates: string })[];
  readonly standing: 'late' | 'due' | 'up to date';
}

/** Kinds that come interval after interval; the others come lot by lot or customer by customer. */
const REGULAR: ReadonlySet<string> = new Set(['energy', 'product', 'value', 'stock']);

/** The regular meters of an applicant's boundary, in its order. */
export function metersDue(
  policy: Dated<Policy>,
  own: OwnChain,
  meters: Iterable<BoundaryMeter>,
  now: number,
  makeWindows: WindowMaker,
): readonly MeterDue[] {
  const window = { start: firstNeeded(policy, own, now), end: Number.MAX_SAFE_INTEGER };
  return metersDueIn(window, policy.value, own, meters, now, makeWindows);
}

/** The regular meters in a window of time. */
export function metersDueIn(
  window: Span,
  policy: Policy,
  own: OwnChain,
  meters: Iterable<BoundaryMeter>,
  now: number,
  makeWindows: WindowMaker,
): readonly MeterDue[] {
  return [...meters]
    .filter(({ kind }) => REGULAR.has(kind))
    .map((meter) => meterDue(policy, own, meter, window, now, makeWindows));
}

function meterDue(
  policy: Policy,
  own: OwnChain,
  meter: BoundaryMeter,
  { start, end }: Span,
  now: number,
  makeWindows: WindowMaker,
): MeterDue {
  const facts = toSituatedMeter(meter, policy);
  const zone = facts.zone ?? policy.time.zone;
  const windowAt = makeWindows(facts.every ?? policy.time.interval, zone, facts.dayStarts);
  const packages = packagesOfMeter(own, meter.name);
  const window = { start, end: Math.min(end, retiredAt(own, meter.name) ?? end) };
  // an interval that began before belongs to the period before
  const first = windowAt(
    expectedFrom({ meterEvents: own.organisation?.meterEvents ?? [] }, meter.name, packages, window),
  );
  const { gaps, next } = coverageOf(
    packages,
    window,
    first.start < start ? first.end : first.start,
    now,
    policy,
    windowAt,
  );
  const behind = gaps.some(({ late }) => late) ? 'late' : 'due';
  return {
    meter: meter.name,
    kind: meter.kind,
    gaps: gaps.map((gap) => ({ ...gap, dates: showInterval(gap.start, gap.end, zone, facts.dayStarts) })),
    next,
    standing: gaps.length === 0 ? 'up to date' : behind,
  };
}

/**
 * From when on packages are looked for: the running period, and the one before while its corrections still count; never before
 * the first period that this applicant is judged on, because what lies before it is history and no duty.
 */
function firstNeeded(ruling: Dated<Policy>, own: OwnChain, now: number): number {
  const { value: policy } = ruling;
  const first = firstJudged(ruling, own).start;
  const running = periodHolding(policy, now);
  const before = previousPeriod(policy, running);
  const oldest = now <= afterPeriod(policy, before, policy.calendar.corrections_until) ? before.start : running.start;
  return Math.max(first, oldest);
}

/** The first period that this applicant is judged on. */
export function firstJudged({ value: policy, time }: Dated<Policy>, own: OwnChain): Period {
  const given = own.organisation?.admitted?.firstPeriod ?? null;
  return given === null ? firstPeriodInForce(policy, time) : periodHolding(policy, startOfDay(given, policy.time.zone));
}
