import { concatBytes, sha256 } from '../crypto/hash.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idBytes, toId } from '../ledger/codec/id.ts';
import { addDuration, calendarWindows, type Span, startOfDay } from './calendar.ts';
import type { AskContent, RelationKind } from './entries.ts';
import { groupBy } from './group-by.ts';
import { isAnyStartingIn } from './package-ranges.ts';
import type { Policy } from './policy.ts';
import { baselineWindow, boundaryInForce, type Period, periodHolding, policyInForce } from './rules.ts';
import { type Ask, isAdmitted, type Organisation, type ProgrammeState, relationKey } from './state.ts';

/** The audit windows that make up a stretch of time, counted from its start (programme-v1 section 6.1). */
export const auditWindows = (policy: Policy, { start, end }: Span): readonly Span[] =>
  calendarWindows(start, end, policy.calendar.audit_window, policy.time.zone);

/** A period that an applicant is judged on, with the policy in force for it. */
export interface JudgedPeriod {
  readonly policy: Policy;
  readonly period: Period;
}

/** The periods of an applicant that began before `now`: with a policy and an accepted boundary in force, from its first period on. */
export function judgedPeriods(state: ProgrammeState, applicant: Organisation, now: number): readonly JudgedPeriod[] {
  const [first] = state.policies;
  const [accepted] = applicant.boundaries;
  if (first === undefined || accepted === undefined || applicant.admitted === null) return [];
  const { firstPeriod } = applicant.admitted;
  const from = Math.max(
    first.time,
    accepted.time,
    firstPeriod === null ? 0 : startOfDay(firstPeriod, first.value.time.zone),
  );
  const found: JudgedPeriod[] = [];
  let period = periodHolding(first.value, from);
  while (period.start < now) {
    const ruling = policyInForce(state.policies, period.start)?.value;
    if (ruling !== undefined) period = periodHolding(ruling, period.start);
    const isFirst = firstPeriod === null || period.start >= startOfDay(firstPeriod, (ruling ?? first.value).time.zone);
    if (ruling !== undefined && isFirst && boundaryInForce(applicant.boundaries, period.start) !== undefined)
      found.push({ policy: ruling, period });
    period = periodHolding(ruling ?? first.value, period.end);
  }
  return found;
}

/** A window that auditors have to judge, under the policy that has it judged. */
export interface AuditedWindow {
  readonly policy: Policy;
  readonly window: Span;
  /** Of a baseline from before the first period: asked only when there is something in it. */
  readonly history: boolean;
}

/** Every audit window of an applicant so far, oldest first, each once: of its periods, and of their baselines where these must be audited. */
export function windowsToAudit(state: ProgrammeState, applicant: Organisation, now: number): readonly AuditedWindow[] {
  const periods = judgedPeriods(state, applicant, now);
  const found = new Map<string, AuditedWindow>();
  const add = (policy: Policy, span: Span, history: boolean): void => {
    for (const window of auditWindows(policy, span)) {
      const key = `${window.start} ${window.end}`;
      if (!found.has(key)) found.set(key, { policy, window, history });
    }
  };
  for (const { policy, period } of periods) add(policy, period, false);
  for (const { policy, period } of periods)
    if (policy.baseline.audited === 'required') add(policy, baselineWindow(policy, period), true);
  return [...found.values()].sort((a, b) => a.window.start - b.window.start || a.window.end - b.window.end);
}

/**
 * The audits that fall due to be asked at ledger time `now` and are not asked yet (programme-v1 section 6.1). The same state and time give the
 * same asks in the same order, so a second run after the append gives none.
 */
export function dueAsks(state: ProgrammeState, now: number): readonly AskContent[] {
  const applicants = [...state.organisations.values()].filter(
    (organisation) => isAdmitted(organisation, 'applicant', now) && organisation.boundaries.length > 0,
  );
  // one supplier may audit thousands, and each of them has its own few auditors
  const auditors = [...state.organisations.values()]
    .filter((auditor) => isAdmitted(auditor, 'auditor', now))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const related = groupBy(
    auditors.flatMap((auditor) =>
      [...new Set([...auditor.relations.values()].map(({ applicant }) => applicant))].map((applicant) => ({
        auditor,
        applicant,
      })),
    ),
    ({ applicant }) => applicant,
  );
  const asksOn = groupBy(state.asks, (ask) => ask.applicant);
  return applicants
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((applicant) =>
      asksOf(
        state,
        applicant,
        (related.get(applicant.id) ?? []).map(({ auditor }) => auditor),
        asksOn.get(applicant.id) ?? [],
        now,
      ),
    );
}

function asksOf(
  state: ProgrammeState,
  applicant: Organisation,
  related: readonly Organisation[],
  asks: readonly Ask[],
  now: number,
): readonly AskContent[] {
  const auditors = related.filter((auditor) => auditor.id !== applicant.id);
  if (auditors.length === 0) return [];
  const asked = new Set(asks.map((ask) => askKey(ask.relation, ask.auditor, ask.window)));
  return windowsToAudit(state, applicant, now).flatMap(({ policy, window, history }) => {
    const { zone } = policy.time;
    if (now < addDuration(window.end, policy.calendar.audit_asked, zone)) return [];
    if (history && !isAnyStartingIn(applicant.packages, window.start, window.end)) return [];
    const due = addDuration(window.end, policy.calendar.audit_due, zone);
    return auditorsToAsk(state, applicant, auditors, policy, window, asked).map(({ auditor, relation }) => ({
      applicant: applicant.id,
      relation,
      auditor: auditor.id,
      window: [window.start, window.end] as const,
      // who is asked after the date (history, a late admission, a replaced peer) has the whole time from then on
      due: due > now ? due : addDuration(now, policy.calendar.audit_due, zone),
    }));
  });
}

const askKey = (relation: RelationKind, auditor: Id, window: Span): string =>
  `${relation} ${auditor} ${window.start} ${window.end}`;

interface Asked {
  readonly auditor: Organisation;
  readonly relation: RelationKind;
}

function auditorsToAsk(
  state: ProgrammeState,
  applicant: Organisation,
  auditors: readonly Organisation[],
  policy: Policy,
  window: Span,
  asked: ReadonlySet<string>,
): readonly Asked[] {
  const related = (relation: RelationKind): readonly Organisation[] =>
    auditors.filter(
      (auditor) => relationOf(auditor, applicant.id, relation) && !isRecused(auditor, applicant.id, relation, window),
    );
  const isNew =
    (relation: RelationKind) =>
    (auditor: Organisation): boolean =>
      !asked.has(askKey(relation, auditor.id, window));
  const peers = related('peer');
  const { number, drawn } = policy.audits.peer.asked;
  // asked before and not recused since: they keep their places, only what is left is filled
  const open = Math.max(0, number - peers.filter((peer) => !isNew('peer')(peer)).length);
  const fresh = peers.filter(isNew('peer'));
  const chosen = (drawn ? drawPeers(state.head.id, applicant.id, window, fresh) : fresh).slice(0, open);
  return [
    ...related('upstream')
      .filter(isNew('upstream'))
      .map((auditor): Asked => ({ auditor, relation: 'upstream' })),
    ...chosen.map((auditor): Asked => ({ auditor, relation: 'peer' })),
    ...related('downstream')
      .filter(isNew('downstream'))
      .map((auditor): Asked => ({ auditor, relation: 'downstream' })),
  ];
}

function relationOf(auditor: Organisation, applicant: Id, relation: RelationKind): boolean {
  return (auditor.relations.get(relationKey(applicant, relation))?.labels.length ?? 0) > 0;
}

/** True when an auditor has withdrawn from all of a window. */
export function isRecused(auditor: Organisation, applicant: Id, relation: RelationKind, window: Span): boolean {
  return auditor.recusals.some(
    (recusal) =>
      recusal.applicant === applicant &&
      recusal.relation === relation &&
      recusal.window[0] <= window.start &&
      recusal.window[1] >= window.end,
  );
}

/**
 * Candidates in the order in which they are drawn: by `H(head || applicant || CBOR([start, end]) || auditor)`, `head` being the programme
 * block before the one that asks. Anybody can draw again (programme-v1 section 6.1).
 */
export function drawPeers<T extends { readonly id: Id }>(
  head: Id,
  applicant: Id,
  window: Span,
  candidates: readonly T[],
): readonly T[] {
  const scene = concatBytes(idBytes(head), idBytes(applicant), encodeCbor([window.start, window.end]));
  return candidates
    .map((candidate) => ({ candidate, rank: toId(sha256(concatBytes(scene, idBytes(candidate.id)))) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1))
    .map(({ candidate }) => candidate);
}
