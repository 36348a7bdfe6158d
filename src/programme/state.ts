import type { Entry } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { Finding } from '../ledger/finding.ts';
import type { Boundary } from './boundary.ts';
import type { Span } from './calendar.ts';
import type {
  AdjustContent,
  AuditContent,
  DecisionContent,
  MeterEventContent,
  RecuseContent,
  Relation,
  RelationKind,
  Role,
  RulingContent,
} from './entries.ts';
import type { ForkClaim } from './fork-evidence.ts';
import { type PackageIndex, emptyPackageIndex } from './packages.ts';
import type { Policy } from './policy.ts';
import type { Dated } from './rules.ts';
import type { Table } from './table.ts';

/** One entry in ledger order. `org` is null for an entry of the programme chain. */
export interface LedgerEvent {
  readonly org: Id | null;
  readonly seq: number;
  readonly index: number;
  readonly type: string;
  /** Read by a schema: `readContent`. */
  readonly entry: Entry;
  /** Ledger time: of the covering broadcast, or of the programme block itself. */
  readonly time: number;
  /** Seq of the programme block that holds or covers it. */
  readonly programmeSeq: number;
  /** The newest programme block that the signer had verified; null in programme blocks. */
  readonly seen: { readonly seq: number; readonly id: Id } | null;
}

/** An audit as it stands on the ledger. */
export interface AuditRecord {
  readonly auditor: Id;
  readonly seq: number;
  readonly entry: number;
  readonly time: number;
  /** Place in ledger order: a later entry has a greater one. */
  readonly order: number;
  readonly content: AuditContent;
  /** Why it can never count, found when it was covered; null when it may. */
  readonly refused: string | null;
}

export interface Ask {
  readonly applicant: Id;
  readonly relation: RelationKind;
  readonly auditor: Id;
  readonly window: Span;
  readonly due: number;
  readonly time: number;
  /** The programme block that asks. */
  readonly block: Id;
}

export interface DecisionRecord {
  readonly seq: number;
  readonly entry: number;
  readonly time: number;
  readonly content: DecisionContent;
  /** True when the recomputation gave the same bytes. */
  readonly recomputed: boolean;
  /** True where this copy lacks what it may rest on and what is here does not give it: what follows takes it as signed. */
  readonly unknown: boolean;
  /** Set by a later `revoke`. */
  revoked?: { readonly time: number; readonly reason: string };
}

export interface Organisation {
  readonly id: Id;
  name: string;
  legalId: string | null;
  recipient: string;
  /** Ids of every key that its covered blocks enrolled, oldest first. */
  readonly keys: Id[];
  /** Set when it enrolled a key of another chain: nothing it does from there on has an effect. */
  inadmissible: boolean;
  roles: readonly Role[];
  readonly relations: Map<string, Relation>;
  admitted: {
    readonly time: number;
    readonly firstPeriod: string | null;
    readonly until: number | null;
    readonly continues: Id | null;
  } | null;
  suspended: { readonly time: number; readonly reason: string } | null;
  /** Boundaries it signed, newest last; `time` is the ledger time of the signature. */
  readonly declared: Dated<Boundary>[];
  /** Boundaries the body accepted; `time` is the ledger time of the acceptance. */
  readonly boundaries: Dated<Boundary>[];
  readonly meterEvents: (MeterEventContent & { readonly time: number })[];
  readonly packages: PackageIndex;
  readonly audits: AuditRecord[];
  /** Adjustments that it asked for, by block and entry. */
  readonly adjustmentsAsked: Map<string, AdjustmentAsked>;
  readonly recusals: (RecuseContent & { readonly time: number })[];
  /** The newest covered block. */
  covered: { seq: number; time: number };
}

/** An adjustment as its applicant asked for it. */
export interface AdjustmentAsked {
  readonly place: { readonly seq: number; readonly entry: number };
  /** Ledger time of the covering broadcast. */
  readonly time: number;
  readonly content: AdjustContent;
}

/** An adjustment that the body admitted, with both places, times and reasons. */
export interface AdmittedAdjustment {
  readonly applicant: Id;
  readonly asked: AdjustContent;
  readonly askedAt: AdjustmentAsked;
  /** The admission, on the programme chain. */
  readonly place: { readonly seq: number; readonly entry: number };
  readonly time: number;
  readonly reason: string;
}

/** All that the entries so far have made true. Changed in place by `applyEvent`, one entry at a time, in ledger order. */
export interface ProgrammeState {
  readonly ledger: Id;
  /** The newest programme block applied. */
  head: { seq: number; id: Id; time: number };
  /** Organisations of which a listed block is not here: what they did from there on is unknown. */
  readonly absent: Set<Id>;
  /** Counts entries in ledger order. */
  order: number;
  readonly body: { name: string; recipient: string; readonly keys: Id[] };
  readonly organisations: Map<Id, Organisation>;
  /** The broadcast being applied, and the one before it. */
  lastBroadcast: { seq: number; time: number } | null;
  previousBroadcast: { seq: number; time: number } | null;
  readonly policies: Dated<Policy>[];
  readonly tables: Dated<Table>[];
  readonly asks: Ask[];
  readonly rulings: (RulingContent & { readonly time: number })[];
  readonly adjustments: AdmittedAdjustment[];
  readonly decisions: DecisionRecord[];
  /** Evidence that somebody signed twice in one place, not judged: `judgeForks` does. */
  readonly forks: ForkClaim[];
  readonly findings: Finding[];
}

export function emptyState(ledger: Id): ProgrammeState {
  return {
    ledger,
    head: { seq: -1, id: ledger, time: 0 },
    absent: new Set(),
    order: 0,
    body: { name: '', recipient: '', keys: [] },
    organisations: new Map(),
    lastBroadcast: null,
    previousBroadcast: null,
    policies: [],
    tables: [],
    asks: [],
    rulings: [],
    adjustments: [],
    decisions: [],
    forks: [],
    findings: [],
  };
}

export function newOrganisation(id: Id): Organisation {
  return {
    id,
    name: '',
    legalId: null,
    recipient: '',
    keys: [],
    inadmissible: false,
    roles: [],
    relations: new Map(),
    admitted: null,
    suspended: null,
    declared: [],
    boundaries: [],
    meterEvents: [],
    packages: emptyPackageIndex(),
    audits: [],
    adjustmentsAsked: new Map(),
    recusals: [],
    covered: { seq: -1, time: 0 },
  };
}

/** Key of a relation in `Organisation.relations`. */
export const relationKey = (applicant: Id, relation: RelationKind): string => `${relation}\u0000${applicant}`;

/** True when an organisation may act in a role at a ledger time. */
export function isAdmitted(organisation: Organisation, role: Role, time: number): boolean {
  const { admitted } = organisation;
  if (admitted === null || organisation.inadmissible || organisation.suspended !== null) return false;
  return organisation.roles.includes(role) && (admitted.until === null || time < admitted.until);
}

/** Admission may come before the organisation's chain is covered, so the record is made on first mention. */
export function organisationOf(state: ProgrammeState, id: Id): Organisation {
  let organisation = state.organisations.get(id);
  if (organisation === undefined) {
    organisation = newOrganisation(id);
    state.organisations.set(id, organisation);
  }
  return organisation;
}
