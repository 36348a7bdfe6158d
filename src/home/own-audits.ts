import { type AuditContent, auditContent } from '../programme/entries.ts';
import { ownChain } from './append-entry.ts';
import { entriesOf, type PlacedEntry } from './find-entry.ts';
import type { Session, Writer } from './session.ts';

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

/** An audit on the own chain, broadcast or not. */
export interface PlacedAudit {
  readonly placed: PlacedEntry;
  readonly content: AuditContent;
}

/** One applicant, relation and window. */
export const placeKey = ({
  applicant,
  relation,
  window,
}: Pick<AuditContent, 'applicant' | 'relation' | 'window'>): string =>
  `${applicant} ${relation} ${window[0]} ${window[1]}`;

/** The last audit of each applicant, relation and window on the own chain, broadcast or not. */
export function newestAudits(writer: Writer): ReadonlyMap<string, PlacedAudit> {
  const found = new Map<string, PlacedAudit>();
  for (const placed of entriesOf(ownChain(writer).blocks, 'audit')) {
    const content = auditContent.read(placed.content, 'audit');
    found.set(placeKey(content), { placed, content });
  }
  return found;
}
