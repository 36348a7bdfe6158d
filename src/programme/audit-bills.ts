import { addRatio, multiplyRatio, ratio, ZERO } from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { type Books, readingsAt, reportedIn, type UpstreamQuestion } from './audit-intake.ts';
import { type OwnRecord, overlapOf, spreadInto } from './audit-own-record.ts';
import type { BoundaryMeter } from './boundary.ts';
import type { Span } from './calendar.ts';

/**
 * What flows all the time, over the supplier's own billing windows: each bill that touches the window is compared whole, and its part that
 * falls into the window is taken, so that a bill over the edge counts once in all. Before and after what the packages reach, outside the window,
 * a bill is spread over its days.
 */
export function booksOfBills(
  question: UpstreamQuestion,
  meters: readonly BoundaryMeter[],
  unit: string,
  own: readonly OwnRecord[],
): Books {
  const { window } = question;
  const bills = own.filter(({ from, to }) => from < window.end && to > window.start);
  if (bills.length === 0)
    return {
      reported: reportedIn(question, meters, unit, window),
      delivered: ZERO,
      notes: [],
      obstacle: 'no own record in this window',
    };
  let reported = ZERO;
  let delivered = ZERO;
  let covered = 0;
  let spread = false;
  for (const bill of bills) {
    const span = { start: bill.from, end: bill.to };
    const reached = reachedPart(question, meters, unit, span);
    spread ||= reached.start !== span.start || reached.end !== span.end;
    const inWindow = overlapOf(reached, window);
    covered += inWindow;
    const part = ratio(BigInt(inWindow), BigInt(reached.end - reached.start));
    reported = addRatio(reported, multiplyRatio(reportedIn(question, meters, unit, reached), part));
    delivered = addRatio(
      delivered,
      multiplyRatio(multiplyRatio(spreadInto(bill.quantity, span, reached), convertUnit(bill.unit, unit)), part),
    );
  }
  const length = window.end - window.start;
  const obstacle = covered < length ? `own records cover ${days(covered)} of ${days(length)} days` : null;
  return {
    reported,
    delivered,
    notes: spread ? ['a bill over the edge of what is on the ledger was spread over its days'] : [],
    obstacle,
  };
}

const days = (seconds: number): string => String(Math.round(seconds / 864) / 100);

/** A bill, cut off outside the window where no package reaches yet. */
function reachedPart(question: UpstreamQuestion, meters: readonly BoundaryMeter[], unit: string, span: Span): Span {
  const { window } = question;
  let [first, last] = [window.start, window.end];
  for (const { reading } of readingsAt(question, meters, unit, span)) {
    first = Math.min(first, reading.start);
    last = Math.max(last, reading.end);
  }
  return { start: Math.max(span.start, first), end: Math.min(span.end, last) };
}
