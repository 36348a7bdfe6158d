import type { Organisation, ProgrammeState } from './state.ts';

/** How an organisation stands: what it may do now. */
export type Standing = 'admitted' | 'suspended' | 'ended' | 'inadmissible' | 'not admitted';

/** How an organisation stands at a ledger time. */
export function standingOf(organisation: Organisation | undefined, time: number): Standing {
  if (organisation === undefined || organisation.admitted === null) return 'not admitted';
  if (organisation.inadmissible) return 'inadmissible';
  if (organisation.suspended !== null) return 'suspended';
  const { until } = organisation.admitted;
  return until !== null && time >= until ? 'ended' : 'admitted';
}

/** Auditors admitted to an applicant: who, how related, for what. */
export function auditorsOf(state: ProgrammeState, applicant: Organisation['id']) {
  return [...state.organisations.values()].flatMap((auditor) =>
    [...auditor.relations.values()]
      .filter((relation) => relation.applicant === applicant)
      .map((relation) => ({ auditor, relation })),
  );
}
