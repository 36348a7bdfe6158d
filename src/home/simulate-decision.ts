import { assertApplicant, findPeriod } from '../programme/certification.ts';
import { asFound } from '../programme/decision-checker.ts';
import { findOrganisation } from '../programme/find-organisation.ts';
import { replay } from '../programme/replay.ts';
import type { Period } from '../programme/rules.ts';
import {
  type Answer,
  answerAsOf,
  applyPending,
  decidableFrom,
  nextPeriod,
  type PendingChain,
  pendingChains,
} from '../programme/simulate.ts';
import { standingDecision } from '../programme/standing-decision.ts';
import type { DecisionRecord } from '../programme/state.ts';
import { toView } from './ledger.ts';
import { JUDGED } from './judged.ts';
import { openSession, type Surroundings } from './session.ts';

/** What a decision would be now. */
export interface Simulated {
  readonly zone: string;
  readonly period: Period;
  /** When it can be decided first, where that is still to come. */
  readonly opens: number | null;
  /** From what broadcasts cover: what `certify run` would go by. */
  readonly covered: Answer;
  readonly pending: readonly PendingChain[];
  /** The same with what is pending here, as if a broadcast covered it now; null where nothing is. */
  readonly withPending: Answer | null;
  /** The decision that stands for the period already. */
  readonly standing: DecisionRecord | null;
}

/**
 * What the decision on a period would be, from what is in this home. Appends nothing, needs no key. Without a period: the one to be decided next.
 * @throws JoulemarkError USAGE when the organisation is no applicant, or has no such period.
 */
export function simulateDecision(
  surroundings: Pick<Surroundings, 'home' | 'now'>,
  name: string,
  label: string | undefined,
): Simulated {
  const session = openSession(surroundings, JUDGED);
  const { state, chains, programme, home } = session;
  const now = Math.max(surroundings.now(), state.head.time);
  const applicant = findOrganisation(state, name);
  assertApplicant(applicant, now);
  const period = label === undefined ? nextPeriod(state, applicant, now) : findPeriod(state, label);
  const opens = decidableFrom(state, period);
  const pending = pendingChains(state, chains);
  return {
    zone: session.zone,
    period,
    opens: opens === null || opens <= now ? null : opens,
    covered: answerAsOf(state, applicant.id, period, now),
    pending,
    withPending: pending.length === 0 ? null : toPendingAnswer(),
    standing: standingDecision(state, applicant.id, period) ?? null,
  };

  // in a state of its own: what is supposed must not be seen by anything that reads the ledger's
  function toPendingAnswer(): Answer {
    const supposed = replay(programme.blocks, toView(home.ledger, programme.blocks, chains), {
      decisions: asFound(state),
    }).state;
    applyPending(supposed, chains, now);
    return answerAsOf(supposed, applicant.id, period, now);
  }
}
