import type { Id } from '../ledger/codec/id.ts';
import { isRecused } from './audit-calendar.ts';
import { auditsByApplicant, countAudits } from './audit-count.ts';
import type { Span } from './calendar.ts';
import { type AuditVerdict, RELATION_KINDS, type RelationKind } from './entries.ts';
import { type Ask, type AuditRecord, type Organisation, type ProgrammeState, relationKey } from './state.ts';

/**
 * How an ask stands for its auditor: `open`; `reopened`, the packages changed after the audit; `void`, audited without effect for another
 * reason; `recused`; `done`.
 */
export type AskStanding = 'open' | 'reopened' | 'void' | 'recused' | 'done';

/** An ask to one auditor, with the audit that answers it or that did. */
export interface AuditTask {
  readonly applicant: Id;
  readonly relation: RelationKind;
  readonly auditor: Id;
  readonly window: Span;
  readonly due: number;
  readonly standing: AskStanding;
  readonly verdict: AuditVerdict | null;
  /** Why the last audit does not count; null when it does or there is none. */
  readonly reason: string | null;
}

/** Every ask of an auditor (or of an applicant, or all), with how it stands, what is due first in front. */
export function auditTasks(
  state: ProgrammeState,
  of: { readonly auditor?: Id; readonly applicant?: Id } = {},
): readonly AuditTask[] {
  const asks = state.asks.filter(
    (ask) =>
      (of.auditor === undefined || ask.auditor === of.auditor) &&
      (of.applicant === undefined || ask.applicant === of.applicant),
  );
  const audits = auditsByApplicant(state);
  const counts = new Map(
    [...new Set(asks.map(({ applicant }) => applicant))].map(
      (id) => [id, standingAudits(state, id, audits.get(id) ?? [])] as const,
    ),
  );
  return asks
    .map((ask) => toTask(state, ask, counts.get(ask.applicant)))
    .sort(
      (a, b) =>
        a.due - b.due ||
        a.window.start - b.window.start ||
        compareText(a.applicant, b.applicant) ||
        compareText(a.relation, b.relation) ||
        compareText(a.auditor, b.auditor),
    );
}

const compareText = (a: string, b: string): number => Number(a > b) - Number(a < b);

interface Standing {
  readonly counted: readonly AuditRecord[];
  /** Why audits do not count, by chain, block and entry. */
  readonly reasons: ReadonlyMap<string, string>;
}

function standingAudits(state: ProgrammeState, applicant: Id, audits: readonly AuditRecord[]): Standing | undefined {
  const organisation = state.organisations.get(applicant);
  if (organisation === undefined) return undefined;
  const { counted, findings } = countAudits(state, organisation, audits);
  return {
    counted,
    reasons: new Map(findings.map(({ code, place }) => [`${place.chain} ${place.seq} ${place.entry}`, code])),
  };
}

function toTask(state: ProgrammeState, ask: Ask, standing: Standing | undefined): AuditTask {
  const { applicant, relation, auditor, window, due } = ask;
  const organisation = state.organisations.get(auditor);
  const base = { applicant, relation, auditor, window, due };
  const done = standing?.counted.findLast((audit) => answers(audit, ask));
  if (done !== undefined) return { ...base, standing: 'done', verdict: done.content.verdict, reason: null };
  if (organisation !== undefined && isRecused(organisation, applicant, relation, window))
    return { ...base, standing: 'recused', verdict: null, reason: null };
  const last = organisation?.audits.findLast((audit) => answers(audit, ask));
  if (last === undefined) return { ...base, standing: 'open', verdict: null, reason: null };
  const reason = last.refused ?? standing?.reasons.get(`${last.auditor} ${last.seq} ${last.entry}`) ?? null;
  return {
    ...base,
    standing: reason === 'audit-set-changed' ? 'reopened' : 'void',
    verdict: last.content.verdict,
    reason,
  };
}

/** An audit answers an ask when it covers the whole of its window. */
function answers({ auditor, content }: AuditRecord, ask: Ask): boolean {
  return (
    auditor === ask.auditor &&
    content.applicant === ask.applicant &&
    content.relation === ask.relation &&
    content.window[0] <= ask.window.start &&
    content.window[1] >= ask.window.end
  );
}

/** True while the auditor has something to do. */
export const isWaiting = ({ standing }: Pick<AuditTask, 'standing'>): boolean =>
  standing === 'open' || standing === 'reopened' || standing === 'void';

/** What an organisation is admitted to audit, by applicant. */
export function relationsTo(
  auditor: Organisation,
  applicant: Id,
): readonly { readonly relation: RelationKind; readonly labels: readonly string[] }[] {
  return RELATION_KINDS.flatMap((relation) => {
    const one = auditor.relations.get(relationKey(applicant, relation));
    return one === undefined || one.labels.length === 0 ? [] : [one];
  });
}
