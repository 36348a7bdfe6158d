import { toAppendLine } from '../cli/append-line.ts';
import { defineCommand } from '../cli/command.ts';
import { appendMeterEvent } from '../home/meter-event.ts';
import { meterNamed } from '../home/own-chain.ts';
import { showTime } from '../programme/calendar.ts';
import { assertPast, assertRetirement, indexOfSame } from '../programme/meter-event.ts';
import { parseMoment } from '../programme/parse-moment.ts';

export const meterRetire = defineCommand({
  path: ['meter', 'retire'],
  summary: 'Record that a meter went out of service',
  description:
    'Packages that end later are refused from then on. Its packages so far stay and count. To leave it out of the boundary, declare a new boundary too.',
  examples: [
    'joulemark meter retire kiln-power --at 2026-06-30',
    'joulemark meter retire coal-belt --note "belt 2 replaces it"',
  ],
  args: ['<meter>'],
  options: {
    at: { value: '<time>', description: "when, in the programme's zone (default: now)" },
    note: { value: '<text>', description: 'a remark, signed with it' },
  },
  effect: 'append',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'LOCKED', 'KEY_UNAVAILABLE', 'DIVERGED'],
  async run(context, [name], { at, note }) {
    let zone = 'UTC';
    const appended = await appendMeterEvent(context, name, at !== undefined, ({ policy, meters, own, now }) => {
      zone = policy.time.zone;
      const content = {
        meter: name,
        event: 'retire' as const,
        at: at === undefined ? now : parseMoment(at, zone),
        ...(note === undefined ? {} : { reason: note }),
      };
      assertPast(content.at, now, zone);
      if (indexOfSame(own.events, content, at !== undefined) < 0)
        assertRetirement(meterNamed(meters, name), content.at, own, zone);
      return content;
    });
    const { event, ...place } = appended;
    return { meter: name, event: event.event, at: event.at, shown: showTime(event.at, zone), ...place };
  },
  render: (result, ui) =>
    [`${result.meter} out of service from ${result.shown}`, toAppendLine(result, ui, '; not yet broadcast')].join('\n'),
});
