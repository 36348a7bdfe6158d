import type { Id } from '../ledger/codec/id.ts';
import { countsAs, lineOf } from './lineage.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** Which keys are taken where audits of an applicant are counted, one after the other (spec section 10). */
export interface KeyWatch {
  /** True of an auditor with a key, past or present, of the applicant, the body or an auditor counted before, or of anybody in their lines. */
  shares(auditor: Organisation): boolean;
  /** Takes the keys of an auditor that counts. */
  take(auditor: Organisation): void;
}

export function watchKeys(state: ProgrammeState, applicant: Organisation): KeyWatch {
  const keysOf = lineKeys(state);
  const against = new Set([...keysOf(applicant), ...state.body.keys]);
  const takenBy = new Map<Id, Id>();
  return {
    shares: (auditor) => {
      const line = countsAs(state, auditor.id);
      return keysOf(auditor).some((key) => against.has(key) || (takenBy.get(key) ?? line) !== line);
    },
    take: (auditor) => {
      const line = countsAs(state, auditor.id);
      for (const key of keysOf(auditor)) takenBy.set(key, line);
    },
  };
}

export type LineKeys = (organisation: Organisation) => readonly Id[];

/** The keys of everybody whom an organisation continues and who continues it, and its own. */
export function lineKeys(state: ProgrammeState): LineKeys {
  const lines = new Map<Id, Set<Organisation>>();
  for (const organisation of state.organisations.values()) {
    if ((organisation.admitted?.continues ?? null) === null) continue;
    const first = countsAs(state, organisation.id);
    const line = lines.get(first) ?? new Set();
    for (const member of lineOf(state, organisation)) line.add(member);
    lines.set(first, line);
  }
  if (lines.size === 0) return ({ keys }) => keys;
  const known = new Map([...lines].map(([first, line]) => [first, [...line].flatMap(({ keys }) => keys)]));
  return (organisation) => known.get(countsAs(state, organisation.id)) ?? organisation.keys;
}
