import { showTime } from './calendar.ts';
import type { Finding } from '../ledger/finding.ts';
import type { KnownPlace } from './told-history.ts';
import type { ProgrammeState } from './state.ts';
import type { DecisionCount, Verification } from './verification.ts';

/** What a verification comes to. Each word but CHECKED is an exit status of its own name; CHECKED is status 0. */
export type VerdictWord = 'CHECKED' | 'VERIFY_FAILED' | 'DIVERGED' | 'PENDING' | 'STALE';

const WORST_FIRST: readonly VerdictWord[] = ['VERIFY_FAILED', 'DIVERGED', 'PENDING', 'STALE', 'CHECKED'];

/** Of several words the one to end with. */
export const worstWord = (...words: readonly VerdictWord[]): VerdictWord =>
  WORST_FIRST.find((word) => words.includes(word)) ?? 'CHECKED';

/** What a verification is held against. */
export interface VerdictOptions {
  /** Against what the ledger id was compared, in words; null when it was taken at its word. */
  readonly compared: string | null;
  /** The programme block that this home has pinned. */
  readonly pinned: KnownPlace | null;
  /** A programme block that the caller was told by another way. */
  readonly told?: KnownPlace | null;
  /** Seconds since 1970. */
  readonly now: number;
  /** How old the newest broadcast may be, in seconds. */
  readonly maxAge: number | null;
}

/** A finding, as it is told. */
export interface ToldFinding {
  readonly code: string;
  readonly message: string;
  readonly chain: string | null;
  readonly seq: number | null;
  readonly entry: number | null;
}

/** The verdict on a copy, and what it rests on: plain data, the same from the command line, the single file and the page. */
export interface Verdict {
  readonly verdict: VerdictWord;
  readonly ledger: string;
  readonly compared: string | null;
  readonly blocks: number;
  readonly chains: number;
  readonly signaturesCheckedNow: number;
  /** Blocks that this home verified before and that were not read again. */
  readonly unread: number;
  readonly pending: number;
  readonly packages: number;
  readonly sealed: number;
  readonly audits: number;
  readonly decisions: DecisionCount;
  readonly upTo: { readonly broadcast: number; readonly time: string } | null;
  readonly broken: readonly {
    readonly ref: string;
    readonly seq: number;
    readonly rule: string;
    readonly message: string;
  }[];
  /** Chains of which this partial copy holds too little to judge them. */
  readonly unjudged: readonly { readonly ref: string; readonly message: string }[];
  readonly stopped: string | null;
  /** The programme block from which on the copy holds two histories and nothing told which is meant: the verdict ends before it. */
  readonly twoHistoriesAt: number | null;
  /** Organisations of which a listed block is not in this copy. */
  readonly absent: readonly string[];
  readonly errors: readonly ToldFinding[];
  readonly notes: readonly ToldFinding[];
}

/** The verdict on what was verified (spec section 14). */
export function toVerdict(verification: Verification, options: VerdictOptions): Verdict {
  const last = verification.state.lastBroadcast;
  // what is not in the copy is its own word, PENDING
  const errors = verification.findings.filter(
    ({ level, code }) => level === 'error' && code !== 'listing-absent' && code !== 'entry-absent',
  );
  return {
    verdict: verdictOf(verification, errors.length, options, last === null ? null : options.now - last.time),
    ledger: verification.ledger,
    compared: options.compared,
    blocks: verification.blocks,
    chains: verification.chains,
    signaturesCheckedNow: verification.verifiedNow,
    unread: verification.unread,
    pending: verification.pending,
    packages: verification.packages,
    sealed: verification.sealed,
    audits: verification.audits,
    decisions: verification.decisions,
    upTo: toUpTo(verification.state),
    broken: verification.broken,
    unjudged: verification.unjudged,
    stopped: verification.stopped,
    twoHistoriesAt: verification.twoHistoriesAt,
    absent: verification.absent,
    errors: errors.map(toTold),
    notes: verification.findings.filter(({ level }) => level === 'note').map(toTold),
  };
}

/** The zone in which a programme counts days; UTC before there is a policy. */
export const zoneOfState = (state: ProgrammeState): string => state.policies.at(-1)?.value.time.zone ?? 'UTC';

/** The newest broadcast: nothing later can be seen. */
export function toUpTo(state: ProgrammeState): Verdict['upTo'] {
  const last = state.lastBroadcast;
  return last === null ? null : { broadcast: last.seq, time: showTime(last.time, zoneOfState(state)) };
}

const toTold = ({ code, message, place }: Finding): ToldFinding => ({
  code,
  message,
  chain: place.chain ?? null,
  seq: place.seq ?? null,
  entry: place.entry ?? null,
});

function verdictOf(
  verification: Verification,
  errors: number,
  { pinned, told, maxAge }: VerdictOptions,
  age: number | null,
): VerdictWord {
  if (verification.twoHistoriesAt !== null) return 'DIVERGED';
  if (verification.broken.length > 0 || verification.stopped !== null || errors > 0) return 'VERIFY_FAILED';
  const known = [pinned, told ?? null].filter((place) => place !== null);
  const { seq: head } = verification.state.head;
  if (known.some(({ seq, id }) => head >= seq && verification.programmeId(seq) !== id)) return 'DIVERGED';
  const leftOut = verification.findings.some((finding) => finding.code === 'entry-absent');
  // a sealed package counts for nobody in version 1, so one applicant's does not make every copy pending for ever
  if (verification.absent.length > 0 || verification.unjudged.length > 0 || leftOut) return 'PENDING';
  if (known.some(({ seq }) => head < seq)) return 'STALE';
  if (maxAge !== null && (age === null || age > maxAge)) return 'STALE';
  return 'CHECKED';
}
