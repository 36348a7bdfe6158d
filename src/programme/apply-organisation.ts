import { readContent } from '../ledger/entry.ts';
import { joinContent, rotateContent } from '../ledger/entries.ts';
import type { Id } from '../ledger/codec/id.ts';
import { keyIdOf } from '../ledger/key-id.ts';
import { applyCorrection, applyPackage } from './apply-package.ts';
import { readBoundary } from './boundary.ts';
import { datedDocument } from './dated-document.ts';
import {
  adjustContent,
  answerContent,
  auditContent,
  type AuditContent,
  correctContent,
  meterEventContent,
  packageContent,
  recuseContent,
  type Role,
  submissionContent,
} from './entries.ts';
import { noteFork } from './note-fork.ts';
import { report } from './report-entry.ts';
import {
  isAdmitted,
  type LedgerEvent,
  type Organisation,
  organisationOf,
  type ProgrammeState,
  relationKey,
} from './state.ts';

/** What each entry of an organisation's chain does once it is covered (spec sections 6, 8, 9 and 10). */
export function applyOrganisationEntry(state: ProgrammeState, event: LedgerEvent, org: Id): void {
  const organisation = organisationOf(state, org);
  organisation.covered = { seq: event.seq, time: event.time };
  switch (event.type) {
    case 'join': {
      const join = readContent(event.entry, joinContent, 'join');
      organisation.name = join.name;
      organisation.legalId = join.legal_id ?? null;
      organisation.recipient = join.recipient;
      return enrolKey(organisation, join.key);
    }
    case 'rotate': {
      const rotate = readContent(event.entry, rotateContent, 'rotate');
      if (rotate.recipient !== undefined) organisation.recipient = rotate.recipient;
      return enrolKey(organisation, rotate.key);
    }
    case 'boundary': {
      organisation.declared.push(datedDocument(event.entry.content, event.time, { read: readBoundary }, 'boundary'));
      return;
    }
    case 'meter-event': {
      organisation.meterEvents.push({
        ...readContent(event.entry, meterEventContent, 'meter-event'),
        time: event.time,
      });
      return;
    }
    case 'submission': {
      readContent(event.entry, submissionContent, 'submission');
      checkAdmitted(state, event, organisation, 'applicant');
      return;
    }
    case 'package': {
      const content = readContent(event.entry, packageContent, 'package');
      if (checkAdmitted(state, event, organisation, 'applicant')) applyPackage(state, event, organisation, content);
      return;
    }
    case 'correct': {
      const content = readContent(event.entry, correctContent, 'correct');
      if (checkAdmitted(state, event, organisation, 'applicant')) applyCorrection(state, event, organisation, content);
      return;
    }
    case 'audit':
      return applyAudit(state, event, organisation, readContent(event.entry, auditContent, 'audit'));
    case 'recuse': {
      const recusal = readContent(event.entry, recuseContent, 'recuse');
      if (checkAdmitted(state, event, organisation, 'auditor'))
        organisation.recusals.push({ ...recusal, time: event.time });
      return;
    }
    // kept and shown with what it refers to; it changes nothing that counts
    case 'answer': {
      readContent(event.entry, answerContent, 'answer');
      checkAdmitted(state, event, organisation, 'applicant');
      return;
    }
    case 'adjust': {
      const content = readContent(event.entry, adjustContent, 'adjust');
      if (!checkAdmitted(state, event, organisation, 'applicant')) return;
      const place = { seq: event.seq, entry: event.index };
      organisation.adjustmentsAsked.set(`${event.seq}:${event.index}`, { place, time: event.time, content });
      return;
    }
    case 'fork':
      return noteFork(state, event);
    default:
      report(state, event, 'entry-unknown', `entry of the unknown type '${event.type}' has no effect`);
  }
}

/** That the key is no other chain's is watched by the walk (finding `key-reused`), which makes the organisation inadmissible. */
function enrolKey(organisation: Organisation, publicKey: Uint8Array): void {
  organisation.keys.push(keyIdOf(publicKey));
}

/** False, with a finding, where the organisation is not admitted in the role at this position: the entry has no effect. */
function checkAdmitted(state: ProgrammeState, event: LedgerEvent, organisation: Organisation, role: Role): boolean {
  if (isAdmitted(organisation, role, event.time)) return true;
  report(
    state,
    event,
    'not-admitted',
    `'${organisation.name}' is not admitted as ${role} here, so this ${event.type} has no effect`,
  );
  return false;
}

function applyAudit(
  state: ProgrammeState,
  event: LedgerEvent,
  organisation: Organisation,
  content: AuditContent,
): void {
  const refused = auditRefusal(state, event, organisation, content);
  if (refused !== null) report(state, event, refused.code, refused.message);
  organisation.audits.push({
    auditor: organisation.id,
    seq: event.seq,
    entry: event.index,
    time: event.time,
    order: state.order,
    content,
    refused: refused?.code ?? null,
  });
}

/** Why an audit can never count, from what is known at its own position (spec section 10, "counting at a decision"). */
function auditRefusal(
  state: ProgrammeState,
  event: LedgerEvent,
  organisation: Organisation,
  content: AuditContent,
): {
  readonly code: 'audit-own-organisation' | 'audit-not-admitted' | 'audit-ahead-of-seen';
  readonly message: string;
} | null {
  if (content.applicant === organisation.id || organisation.id === state.ledger) {
    return { code: 'audit-own-organisation', message: 'the auditor is the applicant itself: the audit does not count' };
  }
  const relation = organisation.relations.get(relationKey(content.applicant, content.relation));
  const outside =
    relation === undefined ? content.labels : content.labels.filter((label) => !relation.labels.includes(label));
  if (!isAdmitted(organisation, 'auditor', event.time) || relation === undefined || outside.length > 0) {
    return {
      code: 'audit-not-admitted',
      message: `'${organisation.name}' is not admitted as ${content.relation} auditor of ${outside.join(', ') || 'this applicant'}: the audit does not count`,
    };
  }
  if (event.seen !== null && content.at > event.seen.seq) {
    return {
      code: 'audit-ahead-of-seen',
      message: `the audit speaks of programme block ${content.at}, but its signer had seen only ${event.seen.seq}: it does not count`,
    };
  }
  return null;
}
