import { type Decimal, decimalToText } from '../calc/decimal.ts';
import { clockToText } from './document.ts';
import { dateAt, dateOf, dayNumberAt, showTime, startOfDayNumber } from './calendar.ts';

/** A quantity for people: '186,240', '41,208.60'. `places`: at least so many digits after the point. */
export function showQuantity(value: Decimal, places = 0): string {
  const [whole = '', fraction = ''] = decimalToText(value).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const digits = fraction.padEnd(places, '0');
  return digits === '' ? grouped : `${grouped}.${digits}`;
}

/** Two readings of one register, with as many digits after the point each: '41,208.60 -> 41,239.64'. */
export function showRegister(open: Decimal, close: Decimal): string {
  const places = Math.max(0, -open.exponent, -close.exponent);
  return `${showQuantity(open, places)} -> ${showQuantity(close, places)}`;
}

/** An interval in a meter's own days: '2026-03-11', '2026-03-01..2026-03-31 (from 08:00)', or with times where it is not whole days. */
export function showInterval(start: number, end: number, zone: string, dayStarts = 0): string {
  const [first, after] = [dayNumberAt(start, zone, dayStarts), dayNumberAt(end, zone, dayStarts)];
  if (
    startOfDayNumber(first, zone, dayStarts) !== start ||
    startOfDayNumber(after, zone, dayStarts) !== end ||
    after <= first
  ) {
    return `${showTime(start, zone).slice(0, 16)}..${showTime(end, zone).slice(0, 16)}`;
  }
  const days = after === first + 1 ? dateOf(first) : `${dateOf(first)}..${dateOf(after - 1)}`;
  return dayStarts === 0 ? days : `${days} (from ${clockToText(dayStarts)})`;
}

/** The same where the programme's time zone is not known: days only where they are days of UTC, else times that say so; others' days would mislead. */
export function showIntervalInUtc(start: number, end: number): string {
  const text = showInterval(start, end, 'UTC');
  return text.includes(':') ? `${text} UTC` : text;
}

/** The day that begins an interval: '2026-03-11'. */
export const showDay = (start: number, zone: string, dayStarts = 0): string => dateAt(start, zone, dayStarts);

/** A share in percent, rounded down, so that only the whole is 100.0 %. */
export const showShare = (part: number, whole: number): string =>
  `${(Math.floor((part / whole) * 1000) / 10).toFixed(1)} %`;
