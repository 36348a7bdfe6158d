import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalToText, parseDecimal, sumDecimals } from '../../../src/calc/decimal.ts';
import type { RegisterEvent, RegisterState } from '../../../src/ingest/meter-definition.ts';
import { dateOf, dayNumberOf } from '../../../src/programme/calendar.ts';
import { day, meter, meterProfile, read, show, situation } from './situation.ts';

const DAILY = meterProfile({
  time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
  columns: '{a: {meter: m, unit: kWh, reads: register, multiplier: "10"}}',
  cells: '{missing: ["-"], blank: idle, idle: {column: s, equals: I}, manual: {column: s, equals: M}}',
});
const STAMPED = meterProfile({
  time: '{column: t, format: yyyy-MM-dd HH:mm, zone: Asia/Shanghai, stamp: reading}',
  columns: '{a: {meter: m, unit: kWh, multiplier: "10"}}',
});
const METER = meter('m', { reads: 'register', multiplier: '10', digits: 4 });
const here = situation([METER]);
const after = (end: string, close: string, events: readonly RegisterEvent[] = []): typeof here => ({
  ...here,
  registers: new Map([['m', { end: day(end), close: parseDecimal(close) } satisfies RegisterState]]),
  events: new Map([['m', events]]),
});
const rows = (...list: readonly string[]): string =>
  `t,a,s\n${list.map((row) => (row.split(',').length === 2 ? `${row},` : row)).join('\n')}\n`;
const shown = (text: string, where = here, profile = DAILY): readonly string[] =>
  read(text, profile, where).drafts.map((draft) => show(draft));

describe('register differences', () => {
  test('closing readings of days, times the multiplier; the first one opens', () => {
    const { drafts, notes, gaps, held } = read(
      rows('2026-03-09,100.5', '2026-03-10,103', '2026-03-11,103,M'),
      DAILY,
      here,
    );
    expect(drafts.map((draft) => show(draft))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 25 metered 100.5->103',
      'm 2026-03-11 00:00..2026-03-12 00:00 0 manual 103->103',
    ]);
    expect(notes).toEqual(["'m': counting begins at 2026-03-10 00:00 +08:00, register 100.5"]);
    expect([gaps, held]).toEqual([[], []]);
  });

  test('the first package after the last on the ledger opens there', () => {
    expect(shown(rows('2026-03-10,103'), after('2026-03-10', '100.5'))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 25 metered 100.5->103',
    ]);
    expect(shown(rows('2026-03-09,100.5', '2026-03-10,103'), after('2026-03-10', '100.5'))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 25 metered 100.5->103',
    ]);
    expect(() => shown(rows('2026-03-09,100.4', '2026-03-10,103'), after('2026-03-10', '100.5'))).toThrow(
      "register of 'm' at 2026-03-10 00:00 +08:00 is 100.4, expected 100.5 where its last package on the ledger closed, in f.csv:2",
    );
  });

  test('days without a reading are spanned by one package and are no gap', () => {
    const { drafts, gaps, notes } = read(
      rows('2026-03-09,100', '2026-03-10,-', '2026-03-12,130', '2026-03-13,140'),
      DAILY,
      here,
    );
    expect(drafts.map((draft) => show(draft))).toEqual([
      'm 2026-03-10 00:00..2026-03-13 00:00 300 metered 100->130',
      'm 2026-03-13 00:00..2026-03-14 00:00 100 metered 130->140',
    ]);
    expect(gaps).toEqual([]);
    expect(notes).toContain(
      "'m': one package from 2026-03-10 00:00 +08:00 to 2026-03-13 00:00 +08:00, between two readings",
    );
  });

  test('a span never reaches across the end of the last package on the ledger', () => {
    expect(shown(rows('2026-03-08,90', '2026-03-10,103'), after('2026-03-10', '100.5'))).toEqual([
      'm 2026-03-09 00:00..2026-03-10 00:00 105 metered 90->100.5',
      'm 2026-03-10 00:00..2026-03-11 00:00 25 metered 100.5->103',
    ]);
    expect(shown(rows('2026-03-07,90', '2026-03-08,95'), after('2026-03-10', '100.5'))).toEqual([
      'm 2026-03-08 00:00..2026-03-09 00:00 50 metered 90->95',
    ]);
  });

  test('readings at instants: those at the edge of days make packages', () => {
    const { drafts, held } = read(
      't,a\n2026-03-10 00:00,100\n2026-03-10 12:00,101\n2026-03-11 00:00,104\n2026-03-11 06:15,105\n',
      STAMPED,
      here,
    );
    expect(drafts.map((draft) => show(draft))).toEqual(['m 2026-03-10 00:00..2026-03-11 00:00 40 metered 100->104']);
    expect(held).toEqual([
      {
        meter: 'm',
        start: day('2026-03-11'),
        because: 'no reading at 2026-03-12 00:00 +08:00: the file ends at 2026-03-11 06:15 +08:00',
      },
    ]);
    expect(read('t,a\n2026-03-10 07:52,100\n2026-03-11 07:50,101\n', STAMPED, here)).toMatchObject({
      drafts: [],
      held: [{ meter: 'm', start: day('2026-03-10') }],
    });
  });

  test('a date alone as a reading is the end of that day, as bills are read', () => {
    const profile = meterProfile({
      time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai, stamp: reading}',
      columns: '{a: {meter: m, unit: kWh, multiplier: "10"}}',
    });
    expect(shown('t,a\n2026-03-03,1\n2026-04-02,3\n', here, profile)).toEqual([
      'm 2026-03-04 00:00..2026-04-03 00:00 20 metered 1->3',
    ]);
  });
});

describe('registers that begin again', () => {
  const backwards = rows('2026-03-09,9998', '2026-03-10,0003');

  test('are refused, with what to do', () => {
    let caught: unknown;
    try {
      read(backwards, DAILY, here);
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({
      code: 'USAGE',
      message:
        "register of 'm' goes backwards from 9998 (line 2, 2026-03-10 00:00 +08:00) to 3 (2026-03-11 00:00 +08:00), expected 9998 or more, in f.csv:3",
    });
    expect((caught as { hints: readonly string[] }).hints.join('\n')).toContain('joulemark meter exchange m');
  });

  test('a recorded rollover counts on', () => {
    const rollover: RegisterEvent = { event: 'rollover', at: day('2026-03-10') + 3600 };
    expect(shown(backwards, { ...here, events: new Map([['m', [rollover]]]) })).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 50 metered 9998->3',
    ]);
    const elsewhere: RegisterEvent = { event: 'rollover', at: day('2026-03-10') };
    expect(() => shown(backwards, { ...here, events: new Map([['m', [elsewhere]]]) })).toThrow('goes backwards');
    const { digits: _, ...undigited } = METER;
    expect(() => shown(backwards, { ...situation([undigited]), events: new Map([['m', [rollover]]]) })).toThrow(
      "rollover of 'm' cannot be counted",
    );
  });

  test('a recorded exchange takes both of its readings', () => {
    const exchange: RegisterEvent = {
      event: 'exchange',
      at: day('2026-03-10') + 3600,
      old: parseDecimal('9999'),
      new: parseDecimal('1'),
    };
    expect(shown(backwards, { ...here, events: new Map([['m', [exchange]]]) })).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 30 metered 9998->3',
    ]);
    const wrong: RegisterEvent = { ...exchange, old: parseDecimal('9000') };
    expect(() => shown(backwards, { ...here, events: new Map([['m', [wrong]]]) })).toThrow('goes backwards');
  });

  test('more than the digits of the register', () => {
    expect(() => shown(rows('2026-03-09,10000'))).toThrow(
      "register of 'm' beyond its 4 digits: '10000', in f.csv:2, column 'a'",
    );
    expect(shown(rows('2026-03-09,9999.99'))).toEqual([]);
  });
});

describe('idle', () => {
  test('a register that stands still, with or without a figure', () => {
    expect(shown(rows('2026-03-09,100', '2026-03-10,100,I', '2026-03-11,,I', '2026-03-12,', '2026-03-13,101'))).toEqual(
      [
        'm 2026-03-10 00:00..2026-03-11 00:00 0 idle 100->100',
        'm 2026-03-11 00:00..2026-03-12 00:00 0 idle 100->100',
        'm 2026-03-12 00:00..2026-03-13 00:00 0 idle 100->100',
        'm 2026-03-13 00:00..2026-03-14 00:00 10 metered 100->101',
      ],
    );
    expect(shown(rows('2026-03-10,,I', '2026-03-11,101'), after('2026-03-10', '100'))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 0 idle 100->100',
      'm 2026-03-11 00:00..2026-03-12 00:00 10 metered 100->101',
    ]);
  });

  test('a register that advanced contradicts it', () => {
    expect(() => shown(rows('2026-03-09,100', '2026-03-10,100.5,I'))).toThrow(
      "row declared idle, but the register of 'm' advanced by 0.5, expected 100, in f.csv:3",
    );
  });

  test('a day not declared is not made idle by the next', () => {
    expect(shown(rows('2026-03-09,100', '2026-03-11,100,I'))).toEqual([
      'm 2026-03-10 00:00..2026-03-12 00:00 0 metered 100->100',
    ]);
  });
});

test('two figures for one reading', () => {
  expect(() => shown(rows('2026-03-09,100', '2026-03-09,101'))).toThrow('two figures for one time');
  expect(read(rows('2026-03-09,100', '2026-03-09,100.0', '2026-03-10,101'), DAILY, here).drafts).toHaveLength(1);
});

test('a file read in two runs gives the packages of one run', () => {
  const first = dayNumberOf('2026-03-01')!;
  const steps = fc.array(fc.record({ step: fc.integer({ min: 0, max: 90 }), missing: fc.boolean() }), {
    minLength: 4,
    maxLength: 25,
  });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 23 }), (days, cut) => {
      let register = 0;
      const lines = days.map(({ step, missing }, index) => {
        register += step;
        return `${dateOf(first + index)},${missing ? '-' : String(register)},`;
      });
      const whole = read(rows(...lines), DAILY, here).drafts;
      const early = read(rows(...lines.slice(0, cut)), DAILY, here).drafts;
      const last = early.at(-1);
      const state =
        last === undefined
          ? here
          : { ...here, registers: new Map([['m', { end: last.end, close: last.payload.register!.close }]]) };
      const again = read(rows(...lines), DAILY, state).drafts;
      expect(again.map((draft) => show(draft))).toEqual(whole.map((draft) => show(draft)));
      expect(again.slice(0, early.length).map((draft) => show(draft))).toEqual(early.map((draft) => show(draft)));
      // nothing is counted twice or lost
      const total = decimalToText(sumDecimals(whole.map(({ payload }) => payload.quantity)));
      const ends =
        whole.length === 0
          ? ['0', '0']
          : [decimalToText(whole[0]!.payload.register!.open), decimalToText(whole.at(-1)!.payload.register!.close)];
      expect(Number(total)).toBe((Number(ends[1]) - Number(ends[0])) * 10);
    }),
    { numRuns: 200 },
  );
});
