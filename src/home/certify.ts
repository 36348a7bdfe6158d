import type { DecisionRules } from '../calc/evaluation-input.ts';
import type { Evaluation } from '../calc/evaluation.ts';
import { JoulemarkError } from '../errors.ts';
import { assertApplicant, findDecision, findPeriod } from '../programme/certification.ts';
import { decide, type Decided } from '../programme/decide.ts';
import { asFound } from '../programme/decision-checker.ts';
import { decisionContent, type DecisionContent } from '../programme/entries.ts';
import { MOST_PAYLOAD_BYTES } from '../programme/evaluation-payload.ts';
import { findOrganisation } from '../programme/find-organisation.ts';
import { commitTo, evaluationContext } from '../programme/package.ts';
import type { DecisionRecord, Organisation, ProgrammeState } from '../programme/state.ts';
import { type Block } from '../ledger/block.ts';
import { replay } from '../programme/replay.ts';
import { standingDecision } from '../programme/standing-decision.ts';
import { JUDGED } from './judged.ts';
import { toView } from './ledger.ts';
import {
  type Appended,
  assertBody,
  openSession,
  type Session,
  type Surroundings,
  toEntry,
  withWriter,
  type Writer,
} from './session.ts';

/** What `certify run` did. */
export interface CertifyResult {
  readonly state: ProgrammeState;
  readonly zone: string;
  readonly applicant: Organisation;
  readonly decided: Decided;
  /** The decision that stood already. */
  readonly standing: DecisionRecord | null;
  readonly appended: Appended | null;
}

/**
 * Decides a period of an applicant and, when the answer is final, appends the decision. A decision that stands is
 * recomputed at its own position and shown again; nothing is appended twice.
 */
export async function runCertification(
  surroundings: Surroundings,
  name: string,
  label: string,
): Promise<CertifyResult> {
  // decisions are recomputed here: one that differs neither stands nor takes a number
  return withWriter(surroundings, certify, JUDGED);

  function certify(writer: Writer): CertifyResult {
    assertBody(writer.home, 'certify');
    const { state, zone } = writer;
    const now = Math.max(writer.now, state.head.time);
    const applicant = findOrganisation(state, name);
    assertApplicant(applicant, now);
    const period = findPeriod(state, label);
    const standing = standingDecision(state, applicant.id, period) ?? null;
    if (standing !== null) return { ...beforeDecision(writer, standing), zone, standing, appended: null };
    const decided = decide(state, applicant, period, now);
    if (!decided.final || decided.content === null)
      return { state, zone, applicant, decided, standing, appended: null };
    const [appended] = writer.append([
      toEntry('decision', decisionContent, toContent(writer.home.ledger, decided, decided.content, writer.makeSalt)),
    ]);
    return { state, zone, applicant, decided, standing, appended: appended ?? null };
  }
}

function toContent(
  ledger: Session['home']['ledger'],
  decided: Decided,
  content: NonNullable<Decided['content']>,
  makeSalt: Parameters<typeof commitTo>[2],
): DecisionContent {
  const { salt, commit } = commitTo(
    evaluationContext(ledger, content.applicant, content.period),
    decided.payload,
    makeSalt,
  );
  // a longer one would not go into an entry; who wants it computes it from the packages
  const payload = decided.payload.length > MOST_PAYLOAD_BYTES ? {} : { payload: decided.payload };
  return { ...content, evaluation: commit, salt, ...payload };
}

/**
 * The ledger as it stood just before a decision, and the decision computed again from it.
 * @throws JoulemarkError VERIFY_FAILED when it came out otherwise: nothing of it is shown, least of all its figures; PENDING when it could not
 * be recomputed here.
 */
export function beforeDecision(
  session: Session,
  decision: DecisionRecord,
): Pick<CertifyResult, 'state' | 'applicant' | 'decided'> {
  verifyEffect(session.state, decision);
  const { programme, chains, home } = session;
  const blocks: readonly Block[] = programme.blocks.slice(0, decision.seq + 1);
  const { state, fault } = replay(blocks, toView(home.ledger, programme.blocks, chains), {
    decisions: asFound(session.state),
    before: (event) => !(event.org === null && event.seq === decision.seq && event.index === decision.entry),
  });
  if (fault !== null) throw fault;
  const applicant = state.organisations.get(decision.content.applicant);
  if (applicant === undefined)
    throw new JoulemarkError(
      'VERIFY_FAILED',
      `the decision of block ${decision.seq} is on an organisation that the ledger does not know`,
    );
  const [start, end] = decision.content.period;
  return { state, applicant, decided: decide(state, applicant, { start, end }, decision.time) };
}

/** @throws JoulemarkError VERIFY_FAILED when a decision came out otherwise; PENDING when it could not be recomputed here. */
export function verifyEffect(
  state: ProgrammeState,
  { seq, entry, content, recomputed, unknown }: DecisionRecord,
): void {
  if (recomputed) return;
  const why = state.findings.find(
    ({ place }) => place.chain === 'programme' && place.seq === seq && place.entry === entry,
  )?.message;
  const what = `the decision '${content.number ?? `${seq}:${entry}`}' of block ${seq}`;
  const hints = ['joulemark certify verify'];
  if (unknown)
    throw new JoulemarkError('PENDING', `${what} is not shown: it ${why ?? 'cannot be recomputed here'}`, { hints });
  throw new JoulemarkError('VERIFY_FAILED', `${what} has no effect: ${why ?? 'it differs'}`, { hints });
}

/** The evaluation behind a decision, or of an applicant's period as it would be now, with the rules it was judged by. */
export interface Explained extends Pick<CertifyResult, 'state' | 'applicant' | 'decided'> {
  readonly title: string;
  readonly evaluation: Evaluation;
  readonly rules: DecisionRules;
}

/** @throws JoulemarkError PENDING when there are no rules or figures to evaluate. */
export function explainedDecision(
  surroundings: Pick<Surroundings, 'home' | 'now'>,
  subject: string,
  label: string | undefined,
): Explained {
  const session = openSession(surroundings, JUDGED);
  if (label === undefined) {
    const decision = findDecision(session.state, subject);
    const found = beforeDecision(session, decision);
    return toExplained(found, `${decision.content.number ?? `block ${decision.seq}`}, ${found.applicant.name}`);
  }
  const applicant = findOrganisation(session.state, subject);
  const decided = decide(
    session.state,
    applicant,
    findPeriod(session.state, label),
    Math.max(surroundings.now(), session.state.head.time),
  );
  return toExplained({ state: session.state, applicant, decided }, `${applicant.name}, ${label}, as it stands now`);
}

function toExplained(found: Pick<Explained, 'state' | 'applicant' | 'decided'>, title: string): Explained {
  const { evaluation, rules, reasons } = found.decided;
  if (evaluation === null || rules === null)
    throw new JoulemarkError('PENDING', `nothing to explain yet: ${reasons.join(', ')}`, {
      hints: ['joulemark certify list'],
    });
  return { ...found, title, evaluation, rules };
}
