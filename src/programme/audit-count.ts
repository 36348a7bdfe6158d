import type { Id } from '../ledger/codec/id.ts';
import { type Finding, type FindingCode, toFinding } from '../ledger/finding.ts';
import { auditedRoot } from './audit-set.ts';
import { groupBy } from './group-by.ts';
import { type KeyWatch, watchKeys } from './key-watch.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/** Audits of an applicant that count at this moment, in ledger order, and why the others do not. */
export interface CountedAudits {
  readonly counted: readonly AuditRecord[];
  readonly findings: readonly Finding[];
}

/** Every audit on the ledger by whom it is about: for questions about many applicants at once. */
export const auditsByApplicant = (state: ProgrammeState): ReadonlyMap<Id, readonly AuditRecord[]> =>
  groupBy(
    [...state.organisations.values()].flatMap(({ audits }) => audits),
    ({ content }) => content.applicant,
  );

/**
 * Counting at a decision (spec section 10): last of its applicant, relation and window; over exactly the packages that count
 * now; by an admitted, unsuspended organisation that shares no key with the applicant, the body or another counted auditor, line by line.
 * `about`: every audit of the applicant, where the caller has them already; `watch`: the keys taken, where audits of
 * its line were counted before.
 */
export function countAudits(
  state: ProgrammeState,
  applicant: Organisation,
  about: readonly AuditRecord[] = auditsByApplicant(state).get(applicant.id) ?? [],
  watch: KeyWatch = watchKeys(state, applicant),
): CountedAudits {
  const findings: Finding[] = [];
  const counted: AuditRecord[] = [];
  const all = about.toSorted((a, b) => a.order - b.order);
  // an audit without effect stands in nobody's place
  const last = new Map(all.filter((audit) => audit.refused === null).map((audit) => [placeKey(audit), audit]));
  for (const audit of all) {
    if (audit.refused !== null) continue; // reported when it was covered
    const auditor = state.organisations.get(audit.auditor);
    if (auditor === undefined) continue;
    const refusal = refusalNow(applicant, auditor, audit, last.get(placeKey(audit)), watch);
    if (refusal === null) {
      counted.push(audit);
      watch.take(auditor);
    } else {
      findings.push(
        toFinding(refusal.code, { chain: audit.auditor, seq: audit.seq, entry: audit.entry }, refusal.message),
      );
    }
  }
  return { counted, findings };
}

/** One auditor, relation and window hold one audit: the last. */
function placeKey({ auditor, content }: AuditRecord): string {
  return `${auditor} ${content.relation} ${content.window[0]} ${content.window[1]}`;
}

function refusalNow(
  applicant: Organisation,
  auditor: Organisation,
  audit: AuditRecord,
  last: AuditRecord | undefined,
  watch: KeyWatch,
): { readonly code: FindingCode; readonly message: string } | null {
  if (last !== audit)
    return { code: 'audit-superseded', message: 'a later audit of the same window stands in its place' };
  if (auditor.inadmissible || watch.shares(auditor)) {
    return {
      code: 'audit-shared-key',
      message: `'${auditor.name}' shares a key with the applicant, the body or another auditor, or one of its line does: the audit does not count`,
    };
  }
  if (auditor.suspended !== null)
    return { code: 'audit-suspended', message: `'${auditor.name}' is suspended: the audit does not count` };
  const [start, end] = audit.content.window;
  const root = auditedRoot(applicant, audit.content.relation, audit.content.labels, { start, end });
  if (root !== audit.content.root) {
    return {
      code: 'audit-set-changed',
      message: 'packages of its window came or were corrected after it: it is open again',
    };
  }
  return null;
}
