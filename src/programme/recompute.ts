import { readContent } from '../ledger/entry.ts';
import { equalBytes } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { report } from './report-entry.ts';
import { decide, type Decided } from './decide.ts';
import { decisionContent, type DecisionContent } from './entries.ts';
import { commitOf, evaluationContext } from './package.ts';
import { periodHolding, policyInForce } from './rules.ts';
import { standingDecision } from './standing-decision.ts';
import type { LedgerEvent, ProgrammeState } from './state.ts';

/**
 * Recomputes a decision at its own position and compares it byte for byte (spec section 11). Never throws for what an entry
 * says: a decision that differs is a finding of level error. In a copy that lacks entries only the same bytes tell anything: a decision names the root
 * of its packages and its audits, so what gives them is what it rests on; what does not may lack some.
 */
export function recomputeDecision(state: ProgrammeState, event: LedgerEvent): boolean | null {
  const signed = readContent(event.entry, decisionContent, 'decision');
  const fault = faultOf(state, signed, event.time);
  if (fault === null) return true;
  if (state.findings.some(({ code }) => code === 'listing-absent' || code === 'entry-absent')) {
    report(state, event, 'decision-not-recomputed', 'cannot be recomputed here: this copy lacks what it may rest on');
    return null;
  }
  report(state, event, fault.code, fault.message);
  return false;
}

interface DecisionFault {
  readonly code: 'decision-differs' | 'decision-unauthorised';
  readonly message: string;
}

const differs = (message: string): DecisionFault => ({ code: 'decision-differs', message });
const unauthorised = (message: string): DecisionFault => ({ code: 'decision-unauthorised', message });

/** Why a decision is not what the state at its position gives; null when it is. */
function faultOf(state: ProgrammeState, signed: DecisionContent, time: number): DecisionFault | null {
  let decided: Decided | null;
  try {
    decided = decideAgain(state, signed, time);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    return differs(`nothing can be computed here: ${error.message}`);
  }
  if (decided === null) return unauthorised('decides on an applicant or period that the programme does not have');
  if (standingDecision(state, signed.applicant, { start: signed.period[0], end: signed.period[1] }) !== undefined)
    return unauthorised('a decision on this applicant and period stands already and is not revoked');
  if (!decided.final || decided.content === null)
    return unauthorised(`decides before it can be final: ${decided.reasons.join(', ')}`);
  const fault = compareDecisions(state, signed, decided);
  return fault === null ? null : differs(fault);
}

function decideAgain(state: ProgrammeState, signed: DecisionContent, time: number): Decided | null {
  if (signed.period[0] > time) return null;
  const applicant = state.organisations.get(signed.applicant);
  const policy = policyInForce(state.policies, signed.period[0]);
  if (applicant === undefined || policy === undefined) return null;
  const period = periodHolding(policy.value, signed.period[0]);
  if (period.start !== signed.period[0] || period.end !== signed.period[1]) return null;
  return decide(state, applicant, period, time);
}

function compareDecisions(state: ProgrammeState, signed: DecisionContent, decided: Decided): string | null {
  const { evaluation, salt, payload, ...open } = signed;
  if (decided.content === null) return 'nothing can be computed';
  for (const [key, value] of decisionContentMap(open)) {
    const own = decisionContentMap(decided.content).get(key);
    if (own === undefined || !equalBytes(own, value)) return `'${key}' is not what the signed packages give`;
  }
  if (decisionContentMap(decided.content).size !== decisionContentMap(open).size)
    return 'it leaves out what the signed packages give';
  const context = evaluationContext(state.ledger, signed.applicant, signed.period);
  if (salt !== undefined && commitOf(context, salt, decided.payload) !== evaluation)
    return 'its evaluation is not what the signed packages give';
  return payload === undefined || equalBytes(payload, decided.payload)
    ? null
    : 'its evaluation is not what the signed packages give';
}

/** The fields of a decision, each encoded, so that they are compared one by one and the first difference is named. */
function decisionContentMap(
  content: Omit<DecisionContent, 'evaluation' | 'salt' | 'payload'>,
): ReadonlyMap<string, Uint8Array> {
  // any commit will do: it is left out again
  const written = decisionContent.write({ ...content, evaluation: content.applicant });
  const fields = new Map<string, Uint8Array>();
  if (written instanceof Map)
    for (const [key, value] of written) if (key !== 'evaluation') fields.set(String(key), encodeCbor(value));
  return fields;
}
