import { evaluate } from '../calc/evaluate.ts';
import type { AuditedDifference, DecisionRules } from '../calc/evaluation-input.ts';
import type { Evaluation } from '../calc/evaluation.ts';
import { combineWhole } from '../calc/whole.ts';
import type { ExitName } from '../errors.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import { countAudits } from './audit-count.ts';
import { commitsRoot } from './audit-set.ts';
import { type AuditStanding, weighAudits } from './audit-standing.ts';
import type { Boundary } from './boundary.ts';
import { dateAt, startOfDay, type Span } from './calendar.ts';
import type { DecisionContent, DecisionStatus } from './entries.ts';
import { packagesOfWindow } from './counted-packages.ts';
import { toEvaluationInput, type Windows } from './evaluation-input.ts';
import { openFigures } from './figures.ts';
import { checkMeters } from './meter-checks.ts';
import { type Policy, SERIAL } from './policy.ts';
import { afterPeriod, baselineWindow, boundaryInForce, type Dated, policyInForce, previousPeriod } from './rules.ts';
import { type AuditRecord, isAdmitted, type Organisation, type ProgrammeState } from './state.ts';
import { tablesUsed } from './tables.ts';
import { toCbor } from './to-cbor.ts';

/** The answer for one applicant and period at one moment, with everything that it rests on. */
export interface Decided {
  readonly status: DecisionStatus;
  /** The exit status of every command that answers with this, whether something was appended or not. */
  readonly exit: ExitName;
  /** False while the answer can still change: the period is open, or what is missing can still come in time. */
  readonly final: boolean;
  /** Closed reason codes, sorted. */
  readonly reasons: readonly string[];
  readonly policy: Policy | null;
  readonly windows: Windows | null;
  readonly evaluation: Evaluation | null;
  /** The rules that the verdicts were formed by. */
  readonly rules: DecisionRules | null;
  readonly audits: { readonly reporting: AuditStanding; readonly baseline: AuditStanding } | null;
  readonly findings: readonly Finding[];
  /** The entry but for the commitment; null while there are no rules to decide by. */
  readonly content: Omit<DecisionContent, 'evaluation' | 'salt' | 'payload'> | null;
  /** Deterministic CBOR of the full evaluation, committed by the entry. */
  readonly payload: Uint8Array;
}

/**
 * Decides a period of an applicant from everything applied so far, with `now` as ledger time (spec section 11). Pure: the
 * same ledger gives the same bytes on every machine.
 */
export function decide(state: ProgrammeState, applicant: Organisation, period: Span, now: number): Decided {
  const policy = policyInForce(state.policies, period.start);
  const boundary = boundaryInForce(applicant.boundaries, period.start);
  if (policy === undefined) return undecided('policy-missing');
  if (boundary === undefined) return undecided('boundary-missing');
  if (!isAdmitted(applicant, 'applicant', now) || isBeforeFirstPeriod(applicant, policy.value, period))
    return undecided('not-admitted');
  const scene = { state, applicant, policy, boundary, period };
  // a fixed baseline cannot be compared with a part of itself
  if (windowsOf(scene).baseline.end > period.start)
    return { ...undecided('baseline-missing'), status: 'NOT_APPLICABLE', exit: 'NOT_CERTIFIED' };
  return now < afterPeriod(policy.value, period, policy.value.calendar.decide.from)
    ? { ...judge(scene, now), status: 'INCOMPLETE', exit: 'PENDING', final: false, reasons: ['period-open'] }
    : judge(scene, now);
}

function undecided(reason: string): Decided {
  return {
    status: 'INCOMPLETE',
    exit: 'PENDING',
    final: false,
    reasons: [reason],
    policy: null,
    windows: null,
    evaluation: null,
    rules: null,
    audits: null,
    findings: [],
    content: null,
    payload: new Uint8Array(),
  };
}

function isBeforeFirstPeriod(applicant: Organisation, policy: Policy, period: Span): boolean {
  const first = applicant.admitted?.firstPeriod ?? null;
  return first !== null && period.start < startOfDay(first, policy.time.zone);
}

interface Scene {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Dated<Policy>;
  readonly boundary: Dated<Boundary>;
  readonly period: Span;
}

function judge(scene: Scene, now: number): Decided {
  const { state, applicant, policy, boundary, period } = scene;
  const windows = windowsOf(scene);
  const { counted, findings: auditFindings } = countAudits(state, applicant);
  const input = toEvaluationInput(
    state,
    applicant,
    policy.value,
    boundary.value,
    windows,
    auditedDifferences(policy.value, boundary.value, counted, windows),
  );
  const evaluation = evaluate(input);
  const weigh = (window: Span, factors: typeof input.factors.reporting) =>
    weighAudits(state, applicant, policy.value, boundary.value, factors, counted, window);
  const audits = {
    reporting: weigh(windows.reporting, input.factors.reporting),
    baseline: weigh(windows.baseline, input.factors.baseline),
  };
  const meterFindings = [
    ...checkMeters(applicant, boundary.value, windows.baseline),
    ...checkMeters(applicant, boundary.value, windows.reporting),
  ];
  const late = now > afterPeriod(policy.value, period, policy.value.calendar.decide.until);
  const { status, exit, reasons } = conclude(policy.value, evaluation, audits, meterFindings, late);
  const final = status !== 'INCOMPLETE' || late;
  const roots = {
    baseline: commitsRoot(packagesOfWindow(applicant, policy.value, boundary.value, windows.baseline)),
    reporting: commitsRoot(packagesOfWindow(applicant, policy.value, boundary.value, windows.reporting)),
  };
  const content = {
    applicant: applicant.id,
    period: [period.start, period.end] as const,
    status,
    ...(status === 'CERTIFIED' ? { number: certificateNumber(scene) } : {}),
    reasons,
    baseline: [windows.baseline.start, windows.baseline.end] as const,
    policy: policy.digest,
    boundary: boundary.digest,
    tables: [...new Set(tablesUsed(state, policy.value, Object.values(windows)).map((table) => table.digest))].sort(),
    unit: policy.value.energy.unit,
    products: evaluation.products.map(({ product, verdict, headline }) => ({
      product,
      verdict,
      ...(headline === null || headline.rate === null ? {} : { rate: headline.rate }),
      ...(headline === null || headline.saving === null ? {} : { saving: headline.saving }),
    })),
    packages: roots,
    audits: counted
      .filter((audit) => touches(audit, windows))
      .map(({ auditor, seq, entry }) => ({ auditor, seq, entry })),
  };
  const payload = encodeCbor(toCbor({ windows, evaluation, audits, chain: chainForm(scene, windows) }));
  return {
    status,
    exit,
    final,
    reasons,
    policy: policy.value,
    windows,
    evaluation,
    rules: input.decision,
    audits,
    findings: [...auditFindings, ...meterFindings],
    content,
    payload,
  };
}

function windowsOf({ state, applicant, policy, period }: Scene): Windows {
  const { window, also_print: beside } = policy.value.baseline;
  const certified = state.decisions
    .filter(
      (decision) =>
        stands(decision) &&
        decision.content.applicant === applicant.id &&
        decision.content.status === 'CERTIFIED' &&
        decision.content.period[1] <= period.start,
    )
    .map(
      ({
        content: {
          period: [start, end],
        },
      }) => ({ start, end }),
    )
    .sort((a, b) => a.start - b.start);
  const { start, end } =
    (window === 'previous_certificate' ? certified.at(-1) : undefined) ?? baselineWindow(policy.value, period);
  const fixedBase = beside?.includes('fixed_base') === true ? certified[0] : undefined;
  return {
    baseline: { start, end },
    reporting: { start: period.start, end: period.end },
    ...(fixedBase === undefined ? {} : { fixedBase }),
  };
}

/** The chain form beside a fixed baseline: the previous period against this one, rate and saving a product. */
function chainForm(scene: Scene, windows: Windows): unknown {
  const { state, applicant, policy, boundary, period } = scene;
  const previous = previousPeriod(policy.value, period);
  if (previous.start === windows.baseline.start && previous.end === windows.baseline.end) return null;
  const chained = evaluate(
    toEvaluationInput(
      state,
      applicant,
      policy.value,
      boundary.value,
      { baseline: { start: previous.start, end: previous.end }, reporting: windows.reporting },
      [],
    ),
  );
  return chained.products.map(({ product, verdict, headline }) => ({
    product,
    verdict,
    rate: headline?.rate ?? null,
    saving: headline?.saving ?? null,
  }));
}

function touches(audit: AuditRecord, { baseline, reporting }: Windows): boolean {
  const [start, end] = audit.content.window;
  return [baseline, reporting].some((window) => start < window.end && end > window.start);
}

/** What audits found, to be turned against the claimant (calculation rule 9). */
function auditedDifferences(
  policy: Policy,
  boundary: Boundary,
  counted: readonly AuditRecord[],
  windows: Windows,
): readonly AuditedDifference[] {
  return counted.flatMap((audit) => {
    const [start] = audit.content.window;
    const period =
      start >= windows.reporting.start && start < windows.reporting.end
        ? ('reporting' as const)
        : ('baseline' as const);
    if (period === 'baseline' && (start < windows.baseline.start || start >= windows.baseline.end)) return [];
    const figures = openFigures(audit.auditor, audit.content);
    return (figures?.lines ?? []).flatMap((line): readonly AuditedDifference[] => {
      if (line.difference === undefined || line.difference.n === 0n) return [];
      if (audit.content.relation === 'upstream') {
        const carrier = boundary.supplyPoints.get(line.label)?.carrier;
        return carrier === undefined
          ? []
          : [{ against: 'energy', carrier, difference: line.difference, unit: line.unit, period }];
      }
      return audit.content.relation === 'downstream' && policy.products.has(line.label)
        ? [{ against: 'product', product: line.label, difference: line.difference, unit: line.unit, period }]
        : [];
    });
  });
}

/** Contradictions that no figure may rest on. */
const CRITICAL: readonly string[] = ['idle-contradicted', 'supply-point-unmetered'];

function conclude(
  policy: Policy,
  evaluation: Evaluation,
  audits: { readonly reporting: AuditStanding; readonly baseline: AuditStanding },
  findings: readonly Finding[],
  final: boolean,
): { readonly status: DecisionStatus; readonly exit: ExitName; readonly reasons: readonly string[] } {
  const broken = [...new Set(findings.flatMap(({ code }) => (CRITICAL.includes(code) ? [code] : [])))];
  const lacking = [
    ...audits.reporting.reasons,
    ...(policy.baseline.audited === 'required' ? audits.baseline.reasons : []),
  ];
  const critical = [...evaluation.reasons, ...evaluation.products.flatMap((product) => product.reasons)].filter(
    (reason) => reason.severity === 'critical',
  );
  const reasons = [...new Set([...broken, ...lacking, ...critical.map((reason) => reason.code)])].sort();
  const { whole, exit } = combineWhole({
    data: evaluation.whole,
    auditsPassed: lacking.length === 0,
    open: broken.length > 0,
    final,
  });
  return { status: whole, exit, reasons };
}

/** `JM-{year}-{serial:4}`: the year of the period's start, and how many certificates of that year there are with this one, revoked ones too. */
function certificateNumber({ state, policy, period }: Scene): string {
  const { zone } = policy.value.time;
  const yearOf = (start: number): string => dateAt(start, zone).slice(0, 4);
  const year = yearOf(period.start);
  const serial =
    state.decisions.filter(
      ({ content, recomputed }) => recomputed && content.status === 'CERTIFIED' && yearOf(content.period[0]) === year,
    ).length + 1;
  return policy.value.certificate.number
    .replaceAll('{year}', year)
    .replaceAll(SERIAL, (_, digits: string | undefined) => String(serial).padStart(Number(digits ?? 1), '0'));
}

/** The decision of an applicant and period that stands, if there is one. */
export function standingDecision(
  state: ProgrammeState,
  applicant: Id,
  period: Span,
): ProgrammeState['decisions'][number] | undefined {
  // by overlap: a policy of another period length must not certify the same months again
  return state.decisions.find(
    ({ content, ...decision }) =>
      stands(decision) &&
      content.applicant === applicant &&
      content.period[0] < period.end &&
      content.period[1] > period.start,
  );
}

/** A decision that came out the same and is not revoked; one that differs is a finding and nothing else. */
const stands = (decision: Pick<ProgrammeState['decisions'][number], 'recomputed' | 'revoked'>): boolean =>
  decision.recomputed && decision.revoked === undefined;
