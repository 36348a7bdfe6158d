import type { EvaluationInput } from './evaluation-input.ts';
import type { Comparison, ProductVerdict, Reason, Uncertainty } from './evaluation.ts';
import { isCritical } from './reason.ts';

/** What a product's verdict is formed from. */
export interface VerdictFacts {
  readonly recordedInBaseline: boolean;
  /** The baseline begins anew with this period. */
  readonly isReset: boolean;
  readonly reasons: readonly Reason[];
  readonly headline: Comparison | null;
  readonly adverse: Comparison | null;
  readonly uncertainty: Uncertainty | null;
}

/** The first verdict that applies (calculation-v1 section 10). */
export function verdictOf(
  { recordedInBaseline, isReset, reasons, headline, adverse, uncertainty }: VerdictFacts,
  input: EvaluationInput,
): ProductVerdict {
  if (!recordedInBaseline || isReset) return 'no_baseline';
  if (headline === null || reasons.some(isCritical)) return 'insufficient_data';
  if (headline.baseline.quantity.n === 0n) return 'no_baseline';
  if (headline.reporting.quantity.n === 0n) return 'not_produced';
  if (!headline.saved) return 'not_saved';
  const { adverseCase, significance } = input.decision;
  if (adverseCase === 'must_hold' && adverse?.saved !== true) return 'not_distinguishable';
  // An uncertainty that cannot be stated cannot be exceeded either.
  if (significance.below === 'refuse' && uncertainty?.distinguishable !== true) return 'not_distinguishable';
  return 'saved';
}
