import { type PlannedAudit, rulesOf } from './audit-plan.ts';
import { auditTasks, isWaiting, relationsTo } from './audit-tasks.ts';
import type { RelationKind } from './entries.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** Those that an auditor is admitted to audit in a relation. */
export function auditedBy(
  state: ProgrammeState,
  auditor: Organisation,
  relation: RelationKind,
): readonly Organisation[] {
  return [...auditor.relations.values()]
    .filter((one) => one.relation === relation && one.labels.length > 0)
    .flatMap(({ applicant }) => state.organisations.get(applicant) ?? []);
}

/** Every audit that waits for an auditor in a relation, what is due first in front: of thousands of applicants, one a window. */
export function dueAudits(
  state: ProgrammeState,
  auditor: Organisation,
  relation: RelationKind,
): readonly PlannedAudit[] {
  return auditTasks(state, { auditor: auditor.id })
    .filter((task) => task.relation === relation && isWaiting(task))
    .flatMap(({ applicant: id, window }) => {
      const applicant = state.organisations.get(id);
      const labels = relationsTo(auditor, id).find((one) => one.relation === relation)?.labels;
      // withdrawn since it was asked: nothing that he signs would count
      if (applicant === undefined || labels === undefined) return [];
      return [{ applicant, relation, labels: [...new Set(labels)], ...rulesOf(state, applicant, window) }];
    });
}
