import { readContent } from '../ledger/entry.ts';
import { forkContent } from './entries.ts';
import type { LedgerEvent, ProgrammeState } from './state.ts';

/** A `fork` entry is kept to be judged; it changes nothing that counts (ledger spec section 12). */
export function noteFork(state: ProgrammeState, event: LedgerEvent): void {
  const { org, seq, index, entry } = event;
  state.forks.push({ by: org ?? 'programme', seq, entry: index, evidence: readContent(entry, forkContent, 'fork') });
}
