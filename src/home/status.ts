import { readJournal } from '../ledger/store/journal.ts';
import { agendaOfBody, agendaOfOrganisation, type ComingDate, type Task } from '../programme/agenda.ts';
import { answerContent } from '../programme/entries.ts';
import { standingOf, type Standing } from '../programme/list-organisations.ts';
import { readOwnChain } from '../programme/own-packages.ts';
import { policyRuling } from '../programme/rules.ts';
import { ownChain } from './append-entry.ts';
import { baselineTasks } from './baseline-due.ts';
import { entriesOf } from './find-entry.ts';
import { findOpenKeyPaths } from './key-file-mode.ts';
import { knownOrganisations } from './known-organisations.ts';
import type { WindowMaker } from './meter-list.ts';
import { countUnreportedForks } from './report-forks.ts';
import { type MeterDue, metersDue } from './meters-due.ts';
import type { Session } from './session.ts';

/** How a home and its organisation stand. Times in epoch seconds. */
export interface HomeStatus {
  readonly standing: Standing | 'certification body';
  readonly roles: readonly string[];
  /** Newest broadcast here. */
  readonly broadcast: { readonly seq: number; readonly time: number } | null;
  readonly head: { readonly seq: number; readonly waiting: number };
  readonly boundary: 'accepted' | 'declared' | 'pending' | 'none' | null;
  readonly meters: readonly MeterDue[];
  readonly tasks: readonly Task[];
  /** To come, the nearest first. */
  readonly dates: readonly ComingDate[];
}

const TWO_DAYS = 2 * 86_400;
const ORDER = ['blocks', 'late', 'todo'] as const;

/** What would block this home today, what waits for it, and what is the next date. */
export function readStatus(session: Session, now: number, makeWindows: WindowMaker): HomeStatus {
  const { home, state } = session;
  const own = ownChain(session);
  const ownPart = home.isBody ? bodyPart(session, now) : organisationPart(session, now, makeWindows);
  const covered = home.isBody ? own.state.seq : (state.organisations.get(home.org)?.covered.seq ?? -1);
  const tasks = [...homeTasks(session, now), ...ownPart.tasks];
  return {
    ...ownPart,
    broadcast: state.lastBroadcast,
    head: { seq: own.state.seq, waiting: Math.max(0, own.state.seq - covered) },
    tasks: tasks.toSorted(
      (a, b) =>
        ORDER.indexOf(a.urgency) - ORDER.indexOf(b.urgency) ||
        (a.due ?? Number.MAX_SAFE_INTEGER) - (b.due ?? Number.MAX_SAFE_INTEGER),
    ),
    dates: [
      ...ownPart.dates,
      ...tasks.flatMap(({ due, what }) =>
        due === null || due <= now ? [] : [{ time: due, what: `last day: ${what}` }],
      ),
    ].toSorted((a, b) => a.time - b.time),
  };
}

type Part = Omit<HomeStatus, 'broadcast' | 'head'>;

function bodyPart(session: Session, now: number): Part {
  const { state, chains } = session;
  const waiting = knownOrganisations(session).flatMap(({ id, name }) => {
    const blocks = (chains.get(id)?.state.seq ?? -1) - (state.organisations.get(id)?.covered.seq ?? -1);
    return blocks > 0 ? [{ id, name, blocks }] : [];
  });
  return {
    standing: 'certification body',
    roles: [],
    boundary: null,
    meters: [],
    ...agendaOfBody(state, waiting, now),
  };
}

function organisationPart(session: Session, now: number, makeWindows: WindowMaker): Part {
  const { home, state } = session;
  const chain = ownChain(session);
  const organisation = state.organisations.get(home.org);
  const roles = organisation?.roles ?? [];
  const answered = new Set(
    [...entriesOf(chain.blocks, 'answer')].map(({ content }) => toPlace(answerContent.read(content, 'answer'))),
  );
  const agenda = agendaOfOrganisation(state, home.org, answered, now);
  const base = { standing: standingOf(organisation, state.head.time), roles };
  if (!roles.includes('applicant')) return { ...base, boundary: null, meters: [], ...agenda };
  const own = readOwnChain(state, home.org, chain.blocks);
  const policy = policyRuling(state.policies, now);
  const boundary = own.boundary?.standing ?? 'none';
  const meters =
    policy === undefined || own.boundary?.standing !== 'accepted'
      ? []
      : metersDue(policy, own, own.boundary.value.meters.values(), now, makeWindows);
  const baseline =
    policy === undefined || own.boundary?.standing !== 'accepted'
      ? []
      : baselineTasks(policy, own, [...own.boundary.value.meters.values()], now, makeWindows);
  const tasks = [...boundaryTasks(boundary), ...meterTasks(meters), ...baseline, ...agenda.tasks];
  const coming = meters.flatMap(({ meter, next }) =>
    next === null ? [] : [{ time: next.due, what: `last day: the next package of ${meter}` }],
  );
  return { ...base, boundary, meters, tasks, dates: [...coming, ...agenda.dates] };
}

const toPlace = ({
  auditor,
  seq,
  entry,
}: {
  readonly auditor: string;
  readonly seq: number;
  readonly entry: number;
}): string => `${auditor} ${seq} ${entry}`;

function boundaryTasks(boundary: HomeStatus['boundary']): readonly Task[] {
  if (boundary === 'none')
    return [
      { urgency: 'blocks', what: 'no boundary is declared', due: null, next: 'joulemark boundary set boundary.yaml' },
    ];
  if (boundary === 'pending')
    return [{ urgency: 'blocks', what: 'the boundary is not broadcast yet', due: null, next: 'joulemark sync' }];
  if (boundary === 'declared')
    return [
      { urgency: 'blocks', what: 'the boundary is not accepted yet', due: null, next: 'ask the certification body' },
    ];
  return [];
}

function meterTasks(meters: readonly MeterDue[]): readonly Task[] {
  return meters.flatMap(({ meter, gaps }) =>
    gaps.map(({ dates, due, late }) => ({
      urgency: late ? ('late' as const) : ('todo' as const),
      what: `${meter} ${dates} has no package`,
      due,
      next: 'joulemark meter submit <file> --profile <profile>',
    })),
  );
}

/** What concerns the home itself, whoever's it is. */
function homeTasks(session: Session, now: number): readonly Task[] {
  const { home, programme, state } = session;
  const tasks: Task[] = findOpenKeyPaths(home.paths).map(({ path, mode, hint }) => ({
    urgency: 'blocks',
    what: `others can read '${path}' (mode ${mode})`,
    due: null,
    next: hint,
  }));
  const broken = state.findings.filter(({ level }) => level === 'error').length;
  if (broken > 0)
    tasks.push({
      urgency: 'blocks',
      what: `${broken} ${broken === 1 ? 'finding' : 'findings'} that the ledger is broken or incomplete here`,
      due: null,
      next: 'joulemark verify',
    });
  const forks = countUnreportedForks(session);
  if (forks > 0)
    tasks.push({
      urgency: 'todo',
      what: `evidence of ${forks} ${forks === 1 ? 'fork' : 'forks'} is kept here and on no chain`,
      due: null,
      next: 'joulemark org report-fork',
    });
  if (readJournal(home.paths.journal) !== null)
    tasks.push({
      urgency: 'todo',
      what: 'an append was cut short',
      due: null,
      next: 'joulemark sync, or any command that appends, completes it',
    });
  if (programme.state.time > now)
    tasks.push({
      urgency: 'blocks',
      what: 'the clock here is behind the newest programme block',
      due: null,
      next: 'set the clock',
    });
  if ((home.config.remotes?.size ?? 0) === 0)
    tasks.push({
      urgency: 'todo',
      what: 'no remote to copy the ledger from and to',
      due: null,
      next: 'joulemark remote add origin <url or folder>',
    });
  const last = state.lastBroadcast;
  if (!home.isBody && last !== null && now - last.time > TWO_DAYS)
    tasks.push({
      urgency: 'late',
      what: 'this copy knows of no broadcast for more than two days',
      due: null,
      next: 'joulemark sync',
    });
  return tasks;
}
