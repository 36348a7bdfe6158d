import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { decimalToText, parseDecimal } from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import { appendMeterEvent } from '../home/meter-event.ts';
import { meterNamed } from '../home/own-chain.ts';
import { showTime } from '../programme/calendar.ts';
import { assertExchange, assertPast, assertReading, indexOfSame } from '../programme/meter-event.ts';
import { parseMoment } from '../programme/parse-moment.ts';

export const meterExchange = defineCommand({
  path: ['meter', 'exchange'],
  summary: 'Record that a meter was exchanged, rolled over or calibrated',
  description:
    'A register that goes backwards is refused until the chain says why. An exchange names the last reading of the old device and the first of the new one; a rollover only when the register began again at zero; a calibration changes no figure.',
  examples: [
    'joulemark meter exchange kiln-power --at "2026-03-10 14:00" --old 41239.64 --new 0.00 --serial 26-000391',
    'joulemark meter exchange kiln-power --event rollover --at 2026-05-02',
    'joulemark meter exchange coal-belt --event calibration --at 2026-06-01 --note "certificate 2026-77"',
  ],
  args: ['<meter>'],
  options: {
    at: { value: '<time>', description: "when, in the programme's zone", required: true },
    event: {
      value: '<event>',
      description: 'what happened',
      choices: ['exchange', 'rollover', 'calibration'],
      default: 'exchange',
    },
    old: { value: '<figure>', description: 'last reading of the old device', parse: parseDecimal },
    new: { value: '<figure>', description: 'first reading of the new device', parse: parseDecimal },
    serial: { value: '<number>', description: 'serial number of the new device' },
    note: { value: '<text>', description: 'a remark, signed with it' },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [name], { at, event: kind, old, new: next, serial, note }) {
    if (kind === 'exchange' && (old === undefined) !== (next === undefined))
      throw new JoulemarkError(
        'USAGE',
        "an exchange has both readings, expected '--old' and '--new', or neither for a meter without a register",
      );
    if (kind !== 'exchange' && (old !== undefined || next !== undefined))
      throw new JoulemarkError('USAGE', `a ${kind} has no readings, expected no '--old' and no '--new'`);
    let zone = 'UTC';
    const appended = await appendMeterEvent(context, name, true, ({ policy, meters, own, now }) => {
      zone = policy.time.zone;
      const meter = meterNamed(meters, name);
      const content = {
        meter: name,
        event: kind,
        at: parseMoment(at, zone),
        ...(old === undefined ? {} : { old }),
        ...(next === undefined ? {} : { new: next }),
        ...(serial === undefined ? {} : { serial }),
        ...(note === undefined ? {} : { reason: note }),
      };
      assertPast(content.at, now, zone);
      if (old !== undefined) assertReading(meter, old, '--old');
      if (next !== undefined) assertReading(meter, next, '--new');
      if (kind === 'exchange' && meter.reads === 'register' && old === undefined)
        throw new JoulemarkError('USAGE', `'${name}' is a register, expected its readings: --old <last> --new <first>`);
      if (kind === 'rollover' && meter.reads !== 'register')
        throw new JoulemarkError(
          'USAGE',
          `'${name}' has no register that could roll over: the boundary declares that it reads ${meter.reads}`,
        );
      if (kind !== 'calibration' && indexOfSame(own.events, content, true) < 0)
        assertExchange(meter, content, own, zone);
      return content;
    });
    const { event, ...place } = appended;
    return {
      meter: name,
      event: event.event,
      at: event.at,
      shown: showTime(event.at, zone),
      old: event.old === undefined ? null : decimalToText(event.old),
      new: event.new === undefined ? null : decimalToText(event.new),
      serial: event.serial ?? null,
      ...place,
    };
  },
  render: (result, ui) => {
    const readings = result.old === null || result.new === null ? '' : `, ${result.old} -> ${result.new}`;
    return [
      `${result.meter} ${result.event} at ${result.shown}${readings}${result.serial === null ? '' : `, serial ${result.serial}`}`,
      toAppendLine(result, ui, '; not yet broadcast'),
    ].join('\n');
  },
});
