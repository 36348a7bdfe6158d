/** What a page about a verified copy shows: plain data, no class, no bigint, fit to be sent to another thread. */
import { organisationOfRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import type { DecisionTrace } from '../programme/decision-trace.ts';
import { standingOf } from '../programme/list-organisations.ts';
import { packageRows } from '../programme/package-ranges.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import { toVerdict, type Verdict, type VerdictOptions, zoneOfState } from '../programme/verdict.ts';
import type { Verification } from '../programme/verification.ts';
import { type DecisionPage, organisationName, toDecisionPage } from './decision-page.ts';
import { exportLine, type ToldExport } from './export-lines.ts';
import { verdictLines } from './verdict-lines.ts';

export interface LedgerPage {
  readonly verdict: Verdict;
  /** The verdict as the command line prints it. */
  readonly lines: readonly string[];
  /** The certification body. */
  readonly body: string;
  readonly organisations: readonly OrganisationRow[];
  readonly chains: readonly ChainRow[];
  /** Newest first. */
  readonly decisions: readonly DecisionPage[];
  readonly told: ToldBlock | null;
}

/** A programme block that the reader was told by another way. A copy with another block in its place gives no page. */
export interface ToldBlock {
  readonly seq: number;
  /** False where the copy ends before it. */
  readonly isHere: boolean;
  /** The newest programme block of the copy. */
  readonly head: number;
}

export interface OrganisationRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly standing: string;
  readonly packages: number;
  readonly audits: number;
}

export interface ChainRow {
  readonly ref: string;
  readonly owner: string;
  readonly blocks: number;
  readonly head: string;
}

const PLAIN = { good: String, bad: String, warn: String, dim: String };

/** The page of a verification; `traces` by the place of each decision, `folder` where the copy is one. */
export function toLedgerPage(
  verification: Verification,
  traces: ReadonlyMap<string, DecisionTrace>,
  folder: ToldExport | null,
  options: VerdictOptions,
): LedgerPage {
  const { state } = verification;
  const zone = zoneOfState(state);
  const verdict = toVerdict(verification, options);
  return {
    verdict,
    lines: [...(folder === null ? [] : [exportLine(folder, PLAIN)]), ...verdictLines(verdict, PLAIN, true)],
    body: state.body.name,
    organisations: [...state.organisations.values()].map((organisation) => ({
      id: organisation.id,
      name: organisation.name,
      roles: organisation.roles,
      standing: standingOf(organisation, state.head.time),
      packages: [...packageRows(organisation.packages)].reduce((sum, { packages }) => sum + packages.length, 0),
      audits: organisation.audits.length,
    })),
    chains: [...verification.states].map(([ref, chain]) => ({
      ref,
      owner: organisationName(state, organisationOfRef(ref)),
      blocks: chain.seq + 1,
      head: chain.head,
    })),
    decisions: state.decisions.map((decision) => toDecisionPage(state, decision, traces, zone)).toReversed(),
    told: toToldBlock(verification, options.told ?? null),
  };
}

function toToldBlock({ programmeId, branches }: Verification, told: KnownPlace | null): ToldBlock | null {
  if (told === null) return null;
  const head = (branches.get(PROGRAMME_REF)?.length ?? 0) - 1;
  return { seq: told.seq, isHere: programmeId(told.seq) === told.id, head };
}
