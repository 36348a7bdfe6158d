import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalToText, parseDecimal, sumDecimals } from '../../../src/calc/decimal.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { showTime } from '../../../src/programme/calendar.ts';
import { hasShared, sharedText } from '../../support/shared.ts';
import { parseProfile } from '../../../src/ingest/profile.ts';
import { readMeterFile } from '../../../src/ingest/meter-file.ts';
import { bytesOf, day, meter, meterProfile, read, show, situation, toGb18030 } from './situation.ts';

const DAILY = meterProfile({
  time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
  columns: '{a: {meter: m, unit: kWh}}',
});
const here = situation([meter('m')]);
const quarters = (date: string, count: number, value: (index: number) => string, from = 0): string =>
  Array.from(
    { length: count },
    (_, index) =>
      `${date} ${String(Math.floor((index + from) / 4)).padStart(2, '0')}:${String(((index + from) % 4) * 15).padStart(2, '0')},${value(index + from)}`,
  ).join('\n');
const QUARTERS = meterProfile({
  time: '{column: t, format: yyyy-MM-dd HH:mm, zone: Asia/Shanghai, every: PT15M}',
  columns: '{a: {meter: m, unit: kWh}}',
});

describe.skipIf(!hasShared)('the example profile', () => {
  test('reads a file of its plant', () => {
    const profile = parseProfile(sharedText('design/examples/profile-meter.yaml'), 'profile-meter.yaml');
    if (profile.reads !== 'meters') throw new Error('not of meters');
    const file = toGb18030(
      [
        '英德水泥厂',
        '日报,三月',
        '日期,熟料产量(t),入窑煤(t),窑系统电表止码,运行状态,备注',
        '2026-03-09,"5,104.5",739.1,"41,208.60",运行,',
        '2026-03-10,5098,断线,41239.64,运行,',
        '2026-03-11,0,,41239.64,停窑,',
        '2026-03-12,5100.25,731,41270.02,运行,夜班手抄',
        '2026-03-13,5000,730,41300.00,运行,估',
        '合计,20302.75,2200.1,,,',
      ].join('\r\n'),
    );
    const shift = { dayStarts: 28_800 };
    const plant = situation([
      meter('clinker-out', { kind: 'product', product: 'clinker', unit: 't', ...shift }),
      meter('coal-belt', { carrier: 'raw_coal', unit: 't', ...shift }),
      meter('kiln-power', { carrier: 'electricity', reads: 'register', digits: 7, multiplier: '6000', ...shift }),
    ]);
    const result = readMeterFile(file, 'kiln.csv', profile, plant);
    expect(result.drafts.map((draft) => show(draft))).toEqual([
      'clinker-out 2026-03-09 08:00..2026-03-10 08:00 5104.5 metered',
      'clinker-out 2026-03-10 08:00..2026-03-11 08:00 5098 metered',
      'clinker-out 2026-03-11 08:00..2026-03-12 08:00 0 idle',
      'clinker-out 2026-03-12 08:00..2026-03-13 08:00 5100.25 manual',
      'clinker-out 2026-03-13 08:00..2026-03-14 08:00 5000 estimated',
      'coal-belt 2026-03-09 08:00..2026-03-10 08:00 739.1 metered',
      'coal-belt 2026-03-11 08:00..2026-03-12 08:00 0 idle',
      'coal-belt 2026-03-12 08:00..2026-03-13 08:00 731 manual',
      'coal-belt 2026-03-13 08:00..2026-03-14 08:00 730 estimated',
      'kiln-power 2026-03-10 08:00..2026-03-11 08:00 186240 metered 41208.6->41239.64',
      'kiln-power 2026-03-11 08:00..2026-03-12 08:00 0 idle 41239.64->41239.64',
      'kiln-power 2026-03-12 08:00..2026-03-13 08:00 182280 manual 41239.64->41270.02',
      'kiln-power 2026-03-13 08:00..2026-03-14 08:00 179880 estimated 41270.02->41300',
    ]);
    expect(result.gaps).toEqual([
      {
        meter: 'coal-belt',
        start: day('2026-03-10', 'Asia/Shanghai', 28_800),
        end: day('2026-03-11', 'Asia/Shanghai', 28_800),
      },
    ]);
    expect(result.held).toEqual([]);
    expect(result.drafts[0]).toMatchObject({
      kind: 'product',
      place: { file: 'kiln.csv', line: 4 },
      payload: { unit: 't', product: 'clinker' },
    });
    expect(result.drafts.at(-1)?.payload.carrier).toBe('electricity');
  });
});

describe('days', () => {
  test('from dates', () => {
    const { drafts, gaps, held } = read('t,a\n2026-03-10,1.50\n2026-03-11,2\n2026-03-13,4\n', DAILY, here);
    expect(drafts.map((draft) => show(draft))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 1.5 metered',
      'm 2026-03-11 00:00..2026-03-12 00:00 2 metered',
      'm 2026-03-13 00:00..2026-03-14 00:00 4 metered',
    ]);
    expect(gaps).toEqual([{ meter: 'm', start: day('2026-03-12'), end: day('2026-03-13') }]);
    expect(held).toEqual([]);
  });

  test('a date stamped at its end, and rows in any order', () => {
    const profile = meterProfile({
      time: '{column: t, format: dd.MM.yyyy, zone: Asia/Shanghai, stamp: end}',
      columns: '{a: {meter: m, unit: kWh}}',
    });
    expect(read('t,a\n12.03.2026,2\n11.03.2026,1\n', profile, here).drafts.map((draft) => show(draft))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 1 metered',
      'm 2026-03-11 00:00..2026-03-12 00:00 2 metered',
    ]);
  });

  test('a missing marker is a gap, two in a row are one, and nothing is counted as zero', () => {
    const profile = meterProfile({
      time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
      columns: '{a: {meter: m, unit: kWh}}',
      cells: '{missing: ["-", ""]}',
    });
    const { drafts, gaps } = read('t,a\n2026-03-10,1\n2026-03-11,-\n2026-03-12,\n2026-03-13,0\n', profile, here);
    expect(drafts.map(({ payload }) => decimalToText(payload.quantity))).toEqual(['1', '0']);
    expect(gaps).toEqual([{ meter: 'm', start: day('2026-03-11'), end: day('2026-03-13') }]);
  });

  test('an interval that ends after now is held', () => {
    const { drafts, held } = read('t,a\n2026-03-10,1\n2026-03-11,2\n', DAILY, {
      ...here,
      now: day('2026-03-11') + 6 * 3600,
    });
    expect(drafts).toHaveLength(1);
    expect(held).toEqual([{ meter: 'm', start: day('2026-03-11'), because: 'it ends at 2026-03-12 00:00 +08:00' }]);
  });

  test('a bill of whole months is one package, one that cuts a day is refused', () => {
    const bills = meterProfile({
      time: '{from: f, to: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
      columns: '{a: {meter: m, unit: kWh}}',
    });
    expect(
      read('f,t,a\n2026-01-01,2026-01-31,31\n2026-02-01,2026-02-28,28\n', bills, here).drafts.map((draft) =>
        show(draft),
      ),
    ).toEqual(['m 2026-01-01 00:00..2026-02-01 00:00 31 metered', 'm 2026-02-01 00:00..2026-03-01 00:00 28 metered']);
    const enrolled = situation([meter('m', { reads: 'bill' })]);
    expect(read('f,t,a\n2026-01-16,2026-02-14,30\n', bills, enrolled).drafts.map((draft) => show(draft))).toEqual([
      'm 2026-01-16 00:00..2026-02-15 00:00 30 metered',
    ]);
    expect(() =>
      read(
        'f,t,a\n2026-01-16,2026-02-14,30\n',
        meterProfile({
          time: '{from: f, to: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
          columns: '{a: {meter: m, unit: kWh, reads: bill}}',
        }),
        here,
      ),
    ).toThrow("way of reading of 'm' is 'bill' in the profile");
    const timed = meterProfile({ time: '{from: f, to: t, format: ISO}', columns: '{a: {meter: m, unit: kWh}}' });
    expect(() => read('f,t,a\n2026-01-01T12:00+08:00,2026-01-02T12:00+08:00,31\n', timed, here)).toThrow(
      'crosses the edge of its packages at 2026-01-02 00:00 +08:00',
    );
    expect(() => read('f,t,a\n2026-01-02T12:00+08:00,2026-01-02T12:00+08:00,31\n', timed, here)).toThrow(
      'is not after',
    );
  });
});

describe('parts of a day', () => {
  test('are summed exactly; the day that the file leaves is held', () => {
    const { drafts, held, gaps } = read(
      `t,a\n${quarters('2026-03-10', 96, () => '0.1')}\n${quarters('2026-03-11', 25, () => '1')}\n`,
      QUARTERS,
      here,
    );
    expect(drafts.map((draft) => show(draft))).toEqual(['m 2026-03-10 00:00..2026-03-11 00:00 9.6 metered']);
    expect(held).toEqual([
      { meter: 'm', start: day('2026-03-11'), because: 'the file ends at 2026-03-11 06:15 +08:00' },
    ]);
    expect(gaps).toEqual([]);
  });

  test('a hole in a day makes the day a gap', () => {
    const rows = quarters('2026-03-10', 96, () => '1')
      .split('\n')
      .filter((row) => !row.includes(' 11:'))
      .join('\n');
    const { drafts, gaps } = read(`t,a\n${rows}\n`, QUARTERS, here);
    expect(drafts).toEqual([]);
    expect(gaps).toEqual([{ meter: 'm', start: day('2026-03-10'), end: day('2026-03-11') }]);
  });

  test("the weakest provenance of a day is the day's", () => {
    const profile = meterProfile({
      time: '{column: t, format: yyyy-MM-dd HH:mm, zone: Asia/Shanghai, every: PT12H}',
      columns: '{a: {meter: m, unit: kWh}}',
      cells:
        '{estimated: {column: s, equals: E}, manual: {column: s, contains: M}, idle: {column: s, one_of: [I, stop]}}',
    });
    const halves = (first: string, second: string): string =>
      read(`t,a,s\n2026-03-10 00:00,0,${first}\n2026-03-10 12:00,0,${second}\n`, profile, here).drafts[0]!.payload
        .provenance;
    expect(halves('', 'E')).toBe('estimated');
    expect(halves('E', 'xMx')).toBe('estimated');
    expect(halves('M', '')).toBe('manual');
    expect(halves('I', '')).toBe('metered');
    expect(halves('I', 'stop')).toBe('idle');
  });

  test('a production day from 08:00 holds the night after it', () => {
    const shift = situation([meter('m', { dayStarts: 28_800 })]);
    const { drafts } = read(
      `t,a\n${quarters('2026-03-10', 64, () => '1', 32)}\n${quarters('2026-03-11', 32, () => '2')}\n`,
      QUARTERS,
      shift,
    );
    expect(drafts.map((draft) => show(draft))).toEqual(['m 2026-03-10 08:00..2026-03-11 08:00 128 metered']);
  });

  test('series travel when the profile keeps them', () => {
    const profile = meterProfile({
      time: '{column: t, format: yyyy-MM-dd HH:mm, zone: Asia/Shanghai, every: PT12H, stamp: end}',
      columns: '{a: {meter: m, unit: kWh}}',
      package: '{series: keep}',
    });
    const { drafts } = read('t,a\n2026-03-10 12:00,1\n2026-03-10 24:00,2\n', profile, here);
    expect(drafts[0]?.series?.map(({ start, quantity }) => [start, decimalToText(quantity)])).toEqual([
      [day('2026-03-10'), '1'],
      [day('2026-03-10') + 43_200, '2'],
    ]);
  });

  test('long files of many meters', () => {
    const profile = meterProfile({
      time: '{column: t, format: ISO, every: P1D, zone: Asia/Shanghai}',
      shape: '{meter: name, value: v}',
      columns: '{"01": {meter: m, unit: kWh}, "02": {meter: n, unit: t}}',
    });
    const both = situation([meter('m'), meter('n', { unit: 't' })]);
    const { drafts, notes } = read(
      'name,t,v\n01,2026-03-10T00:00,1\n02,2026-03-10T00:00:00+08:00,2\n03,2026-03-10T00:00,3\n',
      profile,
      both,
    );
    expect(drafts.map((draft) => show(draft))).toEqual([
      'm 2026-03-10 00:00..2026-03-11 00:00 1 metered',
      'n 2026-03-10 00:00..2026-03-11 00:00 2 metered',
    ]);
    expect(notes).toEqual(["1 row of '03', which the profile does not name, not read"]);
  });
});

describe('clock changes of Berlin', () => {
  const berlin = situation([meter('m')], { zone: 'Europe/Berlin' });
  const hourly = (more: string): ReturnType<typeof meterProfile> =>
    meterProfile({ time: `{column: t, format: ISO, every: PT1H${more}}`, columns: '{a: {meter: m, unit: kWh}}' });
  const hours = (from: string, count: number): string =>
    Array.from(
      { length: count },
      (_, index) =>
        `${showTime(Date.parse(from) / 1000 + index * 3600, 'Europe/Berlin')
          .replace(' ', 'T')
          .replace(' ', '')},1`,
    ).join('\n');

  test('days of 23 and 25 hours are whole days', () => {
    expect(
      read(`t,a\n${hours('2026-03-29T00:00:00+01:00', 23)}\n`, hourly(''), berlin).drafts.map((draft) =>
        show(draft, 'Europe/Berlin'),
      ),
    ).toEqual(['m 2026-03-29 00:00..2026-03-30 00:00 23 metered']);
    expect(
      read(`t,a\n${hours('2026-10-25T00:00:00+02:00', 25)}\n`, hourly(''), berlin).drafts.map((draft) =>
        show(draft, 'Europe/Berlin'),
      ),
    ).toEqual(['m 2026-10-25 00:00..2026-10-26 00:00 25 metered']);
    expect(read(`t,a\n${hours('2026-10-25T00:00:00+02:00', 24)}\n`, hourly(''), berlin)).toMatchObject({
      drafts: [],
      held: [{ because: 'the file ends at 2026-10-25 23:00 +01:00' }],
    });
  });

  test('the hour that was twice is refused, or chosen', () => {
    const file = 't,a\n2026-10-25T02:00,1\n';
    expect(() => read(file, hourly(', zone: Europe/Berlin'), berlin)).toThrow(
      "'2026-10-25T02:00' was twice in Europe/Berlin, expected a stamp with an offset (2026-10-25 02:00 +02:00 or 2026-10-25 02:00 +01:00), in f.csv:2, column 't'",
    );
    const chosen = (which: string): number => {
      const profile = meterProfile({
        time: `{column: t, format: ISO, every: PT1H, zone: Europe/Berlin, ambiguous_hour: ${which}}`,
        columns: '{a: {meter: m, unit: kWh}}',
      });
      return read(
        file,
        profile,
        situation([meter('m', { every: { years: 0, months: 0, days: 0, seconds: 3600 } })], { zone: 'Europe/Berlin' }),
      ).drafts[0]!.start;
    };
    expect(chosen('second') - chosen('first')).toBe(3600);
    expect(chosen('first')).toBe(Date.parse('2026-10-25T02:00:00+02:00') / 1000);
  });

  test('two passes of the hour, told apart by their order, wide and long', () => {
    const clock = hours('2026-10-25T00:00:00+02:00', 25).replaceAll(/\+0[12]:00/g, '');
    const local = ', zone: Europe/Berlin, ambiguous_hour: by_order';
    expect(read(`t,a\n${clock}\n`, hourly(local), berlin).drafts.map((draft) => show(draft, 'Europe/Berlin'))).toEqual([
      'm 2026-10-25 00:00..2026-10-26 00:00 25 metered',
    ]);
    const long = meterProfile({
      time: `{column: t, format: ISO, every: PT1H${local}}`,
      shape: '{meter: n, value: a}',
      columns: '{x: {meter: m, unit: kWh}, y: {meter: n, unit: kWh}}',
    });
    const rows = clock
      .split('\n')
      .flatMap((row) => [`x,${row}`, `y,${row}`])
      .join('\n');
    const both = situation([meter('m'), meter('n')], { zone: 'Europe/Berlin' });
    expect(read(`n,t,a\n${rows}\n`, long, both).drafts.map(({ payload }) => decimalToText(payload.quantity))).toEqual([
      '25',
      '25',
    ]);
    expect(() =>
      read('t,a\n2026-10-25T02:00,1\n2026-10-25T02:00,2\n2026-10-25T02:00,3\n', hourly(local), berlin),
    ).toThrow('two figures for one time');
  });

  test('the hour that never was is refused', () => {
    expect(() => read('t,a\n2026-03-29T02:30,1\n', hourly(', zone: Europe/Berlin'), berlin)).toThrow(
      "'2026-03-29T02:30' never was in Europe/Berlin",
    );
  });

  test('an offset in the stamp wins, and without zone or offset there is no time', () => {
    const { drafts } = read(
      `t,a\n${hours('2026-10-25T00:00:00+02:00', 25)}\n`,
      hourly(', zone: Asia/Shanghai'),
      berlin,
    );
    expect(drafts).toHaveLength(1);
    expect(() => read('t,a\n2026-03-10T00:00,1\n', hourly(''), berlin)).toThrow(
      "time without an offset: '2026-03-10T00:00', expected an offset such as +08:00, or time.zone in the profile, in f.csv:2",
    );
  });
});

describe('faults of a file', () => {
  test.each([
    ['t,b\n2026-03-10,1\n', "no column 'a', expected one of 't', 'b', in f.csv:1"],
    [
      't,a\n2026-03-10,1\n10.03.2026,1\n',
      "not a time: '10.03.2026', expected the format yyyy-MM-dd, in f.csv:3, column 't'",
    ],
    ['t,a\n2026-03-10,"1,5"\n', "not a number: '1,5', expected a number such as 1234.5, in f.csv:2, column 'a'"],
    ['t,a\n2026-03-10,-1\n', "negative figure for 'm', which does not count export: '-1', in f.csv:2, column 'a'"],
    [
      't,a\n2026-03-10,1\n2026-03-11,2\n2026-03-10,3\n',
      "two figures for one time: 'm' at 2026-03-10 00:00 +08:00 is 1 (metered, f.csv:2) and 3 (metered, f.csv:4)",
    ],
  ])('%#', (file, message) => {
    expect(() => read(file, DAILY, here)).toThrow(message);
  });

  test('the same row again is a repeat', () => {
    const { drafts, notes } = read('t,a\n2026-03-10,1.0\n2026-03-10,1\n', DAILY, here);
    expect(drafts).toHaveLength(1);
    expect(notes).toEqual(["'m': 1 repeated figure counted once"]);
  });

  test('overlapping intervals', () => {
    const bills = meterProfile({
      time: '{from: f, to: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
      columns: '{a: {meter: m, unit: kWh}}',
    });
    expect(() => read('f,t,a\n2026-01-01,2026-01-31,31\n2026-01-31,2026-02-28,28\n', bills, here)).toThrow(
      "intervals overlap: 'm'",
    );
  });

  test('an idle row with a figure, an empty cell that nothing explains', () => {
    const idle = meterProfile({
      time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
      columns: '{a: {meter: m, unit: kWh}}',
      cells: '{missing: ["-"], idle: {column: s, equals: I}}',
    });
    expect(() => read('t,a,s\n2026-03-10,0.0,I\n2026-03-11,0.1,I\n', idle, here)).toThrow(
      "row declared idle has the figure '0.1' for 'm', expected 0 or an empty cell, in f.csv:3, column 'a'",
    );
    expect(() => read('t,a,s\n2026-03-10,,\n', idle, here)).toThrow(
      "empty cell, expected a number such as 1234.5, in f.csv:2, column 'a'",
    );
  });

  test('an export meter may count below zero', () => {
    const { drafts } = read('t,a\n2026-03-10,-1\n', DAILY, situation([meter('m', { counts: 'export' })]));
    expect(decimalToText(drafts[0]!.payload.quantity)).toBe('-1');
  });

  test('any text gives drafts or the error of a file', () => {
    const cell = fc.constantFrom(
      '2026-03-10',
      '2026-03-11',
      '',
      '1',
      '2.5',
      '-1',
      '"',
      '\n',
      ',',
      't',
      'a',
      'x',
      '1e9',
      '\uFEFF',
      '\r',
    );
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 30 }), (cells) => {
        try {
          read(`t,a\n${cells.join('')}`, DAILY, here);
        } catch (error) {
          expect(error).toBeInstanceOf(JoulemarkError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('splitting a day into parts does not change its total', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 96, maxLength: 96 }), (parts) => {
      const figures = parts.map((part) => (part / 1000).toFixed(3));
      const total = decimalToText(sumDecimals(figures.map(parseDecimal)));
      const { drafts } = read(`t,a\n${quarters('2026-03-10', 96, (index) => figures[index]!)}\n`, QUARTERS, here);
      expect(drafts.map(({ payload }) => decimalToText(payload.quantity))).toEqual([total]);
      expect(read(`t,a\n2026-03-10,${total}\n`, DAILY, here).drafts.map(({ payload }) => payload)).toEqual(
        drafts.map(({ payload }) => payload),
      );
    }),
    { numRuns: 30 },
  );
});

test('bytes of the file, not of the text, are what is read', () => {
  expect(() => readMeterFile(Uint8Array.of(...bytesOf('t,a\n2026-03-10,1\n'), 0xff), 'f.csv', DAILY, here)).toThrow(
    'bytes that are not utf-8',
  );
});
