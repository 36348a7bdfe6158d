import { JoulemarkError } from '../errors.ts';
import { type Entry, readContent } from '../ledger/entry.ts';
import { broadcastContent, foundContent, rotateContent } from '../ledger/entries.ts';
import { keyIdOf } from '../ledger/key-id.ts';
import type { DecisionChecker } from './decision-checker.ts';
import { datedDocument } from './dated-document.ts';
import { report } from './report-entry.ts';
import {
  acceptContent,
  adjustmentContent,
  admitContent,
  askContent,
  decisionContent,
  revokeContent,
  rulingContent,
  suspendContent,
} from './entries.ts';
import { noteFork } from './note-fork.ts';
import { policySchema } from './policy.ts';
import { policyRuling } from './rules.ts';
import { type LedgerEvent, organisationOf, type ProgrammeState, relationKey } from './state.ts';
import { tableSchema } from './table.ts';

/** What each entry of the programme chain does (spec sections 8, 10 and 11). */
export function applyProgrammeEntry(state: ProgrammeState, event: LedgerEvent, checkDecision: DecisionChecker): void {
  const { entry } = event;
  switch (event.type) {
    case 'found': {
      const found = readContent(entry, foundContent, 'found');
      state.body.name = found.name;
      state.body.recipient = found.recipient;
      state.body.keys.push(keyIdOf(found.key));
      return;
    }
    case 'rotate': {
      const rotated = readContent(entry, rotateContent, 'rotate');
      if (rotated.recipient !== undefined) state.body.recipient = rotated.recipient;
      state.body.keys.push(keyIdOf(rotated.key));
      return;
    }
    case 'policy': {
      state.policies.push(datedDocument(entry.content, event.time, policySchema, 'policy'));
      return;
    }
    case 'table': {
      state.tables.push(datedDocument(entry.content, event.time, tableSchema, 'table'));
      return;
    }
    case 'admit':
      return applyAdmit(state, event);
    case 'accept':
      return applyAccept(state, event);
    case 'suspend': {
      const { org, reason } = readContent(entry, suspendContent, 'suspend');
      organisationOf(state, org).suspended = { time: event.time, reason };
      return;
    }
    case 'ask': {
      const ask = readContent(entry, askContent, 'ask');
      state.asks.push({
        ...ask,
        window: { start: ask.window[0], end: ask.window[1] },
        time: event.time,
        block: state.head.id,
      });
      return;
    }
    case 'ruling': {
      state.rulings.push({ ...readContent(entry, rulingContent, 'ruling'), time: event.time });
      return;
    }
    case 'adjustment':
      return applyAdjustment(state, event);
    case 'broadcast': {
      if (!isBroadcast(entry)) return; // none: the walk says so
      state.previousBroadcast = state.lastBroadcast;
      state.lastBroadcast = { seq: event.seq, time: event.time };
      return;
    }
    case 'decision': {
      const decision = readContent(entry, decisionContent, 'decision');
      const same = checkDecision(state, event);
      const { seq, index, time } = event;
      state.decisions.push({
        seq,
        entry: index,
        time,
        content: decision,
        recomputed: same === true,
        unknown: same === null,
      });
      return;
    }
    case 'revoke':
      return applyRevoke(state, event);
    case 'fork':
      return noteFork(state, event);
    default:
      report(state, event, 'entry-unknown', `entry of the unknown type '${event.type}' has no effect`);
  }
}

function isBroadcast(entry: Entry): boolean {
  try {
    readContent(entry, broadcastContent, 'broadcast');
    return true;
  } catch (error) {
    if (error instanceof JoulemarkError) return false;
    throw error;
  }
}

function applyAdmit(state: ProgrammeState, event: LedgerEvent): void {
  const admit = readContent(event.entry, admitContent, 'admit');
  if (admit.org === state.ledger)
    return report(state, event, 'not-admitted', 'the certification body cannot admit itself');
  const organisation = organisationOf(state, admit.org);
  organisation.roles = admit.roles;
  organisation.suspended = null;
  organisation.admitted = {
    time: organisation.admitted?.time ?? event.time,
    firstPeriod: admit.first_period ?? null,
    until: admit.until ?? null,
    continues: admit.continues ?? null,
  };
  for (const relation of admit.relations)
    organisation.relations.set(relationKey(relation.applicant, relation.relation), relation);
}

function applyAccept(state: ProgrammeState, event: LedgerEvent): void {
  const { org, boundary } = readContent(event.entry, acceptContent, 'accept');
  const organisation = organisationOf(state, org);
  const declared = organisation.declared.findLast((candidate) => candidate.digest === boundary);
  if (declared === undefined)
    return report(state, event, 'entry-malformed', 'accepts a boundary that this organisation has not declared before');
  organisation.boundaries.push({ ...declared, time: event.time });
}

/** Admits an adjustment that its applicant asked for; without effect where he did not, twice, or under a policy without any. */
function applyAdjustment(state: ProgrammeState, event: LedgerEvent): void {
  const { applicant, seq, entry, reason } = readContent(event.entry, adjustmentContent, 'adjustment');
  const refuse = (why: string): void => report(state, event, 'adjustment-refused', `admits an adjustment ${why}`);
  const asked = state.organisations.get(applicant)?.adjustmentsAsked.get(`${seq}:${entry}`);
  if (asked === undefined) return refuse(`that the applicant has not asked for in block ${seq}, entry ${entry}`);
  if (state.adjustments.some(({ askedAt }) => askedAt === asked)) return refuse('that is admitted already');
  const policy = policyRuling(state.policies, asked.content.window[1] - 1)?.value;
  if (policy?.baseline.adjustment === undefined) return refuse('that the policy of its window does not know');
  const place = { seq: event.seq, entry: event.index };
  state.adjustments.push({ applicant, asked: asked.content, askedAt: asked, place, time: event.time, reason });
}

function applyRevoke(state: ProgrammeState, event: LedgerEvent): void {
  const { seq, entry, reason } = readContent(event.entry, revokeContent, 'revoke');
  const decision = state.decisions.find((candidate) => candidate.seq === seq && candidate.entry === entry);
  if (decision === undefined)
    return report(state, event, 'entry-malformed', `revokes block ${seq} entry ${entry}, which is no decision`);
  decision.revoked ??= { time: event.time, reason };
}
