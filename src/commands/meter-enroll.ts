import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { decimalToText, parseDecimal } from '../calc/decimal.ts';
import { appendMeterEvent } from '../home/meter-event.ts';
import { meterNamed } from '../home/own-chain.ts';
import { showTime } from '../programme/calendar.ts';
import { assertPast, assertReading } from '../programme/meter-event.ts';
import { parseMoment } from '../programme/parse-moment.ts';

export const meterEnroll = defineCommand({
  path: ['meter', 'enroll'],
  summary: 'Record that a meter is in service, with its serial number and reading',
  description:
    'The boundary declares which meters there are; this says which device it is and where its register stood. With a reading the first package opens there. A meter that was retired is in service again from then on.',
  examples: [
    'joulemark meter enroll kiln-power --at 2026-01-01 --serial 20-118844 --reading 41208.60',
    'joulemark meter enroll coal-belt --serial BW-7',
  ],
  args: ['<meter>'],
  options: {
    at: { value: '<time>', description: "when, in the programme's zone (default: now)" },
    serial: { value: '<number>', description: 'serial number of the device' },
    reading: { value: '<figure>', description: 'the register then, as it shows', parse: parseDecimal },
    note: { value: '<text>', description: 'a remark, signed with it' },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [name], { at, serial, reading, note }) {
    let zone = 'UTC';
    const appended = await appendMeterEvent(context, name, at !== undefined, ({ policy, meters, now }) => {
      zone = policy.time.zone;
      const when = at === undefined ? now : parseMoment(at, zone);
      assertPast(when, now, zone);
      if (reading !== undefined) assertReading(meterNamed(meters, name), reading, '--reading');
      return {
        meter: name,
        event: 'enroll',
        at: when,
        ...(reading === undefined ? {} : { new: reading }),
        ...(serial === undefined ? {} : { serial }),
        ...(note === undefined ? {} : { reason: note }),
      };
    });
    const { event, ...place } = appended;
    return {
      meter: name,
      event: event.event,
      at: event.at,
      shown: showTime(event.at, zone),
      serial: event.serial ?? null,
      reading: event.new === undefined ? null : decimalToText(event.new),
      ...place,
    };
  },
  render: (result, ui) =>
    [
      `${result.meter} in service from ${result.shown}${result.serial === null ? '' : `, serial ${result.serial}`}${result.reading === null ? '' : `, register ${result.reading}`}`,
      toAppendLine(result, ui, '; not yet broadcast'),
    ].join('\n'),
});
