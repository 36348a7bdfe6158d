import { defineCommand } from '../cli/command.ts';
import { JUDGED } from '../home/judged.ts';
import { openSession } from '../home/session.ts';
import { readStatus } from '../home/status.ts';
import { windowFinder } from '../ingest/windows.ts';
import { showId } from '../ledger/codec/id.ts';
import { showTime } from '../programme/calendar.ts';
import { showAge } from '../programme/show-age.ts';

const MOST_DATES = 5;

export const status = defineCommand({
  path: ['status'],
  summary: 'Show what would block you today, what waits for you, and the next date',
  description:
    'Read from the copy here, without a network: up to its newest broadcast. For the machine it runs on, see joulemark doctor.',
  examples: ['joulemark status', 'joulemark status --json', 'joulemark status --home ./guangnan/.joulemark'],
  args: [],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED', 'FAILED'],
  async run(context) {
    const now = context.now();
    const session = openSession(context, JUDGED);
    const { home, state, zone } = session;
    const shown = readStatus(session, now, windowFinder);
    const time = (epoch: number) => ({ epoch, shown: showTime(epoch, zone) });
    return {
      name: home.config.name,
      org: home.org,
      ledger: home.ledger,
      ledgerShown: showId(home.ledger),
      programme: state.body.name,
      standing: shown.standing,
      roles: [...shown.roles],
      broadcast:
        shown.broadcast === null
          ? null
          : {
              seq: shown.broadcast.seq,
              time: time(shown.broadcast.time),
              age: now - shown.broadcast.time,
              ageShown: showAge(now - shown.broadcast.time),
            },
      head: shown.head,
      boundary: shown.boundary,
      meters: shown.meters.map(({ gaps, next, ...meter }) => ({
        ...meter,
        gaps: gaps.map(({ dates, start, end, due, late }) => ({ dates, start, end, due: time(due), late })),
        next: next === null ? null : { start: next.start, end: next.end, due: time(next.due) },
      })),
      tasks: shown.tasks.map(({ due, ...task }) => ({ ...task, due: due === null ? null : time(due) })),
      dates: shown.dates.slice(0, MOST_DATES).map(({ time: at, what }) => ({ time: time(at), what })),
    };
  },
  render: (result, ui) => {
    const who =
      result.standing === 'certification body'
        ? 'certification body'
        : `${result.roles.join(' and ') || 'no role'}, ${result.standing}`;
    const broadcast =
      result.broadcast === null
        ? ui.warn('none yet')
        : `${result.broadcast.seq}, ${result.broadcast.time.shown}, ${result.broadcast.ageShown} ago`;
    const late = result.meters.filter(({ standing }) => standing !== 'up to date').length;
    const head = ui.table([
      [ui.dim('you'), `${ui.strong(result.name)} (${result.org.slice(0, 8)}), ${who}`],
      [ui.dim('ledger'), `${result.programme}: ${result.ledgerShown.split(' ').slice(0, 4).join(' ')} ...`],
      [ui.dim('broadcast'), broadcast],
      [
        ui.dim('your chain'),
        `to block ${result.head.seq}${result.head.waiting === 0 ? '' : ui.warn(`, ${result.head.waiting} not yet broadcast`)}`,
      ],
      ...(result.boundary === null
        ? []
        : [[ui.dim('boundary'), result.boundary === 'accepted' ? result.boundary : ui.warn(result.boundary)]]),
      ...(result.meters.length === 0
        ? []
        : [
            [
              ui.dim('meters'),
              late === 0
                ? `${result.meters.length}, all up to date`
                : ui.warn(`${late} of ${result.meters.length} behind`),
            ],
          ]),
    ]);
    const tasks = result.tasks.map(({ urgency, what, due, next }) => {
      const word = { blocks: ui.bad('blocks'), late: ui.bad('late'), todo: ui.warn('to do') }[urgency];
      return [word, `${what}${due === null ? '' : `, by ${due.shown}`}\n${ui.dim(next)}`];
    });
    const [next] = result.dates;
    return [
      head,
      '',
      tasks.length === 0 ? ui.good('nothing blocks you, nothing waits for you') : ui.table(tasks),
      '',
      next === undefined ? ui.dim('no date ahead') : `${ui.dim('next date')}   ${next.time.shown}  ${next.what}`,
    ].join('\n');
  },
});
