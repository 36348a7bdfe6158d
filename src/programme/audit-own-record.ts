import type { Decimal } from '../calc/decimal.ts';
import { multiplyRatio, type Rational, ratio, ratioOfDecimal } from '../calc/ratio.ts';
import type { AuditVerdict } from './entries.ts';
import type { Span } from './calendar.ts';

/** One line of an auditor's own books: a delivery at a supply point, or a receipt of a product. Never leaves the auditor's machine. */
export interface OwnRecord {
  /** The supply point. */
  readonly account?: string;
  readonly product?: string;
  /** From whom it was received, where the books say so. */
  readonly party?: string;
  /** Given off by the applicant at the supply point; absent: taken in. */
  readonly direction?: 'export';
  /** [from, to), epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly quantity: Decimal;
  readonly unit: string;
  /** The auditor did not measure it either. */
  readonly estimated: boolean;
  /** Of the meter of that account, where it differs from account to account. */
  readonly accuracy?: Decimal;
}

/** The length of what two spans share, in seconds. */
export const overlapOf = (a: Span, b: Span): number => Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));

/** A quantity spread evenly over its span, as far as it lies in a window. */
export function spreadInto(quantity: Decimal, span: Span, window: Span): Rational {
  const shared = overlapOf(span, window);
  const whole = ratioOfDecimal(quantity);
  return shared === span.end - span.start
    ? whole
    : multiplyRatio(whole, ratio(BigInt(shared), BigInt(span.end - span.start)));
}

const FROM_BEST: readonly AuditVerdict[] = ['pass', 'pass_with_remarks', 'cannot_judge', 'fail'];

/** The worst of several verdicts; nothing to judge is `cannot_judge`. */
export function worstVerdict(verdicts: readonly AuditVerdict[]): AuditVerdict {
  return FROM_BEST.findLast((verdict) => verdicts.includes(verdict)) ?? 'cannot_judge';
}
