import { describe, expect, test } from 'vitest';
import { decimalToText } from '../../../src/calc/decimal.ts';
import { parseProfile } from '../../../src/ingest/profile.ts';
import { hasShared, sharedText } from '../../support/shared.ts';
import { meter, meterProfile, read, situation } from './situation.ts';

const METERS = 'joulemark: profile/1\nreads: meters\nfile: {}\n';

describe.skipIf(!hasShared)('the example profiles', () => {
  test('of meters', () => {
    const profile = parseProfile(sharedText('design/examples/profile-meter.yaml'), 'profile-meter.yaml');
    if (profile.reads !== 'meters') throw new Error('not of meters');
    expect(profile.layout).toEqual({ encoding: 'gb18030', delimiter: ',', quote: '"', skipLines: 2 });
    expect(profile.time).toMatchObject({
      column: '日期',
      zone: 'Asia/Shanghai',
      dayStarts: 28_800,
      stamp: 'start',
      ambiguousHour: 'refuse',
    });
    expect([...profile.columns.keys()]).toEqual(['熟料产量(t)', '入窑煤(t)', '窑系统电表止码']);
    expect([...profile.cells.missing]).toEqual(['', '-', '--', 'NaN', '断线']);
    expect(profile.cells.idle?.matches('停窑')).toBe(true);
    expect(profile.cells.manual?.matches('夜班手抄')).toBe(true);
    expect([profile.series, profile.conflicting, profile.long]).toEqual(['none', 'refuse_file', undefined]);
  });

  test('of deliveries', () => {
    const profile = parseProfile(sharedText('design/examples/profile-deliveries.yaml'), 'profile-deliveries.yaml');
    if (profile.reads !== 'deliveries') throw new Error('not of deliveries');
    expect(profile).toMatchObject({
      account: 'Zählpunkt',
      value: 'Arbeit',
      unit: 'kWh',
      loss: 'as_declared',
      numbers: { decimal: ',', thousands: '.' },
    });
    expect(profile.accounts.get('0318800012345678')).toBe('grid-110kv');
    expect(decimalToText(profile.accuracy.get('grid-110kv')!)).toBe('0.005');
  });
});

describe('faults of a profile name file, line and path', () => {
  test.each([
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.time.zone' is missing: stamps of format 'yyyy-MM-dd' have no offset, in p.yaml:4",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd HH:mm, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.time.every' is missing",
    ],
    [
      `${METERS}time: {format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.time.column'",
    ],
    [
      `${METERS}time: {from: a, format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.time.to' is missing",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-mm-dd, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.time.format' must be a time format",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd, zone: UTC}\nshape: tall\ncolumns: {a: {meter: m, unit: t}}\n`,
      "'profile.shape' must be 'wide' or a map, found 'tall', in p.yaml:5",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns: {}\n`,
      "'profile.columns' names no column",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns:\n  a: {meter: m}\n`,
      "'profile.columns.a.unit' is missing, in p.yaml:7",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\ncells: {missing: [""], blank: idle}\n`,
      "'profile.cells.blank' cannot be 'idle'",
    ],
    [
      `${METERS}time: {column: t, format: yyyy-MM-dd, zone: UTC}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\ncells: {idle: {column: x}}\n`,
      "'profile.cells.idle' needs one of",
    ],
    [
      'joulemark: profile/1\nreads: meters\nfile: {decimal: ",", thousands: ","}\ntime: {column: t, format: ISO, every: PT1H}\nshape: wide\ncolumns: {a: {meter: m, unit: t}}\n',
      "'profile.file.thousands' must differ",
    ],
    [
      'joulemark: profile/1\nreads: metres\n',
      "'profile.reads' must be 'meters' or 'deliveries' or 'receipts', found 'metres', in p.yaml:2",
    ],
    [
      'joulemark: profile/1\nreads: deliveries\nfile: {}\ntime: {from: a, to: b, format: yyyy-MM-dd, zone: UTC}\nshape: {value: v, unit: kWh}\n',
      "'profile.account' is missing",
    ],
    [
      'joulemark: profile/1\nreads: receipts\nfile: {}\ntime: {column: a, format: yyyy-MM-dd, zone: UTC}\nshape: {account: x, value: v, unit: t}\n',
      "'profile.product' is missing",
    ],
  ])('%#', (source, message) => {
    expect(() => parseProfile(source, 'p.yaml')).toThrow(message);
  });
});

describe('a profile must agree with the enrolled meters', () => {
  const file = 't,a\n2026-03-10,1\n';
  const with_ = (
    column: string,
    time = '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
  ): ReturnType<typeof meterProfile> => meterProfile({ time, columns: `{a: {${column}}}` });
  const enrolled = situation([
    meter('m'),
    meter('register', { reads: 'register', multiplier: '6000', digits: 7 }),
    meter('shift', { dayStarts: 28_800 }),
  ]);

  test.each([
    ['meter: other, unit: kWh', undefined, "no meter 'other' is enrolled (column 'a')"],
    ['meter: m, unit: MWh', undefined, "unit of 'm' is 'MWh' in the profile (column 'a'), expected 'kWh' as enrolled"],
    ['meter: m, unit: kWh, reads: register', undefined, "way of reading of 'm' is 'register'"],
    ['meter: m, unit: kWh, multiplier: "2"', undefined, "multiplier of 'm' is '2'"],
    [
      'meter: register, unit: kWh',
      undefined,
      "multiplier of 'register' is '1' in the profile (column 'a'), expected '6000' as enrolled",
    ],
    ['meter: register, unit: kWh, multiplier: "600"', undefined, "expected '6000' as enrolled"],
    [
      'meter: shift, unit: kWh',
      undefined,
      "day start of 'shift' is '00:00' in the profile (column 'a'), expected '08:00' as enrolled",
    ],
    [
      'meter: m, unit: kWh',
      '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai, day_starts: "08:00"}',
      "day start of 'm' is '08:00'",
    ],
    [
      'meter: m, unit: kWh',
      '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai, stamp: reading}',
      "'m' is enrolled with quantities of intervals",
    ],
    ['meter: m, unit: kWh, party: acme', undefined, "'m' is no shipment meter"],
  ])('%s', (column, time, message) => {
    expect(() => read(file, time === undefined ? with_(column) : with_(column, time), enrolled)).toThrow(message);
  });

  test('a day start of one column', () => {
    const profile = with_('meter: shift, unit: kWh, day_starts: "08:00"');
    expect(read(file, profile, enrolled).drafts[0]?.start).toBe(Date.parse('2026-03-10T08:00:00+08:00') / 1000);
  });

  test('two columns for one meter', () => {
    const profile = meterProfile({
      time: '{column: t, format: yyyy-MM-dd, zone: UTC}',
      columns: '{a: {meter: m, unit: kWh}, b: {meter: m, unit: kWh}}',
    });
    expect(() => read('t,a,b\n2026-03-10,1,2\n', profile, enrolled)).toThrow("columns 'a' and 'b' are both for 'm'");
  });
});
