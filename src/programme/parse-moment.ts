import { JoulemarkError } from '../errors.ts';
import { dayNumberOf, instantsOf, showTime } from './calendar.ts';

const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}))?)?(?: ?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * An instant as people write it: '2026-03-10', '2026-03-10 02:10', '2026-03-10T02:10:00+08:00'. Without an offset it is a clock time of
 * `zone`; a date alone is the beginning of that day.
 * @throws JoulemarkError USAGE, also for a clock time that was twice or never.
 */
export function parseMoment(text: string, zone: string): number {
  const [, date = '', hour = '00', minute = '00', second = '00', offset] = MOMENT.exec(text.trim()) ?? [];
  const day = dayNumberOf(date);
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    throw new JoulemarkError(
      'USAGE',
      `not a time: '${text}', expected one such as 2026-03-10, '2026-03-10 02:10' or 2026-03-10T02:10:00+08:00`,
    );
  }
  const local = day * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (offset !== undefined) return local - offsetSeconds(offset);
  const instants = instantsOf(local, zone);
  const [only] = instants;
  if (only !== undefined && instants.length === 1) return only;
  const why =
    instants.length === 0
      ? 'never was: the clocks skipped it'
      : `was twice: ${instants.map((instant) => showTime(instant, zone)).join(' and ')}`;
  throw new JoulemarkError('USAGE', `'${text}' in ${zone} ${why}`, {
    hints: ['give the offset too, as in 2026-03-10T02:10:00+08:00'],
  });
}

function offsetSeconds(offset: string): number {
  if (offset === 'Z') return 0;
  const ahead = Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(4)) * 60;
  return offset.startsWith('-') ? -ahead : ahead;
}
