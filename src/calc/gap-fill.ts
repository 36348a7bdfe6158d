import type { MeterInput } from './evaluation-input.ts';
import type { PeriodName } from './evaluation.ts';
import { addRatio, multiplyRatio, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** Which of a meter's own intervals stands in for one that is missing; `zero`: nothing is put in. */
export type Fill = 'highest' | 'lowest' | 'zero';

/** Energy that is taken off: given to others, or recovered. */
export function isDeduction(meter: Pick<MeterInput, 'kind' | 'counts'>): boolean {
  return meter.kind === 'energy' && (meter.counts === 'export' || meter.counts === 'recovered');
}

/**
 * A gap never helps the claimant (calculation rule 4). Reporting: missing energy is the highest interval of the period,
 * missing product is zero and is never scaled up, a missing deduction is not credited. Baseline and fixed base: the reverse.
 * Whether the other quantity is present in the same interval makes no difference: else withholding both for start-up days,
 * which have energy and no product, would pay.
 */
export function fillFor(meter: Pick<MeterInput, 'kind' | 'counts'>, period: PeriodName): Fill {
  const adds = meter.kind === 'energy' && !isDeduction(meter);
  if (period === 'reporting') return adds ? 'highest' : 'zero';
  return adds ? 'lowest' : 'highest';
}

/** The two ends between which a meter's true quantity lies if its gaps were like its other intervals. */
export interface Bounds {
  readonly low: Rational;
  readonly high: Rational;
}

/** `measured` with its missing seconds at the lowest and at the highest rate seen; product and deductions have zero for the lowest. */
export function boundGaps(
  meter: Pick<MeterInput, 'kind' | 'counts'>,
  totals: { readonly measured: Rational; readonly lowestRate: Rational | null; readonly highestRate: Rational | null },
  missingSeconds: number,
): Bounds {
  const { measured, lowestRate, highestRate } = totals;
  if (missingSeconds === 0 || lowestRate === null || highestRate === null) return { low: measured, high: measured };
  const missing = ratio(BigInt(missingSeconds), 1n);
  const high = addRatio(measured, multiplyRatio(highestRate, missing));
  const adds = meter.kind === 'energy' && !isDeduction(meter);
  return { low: adds ? addRatio(measured, multiplyRatio(lowestRate, missing)) : measured, high };
}
