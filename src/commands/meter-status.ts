import { join } from 'node:path';
import { defineCommand } from '../cli/command.ts';
import { correctionsUntil, toMeterLines, viewMeters } from '../home/meter-list.ts';
import { openSession } from '../home/session.ts';
import { countSpool, toSpool } from '../home/spool.ts';
import { windowFinder } from '../ingest/windows.ts';
import { showShare } from '../programme/show-quantity.ts';
import { showTime } from '../programme/calendar.ts';

export const meterStatus = defineCommand({
  path: ['meter', 'status'],
  summary: 'Show what is missing, late or due of the meters in the current period',
  description:
    "What is finished and has no package is missing; it is late once it can no longer be broadcast in time. Packages of one's own that are pending count as there. Files that wait in the spool folder of the home, and refused ones, are counted too.",
  examples: ['joulemark meter status', 'joulemark meter status guangnan-cement', 'joulemark meter status --json'],
  args: ['[organisation]'],
  options: {},
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [organisation]) {
    const session = openSession(context, { decisions: 'as-signed' });
    const view = viewMeters(session, organisation, context.now());
    const { organisation: who, boundary, period, zone, meters } = toMeterLines(view, windowFinder);
    const expected = meters.filter(({ coverage }) => coverage !== null);
    const dates = expected.flatMap(({ gaps, next }) => [
      ...gaps.filter(({ late }) => !late).map(({ due }) => due),
      ...(next === null ? [] : [next.due]),
    ]);
    const due = dates.length === 0 ? null : Math.min(...dates);
    const until = correctionsUntil(view);
    return {
      organisation: who,
      boundary,
      period,
      meters: expected.map(({ meter, coverage, gaps, next, late, pending, last, retired }) => ({
        meter,
        coverage,
        missing: gaps,
        next,
        late,
        pending,
        last: last === null ? null : last.dates,
        retired,
      })),
      nextDue:
        due === null
          ? null
          : {
              at: due,
              shown: showTime(due, zone),
              meters: expected
                .filter(({ gaps, next }) => next?.due === due || gaps.some((gap) => !gap.late && gap.due === due))
                .map(({ meter }) => meter),
            },
      correctionsUntil: { at: until, shown: showTime(until, zone) },
      spool: organisation === undefined ? countSpool(toSpool(join(session.home.paths.spool, 'in'))) : null,
    };
  },
  render: ({ organisation, boundary, period, meters, nextDue, correctionsUntil: corrections, spool }, ui) => {
    const rows = meters.map(({ meter, coverage, missing, late, pending, last, retired }) => [
      meter,
      coverage === null || coverage.expected === 0 ? '' : showShare(coverage.covered, coverage.expected),
      last ?? 'no package',
      pending === 0 ? '' : `${pending} not broadcast`,
      late === 0 ? '' : `${late} broadcast late`,
      [
        ...(missing.length === 0
          ? []
          : [`missing ${missing.map((gap) => `${gap.dates}${gap.late ? ' (late)' : ''}`).join(', ')}`]),
        ...(retired === null ? [] : [`retired ${retired.slice(0, 10)}`]),
      ].join('; '),
    ]);
    const isComplete = meters.every(({ missing }) => missing.length === 0);
    return [
      `${ui.strong(organisation.name)}   period ${period.label}`,
      ui.table(rows, { align: ['left', 'right'] }),
      ...(isComplete && meters.length > 0 ? [ui.good('nothing is missing')] : []),
      ...(nextDue === null ? [] : [`next due: ${nextDue.shown}   ${nextDue.meters.join(', ')}`]),
      ui.dim(`corrections of ${period.label} count until ${corrections.shown}`),
      ...(spool === null || spool.waiting === 0
        ? []
        : [
            ui.warn(
              `${spool.waiting} ${spool.waiting === 1 ? 'file waits' : 'files wait'} in the spool: joulemark meter collect`,
            ),
          ]),
      ...(spool === null || spool.refused === 0
        ? []
        : [
            ui.bad(
              `${spool.refused} refused ${spool.refused === 1 ? 'file' : 'files'} in the spool, the reasons beside them`,
            ),
          ]),
      ...(boundary === 'accepted' ? [] : [ui.warn('the boundary is declared and not accepted yet')]),
    ].join('\n');
  },
});
