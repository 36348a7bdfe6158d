import { type Benchmark, benchmark } from '../calc/benchmark.ts';
import { evaluate } from '../calc/evaluate.ts';
import type { ProductEvaluation } from '../calc/evaluation.ts';
import { absRatio, compareRatio, type Rational, ratioOfDecimal, subtractRatio, ZERO } from '../calc/ratio.ts';
import { isCritical } from '../calc/reason.ts';
import { roundPlaces } from '../calc/rounding.ts';
import { convertUnit, dimensionOf, knownUnits } from '../calc/unit.ts';
import { worstVerdict } from './audit-own-record.ts';
import { type Boundary } from './boundary.ts';
import { periodAt, type Span } from './calendar.ts';
import type { AuditVerdict } from './entries.ts';
import { toEvaluationInput } from './evaluation-input.ts';
import type { AuditFigures, FiguresLine } from './figures.ts';
import type { Policy } from './policy.ts';
import { boundaryRuling } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** What a peer compares: the applicant's energy per unit with that of the other makers of the same product on the ledger. */
export interface PeerQuestion {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly window: Span;
  /** Products. */
  readonly labels: readonly string[];
}

/** One product of the applicant judged. */
interface Judged {
  readonly line: FiguresLine;
  readonly verdict: AuditVerdict;
  readonly others: number;
  readonly method: string;
}

/** The peer comparison of one audit window (programme-v1 section 6.4). */
export function comparePeers(question: PeerQuestion): AuditFigures {
  const own = evaluateWindow(question, question.applicant, question.boundary, question.window);
  const judged = question.labels.map((label) => judgeProduct(question, label, own.get(label)));
  const methods = new Set(judged.map(({ method }) => method));
  return {
    relation: 'peer',
    method: [...methods].sort().join(' and ') || 'none',
    others: Math.min(...judged.map(({ others }) => others)),
    proposal: worstVerdict(judged.map(({ verdict }) => verdict)),
    lines: judged.map(({ line }) => line),
  };
}

function evaluateWindow(
  { state, policy }: PeerQuestion,
  organisation: Organisation,
  boundary: Boundary,
  window: Span,
  before = window,
): ReadonlyMap<string, ProductEvaluation> {
  const { products } = evaluate(
    toEvaluationInput(state, organisation, policy, boundary, { baseline: before, reporting: window }, []),
  );
  return new Map(products.map((product) => [product.product, product]));
}

function judgeProduct(question: PeerQuestion, label: string, own: ProductEvaluation | undefined): Judged {
  const unit = `${question.policy.energy.unit}/${own?.unit ?? question.policy.products.get(label)?.unit ?? '-'}`;
  const figures = own?.withoutFill?.reporting ?? null;
  const broken = own === undefined ? 'the boundary has no meter for it' : brokenBy(own);
  const none = (reported: Rational, note: string, verdict: AuditVerdict): Judged => ({
    line: { label, unit, reported, agrees: verdict !== 'cannot_judge', note: note.slice(0, 500) },
    verdict,
    others: 0,
    method: 'none',
  });
  if (broken !== null) return none(figures?.intensity ?? ZERO, broken, 'cannot_judge');
  if (figures === null) return none(ZERO, 'nothing is on the ledger for it in this window', 'cannot_judge');
  if (figures.intensity === null) return none(ZERO, 'nothing was made in this window', 'pass_with_remarks');
  const { statistics, few } = question.policy.audits.peer;
  const others = intensitiesOfOthers(question, label);
  const compared = benchmark(figures.intensity, others, {
    robustFrom: statistics.robust_z_from,
    query: ratioOfDecimal(statistics.query),
    action: ratioOfDecimal(statistics.action),
    band: ratioOfDecimal(few.band),
  });
  if (compared.method === 'none') return judgeAlone(question, label, unit, figures.intensity, others.length);
  const verdict = verdictOf(compared, question.policy);
  return {
    line: {
      label,
      unit,
      reported: figures.intensity,
      ...(compared.median === null
        ? {}
        : { expected: compared.median, difference: subtractRatio(figures.intensity, compared.median) }),
      agrees: verdict === 'pass' || verdict === 'pass_with_remarks',
      note: noteOf(compared),
    },
    verdict,
    others: others.length,
    method: compared.method,
  };
}

/** What makes the applicant's own figures of the window unfit for a comparison; null when nothing does. */
function brokenBy({ reasons }: ProductEvaluation): string | null {
  const critical = reasons.filter((reason) => reason.period === 'reporting' && isCritical(reason));
  return critical.length === 0 ? null : critical.map(({ text }) => text).join('; ');
}

/** A query is a remark where the statistics are robust (1 honest plant in 20 is beyond 2), else a question to ask before judging. */
function verdictOf({ proposal, method, z }: Benchmark, policy: Policy): AuditVerdict {
  if (proposal === 'pass') return 'pass';
  if (proposal === 'action') return 'fail';
  if (proposal === 'pass_with_remarks') return policy.audits.peer.few.best_verdict;
  return proposal === 'query' && method === 'robust_z' && z !== null ? 'pass_with_remarks' : 'cannot_judge';
}

function noteOf({ method, z, band, others }: Benchmark): string {
  if (method === 'band' && band !== null)
    return `${others} others, band ${roundPlaces(band.least, 4)} to ${roundPlaces(band.most, 4)}`;
  return z === null ? `${others} others, all the same` : `${others} others, robust z ${roundPlaces(z, 2)}`;
}

/** The intensities of the other applicants that make the product, as far as their figures of the window are whole; in no order that tells whose. */
function intensitiesOfOthers(question: PeerQuestion, label: string): readonly Rational[] {
  const found: Rational[] = [];
  for (const other of question.state.organisations.values()) {
    if (
      other.id === question.applicant.id ||
      !other.roles.includes('applicant') ||
      other.suspended !== null ||
      other.inadmissible
    )
      continue;
    const boundary = boundaryRuling(other.boundaries, question.window.start)?.value;
    if (boundary === undefined) continue;
    const product = evaluateWindow(question, other, boundary, question.window).get(label);
    const intensity = product?.withoutFill?.reporting.intensity;
    if (product !== undefined && intensity !== undefined && intensity !== null && brokenBy(product) === null)
      found.push(intensity);
  }
  return found.sort(compareRatio);
}

/** Without others: the change against the window before, and what physics allows; the policy says whether that is enough. */
function judgeAlone(question: PeerQuestion, label: string, unit: string, intensity: Rational, others: number): Judged {
  const { policy, window, applicant, boundary } = question;
  const before = periodAt(window.start - 1, window.start, policy.calendar.audit_window, policy.time.zone);
  const change =
    evaluateWindow(question, applicant, boundary, window, { start: before.start, end: window.start }).get(label)
      ?.withoutFill?.rate ?? null;
  const impossible = isImpossible(policy, unit, intensity);
  const within = change !== null && compareRatio(absRatio(change), ratioOfDecimal(policy.audits.peer.few.band)) <= 0;
  const accepted = policy.audits.peer.alone === 'pass_with_remarks' && within && !impossible;
  const shown =
    change === null
      ? 'no figure of the window before'
      : `${roundPlaces({ n: -change.n * 100n, d: change.d }, 2)} % against the window before`;
  const note = `${others === 0 ? 'no other maker' : 'one other maker only'}; ${shown}${impossible ? '; more energy out than in' : ''}`;
  return {
    line: { label, unit, reported: intensity, agrees: accepted, note },
    verdict: accepted ? 'pass_with_remarks' : 'cannot_judge',
    others,
    method: 'alone',
  };
}

/** Energy needs something above nothing; a product that is energy itself takes at least as much as it gives. */
function isImpossible(policy: Policy, unit: string, intensity: Rational): boolean {
  if (intensity.n <= 0n) return true;
  const product = unit.slice(unit.indexOf('/') + 1);
  const units = knownUnits();
  if (!units.includes(product) || dimensionOf(product) !== 'energy' || dimensionOf(policy.energy.unit) !== 'energy')
    return false;
  return compareRatio(intensity, convertUnit(product, policy.energy.unit)) < 0;
}
