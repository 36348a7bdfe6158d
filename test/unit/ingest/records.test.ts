import { describe, expect, test } from 'vitest';
import { decimalToText } from '../../../src/calc/decimal.ts';
import { parseProfile } from '../../../src/ingest/profile.ts';
import { type AuditRecord, readRecords } from '../../../src/ingest/records.ts';
import { showTime } from '../../../src/programme/calendar.ts';
import { hasShared, sharedText } from '../../support/shared.ts';
import { bytesOf, recordProfile } from './situation.ts';

const shown = ({ account, product, party, from, to, quantity, unit, estimated }: AuditRecord, zone: string): string =>
  [
    account,
    product,
    party,
    showTime(from, zone).slice(0, 10),
    showTime(to, zone).slice(0, 10),
    decimalToText(quantity),
    unit,
    estimated ? 'estimated' : '',
  ]
    .filter((word) => word !== undefined && word !== '')
    .join(' ');

describe.skipIf(!hasShared)('the example profile of deliveries', () => {
  const header = 'Zählpunkt;Ablesung von;Ablesung bis;Arbeit;Status';
  // read when a test runs: a skipped suite is still collected
  const bills = (...rows: readonly string[]) => {
    const profile = parseProfile(sharedText('design/examples/profile-deliveries.yaml'), 'profile-deliveries.yaml');
    if (profile.reads === 'meters') throw new Error('not of deliveries');
    return readRecords(bytesOf(`\uFEFF${header}\r\n${rows.join('\r\n')}\r\n`), 'edis.csv', profile);
  };

  test('a bill read on 3 March and 2 April covers [4 March, 3 April)', () => {
    const { records, notes } = bills(
      '0318800012345678;03.03.2026;02.04.2026;1.234.567,5;',
      '0318800012345678;02.04.2026;30.04.2026;987.654;E',
      '0318800099999999;03.03.2026;02.04.2026;1;',
    );
    expect(records.map((record) => shown(record, 'Europe/Berlin'))).toEqual([
      'grid-110kv 2026-03-04 2026-04-03 1234567.5 kWh',
      'grid-110kv 2026-04-03 2026-05-01 987654 kWh estimated',
    ]);
    expect(records.map(({ line }) => line)).toEqual([2, 3]);
    // across the change of clocks of 29 March
    expect(records[0]!.to - records[0]!.from).toBe(30 * 86_400 - 3600);
    expect(notes).toEqual(['1 row with another account, not named by the profile, not read']);
  });

  test.each([
    [
      ['0318800012345678;03.03.2026;02.04.2026;1,234.5;'],
      "not a number: '1,234.5', expected a number such as 1.234,5, in edis.csv:2, column 'Arbeit'",
    ],
    [['0318800012345678;03.03.2026;02.04.2026;-5;'], "negative quantity '-5', expected 0 or more, in edis.csv:2"],
    [
      ['0318800012345678;2026-03-03;02.04.2026;5;'],
      "not a time: '2026-03-03', expected the format dd.MM.yyyy, in edis.csv:2, column 'Ablesung von'",
    ],
    [['0318800012345678;02.04.2026;03.03.2026;5;'], "'03.03.2026' is not after '02.04.2026'"],
    [
      ['0318800012345678;03.03.2026;02.04.2026;5;', '0318800012345678;03.03.2026;02.04.2026;6;'],
      "two deliveries for one time at 'grid-110kv': 5 from",
    ],
    [
      ['0318800012345678;03.03.2026;02.04.2026;5;', '0318800012345678;01.04.2026;30.04.2026;6;'],
      'two deliveries for one time',
    ],
    [['0318800012345678;03.03.2026;02.04.2026;5'], '4 fields, expected 5 as in the header'],
  ])('refuses %#', (rows, message) => {
    expect(() => bills(...rows)).toThrow(message);
  });

  test('the same bill twice is one', () => {
    const { records, notes } = bills(
      '0318800012345678;03.03.2026;02.04.2026;5;',
      '0318800012345678;03.03.2026;02.04.2026;5,0;',
    );
    expect([records.length, notes]).toEqual([1, ['1 repeated row counted once']]);
  });
});

describe('receipts', () => {
  const profile = recordProfile(
    'reads: receipts\nfile: {}\ntime: {column: day, format: yyyy-MM-dd, zone: Asia/Shanghai}\nshape: {product: article, party: from, value: qty, unit: t}\nproduct: {"P.O 42.5": cement, "P.C 32.5": cement}\nparty: {广南: guangnan-cement}\ncells: {missing: ["?"], estimated: {column: note, contains: est}}\n',
  );

  test('are named by product and party, and each is counted', () => {
    const { records, notes } = readRecords(
      bytesOf(
        'day,article,from,qty,note\n2026-03-10,P.O 42.5,广南,30,\n2026-03-10,P.C 32.5,广南,30,est.\n2026-03-11,P.O 42.5,other,9,\n2026-03-11,gravel,广南,9,\n2026-03-12,P.O 42.5,广南,?,\n',
      ),
      'in.csv',
      profile,
    );
    expect(records.map((record) => shown(record, 'Asia/Shanghai'))).toEqual([
      'cement guangnan-cement 2026-03-10 2026-03-11 30 t',
      'cement guangnan-cement 2026-03-10 2026-03-11 30 t estimated',
    ]);
    expect(notes).toEqual([
      'line 6: no figure for cement',
      '1 row with another party, not named by the profile, not read',
      '1 row with another product, not named by the profile, not read',
    ]);
  });

  test('a bill without the reading before it has no interval', () => {
    expect(() =>
      recordProfile(
        'reads: deliveries\nfile: {}\ntime: {column: day, format: yyyy-MM-dd, zone: UTC, stamp: reading}\nshape: {account: a, value: v, unit: kWh}\naccount: {"1": x}\n',
      ),
    ).toThrow("'profile.time.from' is missing");
  });
});

describe('deliveries with a column of the direction', () => {
  const source = (more: string, shape = 'direction: way, ') =>
    `reads: deliveries\nfile: {}\ntime: {column: day, format: yyyy-MM-dd, zone: UTC}\nshape: {account: a, ${shape}value: v, unit: kWh}\naccount: {"1": grid}\n${more}`;
  const profile = recordProfile(source('direction: {in: import, out: export}'));
  const readRows = (...rows: readonly string[]) =>
    readRecords(bytesOf(['day,a,way,v', ...rows].join('\n')), 'in.csv', profile);

  test('say which way each went; both ways at one time are two figures', () => {
    const { records, notes } = readRows('2026-03-10,1,in,30', '2026-03-10,1,out,7', '2026-03-10,1,out,7');
    expect(records.map(({ direction, quantity }) => [direction ?? null, decimalToText(quantity)])).toEqual([
      [null, '30'],
      ['export', '7'],
    ]);
    expect(notes).toEqual(['1 repeated row counted once']);
    expect(() => readRows('2026-03-10,1,out,7', '2026-03-10,1,out,8')).toThrow('two deliveries for one time');
  });

  test('are refused with a direction that has no meaning, or below zero', () => {
    expect(() => readRows('2026-03-10,1,,30')).toThrow(
      "unknown direction '', expected one of 'in', 'out', in in.csv:2",
    );
    expect(() => readRows('2026-03-10,1,out,-7')).toThrow("negative quantity '-7', expected 0 or more, in in.csv:2");
  });

  test('need the column and its meaning, in deliveries alone', () => {
    expect(() => recordProfile(source(''))).toThrow("'profile.direction' must stand in both 'shape' and the profile");
    expect(() => recordProfile(source('direction: {in: import}', ''))).toThrow("must stand in both 'shape'");
    expect(() => recordProfile(source('direction: {in: sideways}'))).toThrow("'import'");
    const receipts = source('direction: {in: import}')
      .replace('deliveries', 'receipts')
      .replace('account: a', 'product: a');
    expect(() => recordProfile(receipts.replace('account: {', 'product: {'))).toThrow('is of deliveries');
  });
});
