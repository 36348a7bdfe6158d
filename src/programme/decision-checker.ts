import type { LedgerEvent, ProgrammeState } from './state.ts';

/**
 * Recomputes a decision; given from outside because it needs the whole calculation. True when it came out the same; null when it did not and
 * this copy lacks entries that it may rest on.
 */
export type DecisionChecker = (state: ProgrammeState, event: LedgerEvent) => boolean | null;
