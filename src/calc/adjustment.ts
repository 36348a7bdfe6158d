import type { Adjustment, EvaluationInput, Window } from './evaluation-input.ts';
import type { AdjustmentLine, PeriodName, Reason } from './evaluation.ts';
import { multiplyRatio, sumRatios, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { tryConvert } from './try-convert.ts';

/** What adjustments do to a product's energy in one period. */
export interface PeriodAdjustment {
  readonly lines: readonly AdjustmentLine[];
  /** Of those that count, in verdict units. */
  readonly energy: Rational;
  readonly reasons: readonly Reason[];
}

const NONE: PeriodAdjustment = { lines: [], energy: ZERO, reasons: [] };

/** More energy in the reporting period, or less in what it is compared with. */
function isAgainstClaimant(energy: Rational, period: PeriodName): boolean {
  return period === 'reporting' ? energy.n > 0n : energy.n < 0n;
}

function inOrder(found: readonly Adjustment[]): readonly Adjustment[] {
  return found.toSorted(
    (a, b) => a.window.start - b.window.start || a.window.end - b.window.end || (a.from < b.from ? -1 : 1),
  );
}

/**
 * The admitted adjustments that touch a product's period. One that lies in it whole counts; one that lies in it in part counts
 * whole where that is against the claimant, and not at all where it would help. Source: ISO 50006, 4.7 (static factors).
 */
export function periodAdjustment(
  input: EvaluationInput,
  product: string,
  period: PeriodName,
  window: Window | undefined,
): PeriodAdjustment {
  if (window === undefined) return NONE;
  const lines: AdjustmentLine[] = [];
  const reasons: Reason[] = [];
  for (const adjustment of inOrder(input.adjustments ?? [])) {
    const { window: own, unit, from } = adjustment;
    if (adjustment.product !== product || own.start >= window.end || own.end <= window.start) continue;
    const scale = tryConvert(unit, input.verdictUnit);
    if (scale === null) {
      const text = `adjustment ${from} is in ${unit}, which does not fit ${input.verdictUnit}`;
      reasons.push(reason('unit-mismatch', 'critical', text, period));
      continue;
    }
    const energy = multiplyRatio(adjustment.energy, scale);
    const isWhole = own.start >= window.start && own.end <= window.end;
    const counted = isWhole || isAgainstClaimant(energy, period);
    lines.push({ start: own.start, end: own.end, energy, counted, reason: adjustment.reason, from });
    const text = `energy of '${product}' is adjusted by ${from}${counted ? '' : ', not counted: it lies in the period only in part'}`;
    reasons.push(reason('adjusted', 'minor', text, period));
  }
  return { lines, energy: sumRatios(lines.filter((line) => line.counted).map((line) => line.energy)), reasons };
}
