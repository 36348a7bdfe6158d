import { evaluate } from '../calc/evaluate.ts';
import type { DecisionRules } from '../calc/evaluation-input.ts';
import type { Evaluation } from '../calc/evaluation.ts';
import { decidingForms } from '../calc/with-model.ts';
import type { ExitName } from '../errors.ts';
import type { Finding } from '../ledger/finding.ts';
import { auditsByApplicant, countAudits, type CountedAudits } from './audit-count.ts';
import { commitsRoot } from './audit-set.ts';
import { type AuditStanding, weighAudits } from './audit-standing.ts';
import { auditedDifferences } from './audited-differences.ts';
import { startOfDay, type Span } from './calendar.ts';
import { certificateNumber } from './certificate-number.ts';
import { chainForm } from './chain-form.ts';
import { conclude } from './conclude.ts';
import { checkCountedOnce } from './counted-once.ts';
import type { DecisionScene } from './decision-scene.ts';
import { windowsOf } from './decision-windows.ts';
import type { DecisionContent, DecisionStatus } from './entries.ts';
import { toEvaluationInput, type Windows } from './evaluation-input.ts';
import { encodeEvaluation, type EvaluationPayload } from './evaluation-payload.ts';
import { checkIdleShipments } from './idle-shipments.ts';
import { watchKeys } from './key-watch.ts';
import { countsAs, lineOf, withHistory } from './lineage.ts';
import { checkMeters } from './meter-checks.ts';
import { baselineStanding, countPackageStandings } from './package-standing.ts';
import type { Policy } from './policy.ts';
import { afterPeriod, boundaryInForce, policyInForce } from './rules.ts';
import { type AuditRecord, isAdmitted, type Organisation, type ProgrammeState } from './state.ts';
import { tablesUsed } from './tables.ts';
import { packagesOfWindow } from './window-packages.ts';

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
  /** Printed with the answer: the comparison with the period before, and how the packages came. */
  readonly beside: Pick<EvaluationPayload, 'chain' | 'packages' | 'baselineStanding'> | null;
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
export function decide(state: ProgrammeState, organisation: Organisation, period: Span, now: number): Decided {
  const applicant = withHistory(state, organisation);
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

/** What an entry lists. */
const MOST_PRODUCTS = 200;

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
    beside: null,
    findings: [],
    content: null,
    payload: new Uint8Array(),
  };
}

function isBeforeFirstPeriod(applicant: Organisation, policy: Policy, period: Span): boolean {
  const first = applicant.admitted?.firstPeriod ?? null;
  return first !== null && period.start < startOfDay(first, policy.time.zone);
}

function judge(scene: DecisionScene, now: number): Decided {
  const { state, applicant, policy, boundary, period } = scene;
  const windows = windowsOf(scene);
  const { counted, findings: auditFindings } = auditsOfLine(state, applicant);
  const input = toEvaluationInput(
    state,
    applicant,
    policy.value,
    boundary.value,
    windows,
    auditedDifferences(policy.value, boundary.value, counted, windows),
  );
  if (input.products.length > MOST_PRODUCTS) return undecided('products-too-many');
  const evaluation = evaluate(input);
  const weigh = (window: Span, factors: typeof input.factors.reporting) =>
    weighAudits(state, applicant, policy.value, boundary.value, factors, counted, window);
  const audits = {
    reporting: weigh(windows.reporting, input.factors.reporting),
    baseline: weigh(windows.baseline, input.factors.baseline),
  };
  const meterFindings = [
    ...checkCountedOnce(applicant.id, policy.value, boundary.value),
    ...checkMeters(applicant, boundary.value, windows.baseline),
    ...checkMeters(applicant, boundary.value, windows.reporting),
    ...checkIdleShipments(applicant, boundary.value, windows.baseline),
    ...checkIdleShipments(applicant, boundary.value, windows.reporting),
  ];
  const late = now > afterPeriod(policy.value, period, policy.value.calendar.decide.until);
  const { status, exit, reasons } = conclude(policy.value, evaluation, audits, meterFindings, late);
  const final = status !== 'INCOMPLETE' || late;
  const packagesIn = (window: Span) => packagesOfWindow(applicant, policy.value, boundary.value, window);
  const packages = { baseline: packagesIn(windows.baseline), reporting: packagesIn(windows.reporting) };
  const counts = {
    baseline: countPackageStandings(packages.baseline),
    reporting: countPackageStandings(packages.reporting),
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
    products: evaluation.products.map((product) => {
      const { headline } = decidingForms(product);
      return {
        product: product.product,
        verdict: product.verdict,
        ...(headline === null || headline.rate === null ? {} : { rate: headline.rate }),
        ...(headline === null || headline.saving === null ? {} : { saving: headline.saving }),
      };
    }),
    packages: { baseline: commitsRoot(packages.baseline), reporting: commitsRoot(packages.reporting) },
    audits: counted
      .filter((audit) => touches(audit, windows))
      .map(({ auditor, seq, entry }) => ({ auditor, seq, entry })),
  };
  const beside = {
    chain: chainForm(scene, windows),
    packages: counts,
    baselineStanding: baselineStanding(counts.baseline, audits.baseline.passed),
  };
  const payload = encodeEvaluation({ windows, evaluation, audits, ...beside });
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
    beside,
    findings: [...auditFindings, ...meterFindings],
    content,
    payload,
  };
}

/** The audits of an applicant and of those that it continues; nobody of the line audits the line. */
function auditsOfLine(state: ProgrammeState, applicant: Organisation): CountedAudits {
  // each over its own packages, as its auditors saw them
  const line = lineOf(state, state.organisations.get(applicant.id) ?? applicant);
  const own = countsAs(state, applicant.id);
  const watch = watchKeys(state, applicant);
  const about = auditsByApplicant(state);
  const each = line.toReversed().map((one) => countAudits(state, one, about.get(one.id) ?? [], watch));
  return {
    counted: each
      .flatMap(({ counted }) => counted)
      .filter(({ auditor }) => countsAs(state, auditor) !== own)
      .sort((a, b) => a.order - b.order),
    findings: each.flatMap(({ findings }) => findings),
  };
}

function touches(audit: AuditRecord, { baseline, reporting }: Windows): boolean {
  const [start, end] = audit.content.window;
  return [baseline, reporting].some((window) => start < window.end && end > window.start);
}
