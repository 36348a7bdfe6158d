import { JoulemarkError } from '../errors.ts';
import { type FindingCode, toFinding } from '../ledger/finding.ts';
import { applyOrganisationEntry } from './apply-organisation.ts';
import { applyProgrammeEntry } from './apply-programme.ts';
import type { LedgerEvent, ProgrammeState } from './state.ts';

/** A decision to recompute, given to the caller because it needs the whole calculation. True when it came out the same. */
export type DecisionChecker = (state: ProgrammeState, event: LedgerEvent) => boolean;

/**
 * Applies one entry, in ledger order (spec section 8). An entry that is malformed, unknown or unauthorised has no effect and
 * becomes a finding; nothing an entry holds can stop the walk.
 */
export function applyEvent(state: ProgrammeState, event: LedgerEvent, checkDecision: DecisionChecker): void {
  state.order += 1;
  try {
    if (event.org === null) applyProgrammeEntry(state, event, checkDecision);
    else applyOrganisationEntry(state, event, event.org);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    report(state, event, 'entry-malformed', error.message);
  }
}

/** Records that an entry has no effect, and why. */
export function report(state: ProgrammeState, event: LedgerEvent, code: FindingCode, message: string): void {
  state.findings.push(toFinding(code, { chain: event.org ?? 'programme', seq: event.seq, entry: event.index }, message));
}
