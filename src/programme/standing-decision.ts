import type { Id } from '../ledger/codec/id.ts';
import type { Span } from './calendar.ts';
import type { DecisionRecord, ProgrammeState } from './state.ts';

/** A decision that came out the same and is not revoked; one that differs is a finding and nothing else. */
export const stands = (decision: Pick<DecisionRecord, 'recomputed' | 'revoked'>): boolean =>
  decision.recomputed && decision.revoked === undefined;

/** The decision of an applicant and period that stands, if there is one. */
export function standingDecision(state: ProgrammeState, applicant: Id, period: Span): DecisionRecord | undefined {
  // by overlap: a policy of another period length must not certify the same months again
  return state.decisions.find(
    ({ content, ...decision }) =>
      stands(decision) &&
      content.applicant === applicant &&
      content.period[0] < period.end &&
      content.period[1] > period.start,
  );
}
