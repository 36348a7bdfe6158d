import { id } from '../ledger/codec/id.ts';
import { decimal, rational } from '../ledger/codec/quantity.ts';
import {
  anyValue,
  bytes,
  bytesThere,
  faultAt,
  listOf,
  nullable,
  oneOf,
  optional,
  pair,
  type Read,
  record,
  type Schema,
  shortText,
  time,
  uint,
} from '../ledger/codec/schema.ts';
import { MISMATCH, take } from '../ledger/codec/take.ts';
import { type CborValue } from '../ledger/codec/value.ts';
import { textDate } from './document.ts';

/** The schemas of the entries of spec sections 9 to 11; those of found, join, rotate and broadcast are the ledger's own. */

const startAndEnd = pair(time, time);

/** `[start, end)` with start < end, epoch seconds. */
export const interval: Schema<readonly [number, number]> = {
  read: (value, path) => {
    const read = startAndEnd.read(value, path);
    if (read[0] >= read[1]) throw faultAt(path, 'an interval whose start is before its end', value);
    return read;
  },
  write: (value) => startAndEnd.write(value),
  take: (cursor) => {
    const taken = take(startAndEnd, cursor);
    return taken === MISMATCH || taken[0] >= taken[1] ? MISMATCH : taken;
  },
};

const reasonText = shortText(2000);
const name = shortText(200);
/** A meter's name, for a shipment meter followed by '/' and the customer. */
const meterName = shortText(120);

/** How the auditor stands to the applicant: supplier, same industry, customer. */
export const relationKind = oneOf('upstream', 'peer', 'downstream');
export type RelationKind = Read<typeof relationKind>;
export const RELATION_KINDS: readonly RelationKind[] = ['upstream', 'peer', 'downstream'];

export const auditVerdict = oneOf('pass', 'pass_with_remarks', 'fail', 'cannot_judge');
export type AuditVerdict = Read<typeof auditVerdict>;

export const correctionReason = oneOf(
  'meter_error',
  'transcription',
  'unit_error',
  'estimate_replaced',
  'late_data',
  'boundary_error',
);
export type CorrectionReason = Read<typeof correctionReason>;

export const decisionStatus = oneOf('CERTIFIED', 'NOT_QUALIFIED', 'NOT_APPLICABLE', 'INCOMPLETE');
export type DecisionStatus = Read<typeof decisionStatus>;

const slot = { meter: meterName, kind: shortText(40), interval };
/** What of a package says whose quantity it is, and of when. */
export const packageSlot = record(slot);

export const packageContent = record({
  ...slot,
  commit: id,
  salt: optional(bytes(32)),
  payload: optional(bytesThere),
});
export type PackageContent = Read<typeof packageContent>;

export const correctContent = record({ replaces: id, package: packageContent, reason: correctionReason });
export type CorrectContent = Read<typeof correctContent>;
export const submissionContent = record({ profile: id, source: optional(name) });
export type SubmissionContent = Read<typeof submissionContent>;

/** `document` is the text tree as its author wrote it; its shape is checked where it is used. */
export const documentContent = record({ document: anyValue });

export const relation = record({ applicant: id, relation: relationKind, labels: listOf(name, 0, 200) });
export type Relation = Read<typeof relation>;

export const role = oneOf('applicant', 'auditor');
export type Role = Read<typeof role>;

export const admitContent = record({
  org: id,
  roles: listOf(role, 1, 2),
  relations: listOf(relation, 0, 1000),
  until: optional(time),
  first_period: optional(textDate),
  continues: optional(id),
});
export type AdmitContent = Read<typeof admitContent>;

export const acceptContent = record({ org: id, boundary: id });
export const suspendContent = record({ org: id, reason: reasonText });
export const askContent = record({ applicant: id, relation: relationKind, auditor: id, window: interval, due: time });
export type AskContent = Read<typeof askContent>;

export const meterEventKind = oneOf('enroll', 'exchange', 'rollover', 'calibration', 'retire');
export const meterEventContent = record({
  meter: meterName,
  event: meterEventKind,
  at: time,
  old: optional(decimal),
  new: optional(decimal),
  serial: optional(name),
  reason: optional(reasonText),
});
export type MeterEventContent = Read<typeof meterEventContent>;

export const auditContent = record({
  applicant: id,
  relation: relationKind,
  labels: listOf(name, 1, 200),
  window: interval,
  at: uint,
  root: id,
  verdict: auditVerdict,
  figures: id,
  salt: optional(bytes(32)),
  payload: optional(bytes()),
  reason: optional(reasonText),
});
export type AuditContent = Read<typeof auditContent>;

export const recuseContent = record({ applicant: id, relation: relationKind, window: interval, reason: reasonText });
export type RecuseContent = Read<typeof recuseContent>;

/** An entry of another organisation's chain, by its place. */
const auditPlace = { auditor: id, seq: uint, entry: uint };
export const answerContent = record({ ...auditPlace, text: reasonText });
export type AnswerContent = Read<typeof answerContent>;
export const rulingContent = record({ ...auditPlace, ruling: oneOf('upheld', 'set_aside'), reason: reasonText });
export type RulingContent = Read<typeof rulingContent>;

/** What an applicant asks for: energy to be added to that of a product in a window, either sign, and why. */
export const adjustContent = record({
  product: name,
  window: interval,
  energy: decimal,
  unit: shortText(20),
  reason: reasonText,
  evidence: optional(id),
});
export type AdjustContent = Read<typeof adjustContent>;

/** The body admits what stands in block `seq`, entry `entry` of the applicant's chain, as it stands there. */
export const adjustmentContent = record({ applicant: id, seq: uint, entry: uint, reason: reasonText });
export type AdjustmentContent = Read<typeof adjustmentContent>;

export const revokeContent = record({ seq: uint, entry: uint, reason: reasonText });

export const decisionContent = record({
  applicant: id,
  period: interval,
  status: decisionStatus,
  number: optional(shortText(60)),
  reasons: listOf(shortText(60), 0, 100),
  baseline: nullable(interval),
  policy: id,
  boundary: nullable(id),
  tables: listOf(id, 0, 100),
  unit: shortText(20),
  products: listOf(
    record({ product: name, verdict: shortText(40), rate: optional(rational), saving: optional(rational) }),
    0,
    200,
  ),
  packages: record({ baseline: id, reporting: id }),
  audits: listOf(
    {
      read: (value, path) => readPlace(value, path),
      write: (place) => [id.write(place.auditor), place.seq, place.entry],
    } satisfies Schema<AuditPlace>,
    0,
    10_000,
  ),
  evaluation: id,
  salt: optional(bytes(32)),
  payload: optional(bytes()),
});
export type DecisionContent = Read<typeof decisionContent>;

/** Where an audit entry stands: organisation, block, entry. */
export interface AuditPlace {
  readonly auditor: Read<typeof id>;
  readonly seq: number;
  readonly entry: number;
}

function readPlace(value: CborValue, path: string): AuditPlace {
  const parts = listOf(anyValue, 3, 3).read(value, path);
  const [auditor, seq, entry] = parts as [CborValue, CborValue, CborValue];
  return {
    auditor: id.read(auditor, `${path}[0]`),
    seq: uint.read(seq, `${path}[1]`),
    entry: uint.read(entry, `${path}[2]`),
  };
}

export const forkContent = record({ a: bytes(), b: bytes() });

/** The type words of programme entries, and of organisations' entries, that have a meaning in version 1. */
export const PROGRAMME_ENTRY_TYPES = [
  'found',
  'rotate',
  'admit',
  'accept',
  'suspend',
  'policy',
  'table',
  'ask',
  'ruling',
  'adjustment',
  'broadcast',
  'decision',
  'revoke',
  'fork',
] as const;
export const ORGANISATION_ENTRY_TYPES = [
  'join',
  'rotate',
  'boundary',
  'meter-event',
  'submission',
  'package',
  'correct',
  'audit',
  'recuse',
  'answer',
  'adjust',
  'fork',
] as const;
