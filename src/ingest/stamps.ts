import type { JoulemarkError } from '../errors.ts';
import {
  addDuration,
  type Duration,
  instantsOf,
  showTime,
  type Span,
  startOfDayNumber,
} from '../programme/calendar.ts';
import type { TimeProfile } from './profile.ts';
import { faultInFile } from './reading.ts';
import type { WrittenStamp } from './time-format.ts';

/** Cells and their place, as the row reader hands them over. */
interface Cell {
  readonly text: string;
  readonly line: number;
  readonly column: string;
  /** Rows of one meter follow each other in time; a wide row is one for all. */
  readonly series?: string;
}

/** Reads the times of the rows of one file. */
export interface StampReader {
  /** The interval that one stamp means for a meter whose day begins at `dayStarts`; start = end for a reading. */
  readonly spanOf: (cell: Cell, dayStarts: number) => Span;
  /** The interval between two columns. */
  readonly spanBetween: (from: Cell, to: Cell, dayStarts: number) => Span;
}

const negated = ({ years, months, days, seconds }: Duration): Duration => ({
  years: -years,
  months: -months,
  days: -days,
  seconds: -seconds,
});

/**
 * A reader of stamps in the way a profile describes. Local times that the clocks showed twice or never are refused (the first
 * unless the profile chooses), and so is a stamp without an offset where no zone is named.
 */
export function stampReader(time: TimeProfile, fileName: string): StampReader {
  const { format, zone } = time;
  // rows of many meters repeat one stamp: the last one is worth keeping
  let lastText: string | undefined;
  let lastStamp: WrittenStamp | undefined;

  const fault = (failure: string, cell: Cell, expected?: string, hints: readonly string[] = []): JoulemarkError =>
    faultInFile(
      failure,
      { file: fileName, line: cell.line, column: cell.column },
      { ...(expected === undefined ? {} : { expected }), value: cell.text, hints },
    );

  const written = (cell: Cell): WrittenStamp => {
    if (cell.text === lastText && lastStamp !== undefined) return lastStamp;
    const stamp = format.parse(cell.text.trim());
    if (stamp === undefined) throw fault(`not a time: '${cell.text}'`, cell, `the format ${format.pattern}`);
    lastText = cell.text;
    lastStamp = stamp;
    return stamp;
  };

  const instantOf = (stamp: WrittenStamp, cell: Cell): number => {
    if (stamp.offset !== undefined) return stamp.local - stamp.offset;
    if (zone === undefined)
      throw fault(
        `time without an offset: '${cell.text}'`,
        cell,
        'an offset such as +08:00, or time.zone in the profile',
      );
    const instants = instantsOf(stamp.local, zone);
    if (instants.length === 1) return instants[0]!;
    if (instants.length === 0)
      throw fault(`'${cell.text}' never was in ${zone}: the clocks skipped it`, cell, 'a time that the clocks showed', [
        'if the meter keeps one time all year, set time.zone to its fixed offset, for example "+01:00"',
      ]);
    if (time.ambiguousHour === 'refuse') {
      throw fault(
        `'${cell.text}' was twice in ${zone}`,
        cell,
        `a stamp with an offset (${instants.map((instant) => showTime(instant, zone)).join(' or ')})`,
        ['export with offsets, set time.zone to a fixed offset, or choose time.ambiguous_hour: first or second'],
      );
    }
    if (time.ambiguousHour === 'by_order') return inOrder(instants, cell);
    return time.ambiguousHour === 'first' ? instants[0]! : instants[1]!;
  };

  // the rows before have passed the first of the two instants: it is the second
  const passed = new Map<string, { readonly line: number; readonly instant: number }>();
  const inOrder = ([first, second]: readonly number[], { column, series, line }: Cell): number => {
    const key = `${column} ${series ?? ''}`;
    const before = passed.get(key);
    if (before?.line === line) return before.instant;
    const instant = before !== undefined && before.instant >= first! ? second! : first!;
    passed.set(key, { line, instant });
    return instant;
  };

  const dayStart = (dayNumber: number, dayStarts: number): number =>
    startOfDayNumber(dayNumber, zone ?? 'UTC', dayStarts);

  const spanOf = (cell: Cell, dayStarts: number): Span => {
    const stamp = written(cell);
    if (time.stamp === 'reading') {
      // "a bill read on 3 March covers [.., 4 March)": a date alone is read by the end of that day (calculation rules, bills)
      const at = format.isDate ? dayStart(stamp.dayNumber + 1, dayStarts) : instantOf(stamp, cell);
      return { start: at, end: at };
    }
    const every = time.every ?? { years: 0, months: 0, days: 1, seconds: 0 };
    const at = format.isDate ? dayStart(stamp.dayNumber, dayStarts) : instantOf(stamp, cell);
    const edgeZone = zone ?? 'UTC';
    return time.stamp === 'start'
      ? { start: at, end: addDuration(at, every, edgeZone) }
      : { start: addDuration(at, negated(every), edgeZone), end: at };
  };

  /** Dates are both within the interval; `end`: the second is the first day outside; `reading`: from the end of the first to the end of the second. */
  const spanBetween = (from: Cell, to: Cell, dayStarts: number): Span => {
    const first = written(from);
    const second = written(to);
    if (!format.isDate) return checked({ start: instantOf(first, from), end: instantOf(second, to) }, from, to);
    const start = dayStart(first.dayNumber + (time.stamp === 'reading' ? 1 : 0), dayStarts);
    return checked({ start, end: dayStart(second.dayNumber + (time.stamp === 'end' ? 0 : 1), dayStarts) }, from, to);
  };

  const checked = (span: Span, from: Cell, to: Cell): Span => {
    if (span.start >= span.end)
      throw fault(`'${to.text}' is not after '${from.text}'`, to, 'an interval that ends after it starts');
    return span;
  };

  return { spanOf, spanBetween };
}
