import type { Policy } from './policy.ts';
import { type Period, periodHolding } from './rules.ts';

/** The first period of a policy for which it can be in force: that which begins at or after its ledger time (spec section 8). */
export function firstPeriodInForce(policy: Policy, time: number): Period {
  const holding = periodHolding(policy, time);
  return holding.start >= time ? holding : periodHolding(policy, holding.end);
}
