import { JoulemarkError } from '../errors.ts';
import { daysInMonth, toDayNumber } from '../programme/calendar.ts';

/** A stamp as written: what the clock showed, and how far it was ahead of UTC where the stamp says so. */
export interface WrittenStamp {
  /** Days since 1970-01-01 of the written date. */
  readonly dayNumber: number;
  /** Seconds since 1970-01-01 00:00 on the clock that was read. */
  readonly local: number;
  readonly offset: number | undefined;
}

/** A way of writing stamps. */
export interface TimeFormat {
  readonly pattern: string;
  /** A date alone: the stamp is a whole day. */
  readonly isDate: boolean;
  readonly offset: 'never' | 'may' | 'always';
  /** undefined for text that is not a stamp of this format or names a day or time that does not exist. */
  readonly parse: (text: string) => WrittenStamp | undefined;
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'offset';

const TOKENS: Readonly<Record<string, readonly [part: Part, expression: string]>> = {
  yyyy: ['year', '(\\d{4})'],
  MM: ['month', '(\\d{2})'],
  M: ['month', '(\\d{1,2})'],
  dd: ['day', '(\\d{2})'],
  d: ['day', '(\\d{1,2})'],
  HH: ['hour', '(\\d{2})'],
  H: ['hour', '(\\d{1,2})'],
  mm: ['minute', '(\\d{2})'],
  ss: ['second', '(\\d{2})'],
  XXX: ['offset', '(Z|[+-]\\d{2}:\\d{2})'],
  XX: ['offset', '(Z|[+-]\\d{4})'],
};

/** ISO 8601 with or without an offset; a fraction of a second may stand there when it is zero. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]0+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const ISO_PARTS: readonly Part[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'offset'];

/**
 * A format from its pattern: `ISO`, or the letters yyyy M MM d dd H HH mm ss, XXX for an offset `+08:00` or `Z`, XX for
 * `+0800`; text between single quotes, T and everything that is not a Latin letter stand for themselves.
 * @throws JoulemarkError USAGE.
 */
export function parseTimeFormat(pattern: string): TimeFormat {
  if (pattern === 'ISO')
    return { pattern, isDate: false, offset: 'may', parse: (text) => toStamp(ISO.exec(text), ISO_PARTS) };
  const parts: Part[] = [];
  let expression = '';
  for (const [token] of pattern.matchAll(/'[^']*'|([A-Za-z])\1*|[^A-Za-z]/g)) {
    const known = TOKENS[token];
    if (known !== undefined) {
      if (parts.includes(known[0])) throw unreadable(pattern, `the ${known[0]} twice`);
      parts.push(known[0]);
      expression += known[1];
      continue;
    }
    if (/^[A-SU-Za-z]/.test(token) || token === "'") throw unreadable(pattern, `'${token}'`);
    expression += (token.startsWith("'") ? token.slice(1, -1) : token).replaceAll(
      /[\\^$.*+?()[\]{}|/]/g,
      String.raw`\$&`,
    );
  }
  for (const part of ['year', 'month', 'day'] as const) {
    if (!parts.includes(part)) throw unreadable(pattern, `no ${part}`);
  }
  if (parts.includes('minute') !== parts.includes('hour')) throw unreadable(pattern, 'hour and minute not together');
  if (parts.includes('second') && !parts.includes('minute')) throw unreadable(pattern, 'seconds without minutes');
  const anchored = new RegExp(`^${expression}$`, 'u');
  return {
    pattern,
    isDate: !parts.includes('hour'),
    offset: parts.includes('offset') ? 'always' : 'never',
    parse: (text) => toStamp(anchored.exec(text), parts),
  };
}

function unreadable(pattern: string, has: string): JoulemarkError {
  return new JoulemarkError('USAGE', `time format '${pattern}' has ${has}`, {
    hints: ['formats are written like yyyy-MM-dd, dd.MM.yyyy HH:mm, yyyy/M/d H:mm:ss or ISO'],
  });
}

function toStamp(match: RegExpExecArray | null, parts: readonly Part[]): WrittenStamp | undefined {
  if (match === null) return undefined;
  let year = 0;
  let month = 0;
  let day = 0;
  let hour = 0;
  let minute = 0;
  let second = 0;
  let offset: number | undefined;
  for (let index = 0; index < parts.length; index += 1) {
    const written = match[index + 1];
    if (written === undefined) continue;
    const part = parts[index];
    if (part === 'year') year = Number(written);
    else if (part === 'month') month = Number(written);
    else if (part === 'day') day = Number(written);
    else if (part === 'hour') hour = Number(written);
    else if (part === 'minute') minute = Number(written);
    else if (part === 'second') second = Number(written);
    else offset = toOffset(written);
  }
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  // 24:00 is the end of the written day, as ISO 8601 and many load profiles have it
  if (minute > 59 || second > 59 || hour > 24 || (hour === 24 && minute + second > 0)) return undefined;
  const dayNumber = toDayNumber(year, month, day);
  return { dayNumber, local: dayNumber * 86_400 + hour * 3600 + minute * 60 + second, offset };
}

function toOffset(written: string): number {
  if (written === 'Z') return 0;
  const ahead = Number(written.slice(1, 3)) * 3600 + Number(written.slice(-2)) * 60;
  return written.startsWith('-') ? -ahead : ahead;
}
