import type { LedgerEvent, ProgrammeState } from './state.ts';

/**
 * Recomputes a decision; given from outside because it needs the whole calculation. True when it came out the same; null when it did not and
 * this copy lacks entries that it may rest on.
 */
export type DecisionChecker = (state: ProgrammeState, event: LedgerEvent) => boolean | null;

/** What a replay has found of each decision, for another replay of the same blocks. */
export function asFound({ decisions }: Pick<ProgrammeState, 'decisions'>): DecisionChecker {
  const found = new Map(
    decisions.map(({ seq, entry, recomputed, unknown }) => [`${seq}:${entry}`, unknown ? null : recomputed]),
  );
  return (_state, { seq, index }) => found.get(`${seq}:${index}`) ?? null;
}
