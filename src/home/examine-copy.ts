import type { Id } from '../ledger/codec/id.ts';
import { compareCopies, type CopyComparison } from '../programme/compare-copies.ts';
import { type PackageSample, samplePackages } from '../programme/sample-packages.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import { toVerdict, type Verdict, type VerdictWord, worstWord } from '../programme/verdict.ts';
import type { Verification } from '../programme/verification.ts';
import { comparedWith } from './check-receipt-file.ts';
import { StaleCheckpoint } from './checkpoint.ts';
import type { Copy } from './find-copy.ts';

export interface ExamineOptions {
  /** The ledger id that the user was told. */
  readonly told: Id | null;
  /** A programme block that the user was told. */
  readonly at: KnownPlace | null;
  /** Begin at genesis, whatever was verified before. */
  readonly full: boolean;
  /** Seconds since 1970. */
  readonly now: number;
  /** How old the newest broadcast may be, in seconds. */
  readonly maxAge: number | null;
  /** A second copy, to see where the two differ. */
  readonly against: Copy | null;
  readonly sample: { readonly size: number; readonly seed: string | null } | null;
  readonly progress: (blocks: number) => void;
}

/** What was found of a copy. */
export interface Examined {
  readonly verification: Verification;
  readonly verdict: Verdict;
  readonly comparison: CopyComparison | null;
  readonly sample: PackageSample | null;
  /** The verdict on all of it: of the copy, of the other one, of their difference the worst. */
  readonly word: VerdictWord;
}

/**
 * Verifies a copy and, where it is asked for, compares it with another and draws packages from it. A home remembers what was verified, and
 * is the user's own from the moment its ledger id was held against one that he was told.
 * @throws JoulemarkError VERIFY_FAILED, DIVERGED where there is nothing to give a verdict on.
 */
export async function examineCopy(copy: Copy, options: ExamineOptions): Promise<Examined> {
  try {
    return await examine(copy, options);
  } catch (error) {
    // found out when something looked at what had not been looked at before
    if (error instanceof StaleCheckpoint) return examine(copy, { ...options, full: true });
    throw error;
  }
}

async function examine(copy: Copy, options: ExamineOptions): Promise<Examined> {
  const { told, at, full, now, maxAge, against, sample, progress } = options;
  // what a home remembers is of its own ledger, and says nothing of another one that the user was told
  const isItsOwn = told === null || told === copy.ledger;
  const verification = await copy.verify({
    ledger: told ?? copy.ledger,
    checked: full || !isItsOwn ? new Map() : copy.checked,
    at,
    pinned: isItsOwn ? copy.pinned : null,
    progress,
  });
  const compared = comparedWith(told !== null, copy);
  const verdict = toVerdict(verification, { compared, pinned: isItsOwn ? copy.pinned : null, told: at, now, maxAge });
  if (isItsOwn) {
    if (told !== null && (verdict.verdict === 'CHECKED' || verdict.verdict === 'STALE')) copy.adopt();
    copy.remember(verification);
  }
  const drawn = sample === null ? null : samplePackages(verification, sample);
  if (against === null) return { verification, verdict, comparison: null, sample: drawn, word: verdict.verdict };
  const other = await against.verify({ ledger: told, checked: against.checked, progress });
  const comparison = compareCopies(verification, other);
  const { verdict: otherWord } = toVerdict(other, { compared, pinned: null, now, maxAge: null });
  const difference = comparison.newer === 'diverged' ? 'DIVERGED' : 'CHECKED';
  return { verification, verdict, comparison, sample: drawn, word: worstWord(verdict.verdict, otherWord, difference) };
}
