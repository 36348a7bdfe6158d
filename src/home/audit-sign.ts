import { JoulemarkError } from '../errors.ts';
import { shortId } from '../ledger/codec/id.ts';
import { auditedRoot } from '../programme/audit-set.ts';
import { relationsTo } from '../programme/audit-tasks.ts';
import { type AuditContent, auditContent, type AuditVerdict } from '../programme/entries.ts';
import { encodeFigures } from '../programme/figures.ts';
import { commitTo, figuresContext } from '../programme/package.ts';
import type { Organisation } from '../programme/state.ts';
import type { AuditDraft } from './audit-draft.ts';
import { newestAudits, type PlacedAudit, placeKey } from './own-audits.ts';
import { type Appended, type Session, toEntry, type Writer } from './session.ts';

/** How a person judges: as proposed, or otherwise with a reason. */
export interface Judgement {
  readonly verdict?: AuditVerdict | undefined;
  readonly because?: string | undefined;
}

/** A draft, and what signing made of it. */
export interface SignedAudit {
  readonly draft: AuditDraft;
  readonly verdict: AuditVerdict;
  /** `signed` now, `already` on the chain, `stale`: packages of its window came or were corrected since it was made. */
  readonly standing: 'signed' | 'already' | 'stale';
  readonly place: { readonly seq: number; readonly entry: number } | null;
}

export interface SigningResult {
  readonly audits: readonly SignedAudit[];
  readonly appended: readonly Appended[];
}

/**
 * Signs drafts whose packages are still those that were compared, in one go. What stands on the own chain already, pending blocks included, is not
 * appended again.
 * @throws JoulemarkError USAGE where a verdict differs from its proposal without a reason, or the auditor is not admitted; nothing is written then.
 */
export function signDrafts(
  writer: Writer,
  auditor: Organisation,
  drafts: readonly AuditDraft[],
  judgement: Judgement,
): SigningResult {
  for (const draft of drafts) {
    const why = refusalOf(writer, auditor, draft);
    if (why !== null) throw new JoulemarkError('USAGE', why, { hints: ['joulemark org show'] });
  }
  return signPlanned(writer, planAll(writer, auditor, drafts, judgement));
}

/** A draft that was not signed with the others, and why. */
export interface LeftDraft {
  readonly draft: AuditDraft;
  readonly why: string;
}

/**
 * Signs every draft that proposes a verdict, of all applicants, in one append. Those that propose another, and that nothing on the own chain has
 * answered, are left to be looked at; so are those that would not count.
 */
export function signProposed(
  writer: Writer,
  auditor: Organisation,
  drafts: readonly AuditDraft[],
  verdict: AuditVerdict,
): SigningResult & { readonly left: readonly LeftDraft[] } {
  const standing = newestAudits(writer);
  const left: LeftDraft[] = [];
  const meant: AuditDraft[] = [];
  for (const draft of drafts) {
    const signed = standing.get(placeKey(draft))?.content;
    const isJudged = signed?.root === draft.root;
    const why = refusalOf(writer, auditor, draft);
    if (draft.figures.proposal !== verdict) {
      if (!isJudged) left.push({ draft, why: `proposes ${draft.figures.proposal}` });
    } else if (isJudged && signed.reason !== undefined && signed.verdict !== verdict)
      // what a person judged with a reason is not taken back in bulk
      left.push({ draft, why: `judged ${signed.verdict} by hand` });
    else if (why !== null) left.push({ draft, why });
    else meant.push(draft);
  }
  return { ...signPlanned(writer, planAll(writer, auditor, meant, {})), left };
}

function planAll(
  writer: Writer,
  auditor: Organisation,
  drafts: readonly AuditDraft[],
  judgement: Judgement,
): readonly SigningPlan[] {
  const standing = newestAudits(writer);
  return drafts.map((draft) => planSigning(writer, auditor, draft, judgement, standing.get(placeKey(draft))));
}

function signPlanned(writer: Writer, plans: readonly SigningPlan[]): SigningResult {
  const fresh = plans.filter((plan) => plan.standing === 'signed');
  const appended = writer.append(fresh.map(({ content }) => toEntry('audit', auditContent, content)));
  const places = appended.flatMap(({ seq, entries }) =>
    Array.from({ length: entries }, (_, entry) => ({ seq, entry })),
  );
  const placeOf = new Map(fresh.map((plan, index) => [plan, places[index] ?? null]));
  const audits = plans.map((plan): SignedAudit => ({
    draft: plan.draft,
    verdict: plan.content.verdict,
    standing: plan.standing,
    place: placeOf.get(plan) ?? plan.placed,
  }));
  return { audits, appended };
}

/** Why an audit of this draft would not count; null when nothing stands in the way. */
function refusalOf(
  { state }: Pick<Session, 'state'>,
  auditor: Organisation,
  { applicant, relation, labels }: AuditDraft,
): string | null {
  const admitted = relationsTo(auditor, applicant).find((one) => one.relation === relation)?.labels ?? [];
  const beyond = labels.filter((label) => !admitted.includes(label));
  if (beyond.length === 0 && auditor.roles.includes('auditor') && auditor.suspended === null && !auditor.inadmissible)
    return null;
  const about = beyond.join(', ') || (state.organisations.get(applicant)?.name ?? shortId(applicant));
  const why = auditor.suspended === null ? `not admitted as ${relation} auditor of ${about}` : 'suspended';
  return `'${auditor.name}' is ${why}: the audit would not count`;
}

interface SigningPlan {
  readonly draft: AuditDraft;
  readonly content: AuditContent;
  readonly standing: SignedAudit['standing'];
  readonly placed: SignedAudit['place'];
}

function planSigning(
  writer: Writer,
  auditor: Organisation,
  draft: AuditDraft,
  judgement: Judgement,
  newest: PlacedAudit | undefined,
): SigningPlan {
  const content = toContent(writer, auditor, draft, judgement);
  const [start, end] = draft.window;
  const applicant = writer.state.organisations.get(draft.applicant);
  const root = applicant === undefined ? null : auditedRoot(applicant, draft.relation, draft.labels, { start, end });
  const placed = newest === undefined ? null : { seq: newest.placed.seq, entry: newest.placed.entry };
  if (root !== draft.root) return { draft, content, standing: 'stale', placed: null };
  return {
    draft,
    content,
    standing: newest !== undefined && isSame(newest.content, content) ? 'already' : 'signed',
    placed,
  };
}

function toContent(
  writer: Writer,
  auditor: Organisation,
  draft: AuditDraft,
  { verdict = draft.figures.proposal, because }: Judgement,
): AuditContent {
  if (verdict !== draft.figures.proposal && because === undefined) {
    throw new JoulemarkError(
      'USAGE',
      `the verdict '${verdict}' differs from the proposal '${draft.figures.proposal}' and needs a reason`,
      { hints: ['--because "what the comparison cannot know"'] },
    );
  }
  const payload = encodeFigures(draft.figures);
  const { salt, commit } = commitTo(
    figuresContext(auditor.id, draft.applicant, draft.relation, draft.window),
    payload,
    writer.makeSalt,
  );
  return {
    applicant: draft.applicant,
    relation: draft.relation,
    labels: draft.labels,
    window: draft.window,
    at: draft.at,
    root: draft.root,
    verdict,
    figures: commit,
    salt,
    payload,
    ...(because === undefined ? {} : { reason: because }),
  };
}

/** The same judgement of the same packages; `at` may be a later broadcast that changed none of them. */
function isSame(a: AuditContent, b: AuditContent): boolean {
  return (
    a.root === b.root &&
    a.verdict === b.verdict &&
    a.figures === b.figures &&
    a.reason === b.reason &&
    a.labels.join('\n') === b.labels.join('\n')
  );
}
