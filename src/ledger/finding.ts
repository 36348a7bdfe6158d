import type { Id } from './codec/id.ts';

/** How much a finding weighs: `error`, bytes or authority that the answer needs are broken; `note`, no effect on the answer. */
export type FindingLevel = 'error' | 'note';

/** Every code a finding can have and its level: the one table. `docs/spec/findings.md` says what each means. */
export const FINDING_LEVELS = {
  'listing-not-good': 'note',
  'listing-absent': 'error',
  'broadcast-malformed': 'note',
  'entry-absent': 'error',
  'entry-malformed': 'note',
  'entry-unknown': 'note',
  'key-reused': 'note',
  'seen-elsewhere': 'note',
  fork: 'note',
  'fork-not-proved': 'note',
  'fork-unjudged': 'note',
  'not-admitted': 'note',
  'commit-mismatch': 'note',
  'package-sealed': 'note',
  'package-premature': 'note',
  'package-too-long': 'note',
  'package-overlap': 'note',
  'package-late': 'note',
  'correction-without-target': 'note',
  'correction-late': 'note',
  'meter-unknown': 'note',
  'kind-mismatch': 'note',
  'unit-mismatch': 'note',
  'label-mismatch': 'note',
  'register-discontinuity': 'note',
  'idle-contradicted': 'note',
  'meter-missing': 'note',
  'supply-point-unmetered': 'note',
  'carrier-counted-twice': 'note',
  'negative-rest': 'note',
  'data-gap': 'note',
  'audit-own-organisation': 'note',
  'audit-shared-key': 'note',
  'audit-not-admitted': 'note',
  'audit-superseded': 'note',
  'audit-set-changed': 'note',
  'audit-ahead-of-seen': 'note',
  'audit-suspended': 'note',
  'adjustment-refused': 'note',
  'decision-differs': 'error',
  'decision-unauthorised': 'error',
  'decision-not-recomputed': 'note',
} as const satisfies Readonly<Record<string, FindingLevel>>;

/** The closed list of finding codes. */
export type FindingCode = keyof typeof FINDING_LEVELS;

/** Why a listing covers nothing (spec section 8). */
export type ListingReason = 'below-head' | 'on-sibling' | 'bad-ancestor' | 'unknown-organisation';

/** Where a finding is: as much of it as applies. */
export interface FindingPlace {
  readonly chain?: Id | 'programme';
  readonly seq?: number;
  readonly entry?: number;
  readonly meter?: string;
  readonly interval?: readonly [start: number, end: number];
}

/** Something that verification noticed (spec section 14). */
export interface Finding {
  readonly code: FindingCode;
  readonly level: FindingLevel;
  readonly place: FindingPlace;
  readonly message: string;
  /** With 'listing-not-good' only. */
  readonly reason?: ListingReason;
}

/** A finding with the level of its code. */
export function toFinding(code: FindingCode, place: FindingPlace, message: string): Finding {
  return { code, level: FINDING_LEVELS[code], place, message };
}
