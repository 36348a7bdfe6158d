import { JoulemarkError } from '../errors.ts';
import { dateOf, dayNumberAt, type Duration, type Span, startOfDayNumber, toDayNumber } from '../programme/calendar.ts';
import { durationToText } from '../programme/document.ts';

const MONDAY = -3; // 1969-12-29, days since 1970-01-01

/**
 * The package interval that holds an instant, in a meter's own days. Months are counted from January, several days from a
 * Monday, parts of a day from the day's start (the last one of a day with a clock change may be shorter).
 * @throws JoulemarkError USAGE for a length that is not months, days or a whole part of a day.
 */
export function windowFinder(every: Duration, zone: string, dayStarts: number): (epoch: number) => Span {
  const months = every.years * 12 + every.months;
  const find = finder(every, months, zone, dayStarts);
  let last: Span = { start: 0, end: 0 };
  return (epoch) => {
    if (epoch < last.start || epoch >= last.end) last = find(epoch);
    return last;
  };
}

function finder(every: Duration, months: number, zone: string, dayStarts: number): (epoch: number) => Span {
  const { days, seconds } = every;
  const startOf = (dayNumber: number): number => startOfDayNumber(dayNumber, zone, dayStarts);
  if (months > 0 && days === 0 && seconds === 0) {
    const firstOf = (month: number): number => startOf(toDayNumber(Math.floor(month / 12), (month % 12) + 1, 1));
    return (epoch) => {
      const date = dateOf(dayNumberAt(epoch, zone, dayStarts));
      const month = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1;
      const first = month - (month % months);
      return { start: firstOf(first), end: firstOf(first + months) };
    };
  }
  if (months === 0 && days > 0 && seconds === 0) {
    return (epoch) => {
      const day = dayNumberAt(epoch, zone, dayStarts);
      const first = days === 1 ? day : MONDAY + Math.floor((day - MONDAY) / days) * days;
      return { start: startOf(first), end: startOf(first + days) };
    };
  }
  if (months === 0 && days === 0 && seconds > 0 && 86_400 % seconds === 0) {
    return (epoch) => {
      const day = dayNumberAt(epoch, zone, dayStarts);
      const dayStart = startOf(day);
      const start = dayStart + Math.floor((epoch - dayStart) / seconds) * seconds;
      return { start, end: Math.min(start + seconds, startOf(day + 1)) };
    };
  }
  throw new JoulemarkError(
    'USAGE',
    `package interval '${durationToText(every)}' cannot be laid over days, expected months, days, or a whole part of a day such as PT1H`,
  );
}
