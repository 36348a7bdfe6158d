import type { Id } from '../ledger/codec/id.ts';
import { dueAsks } from './audit-calendar.ts';
import { countAudits } from './audit-count.ts';
import { missingValues } from './audit-sample.ts';
import { auditTasks, isWaiting } from './audit-tasks.ts';
import { addDuration, showDate } from './calendar.ts';
import { certificationRows } from './certification.ts';
import { firstPeriodInForce } from './first-period.ts';
import { standingOf } from './list-organisations.ts';
import { checkRowsNeeded } from './rows-needed.ts';
import { periodHolding, policyRuling, tableNamed } from './rules.ts';
import type { ProgrammeState } from './state.ts';

/**
 * Something that somebody has to do. `blocks`: without it nothing goes on; `late`: its date has passed; `todo`: can be done now.
 * `due`: until when, epoch seconds; null without a date. `next`: a command line or what else to do.
 */
export interface Task {
  readonly urgency: 'blocks' | 'late' | 'todo';
  readonly what: string;
  readonly due: number | null;
  readonly next: string;
}

/** A date to come. */
export interface ComingDate {
  readonly time: number;
  readonly what: string;
}

/** What waits for somebody, and what comes next. */
export interface Agenda {
  readonly tasks: readonly Task[];
  readonly dates: readonly ComingDate[];
}

const lateOr = (due: number, now: number): Task['urgency'] => (now > due ? 'late' : 'todo');
const DAY = 86_400;

/** The next edge of a period. */
function periodEdge(state: ProgrammeState, now: number): readonly ComingDate[] {
  const policy = state.policies.at(-1);
  if (policy === undefined) return [];
  const first = firstPeriodInForce(policy.value, policy.time);
  if (first.start > now)
    return [{ time: first.start, what: `the period ${first.label} begins, the first of the newest policy` }];
  const running = periodHolding(policy.value, now);
  return [{ time: running.end, what: `the period ${running.label} ends` }];
}

/** What waits for the certification body. `waiting`: organisations of which the store holds blocks that no broadcast covers. */
export function agendaOfBody(
  state: ProgrammeState,
  waiting: readonly { readonly id: Id; readonly name: string; readonly blocks: number }[],
  now: number,
): Agenda {
  const policy = policyRuling(state.policies, now)?.value;
  const tasks: Task[] = [];
  if (policy !== undefined) {
    const table = tableNamed(state.tables, policy.energy.table)?.value;
    if (table === undefined)
      tasks.push({
        urgency: 'blocks',
        what: `the policy's table '${policy.energy.table}' is not published`,
        due: null,
        next: 'joulemark table publish <table.yaml>',
      });
    else
      for (const fault of checkRowsNeeded(policy, table))
        tasks.push({ urgency: 'blocks', what: fault, due: null, next: 'joulemark table publish <table.yaml>' });
  }
  for (const { series, label } of missingValues(state, (start) => policyRuling(state.policies, start)?.value))
    tasks.push({
      urgency: 'todo',
      what: `audits wait for the value of '${series}' for ${label}, by which their samples are drawn`,
      due: null,
      next: 'joulemark table publish <table.yaml>',
    });
  const asks = dueAsks(state, now).length;
  const last = state.lastBroadcast;
  if (waiting.length > 0)
    tasks.push({
      urgency: 'todo',
      what: `blocks wait for a broadcast: ${waiting.map(({ name, blocks }) => `${blocks} of ${name}`).join(', ')}`,
      due: null,
      next: 'joulemark broadcast',
    });
  if (asks > 0)
    tasks.push({ urgency: 'todo', what: `audits to be asked: ${asks}`, due: null, next: 'joulemark broadcast' });
  if (last !== null && now - last.time > DAY)
    tasks.push({
      urgency: 'late',
      what: 'no broadcast for more than a day',
      due: null,
      next: 'joulemark broadcast, from cron once a day at least',
    });
  for (const organisation of state.organisations.values()) {
    const { name } = organisation;
    if (standingOf(organisation, state.head.time) === 'not admitted')
      tasks.push({
        urgency: 'todo',
        what: `'${name}' has joined and is not admitted`,
        due: null,
        next: `joulemark org admit '${name}' --role <applicant or auditor>`,
      });
    const declared = organisation.declared.at(-1);
    if (declared !== undefined && organisation.boundaries.at(-1)?.digest !== declared.digest) {
      tasks.push({
        urgency: 'todo',
        what: `the boundary ${declared.digest.slice(0, 8)} of '${name}' is declared and not accepted`,
        due: null,
        next: `joulemark boundary accept '${name}'`,
      });
    }
  }
  const rows = certificationRows(state, now);
  for (const { applicant, period, until, standing } of rows) {
    if (standing !== 'due' && standing !== 'overdue') continue;
    tasks.push({
      urgency: standing === 'due' ? 'todo' : 'late',
      what: `'${applicant.name}' ${period.label} is to be decided`,
      due: until,
      next: `joulemark certify run '${applicant.name}' --period ${period.label}`,
    });
  }
  const dates = rows
    .filter(({ standing }) => standing === 'open')
    .map(({ applicant, period, from }) => ({ time: from, what: `'${applicant.name}' ${period.label} can be decided` }));
  return { tasks, dates: [...periodEdge(state, now), ...dates] };
}

/** What waits for an organisation as auditor and as applicant, but for its meters. `answered`: audits it has answered, `auditor seq entry`. */
export function agendaOfOrganisation(
  state: ProgrammeState,
  org: Id,
  answered: ReadonlySet<string>,
  now: number,
): Agenda {
  const organisation = state.organisations.get(org);
  const nameOf = (id: Id): string => state.organisations.get(id)?.name ?? id.slice(0, 8);
  const standing = standingOf(organisation, state.head.time);
  const policy = policyRuling(state.policies, now)?.value;
  const zone = policy?.time.zone ?? 'UTC';
  const tasks: Task[] = [];
  if (standing !== 'admitted') {
    const reason = organisation?.suspended?.reason;
    tasks.push({
      urgency: 'blocks',
      what: reason === undefined ? `this organisation is ${standing}` : `this organisation is suspended: ${reason}`,
      due: null,
      next: 'ask the certification body',
    });
  }
  for (const { applicant, relation, window, due, standing: asked } of auditTasks(state, { auditor: org }).filter(
    isWaiting,
  )) {
    tasks.push({
      urgency: lateOr(due, now),
      what: `audit of '${nameOf(applicant)}' as ${relation}, ${showDate(window.start, zone)} to ${showDate(window.end, zone)}${asked === 'reopened' ? ', open again: its packages changed' : ''}`,
      due,
      next: `joulemark audit show '${nameOf(applicant)}'`,
    });
  }
  if (organisation === undefined) return { tasks, dates: periodEdge(state, now) };
  for (const audit of policy === undefined ? [] : countAudits(state, organisation).counted) {
    if (
      policy === undefined ||
      audit.content.verdict !== 'fail' ||
      answered.has(`${audit.auditor} ${audit.seq} ${audit.entry}`)
    )
      continue;
    const due = addDuration(audit.time, policy.calendar.answer_due, policy.time.zone);
    tasks.push({
      urgency: lateOr(due, now),
      what: `'${nameOf(audit.auditor)}' failed packages of yours as ${audit.content.relation}`,
      due,
      next: 'joulemark audit answer',
    });
  }
  const rows = certificationRows(state, now).filter(({ applicant }) => applicant.id === org);
  const dates = rows
    .filter(({ standing: open }) => open === 'open')
    .map(({ period, from }) => ({ time: from, what: `${period.label} can be decided` }));
  return { tasks, dates: [...periodEdge(state, now), ...dates] };
}
