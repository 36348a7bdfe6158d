import { type FindingCode, toFinding } from '../ledger/finding.ts';
import type { LedgerEvent, ProgrammeState } from './state.ts';

/** Records that an entry has no effect, and why. */
export function report(state: ProgrammeState, event: LedgerEvent, code: FindingCode, message: string): void {
  state.findings.push(
    toFinding(code, { chain: event.org ?? 'programme', seq: event.seq, entry: event.index }, message),
  );
}
