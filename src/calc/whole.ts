import type { ExitName } from '../errors.ts';
import type { DecisionRules } from './evaluation-input.ts';
import type { MixEvaluation, ProductEvaluation, Whole } from './evaluation.ts';

/** Whether the mixture of products passes the policy's rule, as a product's own verdict would. */
export function mixQualifies(mix: MixEvaluation, rules: DecisionRules): boolean {
  if (!mix.saved) return false;
  if (rules.adverseCase === 'must_hold' && !mix.adverseSaved) return false;
  return rules.significance.below === 'print' || mix.uncertainty?.distinguishable === true;
}

/** How the products' verdicts make the whole, from the data alone (calculation section 2). */
export function wholeOfProducts(
  products: readonly ProductEvaluation[],
  mix: MixEvaluation | null,
  rules: DecisionRules,
): Whole {
  const judged = products.filter(({ verdict }) => verdict !== 'no_baseline' && verdict !== 'not_produced');
  if (judged.length === 0) return 'NOT_APPLICABLE';
  const lacking = judged.some(({ verdict }) => verdict === 'insufficient_data');
  const saved = judged.filter(({ verdict }) => verdict === 'saved').length;
  switch (rules.products) {
    case 'each_on_its_own':
      if (saved > 0) return 'CERTIFIED';
      return lacking ? 'INCOMPLETE' : 'NOT_QUALIFIED';
    case 'every':
      if (lacking) return 'INCOMPLETE';
      return saved === judged.length ? 'CERTIFIED' : 'NOT_QUALIFIED';
    case 'mix_weighted':
      if (lacking || mix === null) return 'INCOMPLETE';
      return mixQualifies(mix, rules) ? 'CERTIFIED' : 'NOT_QUALIFIED';
  }
}

/** What the caller knows beside the data. */
export interface WholeFacts {
  /** From `evaluate`. */
  readonly data: Whole;
  /** Every audit that the policy asks for is there and passed. */
  readonly auditsPassed: boolean;
  /** Something else stands open: the period, a dispute, a baseline that is not audited. */
  readonly open?: boolean;
  /** The policy's last date has passed in ledger time: what is incomplete stays so. */
  readonly final: boolean;
}

export interface WholeOutcome {
  readonly whole: Whole;
  readonly exit: ExitName;
}

/**
 * The whole with audits and calendar, and its exit status, the same on every run. Nothing is computed as a yes or a no while
 * audits are missing: they may still bring corrections. Without any baseline there is nothing that audits could change.
 */
export function combineWhole({ data, auditsPassed, open, final }: WholeFacts): WholeOutcome {
  if (data === 'NOT_APPLICABLE') return { whole: data, exit: 'NOT_CERTIFIED' };
  if (data === 'INCOMPLETE' || !auditsPassed || open === true)
    return { whole: 'INCOMPLETE', exit: final ? 'NOT_CERTIFIED' : 'PENDING' };
  return data === 'CERTIFIED' ? { whole: data, exit: 'OK' } : { whole: data, exit: 'NOT_CERTIFIED' };
}
