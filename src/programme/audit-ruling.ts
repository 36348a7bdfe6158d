import { auditedPackages } from './audit-set.ts';
import { countsAs } from './lineage.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

export const isPass = (audit: AuditRecord): boolean =>
  audit.content.verdict === 'pass' || audit.content.verdict === 'pass_with_remarks';

/** The commits that an audit speaks of, as they count now. */
function commitsOf(applicant: Organisation, { content }: AuditRecord): ReadonlySet<string> {
  const [start, end] = content.window;
  return new Set(
    auditedPackages(applicant, content.relation, content.labels, { start, end }).map(({ commit }) => commit),
  );
}

/** A counted pass of another auditor that speaks of at least the same packages, in whatever relation; undefined where there is none. */
export function secondPass(
  state: ProgrammeState,
  applicant: Organisation,
  audit: AuditRecord,
  counted: readonly AuditRecord[],
): AuditRecord | undefined {
  const disputed = commitsOf(applicant, audit);
  if (disputed.size === 0) return undefined; // a fail for want of packages: nobody can pass what is not there
  const first = countsAs(state, audit.auditor);
  return counted.find((other) => {
    if (countsAs(state, other.auditor) === first || !isPass(other)) return false;
    const theirs = commitsOf(applicant, other);
    return [...disputed].every((commit) => theirs.has(commit));
  });
}

/** True when the body's last ruling sets an audit aside and a second auditor has passed the same packages (programme-v1 section 6.6). */
export function isSetAside(
  state: ProgrammeState,
  applicant: Organisation,
  audit: AuditRecord,
  counted: readonly AuditRecord[],
): boolean {
  const ruling = state.rulings.findLast(
    (one) => one.auditor === audit.auditor && one.seq === audit.seq && one.entry === audit.entry,
  );
  return ruling?.ruling === 'set_aside' && secondPass(state, applicant, audit, counted) !== undefined;
}
