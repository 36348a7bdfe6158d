import { decimalToText, parseDecimal } from '../calc/decimal.ts';
import { defineCommand } from '../cli/command.ts';
import { JoulemarkError } from '../errors.ts';
import { eventsOf, packagesOfMeter, toMeterLines, viewMeters } from '../home/meter-list.ts';
import { meterNamed } from '../home/own-chain.ts';
import { openSession } from '../home/session.ts';
import { windowFinder } from '../ingest/windows.ts';
import { showTime } from '../programme/calendar.ts';
import { clockToText } from '../programme/document.ts';
import { toSituatedMeter } from '../programme/meter-situation.ts';
import { isPending } from '../programme/own-packages.ts';
import { showInterval, showQuantity, showShare } from '../programme/show-quantity.ts';

export const meterShow = defineCommand({
  path: ['meter', 'show'],
  summary: 'Show a meter: what is declared, its register, its packages, what is missing',
  description:
    'The boundary declares the meter; the chain says what happened to it. With --packages its newest packages are listed, oldest first.',
  examples: [
    'joulemark meter show kiln-power',
    'joulemark meter show coal-belt --packages 31',
    'joulemark meter show kiln-power --org guangnan-cement --json',
  ],
  args: ['<meter>'],
  options: {
    org: { value: '<organisation>', description: 'whose meter (default: of this organisation)' },
    packages: { value: '<number>', description: 'how many packages to list', default: '5', parse: parseCount },
  },
  effect: 'read',
  exits: ['OK', 'FAILED', 'USAGE', 'VERIFY_FAILED', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [name], { org, packages: most }) {
    const session = openSession(context, { decisions: 'as-signed' });
    const view = viewMeters(session, org, context.now());
    const { own, policy } = view;
    const declared = meterNamed(own.boundary?.value.meters ?? new Map(), name);
    const [line] = toMeterLines(view, windowFinder).meters.filter(({ meter }) => meter === declared.name);
    if (line === undefined) throw new JoulemarkError('INTERNAL', `no line for the meter '${name}'`);
    const facts = toSituatedMeter(declared, policy);
    const zone = facts.zone ?? policy.time.zone;
    const newest = packagesOfMeter(own, declared.name).filter(({ meter }) => name === declared.name || meter === name);
    return {
      organisation: { id: view.id, name: view.name },
      ...line,
      boundary: own.boundary?.standing ?? 'declared',
      period: view.period.label,
      at: declared.at ?? null,
      under: declared.under ?? null,
      counts: declared.counts ?? null,
      digits: declared.digits ?? null,
      multiplier: declared.multiplier === undefined ? null : decimalToText(declared.multiplier),
      accuracy: declared.accuracy === undefined ? null : decimalToText(declared.accuracy),
      calibratedUntil: declared.calibrated_until ?? null,
      dayStarts: clockToText(facts.dayStarts),
      zone,
      events: eventsOf(own, declared.name).map(({ event, at, old, new: next, serial, reason }) => ({
        event,
        at,
        shown: showTime(at, policy.time.zone),
        old: old === undefined ? null : decimalToText(old),
        new: next === undefined ? null : decimalToText(next),
        serial: serial ?? null,
        note: reason ?? null,
      })),
      newest: newest
        .slice(Math.max(0, newest.length - most))
        .map(({ meter, start, end, payload, commit, place, standing, corrects }) => ({
          meter,
          start,
          end,
          dates: showInterval(start, end, zone, facts.dayStarts),
          quantity: decimalToText(payload.quantity),
          unit: payload.unit,
          provenance: payload.provenance,
          register:
            payload.register === undefined
              ? null
              : { open: decimalToText(payload.register.open), close: decimalToText(payload.register.close) },
          commit,
          block: place.seq,
          standing: isPending(own.packages, commit) ? 'pending' : standing,
          corrects: corrects ?? null,
        })),
    };
  },
  render: (result, ui) => {
    const fact = (label: string, value: string | null): readonly string[][] =>
      value === null || value === '' ? [] : [[label, value]];
    const { coverage, last, gaps, next } = result;
    const share =
      coverage === null || coverage.expected === 0
        ? null
        : `${showShare(coverage.covered, coverage.expected)} of ${result.period} so far`;
    const facts = [
      ...fact(
        'counts',
        [result.kind, result.of, result.counts].filter((part) => part !== null && part !== '').join(', '),
      ),
      ...fact(
        'reads',
        `${result.reads}, ${result.unit}${result.multiplier === null ? '' : `, times ${result.multiplier}`}${result.digits === null ? '' : `, ${result.digits} digits`}`,
      ),
      ...fact('place', result.under === null ? result.at : `under ${result.under}`),
      ...fact('day', result.dayStarts === '00:00' ? null : `from ${result.dayStarts}, ${result.zone}`),
      ...fact('accuracy', result.accuracy),
      ...fact('calibrated', result.calibratedUntil === null ? null : `until ${result.calibratedUntil}`),
      ...fact(
        'last',
        last === null
          ? 'no package'
          : `${last.dates}   ${showQuantity(parseDecimal(last.quantity))} ${result.unit}${last.register === null ? '' : `   register ${showQuantity(parseDecimal(last.register))}`}`,
      ),
      ...fact('covered', share),
      ...fact('missing', gaps.length === 0 ? null : gaps.map(({ dates }) => dates).join(', ')),
      ...fact('next due', next === null ? null : `${next.dates} by ${next.dueShown}`),
      ...fact('retired', result.retired),
    ];
    const events = result.events.map(({ event, shown, old, new: first, serial, note }) => [
      event,
      shown,
      [old, first].filter((part) => part !== null).join(' -> '),
      serial ?? '',
      note ?? '',
    ]);
    const packages = result.newest.map(
      ({ meter, dates, quantity, unit, provenance, register, block, standing, corrects }) => [
        meter,
        dates,
        `${showQuantity(parseDecimal(quantity))} ${unit}`,
        register === null ? '' : `${register.open} -> ${register.close}`,
        provenance,
        `block ${block}`,
        `${standing}${corrects === null ? '' : ', corrected'}`,
      ],
    );
    return [
      `${ui.strong(result.meter)} of ${result.organisation.name}`,
      ui.table(facts),
      ...(events.length === 0 ? [] : [ui.table(events)]),
      ...(packages.length === 0 ? [] : [ui.table(packages, { align: ['left', 'left', 'right'] })]),
      ...(result.boundary === 'accepted' ? [] : [ui.warn('the boundary is declared and not accepted yet')]),
    ].join('\n');
  },
});

function parseCount(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new JoulemarkError('USAGE', `'${text}' is not a whole number`);
  return Number(text);
}
