import { JoulemarkError } from '../errors.ts';
import { auditedPackages, commitsRoot } from '../programme/audit-set.ts';
import { relationsTo } from '../programme/audit-tasks.ts';
import { type AuditContent, auditContent, type AuditVerdict } from '../programme/entries.ts';
import { encodeFigures } from '../programme/figures.ts';
import { commitTo, figuresContext } from '../programme/package.ts';
import type { Organisation } from '../programme/state.ts';
import { ownChain } from './append-entry.ts';
import type { AuditDraft } from './audit-draft.ts';
import { entriesOf, type PlacedEntry } from './find-entry.ts';
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
  applicant: Organisation,
  drafts: readonly AuditDraft[],
  judgement: Judgement,
): SigningResult {
  for (const draft of drafts) assertMayAudit(auditor, applicant, draft);
  const standing = newestAudits(writer);
  const plans = drafts.map((draft) =>
    planSigning(writer, auditor, applicant, draft, judgement, standing.get(placeKey(draft))),
  );
  const fresh = plans.filter((plan) => plan.standing === 'signed');
  const appended = writer.append(fresh.map(({ content }) => toEntry('audit', auditContent, content)));
  const places = appended.flatMap(({ seq, entries }) =>
    Array.from({ length: entries }, (_, entry) => ({ seq, entry })),
  );
  const audits = plans.map(({ draft, content, standing: how, placed }): SignedAudit => ({
    draft,
    verdict: content.verdict,
    standing: how,
    place: how === 'signed' ? (places[fresh.findIndex((plan) => plan.draft === draft)] ?? null) : placed,
  }));
  return { audits, appended };
}

function assertMayAudit(auditor: Organisation, applicant: Organisation, { relation, labels }: AuditDraft): void {
  const admitted = relationsTo(auditor, applicant.id).find((one) => one.relation === relation)?.labels ?? [];
  const beyond = labels.filter((label) => !admitted.includes(label));
  if (beyond.length === 0 && auditor.roles.includes('auditor') && auditor.suspended === null && !auditor.inadmissible)
    return;
  const why =
    auditor.suspended === null
      ? `not admitted as ${relation} auditor of ${beyond.join(', ') || applicant.name}`
      : 'suspended';
  throw new JoulemarkError('USAGE', `'${auditor.name}' is ${why}: the audit would not count`, {
    hints: ['joulemark org show'],
  });
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
  applicant: Organisation,
  draft: AuditDraft,
  judgement: Judgement,
  newest: PlacedAudit | undefined,
): SigningPlan {
  const content = toContent(writer, auditor, draft, judgement);
  const [start, end] = draft.window;
  const root = commitsRoot(auditedPackages(applicant, draft.relation, draft.labels, { start, end }));
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

/** Audits on the own chain that no broadcast covers yet. */
export function pendingAudits({
  home,
  chains,
  state,
}: Pick<Session, 'home' | 'chains' | 'state'>): readonly AuditContent[] {
  const covered = state.organisations.get(home.org)?.covered.seq ?? -1;
  const blocks = (chains.get(home.org)?.blocks ?? []).slice(covered + 1);
  return [...entriesOf(blocks, 'audit')].map(({ content }) => auditContent.read(content, 'audit'));
}

interface PlacedAudit {
  readonly placed: PlacedEntry;
  readonly content: AuditContent;
}

const placeKey = ({ applicant, relation, window }: Pick<AuditContent, 'applicant' | 'relation' | 'window'>): string =>
  `${applicant} ${relation} ${window[0]} ${window[1]}`;

/** The last audit of each applicant, relation and window on the own chain, broadcast or not. */
function newestAudits(writer: Writer): ReadonlyMap<string, PlacedAudit> {
  const found = new Map<string, PlacedAudit>();
  for (const placed of entriesOf(ownChain(writer).blocks, 'audit')) {
    const content = auditContent.read(placed.content, 'audit');
    found.set(placeKey(content), { placed, content });
  }
  return found;
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
