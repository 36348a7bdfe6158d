import { addDuration, startOfDay } from './calendar.ts';
import { firstPeriodInForce } from './first-period.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/**
 * Until when packages from before the admission may come: `baseline.history_due` after the applicant's first period begins, or
 * after its admission where that is later.
 */
export function historyDue(policy: Policy, { time, firstPeriod }: NonNullable<Organisation['admitted']>): number {
  const begins =
    firstPeriod === null ? firstPeriodInForce(policy, time).start : startOfDay(firstPeriod, policy.time.zone);
  return addDuration(Math.max(begins, time), policy.baseline.history_due, policy.time.zone);
}
