import { JoulemarkError } from '../errors.ts';
import { findDecision } from '../programme/certification.ts';
import { decide } from '../programme/decide.ts';
import type { ComparedDecision } from '../programme/diff-decisions.ts';
import { type PlainDocument, toPlainDocument } from '../programme/document-text.ts';
import { lineOf, withHistory } from '../programme/lineage.ts';
import { boundaryInForce, policyInForce } from '../programme/rules.ts';
import type { DecisionRecord } from '../programme/state.ts';
import { beforeDecision } from './certify.ts';
import { documentsOf } from './find-documents.ts';
import { JUDGED } from './judged.ts';
import { openSession, type Session, type Surroundings } from './session.ts';

/** What a decision is compared with when no other is named: the answer of now for its applicant and period. */
export const NOW = 'now';

/**
 * Two decisions as they were computed, each at its own place; `other` may be 'now'.
 * @throws JoulemarkError USAGE for a decision that the ledger does not hold.
 */
export function comparedDecisions(
  surroundings: Pick<Surroundings, 'home' | 'now'>,
  one: string,
  other: string,
): readonly [ComparedDecision, ComparedDecision] {
  const session = openSession(surroundings, JUDGED);
  if (one === NOW)
    throw new JoulemarkError('USAGE', "the first of the two must be a decision, found 'now'", {
      hints: [`joulemark certify diff ${other === NOW ? '<number>' : other} now`],
    });
  const first = findDecision(session.state, one);
  const second = other === NOW ? null : findDecision(session.state, other);
  return [
    atItsPlace(session, first),
    second === null ? asOfNow(session, first, surroundings.now()) : atItsPlace(session, second),
  ];
}

function atItsPlace(session: Session, decision: DecisionRecord): ComparedDecision {
  const { content, seq, entry, time } = decision;
  const label = content.number ?? `block ${seq}:${entry}`;
  return withDocuments(session, { ...beforeDecision(session, decision), label, time, period: periodOf(decision) });
}

function asOfNow(session: Session, decision: DecisionRecord, clock: number): ComparedDecision {
  const { state } = session;
  const applicant = state.organisations.get(decision.content.applicant);
  if (applicant === undefined) throw new JoulemarkError('VERIFY_FAILED', 'the decision is on an unknown organisation');
  const time = Math.max(clock, state.head.time);
  const period = periodOf(decision);
  const decided = decide(state, applicant, period, time);
  return withDocuments(session, { state, applicant, decided, label: NOW, time, period });
}

const periodOf = ({ content: { period } }: DecisionRecord): ComparedDecision['period'] => ({
  start: period[0],
  end: period[1],
});

/** The documents as they stand in the chains: what they hold beyond what this version reads is compared too. */
function withDocuments(
  { programme, chains }: Session,
  found: Omit<ComparedDecision, 'policy' | 'boundary'>,
): ComparedDecision {
  const { state, applicant, period } = found;
  const policy = policyInForce(state.policies, period.start)?.digest;
  const boundary = boundaryInForce(withHistory(state, applicant).boundaries, period.start)?.digest;
  const plain = (documents: ReturnType<typeof documentsOf>, digest: string | undefined): PlainDocument | null => {
    const document = documents.find((one) => one.digest === digest)?.document;
    return document === undefined ? null : toPlainDocument(document);
  };
  const declared = lineOf(state, applicant).flatMap(({ id }) => documentsOf(chains.get(id)?.blocks ?? [], 'boundary'));
  return {
    ...found,
    policy: plain(documentsOf(programme.blocks, 'policy'), policy),
    boundary: plain(declared, boundary),
  };
}
