import { JoulemarkError } from '../errors.ts';
import { auditWindows, judgedPeriods, windowsToAudit } from './audit-calendar.ts';
import { auditTasks, isWaiting, relationsTo } from './audit-tasks.ts';
import { parseWindow, showWindow } from './audit-window.ts';
import type { Boundary } from './boundary.ts';
import { dateAt, type Span } from './calendar.ts';
import { RELATION_KINDS, type RelationKind } from './entries.ts';
import { firstStart } from './package-ranges.ts';
import type { Policy } from './policy.ts';
import { baselineWindow, boundaryRuling, periodNamed, policyRuling } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** What an auditor asks for on the command line. */
export interface AuditWish {
  readonly relation?: RelationKind | undefined;
  readonly labels?: readonly string[] | undefined;
  readonly window?: string | undefined;
  readonly period?: string | undefined;
  /** The relation that the records at hand are for; undefined without records. */
  readonly records?: RelationKind | undefined;
}

/** The audits to make: one a window. */
export interface AuditPlan {
  readonly relation: RelationKind;
  readonly labels: readonly string[];
  readonly windows: readonly PlannedWindow[];
}

export interface PlannedWindow {
  readonly window: Span;
  readonly policy: Policy;
  readonly boundary: Boundary;
}

/** One audit to make. */
export interface PlannedAudit extends PlannedWindow {
  readonly applicant: Organisation;
  readonly relation: RelationKind;
  readonly labels: readonly string[];
}

/** What an auditor is to compare. @throws JoulemarkError USAGE for what it is not admitted to, or where nothing fits. */
export function planAudit(
  state: ProgrammeState,
  auditor: Organisation,
  applicant: Organisation,
  wish: AuditWish,
  now: number,
): AuditPlan {
  const relation = chooseRelation(auditor, applicant, wish);
  const admitted = relationsTo(auditor, applicant.id).find((one) => one.relation === relation)?.labels ?? [];
  const beyond = (wish.labels ?? []).filter((label) => !admitted.includes(label));
  if (beyond.length > 0)
    throw new JoulemarkError(
      'USAGE',
      `'${auditor.name}' is not admitted to audit ${beyond.map((label) => `'${label}'`).join(', ')}, only ${admitted.join(', ')}`,
    );
  const labels = wish.labels === undefined || wish.labels.length === 0 ? admitted : wish.labels;
  const windows = chooseWindows(state, auditor, applicant, relation, wish, now);
  return {
    relation,
    labels: [...new Set(labels)],
    windows: windows.map((window) => rulesOf(state, applicant, window)),
  };
}

/** The relation meant: said, or told by the records at hand, or the only one that there is. */
export function chooseRelation(
  auditor: Organisation,
  applicant: Organisation,
  wish: Pick<AuditWish, 'relation' | 'records'>,
): RelationKind {
  const kinds = RELATION_KINDS.filter((kind) =>
    relationsTo(auditor, applicant.id).some((one) => one.relation === kind),
  );
  if (kinds.length === 0) {
    throw new JoulemarkError('USAGE', `'${auditor.name}' is not admitted to audit '${applicant.name}'`, {
      hints: ['joulemark org show', 'the certification body admits: joulemark org admit --role auditor --relation ...'],
    });
  }
  const wanted = wish.relation ?? wish.records;
  if (wanted !== undefined) {
    if (kinds.includes(wanted)) return wanted;
    throw new JoulemarkError(
      'USAGE',
      `'${auditor.name}' is not admitted as ${wanted} auditor of '${applicant.name}', but as ${kinds.join(' and ')}`,
    );
  }
  const [only, ...others] = kinds;
  if (only !== undefined && others.length === 0) return only;
  throw new JoulemarkError(
    'USAGE',
    `'${auditor.name}' audits '${applicant.name}' as ${kinds.join(' and ')}: which is meant`,
    { hints: kinds.map((kind) => `--relation ${kind}`) },
  );
}

/** The rules by which a window is judged. @throws JoulemarkError USAGE where the applicant has no accepted boundary. */
export function rulesOf(state: ProgrammeState, applicant: Organisation, window: Span): PlannedWindow {
  const policy = policyRuling(state.policies, window.start)?.value;
  const boundary = boundaryRuling(applicant.boundaries, window.start)?.value;
  if (policy === undefined || boundary === undefined) {
    throw new JoulemarkError('USAGE', `'${applicant.name}' has no accepted boundary: there is nothing to audit yet`, {
      hints: ['joulemark org show'],
    });
  }
  return { window, policy, boundary };
}

/** The audit windows inside what is named, else those that are asked and wait. Windows that have not ended are not judged. */
function chooseWindows(
  state: ProgrammeState,
  auditor: Organisation,
  applicant: Organisation,
  relation: RelationKind,
  wish: AuditWish,
  now: number,
): readonly Span[] {
  const wanted = wantedSpan(state, wish);
  if (wanted === undefined) {
    const waiting = auditTasks(state, { auditor: auditor.id, applicant: applicant.id }).filter(
      (task) => task.relation === relation && isWaiting(task),
    );
    if (waiting.length > 0) return waiting.map(({ window }) => window).sort((a, b) => a.start - b.start);
    throw new JoulemarkError('USAGE', `no audit of '${applicant.name}' waits for '${auditor.name}' as ${relation}`, {
      hints: ['for all of them: joulemark audit list --all', 'to audit a window once more: --window 2026-03'],
    });
  }
  const audited = auditedSpans(state, applicant, now);
  assertNotBefore(state, applicant, audited, wanted);
  const inside = audited.filter(({ start, end }) => start >= wanted.start && end <= wanted.end);
  const policy = policyRuling(state.policies, wanted.start)?.value;
  const found = inside.length > 0 || policy === undefined ? inside : auditWindows(policy, wanted);
  const ended = found.filter(({ end }) => end <= now);
  if (ended.length > 0) return ended;
  const zone = policy?.time.zone ?? 'UTC';
  throw new JoulemarkError('USAGE', `the window ${showWindow(wanted, zone)} has not ended yet`, {
    hints: ['joulemark audit list'],
  });
}

/** Before an applicant's first package and first baseline there is nothing to speak of: a year mistyped would make drafts of nothing. */
function assertNotBefore(state: ProgrammeState, applicant: Organisation, audited: readonly Span[], wanted: Span): void {
  const starts = [...audited.map(({ start }) => start), firstStart(applicant.packages) ?? Number.POSITIVE_INFINITY];
  const first = Math.min(...starts);
  if (first === Number.POSITIVE_INFINITY || wanted.end > first) return;
  const zone = state.policies.at(-1)?.value.time.zone ?? 'UTC';
  throw new JoulemarkError(
    'USAGE',
    `nothing of '${applicant.name}' is to be audited in '${showWindow(wanted, zone)}', the first is of ${dateAt(first, zone)}`,
    { hints: ['joulemark audit list --all'] },
  );
}

function wantedSpan(state: ProgrammeState, { window, period }: AuditWish): Span | undefined {
  if (window !== undefined && period !== undefined)
    throw new JoulemarkError('USAGE', 'both a window and a period are given', { hints: ['give --window or --period'] });
  const policy = state.policies.at(-1)?.value;
  if (policy === undefined) return undefined;
  if (window !== undefined) return parseWindow(window, policy.time.zone);
  if (period === undefined) return undefined;
  const named = periodNamed(policy, period);
  if (named === undefined)
    throw new JoulemarkError('USAGE', `'${period}' is not a period of this programme`, {
      hints: ['a year such as 2026, or the first day of the period'],
    });
  return named;
}

/** All windows that an audit of an applicant can be about: those to be asked, and those of every baseline. */
function auditedSpans(state: ProgrammeState, applicant: Organisation, now: number): readonly Span[] {
  const all = [
    ...windowsToAudit(state, applicant, now).map(({ window }) => window),
    ...judgedPeriods(state, applicant, now).flatMap(({ policy, period }) =>
      auditWindows(policy, baselineWindow(policy, period)),
    ),
  ];
  const distinct = new Map(all.map((window) => [`${window.start} ${window.end}`, window]));
  return [...distinct.values()].sort((a, b) => a.start - b.start || a.end - b.end);
}
