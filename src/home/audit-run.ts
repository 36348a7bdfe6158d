import { JoulemarkError } from '../errors.ts';
import { compareBooks, type OwnBooks } from '../programme/audit-compare.ts';
import { auditedBy, dueAudits } from '../programme/audit-due.ts';
import { type AuditWish, type PlannedAudit, planAudit } from '../programme/audit-plan.ts';
import { groupRecords } from '../programme/audit-records.ts';
import { auditedPackages, commitsRoot } from '../programme/audit-set.ts';
import type { RelationKind } from '../programme/entries.ts';
import type { Organisation } from '../programme/state.ts';
import { type AuditDraft, writeDraft } from './audit-draft.ts';
import type { Session } from './session.ts';

/** What a supplier says of his supply points: all are in the boundary, not all, or look whether all accounts of the file are. */
export type AllSupplyPoints = 'yes' | 'no' | 'from-records';

/** An auditor at work: his books as read from his file, and what he declares. */
export interface AuditBench {
  readonly session: Session;
  readonly auditor: Organisation;
  readonly books: OwnBooks | undefined;
  readonly allSupplyPoints: AllSupplyPoints | undefined;
}

/** One audit compared, and where its draft lies. */
export interface DraftedAudit {
  readonly applicant: Organisation;
  readonly draft: AuditDraft;
  readonly packages: number;
  readonly path: string;
}

/** An audit that waits on, and why. */
export interface LeftAudit {
  readonly applicant: Organisation;
  readonly window: PlannedAudit['window'];
  readonly why: string;
}

export interface AuditRun {
  readonly drafted: readonly DraftedAudit[];
  readonly left: readonly LeftAudit[];
  readonly notes: readonly string[];
}

/**
 * Compares the windows that are wished for of one applicant. Drafts are written only when every window could be compared.
 * @throws JoulemarkError USAGE for what the auditor is not admitted to, or what does not fit.
 */
export function runAudit(
  bench: AuditBench,
  applicant: Organisation,
  wish: AuditWish,
  now: number,
): AuditRun & { readonly relation: RelationKind; readonly labels: readonly string[] } {
  const { session, auditor } = bench;
  const plan = planAudit(session.state, auditor, applicant, wish, now);
  const grouped =
    bench.books === undefined
      ? undefined
      : groupRecords(bench.books, auditedBy(session.state, auditor, plan.relation), applicant);
  const books = bench.books === undefined ? undefined : (grouped?.of(applicant.id) ?? { ...bench.books, records: [] });
  const compared = plan.windows.map((window) =>
    compareOne(bench, { applicant, relation: plan.relation, labels: plan.labels, ...window }, books),
  );
  const drafted = compared.map((one) => ({ ...one, path: writeDraft(session.home.paths, one.draft, session.zone) }));
  return { relation: plan.relation, labels: plan.labels, drafted, left: [], notes: grouped?.notes ?? [] };
}

/**
 * Compares every audit that waits for the auditor in a relation, of whatever applicants. One that cannot be compared, or that the file says
 * nothing of, is left and does not stop the others. `progress`: after each.
 */
export function runDueAudits(
  bench: AuditBench,
  relation: RelationKind,
  progress: (done: number, of: number) => void,
): AuditRun {
  const { session, auditor } = bench;
  const { state } = session;
  const due = dueAudits(state, auditor, relation);
  const audited = auditedBy(state, auditor, relation);
  const [only, ...others] = audited;
  const grouped =
    bench.books === undefined ? undefined : groupRecords(bench.books, audited, others.length === 0 ? only : undefined);
  const drafted: DraftedAudit[] = [];
  const left: LeftAudit[] = [];
  for (const [index, planned] of due.entries()) {
    const { applicant, window } = planned;
    const books = grouped?.of(applicant.id);
    if (grouped !== undefined && books === undefined) {
      left.push({ applicant, window, why: 'the file has no row about it' });
    } else {
      try {
        const one = compareOne(bench, planned, books);
        drafted.push({ ...one, path: writeDraft(session.home.paths, one.draft, session.zone) });
      } catch (error) {
        if (!(error instanceof JoulemarkError) || (error.code !== 'USAGE' && error.code !== 'PENDING')) throw error;
        left.push({ applicant, window, why: error.message });
      }
    }
    progress(index + 1, due.length);
  }
  const [first] = left;
  // one reason for all of them is no matter of an applicant, but of what was asked for
  if (drafted.length === 0 && first !== undefined && left.every(({ why }) => why === first.why))
    throw new JoulemarkError(
      'USAGE',
      `${left.length === 1 ? 'the only audit that is due could not' : `none of ${left.length} audits could`} be compared: ${first.why}`,
    );
  return { drafted, left, notes: grouped?.notes ?? [] };
}

function compareOne(
  { session: { state }, auditor, allSupplyPoints: declared }: AuditBench,
  { applicant, relation, labels, window, policy, boundary }: PlannedAudit,
  books: OwnBooks | undefined,
): Omit<DraftedAudit, 'path'> {
  const allSupplyPoints =
    declared === 'from-records'
      ? (books?.records ?? []).every(({ account }) => account !== undefined && boundary.supplyPoints.has(account))
      : declared === 'yes';
  const figures = compareBooks({
    state,
    applicant,
    auditor,
    policy,
    boundary,
    window,
    relation,
    labels,
    ...(books === undefined ? {} : { books }),
    ...(declared === undefined || relation !== 'upstream' ? {} : { allSupplyPoints }),
  });
  const packages = auditedPackages(applicant, relation, labels, window);
  const draft: AuditDraft = {
    joulemark: 'audit-draft/1',
    applicant: applicant.id,
    relation,
    labels,
    window: [window.start, window.end],
    at: state.head.seq,
    root: commitsRoot(packages),
    figures,
  };
  return { applicant, draft, packages: packages.length };
}
