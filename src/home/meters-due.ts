import { windowFinder } from '../ingest/windows.ts';
import type { BoundaryMeter } from '../programme/boundary.ts';
import { addDuration, startOfDay } from '../programme/calendar.ts';
import { firstPeriodInForce } from '../programme/first-period.ts';
import { retiredAt } from '../programme/meter-situation.ts';
import { lastOwnPackage, type OwnChain } from '../programme/own-packages.ts';
import type { Policy } from '../programme/policy.ts';
import type { Dated } from '../programme/rules.ts';

/** Where the packages of one meter stand. */
export interface MeterDue {
  readonly meter: string;
  readonly kind: string;
  /** The end of its newest package; null before the first. */
  readonly until: number | null;
  /** Finished intervals without a package. */
  readonly missing: number;
  /** The date up to which the oldest of them, or if none is missing the next one, has to be on the ledger. */
  readonly due: number;
  readonly standing: 'late' | 'due' | 'up to date';
}

/** Kinds that come interval after interval; the others come lot by lot or customer by customer. */
const REGULAR: ReadonlySet<string> = new Set(['energy', 'product', 'value', 'stock']);
const MOST_COUNTED = 10_000;

/** The regular meters of an applicant's boundary, in its order, retired ones left out. */
export function metersDue(policy: Dated<Policy>, own: OwnChain, meters: Iterable<BoundaryMeter>, now: number): readonly MeterDue[] {
  return [...meters].filter(({ kind, name }) => REGULAR.has(kind) && (retiredAt(own, name) ?? now + 1) > now).map((meter) => meterDue(policy, own, meter, now));
}

function meterDue(policy: Dated<Policy>, own: OwnChain, meter: BoundaryMeter, now: number): MeterDue {
  const { time, calendar } = policy.value;
  const last = lastOwnPackage(own.packages, meter.name, meter.kind);
  const find = windowFinder(meter.every ?? time.interval, meter.zone ?? time.zone, meter.day_starts ?? time.day_starts?.default ?? 0);
  const dueOf = (end: number): number => addDuration(end, calendar.package_due, time.zone);
  let next = find(last?.end ?? firstNeeded(policy, own));
  const due = dueOf(next.end);
  let missing = 0;
  while (next.end <= now && missing < MOST_COUNTED) {
    missing += 1;
    next = find(next.end);
  }
  const base = { meter: meter.name, kind: meter.kind, until: last?.end ?? null, missing, due };
  if (missing === 0) return { ...base, standing: 'up to date' };
  return { ...base, standing: now >= due ? 'late' : 'due' };
}

/** Before any package: from the first period that this applicant is judged on. What lies before it is history, and no duty. */
function firstNeeded(policy: Dated<Policy>, own: OwnChain): number {
  const first = own.organisation?.admitted?.firstPeriod ?? null;
  if (first !== null && /^\d{4}-\d{2}-\d{2}$/.test(first)) return startOfDay(first, policy.value.time.zone);
  return firstPeriodInForce(policy.value, policy.time).start;
}
