import { JoulemarkError } from '../errors.ts';
import { applyOrganisationEntry } from './apply-organisation.ts';
import { applyProgrammeEntry } from './apply-programme.ts';
import type { DecisionChecker } from './decision-checker.ts';
import { report } from './report-entry.ts';
import type { LedgerEvent, ProgrammeState } from './state.ts';

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
