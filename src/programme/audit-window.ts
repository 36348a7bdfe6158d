import { JoulemarkError } from '../errors.ts';
import { addDuration, dateAt, dayNumberOf, type Span, startOfDay } from './calendar.ts';

const MONTH = { years: 0, months: 1, days: 0, seconds: 0 };
const YEAR = { years: 1, months: 0, days: 0, seconds: 0 };
const DAY = { years: 0, months: 0, days: 1, seconds: 0 };

/** A window for people and for names of files: '2026', '2026-03', '2026-03-04..2026-04-02' (the last day included). */
export function showWindow({ start, end }: Span, zone: string): string {
  const first = dateAt(start, zone);
  if (startOfDay(first, zone) === start) {
    if (first.endsWith('-01-01') && addDuration(start, YEAR, zone) === end) return first.slice(0, 4);
    if (first.endsWith('-01') && addDuration(start, MONTH, zone) === end) return first.slice(0, 7);
  }
  const last = dateAt(end - 1, zone);
  return first === last ? first : `${first}..${last}`;
}

/** What `showWindow` shows, and any days in between. @throws JoulemarkError USAGE. */
export function parseWindow(text: string, zone: string): Span {
  const [first = '', last, ...rest] = text.split('..');
  const from = spanOf(first, zone);
  const to = last === undefined ? from : spanOf(last, zone);
  if (from === undefined || to === undefined || rest.length > 0 || to.end <= from.start) {
    throw new JoulemarkError(
      'USAGE',
      `'${text}' is not a window, expected a month such as 2026-03, a year, or days such as 2026-03-04..2026-04-02`,
    );
  }
  return { start: from.start, end: to.end };
}

function spanOf(text: string, zone: string): Span | undefined {
  const length = { 4: YEAR, 7: MONTH, 10: DAY }[text.length];
  const date = `${text}${'-01-01'.slice(text.length - 4)}`;
  if (length === undefined || dayNumberOf(date) === undefined) return undefined;
  const start = startOfDay(date, zone);
  return { start, end: addDuration(start, length, zone) };
}
