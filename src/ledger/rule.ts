import { JoulemarkError } from '../errors.ts';

/** The conditions of block validity by their names in spec section 4.1. */
export type BlockRule =
  | 'encoding'
  | 'header'
  | 'names'
  | 'position'
  | 'seen'
  | 'time'
  | 'keys'
  | 'signature'
  | 'entries';

export const BLOCK_RULES: readonly BlockRule[] = [
  'encoding',
  'header',
  'names',
  'position',
  'seen',
  'time',
  'keys',
  'signature',
  'entries',
];

/** A block that breaks a condition. `seq`: its place in the chain, null where the bytes do not tell. */
export function brokenRule(rule: BlockRule, seq: number | null, message: string, cause?: unknown): JoulemarkError {
  const block = seq === null ? 'the block' : `block ${seq}`;
  return new JoulemarkError('VERIFY_FAILED', `${block} breaks the rule '${rule}': ${message}`, {
    details: { rule, ...(seq === null ? {} : { seq }) },
    cause,
  });
}

/** The condition that an error names, or null for an error of another kind. */
export function ruleOf(error: unknown): BlockRule | null {
  if (!(error instanceof JoulemarkError)) return null;
  return BLOCK_RULES.find((rule) => rule === error.details['rule']) ?? null;
}
