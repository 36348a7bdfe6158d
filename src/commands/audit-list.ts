import { defineCommand } from '../cli/command.ts';
import { pendingAudits } from '../home/own-audits.ts';
import { openSession } from '../home/session.ts';
import { listStandings } from '../programme/audit-overview.ts';
import { auditTasks, isWaiting } from '../programme/audit-tasks.ts';
import { showWindow } from '../programme/audit-window.ts';
import { showDate } from '../programme/calendar.ts';
import { findOrganisation } from '../programme/find-organisation.ts';

export const auditList = defineCommand({
  path: ['audit', 'list'],
  summary: 'List the audits that wait for you, and how those of an applicant stand',
  description:
    'An auditor sees what it was asked for and has not judged, what is due first in front; an audit whose packages changed since is open again. ' +
    'An applicant sees how its own audits stand by relation and window, the certification body those of everybody.',
  examples: [
    'joulemark audit list',
    'joulemark audit list --applicant guangnan-cement --all',
    'joulemark audit list --json',
  ],
  args: [],
  options: {
    applicant: { value: '<org>', description: 'only the audits of this applicant' },
    all: { description: 'also what is done or recused' },
  },
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED', 'FAILED'],
  async run(context, _args, { applicant: text, all }) {
    const session = openSession(context, { decisions: 'as-signed' });
    const { home, state, zone } = session;
    const signed = pendingAudits(session);
    const applicant = text === undefined ? undefined : findOrganisation(state, text).id;
    const nameOf = (id: string): string =>
      [...state.organisations.values()].find((organisation) => organisation.id === id)?.name ?? id.slice(0, 8);
    const now = context.now();
    const tasks = auditTasks(state, {
      ...(home.isBody ? {} : { auditor: home.org }),
      ...(applicant === undefined ? {} : { applicant }),
    })
      .filter((task) => all || isWaiting(task))
      .map((task) => ({
        applicant: task.applicant,
        applicantName: nameOf(task.applicant),
        auditor: task.auditor,
        auditorName: nameOf(task.auditor),
        relation: task.relation,
        window: showWindow(task.window, zone),
        due: showDate(task.due, zone),
        overdue: isWaiting(task) && task.due < now,
        standing: task.standing,
        signed: signed.some(
          ({ applicant: about, relation, window }) =>
            about === task.applicant &&
            relation === task.relation &&
            window[0] <= task.window.start &&
            window[1] >= task.window.end,
        ),
        verdict: task.verdict,
        reason: task.reason,
      }));
    const judged = [...state.organisations.values()].filter(
      (one) =>
        one.roles.includes('applicant') &&
        (home.isBody || one.id === home.org) &&
        (applicant === undefined || one.id === applicant),
    );
    const standings = judged.flatMap((one) =>
      listStandings(state, one, now).map(
        ({ window, relation, passes, fails, asked, waiting, share, passed, reason }) => ({
          applicant: one.id,
          applicantName: one.name,
          relation,
          window: showWindow(window, zone),
          asked,
          waiting,
          passes,
          fails,
          share,
          passed,
          reason,
        }),
      ),
    );
    return { isBody: home.isBody, broadcast: state.lastBroadcast?.seq ?? null, tasks, standings };
  },
  render: ({ isBody, tasks, standings }, ui) => {
    const taskRows = tasks.map(
      ({ applicantName, auditorName, relation, window, due, overdue, standing, signed, verdict, reason }) => [
        window,
        applicantName,
        ...(isBody ? [auditorName] : []),
        relation,
        overdue ? ui.bad(`due ${due}`) : `due ${due}`,
        signed
          ? ui.dim('signed, not yet broadcast')
          : [
              standing === 'reopened' ? ui.warn('open again') : standing,
              ...(verdict === null ? [] : [verdict]),
              ...(reason === null || standing === 'reopened' ? [] : [reason]),
            ].join(' '),
      ],
    );
    const standingRows = standings.map(
      ({ applicantName, relation, window, asked, waiting, passes, fails, share, passed, reason }) => [
        window,
        applicantName,
        relation,
        `${passes} passed, ${fails} failed, ${waiting} of ${asked} waited for`,
        share === null ? '-' : `${share} %`,
        passed ? ui.good('enough') : ui.warn(reason ?? 'not enough'),
      ],
    );
    if (taskRows.length === 0 && standingRows.length === 0) return ui.dim('no audit waits');
    return [
      ...(taskRows.length === 0 ? [ui.dim('no audit waits')] : [ui.table(taskRows)]),
      ...(standingRows.length === 0
        ? []
        : ['', ui.table(standingRows, { head: ['window', 'applicant', 'relation', 'audits', 'share', ''] })]),
    ].join('\n');
  },
});
