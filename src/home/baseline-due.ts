import type { Task } from '../programme/agenda.ts';
import type { BoundaryMeter } from '../programme/boundary.ts';
import type { Span } from '../programme/calendar.ts';
import { groupBy } from '../programme/group-by.ts';
import { historyDue } from '../programme/history-due.ts';
import type { OwnChain } from '../programme/own-packages.ts';
import type { Policy } from '../programme/policy.ts';
import { baselineWindow, type Dated } from '../programme/rules.ts';
import type { WindowMaker } from './meter-list.ts';
import { firstJudged, type MeterDue, metersDueIn } from './meters-due.ts';

/** A list of more says nothing to people. */
const MOST_SHOWN = 5;

/**
 * What the first period of an applicant will be compared with, and lacks packages of, while history still comes: without them that period has no
 * baseline. What ends before the admission is history and has a date of its own, what ends later that of any package.
 */
export function baselineTasks(
  policy: Dated<Policy>,
  own: OwnChain,
  meters: readonly BoundaryMeter[],
  now: number,
  makeWindows: WindowMaker,
): readonly Task[] {
  const admitted = own.organisation?.admitted ?? null;
  if (admitted === null) return [];
  const until = historyDue(policy.value, admitted);
  if (now > until) return [];
  const period = firstJudged(policy, own);
  const { start, end } = baselineWindow(policy.value, period);
  const due = (window: Span): readonly MeterDue[] =>
    metersDueIn(window, policy.value, own, meters, now, makeWindows).filter(({ gaps }) => gaps.length > 0);
  const before = due({ start, end: Math.min(end, admitted.time) });
  const since = due({ start: Math.max(start, admitted.time), end });
  const dates = since.flatMap(({ gaps }) => gaps.map((gap) => gap.due));
  return [
    ...(before.length === 0 ? [] : [toTask('todo', period.label, before, until)]),
    ...(since.length === 0
      ? []
      : [toTask(Math.min(...dates) < now ? 'late' : 'todo', period.label, since, Math.min(...dates))]),
  ];
}

function toTask(urgency: Task['urgency'], label: string, lacking: readonly MeterDue[], due: number): Task {
  const gaps = lacking.flatMap(({ meter, gaps: own }) => own.map(({ dates }) => ({ meter, dates })));
  const shown = [...groupBy(gaps, ({ dates }) => dates)].map(
    ([dates, of]) => `${dates} of ${of.map(({ meter }) => meter).join(', ')}`,
  );
  const more = shown.length > MOST_SHOWN ? [`and ${shown.length - MOST_SHOWN} more`] : [];
  return {
    urgency,
    what: `the baseline of ${label} lacks packages: ${[...shown.slice(0, MOST_SHOWN), ...more].join('; ')}`,
    due,
    next: 'joulemark meter submit <file> --profile <profile>',
  };
}
