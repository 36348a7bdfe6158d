import type { Id } from '../ledger/codec/id.ts';
import { joinContent, rotateContent } from '../ledger/entries.ts';
import { keyIdOf } from '../ledger/key-id.ts';
import { report } from './apply.ts';
import { datedDocument, organisationOf } from './apply-programme.ts';
import { readBoundary } from './boundary.ts';
import { addDuration } from './calendar.ts';
import { auditContent, type AuditContent, correctContent, meterEventContent, packageContent, type PackageContent, recuseContent } from './entries.ts';
import { addPackage, type CountedPackage, overlapping, removePackage } from './packages.ts';
import { decodePayload, isRightOpening } from './package.ts';
import { periodHolding, policyRuling } from './rules.ts';
import { isAdmitted, type LedgerEvent, type Organisation, type ProgrammeState, relationKey } from './state.ts';
import type { Policy } from './policy.ts';

/** What each entry of an organisation's chain does once it is covered (spec sections 6, 8, 9 and 10). */
export function applyOrganisationEntry(state: ProgrammeState, event: LedgerEvent, org: Id): void {
  const organisation = organisationOf(state, org);
  organisation.covered = { seq: event.seq, time: event.time };
  switch (event.type) {
    case 'join': {
      const join = joinContent.read(event.content, 'join');
      organisation.name = join.name;
      organisation.legalId = join.legal_id ?? null;
      organisation.recipient = join.recipient;
      return enrolKey(organisation, join.key);
    }
    case 'rotate': {
      const rotate = rotateContent.read(event.content, 'rotate');
      if (rotate.recipient !== undefined) organisation.recipient = rotate.recipient;
      return enrolKey(organisation, rotate.key);
    }
    case 'boundary': {
      organisation.declared.push(datedDocument(event.content, event.time, { read: readBoundary }, 'boundary'));
      return;
    }
    case 'meter-event': {
      organisation.meterEvents.push({ ...meterEventContent.read(event.content, 'meter-event'), time: event.time });
      return;
    }
    case 'submission':
      return;
    case 'package':
      return applyPackage(state, event, organisation, packageContent.read(event.content, 'package'));
    case 'correct':
      return applyCorrection(state, event, organisation);
    case 'audit':
      return applyAudit(state, event, organisation, auditContent.read(event.content, 'audit'));
    case 'recuse': {
      if (!isAdmitted(organisation, 'auditor', event.time)) return refuseUnadmitted(state, event, organisation, 'auditor');
      organisation.recusals.push({ ...recuseContent.read(event.content, 'recuse'), time: event.time });
      return;
    }
    case 'answer':
    case 'fork':
      // kept and shown with what they refer to; neither changes what counts
      return;
    default:
      report(state, event, 'entry-unknown', `entry of the unknown type '${event.type}' has no effect`);
  }
}

/** That the key is no other chain's is watched by the walk (finding `key-reused`), which makes the organisation inadmissible. */
function enrolKey(organisation: Organisation, publicKey: Uint8Array): void {
  organisation.keys.push(keyIdOf(publicKey));
}

function refuseUnadmitted(state: ProgrammeState, event: LedgerEvent, organisation: Organisation, role: string): void {
  report(state, event, 'not-admitted', `'${organisation.name}' is not admitted as ${role} here, so this ${event.type} has no effect`);
}

function applyPackage(state: ProgrammeState, event: LedgerEvent, organisation: Organisation, content: PackageContent, corrects?: CountedPackage): void {
  if (!isAdmitted(organisation, 'applicant', event.time)) return refuseUnadmitted(state, event, organisation, 'applicant');
  const { packages } = organisation;
  if (packages.byCommit.has(content.commit) || packages.replaced.has(content.commit)) return; // a repeat
  const [start, end] = content.interval;
  const subject = `package ${content.meter}`;
  if (content.salt === undefined || content.payload === undefined) {
    return report(state, event, 'package-sealed', `${subject} is sealed: its figures cannot be read here and do not count`);
  }
  if (!isRightOpening(organisation.id, content)) {
    return report(state, event, 'commit-mismatch', `${subject} does not open to its commit: copied from another slot or chain, or altered`);
  }
  if (end > event.time) return report(state, event, 'package-premature', `${subject} ends after the broadcast that covers it`);
  const policy = policyRuling(state.policies, end - 1)?.value;
  if (policy === undefined) return report(state, event, 'not-admitted', `${subject} stands before any policy`);
  if (end > longestEnd(policy, start)) return report(state, event, 'package-too-long', `${subject} is longer than the policy allows`);
  const payload = decodePayload(content.payload);
  if (corrects === undefined) {
    const other = overlapping(packages, content.meter, content.kind, start, end);
    if (other !== undefined) {
      return report(state, event, 'package-overlap', `${subject} overlaps the package of block ${other.place.seq}, which counts: doubled, or to be given as a correction`);
    }
  } else {
    removePackage(packages, corrects);
  }
  const standing = standingOf(state, organisation, policy, end);
  if (standing === 'late') report(state, event, 'package-late', `${subject} was due by the broadcast before: covered late`);
  addPackage(packages, {
    commit: content.commit,
    meter: content.meter,
    kind: content.kind,
    start,
    end,
    payload,
    time: event.time,
    standing,
    place: { seq: event.seq, entry: event.index },
    ...(corrects === undefined ? {} : { corrects: corrects.commit }),
  });
}

function longestEnd(policy: Policy, start: number): number {
  return addDuration(start, policy.time.longest_interval, policy.time.zone);
}

/** On time: covered no later than the first broadcast at or after the interval's end plus the grace (spec section 8). */
function standingOf(state: ProgrammeState, organisation: Organisation, policy: Policy, end: number): CountedPackage['standing'] {
  if (organisation.admitted !== null && end <= organisation.admitted.time) return 'history';
  const due = addDuration(end, policy.calendar.package_due, policy.time.zone);
  return state.previousBroadcast !== null && state.previousBroadcast.time >= due ? 'late' : 'on_time';
}

function applyCorrection(state: ProgrammeState, event: LedgerEvent, organisation: Organisation): void {
  const { replaces, package: replacement } = correctContent.read(event.content, 'correct');
  const { packages } = organisation;
  if (packages.byCommit.has(replacement.commit) || packages.replaced.has(replacement.commit)) return; // a repeat
  const target = packages.byCommit.get(replaces);
  const [start, end] = replacement.interval;
  if (target === undefined || target.meter !== replacement.meter || target.kind !== replacement.kind || target.start !== start || target.end !== end) {
    return report(state, event, 'correction-without-target', `corrects a package of ${replacement.meter} that does not count in that place`);
  }
  const policy = policyRuling(state.policies, end - 1)?.value;
  if (policy !== undefined) {
    const until = addDuration(periodHolding(policy, end - 1).end, policy.calendar.corrections_until, policy.time.zone);
    if (event.time > until) return report(state, event, 'correction-late', `corrects ${replacement.meter} after the policy's date; later ones are adjustments`);
  }
  applyPackage(state, event, organisation, replacement, target);
}

function applyAudit(state: ProgrammeState, event: LedgerEvent, organisation: Organisation, content: AuditContent): void {
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
): { readonly code: 'audit-own-organisation' | 'audit-not-admitted' | 'audit-ahead-of-seen'; readonly message: string } | null {
  if (content.applicant === organisation.id || organisation.id === state.ledger) {
    return { code: 'audit-own-organisation', message: 'the auditor is the applicant itself: the audit does not count' };
  }
  const relation = organisation.relations.get(relationKey(content.applicant, content.relation));
  const outside = relation === undefined ? content.labels : content.labels.filter((label) => !relation.labels.includes(label));
  if (!isAdmitted(organisation, 'auditor', event.time) || relation === undefined || outside.length > 0) {
    return { code: 'audit-not-admitted', message: `'${organisation.name}' is not admitted as ${content.relation} auditor of ${outside.join(', ') || 'this applicant'}: the audit does not count` };
  }
  if (event.seen !== null && content.at > event.seen.seq) {
    return { code: 'audit-ahead-of-seen', message: `the audit speaks of programme block ${content.at}, but its signer had seen only ${event.seen.seq}: it does not count` };
  }
  return null;
}
