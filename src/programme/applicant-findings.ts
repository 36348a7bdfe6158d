import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import { auditsByApplicant, countAudits } from './audit-count.ts';
import { checkCountedOnce } from './counted-once.ts';
import { checkAllMeters, emptyMeterMemo, type MeterMemo } from './meter-checks.ts';
import { type LineKeys, lineKeys } from './key-watch.ts';
import { countsAs } from './lineage.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/** What was found of an applicant before. Plain data. */
interface ApplicantMemo {
  readonly meters: MeterMemo;
  audits: { readonly key: string; readonly findings: readonly Finding[] } | null;
}

/** What was found of each applicant before, so that only what changed is looked at again. */
export type FindingMemo = Map<Id, ApplicantMemo>;

/** What is found of the applicants of a ledger as it stands; `memo` is used and brought up to date. */
export function applicantFindings(state: ProgrammeState, memo: FindingMemo): readonly Finding[] {
  const audits = auditsByApplicant(state);
  const keysOf = lineKeys(state);
  return [...state.organisations.values()]
    .filter(({ roles }) => roles.includes('applicant'))
    .flatMap((applicant) => [
      ...meterFindings(state, applicant, memo),
      ...auditFindings(state, applicant, audits.get(applicant.id) ?? [], memo, keysOf),
    ]);
}

function meterFindings(state: ProgrammeState, applicant: Organisation, memo: FindingMemo): readonly Finding[] {
  const boundary = applicant.boundaries.at(-1)?.value;
  return boundary === undefined
    ? []
    : [
        ...checkAllMeters(applicant, boundary, state.head.time, memoOf(applicant, memo).meters),
        ...checkCountedOnce(applicant.id, state.policies.at(-1)?.value, boundary),
      ];
}

function auditFindings(
  state: ProgrammeState,
  applicant: Organisation,
  about: readonly AuditRecord[],
  memo: FindingMemo,
  keysOf: LineKeys,
): readonly Finding[] {
  if (about.length === 0) return [];
  const known = memoOf(applicant, memo);
  const key = auditKey(state, applicant, about, keysOf);
  if (known.audits?.key !== key) known.audits = { key, findings: countAudits(state, applicant, about).findings };
  return known.audits.findings;
}

/** All that the counting of an applicant's audits looks at: the same text, the same answer. */
function auditKey(
  state: ProgrammeState,
  applicant: Organisation,
  about: readonly AuditRecord[],
  keysOf: LineKeys,
): string {
  const auditors = new Set(about.map(({ auditor }) => auditor));
  return JSON.stringify([
    applicant.packages.changes,
    applicant.boundaries.map(({ digest, time }) => [digest, time]),
    keysOf(applicant),
    state.body.keys,
    about.map(({ order }) => order),
    [...auditors].map((id) => {
      const auditor = state.organisations.get(id);
      const keys = auditor === undefined ? [] : keysOf(auditor);
      return [id, countsAs(state, id), auditor?.name, keys, auditor?.inadmissible, auditor?.suspended !== null];
    }),
  ]);
}

function memoOf({ id }: Organisation, memo: FindingMemo): ApplicantMemo {
  const known = memo.get(id) ?? { meters: emptyMeterMemo(), audits: null };
  memo.set(id, known);
  return known;
}
