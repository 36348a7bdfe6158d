import { JoulemarkError } from '../errors.ts';

/** A calendar length: its years, months and days follow the calendar of a zone, its seconds are exact. All from 0. */
export interface Duration {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly seconds: number;
}

/** A half-open interval [start, end) of epoch seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const DAY = 86_400;
const LAST_SECOND = 253_402_300_799;
const MOST_CACHED_DAYS = 100_000;

/** The offsets of one zone within one UTC day: `before` up to the second `at`, `after` from it on. */
interface DayOffsets {
  readonly before: number;
  readonly at: number;
  readonly after: number;
}

// Asking the time zone data costs microseconds and a file of readings asks per row. One question a zone and UTC day is enough.
const zones = new Map<string, Map<number, DayOffsets>>();
const clocks = new Map<string, Intl.DateTimeFormat>();

/** The first second of year 1: before it, years are written with an era. */
const YEAR_ONE = -62_135_596_800;

/** What the clocks of a zone show is asked of the platform's own time zone data; the calendar rules are ours and exact. */
function askOffset(epoch: number, zone: string): number {
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(zone);
  if (fixed !== null) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
  if (zone === 'UTC') return 0;
  const asked = Math.max(epoch, YEAR_ONE + DAY);
  const shown = new Map(
    clockOf(zone)
      .formatToParts(asked * 1000)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  const local =
    toDayNumber(part('year'), part('month'), part('day')) * DAY +
    part('hour') * 3600 +
    part('minute') * 60 +
    part('second');
  return local - asked;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    try {
      clock = new Intl.DateTimeFormat('en-US', {
        timeZone: zone,
        calendar: 'gregory',
        numberingSystem: 'latn',
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      throw new JoulemarkError(
        'USAGE',
        `unknown time zone '${zone}', expected an IANA name or an offset such as +08:00`,
        { cause: error },
      );
    }
    clocks.set(zone, clock);
  }
  return clock;
}

function askDay(day: number, zone: string): DayOffsets {
  const start = day * DAY;
  const before = askOffset(start, zone);
  const after = askOffset(start + DAY, zone);
  if (before === after) return { before, at: start, after };
  let low = start;
  let high = start + DAY;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (askOffset(middle, zone) === before) low = middle;
    else high = middle;
  }
  return { before, at: high, after };
}

/** Seconds that the clocks of `zone` are ahead of UTC at an instant. @throws JoulemarkError USAGE for an unknown zone. */
export function offsetAt(epoch: number, zone: string): number {
  let days = zones.get(zone);
  if (days === undefined) {
    days = new Map();
    zones.set(zone, days);
  }
  const day = Math.floor(epoch / DAY);
  let offsets = days.get(day);
  if (offsets === undefined) {
    offsets = askDay(day, zone);
    if (days.size >= MOST_CACHED_DAYS) days.clear();
    days.set(day, offsets);
  }
  return epoch < offsets.at ? offsets.before : offsets.after;
}

/** True when the zone is known here: an IANA name or a fixed offset of whole minutes, "+08:00". */
export function isZone(zone: string): boolean {
  if (/^[+-]/.test(zone)) return /^[+-](0\d|1[0-4]):[0-5]\d$/.test(zone);
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/.test(zone)) return false;
  try {
    offsetAt(0, zone);
    return true;
  } catch {
    zones.delete(zone);
    return false;
  }
}

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; `month` from 1 (Hinnant, days_from_civil). */
export function toDayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}

function fromDayNumber(dayNumber: number): readonly [year: number, month: number, day: number] {
  const shifted = dayNumber + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return [
    yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  ];
}

/** How many days a month has; `month` from 1. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970-01-01 of 'YYYY-MM-DD', or undefined where there is no such day. */
export function dayNumberOf(date: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return toDayNumber(year, month, day);
}

/** 'YYYY-MM-DD' of a count of days since 1970-01-01. */
export function dateOf(dayNumber: number): string {
  const [year, month, day] = fromDayNumber(dayNumber);
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * The instants at which the clocks of `zone` show a local time (seconds since 1970-01-01 00:00 on that clock): one as a
 * rule, none in the hour skipped in spring, two in the hour repeated in autumn, earlier first.
 */
export function instantsOf(local: number, zone: string): readonly number[] {
  const early = local - offsetAt(local - DAY, zone);
  const late = local - offsetAt(local + DAY, zone);
  if (early === late) return [early];
  return [early, late].filter((instant) => instant + offsetAt(instant, zone) === local).sort((a, b) => a - b);
}

/** One instant for a local time: the first of two; a skipped local time moves forward by the length of the gap (RFC 5545 3.3.5). */
function instantOf(local: number, zone: string): number {
  return instantsOf(local, zone)[0] ?? local - offsetAt(local - DAY, zone);
}

/**
 * The instant at which a day of `zone` begins, in epoch seconds. `dayStartSeconds`: the clock time at which a meter's day
 * begins, 28800 for 08:00. The next day begins 23, 24 or 25 hours later.
 * @throws JoulemarkError USAGE for a date that does not exist or an unknown zone.
 */
export function startOfDay(date: string, zone: string, dayStartSeconds = 0): number {
  const dayNumber = dayNumberOf(date);
  if (dayNumber === undefined) throw new JoulemarkError('USAGE', `no such date '${date}', expected YYYY-MM-DD`);
  return startOfDayNumber(dayNumber, zone, dayStartSeconds);
}

/** `startOfDay` for a day given as days since 1970-01-01. */
export function startOfDayNumber(dayNumber: number, zone: string, dayStartSeconds: number): number {
  return instantOf(dayNumber * DAY + dayStartSeconds, zone);
}

/** The day (days since 1970-01-01) to which an instant belongs when days begin at `dayStartSeconds`. */
export function dayNumberAt(epoch: number, zone: string, dayStartSeconds = 0): number {
  const dayNumber = Math.floor((epoch + offsetAt(epoch, zone)) / DAY);
  if (epoch < startOfDayNumber(dayNumber, zone, dayStartSeconds)) return dayNumber - 1;
  // clocks set back across midnight: the new date has begun although the clock shows the old one again
  return epoch >= startOfDayNumber(dayNumber + 1, zone, dayStartSeconds) ? dayNumber + 1 : dayNumber;
}

/** 'YYYY-MM-DD' of the day to which an instant belongs when days begin at `dayStartSeconds`. */
export function dateAt(epoch: number, zone: string, dayStartSeconds = 0): string {
  return dateOf(dayNumberAt(epoch, zone, dayStartSeconds));
}

/**
 * An instant and a duration later. Years, months and days keep the clock time of `zone` (31 January and a month is the
 * last day of February); seconds are then added exactly.
 */
export function addDuration(epoch: number, duration: Duration, zone: string): number {
  return addTimes(epoch, duration, 1, zone);
}

function addTimes(epoch: number, duration: Duration, times: number, zone: string): number {
  const months = times * (duration.years * 12 + duration.months);
  const days = times * duration.days;
  const seconds = times * duration.seconds;
  if (months === 0 && days === 0) return checkedInstant(epoch + seconds);
  const local = checkedInstant(epoch) + offsetAt(epoch, zone);
  const dayNumber = Math.floor(local / DAY);
  const [year, month, day] = fromDayNumber(dayNumber);
  const monthIndex = year * 12 + month - 1 + months;
  const laterYear = Math.floor(monthIndex / 12);
  const laterMonth = monthIndex - laterYear * 12 + 1;
  const laterDay = toDayNumber(laterYear, laterMonth, Math.min(day, daysInMonth(laterYear, laterMonth))) + days;
  return checkedInstant(instantOf(checkedInstant(laterDay * DAY + local - dayNumber * DAY), zone) + seconds);
}

function checkedInstant(epoch: number): number {
  if (epoch >= -LAST_SECOND && epoch <= LAST_SECOND) return epoch;
  throw new JoulemarkError('USAGE', `instant out of range '${epoch}', expected one before year 10000`);
}

/** Everything of a duration in seconds, a month as 30 and a half days: for estimates and comparisons of size only. */
export function roughSeconds(duration: Duration): number {
  return (
    Math.round((duration.years * 12 + duration.months) * 30.436_875 * DAY) + duration.days * DAY + duration.seconds
  );
}

/**
 * The windows of one length that make up [start, end), counted from `start` (so the months after 31 January do not drift).
 * The last one ends at `end` even where that cuts it short.
 * @throws JoulemarkError USAGE for a length of nothing.
 */
export function calendarWindows(start: number, end: number, length: Duration, zone: string): readonly Span[] {
  assertSomeLength(length);
  const windows: Span[] = [];
  let from = start;
  for (let count = 1; from < end; count += 1) {
    const to = Math.min(addTimes(start, length, count, zone), end);
    windows.push({ start: from, end: to });
    from = to;
  }
  return windows;
}

/**
 * The period of one length that holds an instant, counted from the instant `first` at which period 0 begins; periods
 * before it have a negative index.
 */
export function periodAt(
  epoch: number,
  first: number,
  length: Duration,
  zone: string,
): Span & { readonly index: number } {
  assertSomeLength(length);
  let index = Math.floor((epoch - first) / roughSeconds(length));
  while (addTimes(first, length, index, zone) > epoch) index -= 1;
  while (addTimes(first, length, index + 1, zone) <= epoch) index += 1;
  return { index, start: addTimes(first, length, index, zone), end: addTimes(first, length, index + 1, zone) };
}

function assertSomeLength(length: Duration): void {
  if (roughSeconds(length) <= 0)
    throw new JoulemarkError('USAGE', 'a window of no length, expected a duration above zero');
}

/** An instant for people: '2026-03-10 02:10 +08:00', with seconds only where they are not zero. */
export function showTime(epoch: number, zone: string): string {
  const offset = offsetAt(epoch, zone);
  const local = epoch + offset;
  const day = Math.floor(local / DAY);
  const clock = local - day * DAY;
  const seconds = clock % 60 === 0 ? '' : `:${two(clock % 60)}`;
  const ahead = Math.round(Math.abs(offset) / 60);
  return `${dateOf(day)} ${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}${seconds} ${offset < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
}

/** The date that the clocks of `zone` show at an instant: '2026-03-10'. */
export function showDate(epoch: number, zone: string): string {
  return dateOf(Math.floor((epoch + offsetAt(epoch, zone)) / DAY));
}
