import type { Id } from '../ledger/codec/id.ts';
import type { Span } from './calendar.ts';
import { lineOf } from './lineage.ts';
import type { DecisionRecord, ProgrammeState } from './state.ts';

/** True of a decision that came out the same, or of which a partial copy cannot say so: one that differs is a finding and nothing else. */
export const counts = (decision: Pick<DecisionRecord, 'recomputed' | 'unknown'>): boolean =>
  decision.recomputed || decision.unknown;

/** A decision that counts and is not revoked. */
export const stands = (decision: Pick<DecisionRecord, 'recomputed' | 'unknown' | 'revoked'>): boolean =>
  counts(decision) && decision.revoked === undefined;

/** The decision of an applicant, or of one that it continues, and period that stands, if there is one. */
export function standingDecision(state: ProgrammeState, applicant: Id, period: Span): DecisionRecord | undefined {
  const organisation = state.organisations.get(applicant);
  const line = new Set(organisation === undefined ? [applicant] : lineOf(state, organisation).map(({ id }) => id));
  // by overlap: a policy of another period length must not certify the same months again
  return state.decisions.find(
    ({ content, ...decision }) =>
      stands(decision) &&
      line.has(content.applicant) &&
      content.period[0] < period.end &&
      content.period[1] > period.start,
  );
}
