import type { MeterInput } from './evaluation-input.ts';
import type { PeriodName } from './evaluation.ts';
import { addRatio, ceilFinest, multiplyRatio, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** What stands in for a missing interval: the meter's highest one, or nothing. */
export type Fill = 'highest' | 'zero';

/** Energy that is taken off: given to others, or recovered. */
export function isDeduction(meter: Pick<MeterInput, 'kind' | 'counts'>): boolean {
  return meter.kind === 'energy' && (meter.counts === 'export' || meter.counts === 'recovered');
}

/**
 * A gap never helps the claimant (calculation rule 4). Reporting: missing energy is the meter's highest interval, missing
 * product is zero and is never scaled up, a missing deduction is not credited. Baseline and fixed base: the reverse, so
 * missing energy there is zero (its lowest interval would pay for withholding the days that stood still).
 * Whether the other quantity is present in the same interval makes no difference: else withholding both for start-up days,
 * which have energy and no product, would pay.
 */
export function fillFor(meter: Pick<MeterInput, 'kind' | 'counts'>, period: PeriodName): Fill {
  const adds = meter.kind === 'energy' && !isDeduction(meter);
  return adds === (period === 'reporting') ? 'highest' : 'zero';
}

/**
 * `measured` with its missing seconds at the highest rate; without any rate there is nothing to put in. What is put in is rounded up to
 * 10^-18 of the unit, which is never for the claimant: he pays for every highest interval. Exact, thousands of gaps of unlike
 * lengths would give denominators of millions of digits.
 */
export function fillHighest(measured: Rational, highestRate: Rational | null, missingSeconds: number): Rational {
  if (missingSeconds === 0 || highestRate === null) return measured;
  return addRatio(measured, ceilFinest(multiplyRatio(highestRate, ratio(BigInt(missingSeconds), 1n))));
}
