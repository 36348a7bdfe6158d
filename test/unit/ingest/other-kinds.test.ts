import { describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { decimalToText, sumDecimals } from '../../../src/calc/decimal.ts';
import { readMeterFile } from '../../../src/ingest/meter-file.ts';
import type { MeterDefinition } from '../../../src/ingest/meter-definition.ts';
import { hasShared, sharedPath, sharedText } from '../../support/shared.ts';
import { day, meter, meterProfile, read, show, situation } from './situation.ts';

const MONTH = { years: 0, months: 1, days: 0, seconds: 0 };
const time = '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}';

describe('stock counts', () => {
  const yard = situation([
    meter('coal-yard', { kind: 'stock', reads: 'level', unit: 't', carrier: 'raw_coal', every: MONTH }),
  ]);
  const profile = meterProfile({ time, columns: '{count: {meter: coal-yard, unit: t}}' });

  test('the last level of a month is the one at its end', () => {
    const { drafts, held, notes } = read(
      't,count\n2026-01-15,900\n2026-01-31,1000\n2026-02-27,800\n2026-03-31,700\n2026-04-10,600\n',
      profile,
      yard,
    );
    expect(drafts.map((draft) => show(draft))).toEqual([
      'coal-yard 2026-01-01 00:00..2026-02-01 00:00 1000 metered',
      'coal-yard 2026-02-01 00:00..2026-03-01 00:00 800 metered',
      'coal-yard 2026-03-01 00:00..2026-04-01 00:00 700 metered',
    ]);
    expect(notes).toEqual(["'coal-yard': level at 2026-03-01 00:00 +08:00 is the one read at 2026-02-28 00:00 +08:00"]);
    expect(held).toEqual([
      { meter: 'coal-yard', start: day('2026-04-01'), because: 'the file ends at 2026-04-11 00:00 +08:00' },
    ]);
  });

  test('a month without a count is a gap', () => {
    expect(read('t,count\n2026-01-31,1000\n2026-03-31,700\n', profile, yard).gaps).toEqual([
      { meter: 'coal-yard', start: day('2026-02-01'), end: day('2026-03-01') },
    ]);
  });
});

describe('shipments', () => {
  const sold = situation([meter('sold', { kind: 'shipment', unit: 't', product: 'cement', every: MONTH })]);
  const profile = meterProfile({
    time,
    shape: '{meter: what, value: qty, party: who}',
    columns: '{cement: {meter: sold, unit: t}}',
  });

  test('are summed by customer and month; equal lorries of one day are two', () => {
    const { drafts, held, gaps } = read(
      't,what,qty,who\n2026-03-02,cement,30,acme\n2026-03-02,cement,30,acme\n2026-03-31,cement,5.5,bob\n2026-04-01,cement,7,acme\n',
      profile,
      sold,
    );
    expect(drafts.map((draft) => show(draft))).toEqual([
      'sold/acme 2026-03-01 00:00..2026-04-01 00:00 60 metered',
      'sold/bob 2026-03-01 00:00..2026-04-01 00:00 5.5 metered',
    ]);
    expect(drafts.map(({ payload }) => [payload.party, payload.product])).toEqual([
      ['acme', 'cement'],
      ['bob', 'cement'],
    ]);
    expect(held).toEqual([
      { meter: 'sold/acme', start: day('2026-04-01'), because: 'the file ends at 2026-04-02 00:00 +08:00' },
    ]);
    expect(gaps).toEqual([]);
  });
});

test('a laboratory value is a package of its own row', () => {
  const lab = situation([meter('lab', { kind: 'quality', unit: 'kJ/kg', carrier: 'raw_coal' })]);
  const lots = meterProfile({
    time: '{from: f, to: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
    columns: '{ncv: {meter: lab, unit: kJ/kg}}',
    cells: '{missing: ["-"]}',
  });
  expect(
    read(
      'f,t,ncv\n2026-03-01,2026-03-03,21000\n2026-03-04,2026-03-05,-\n2026-03-06,2026-03-09,20950.5\n',
      lots,
      lab,
    ).drafts.map((draft) => show(draft)),
  ).toEqual([
    'lab 2026-03-01 00:00..2026-03-04 00:00 21000 metered',
    'lab 2026-03-06 00:00..2026-03-10 00:00 20950.5 metered',
  ]);
});

describe('package intervals', () => {
  const hourly = meterProfile({
    time: '{column: t, format: yyyy-MM-dd, zone: Asia/Shanghai}',
    columns: '{a: {meter: m, unit: kWh}}',
  });
  const with_ = (every: MeterDefinition['every'] & object): ReturnType<typeof situation> =>
    situation([meter('m', { every })]);
  const days = (from: string, count: number): string =>
    `t,a\n${Array.from({ length: count }, (_, index) => `${new Date(Date.parse(from) + index * 86_400_000).toISOString().slice(0, 10)},1`).join('\n')}\n`;

  test('weeks from Monday, quarters from January', () => {
    expect(
      read(days('2026-03-02', 7), hourly, with_({ years: 0, months: 0, days: 7, seconds: 0 })).drafts.map((draft) =>
        show(draft),
      ),
    ).toEqual(['m 2026-03-02 00:00..2026-03-09 00:00 7 metered']);
    expect(
      read(days('2026-04-01', 91), hourly, with_({ years: 0, months: 3, days: 0, seconds: 0 })).drafts.map((draft) =>
        show(draft),
      ),
    ).toEqual(['m 2026-04-01 00:00..2026-07-01 00:00 91 metered']);
  });

  test('a length that days do not hold', () => {
    expect(() => read(days('2026-03-02', 1), hourly, with_({ years: 0, months: 0, days: 1, seconds: 3600 }))).toThrow(
      "package interval 'P1DT1H' cannot be laid over days",
    );
    expect(() => read(days('2026-03-02', 1), hourly, with_({ years: 0, months: 0, days: 0, seconds: 7000 }))).toThrow(
      'cannot be laid over days',
    );
  });
});

describe.skipIf(!hasShared)('EPA daily data, a blank declared idle', () => {
  const profile = (unit: string) =>
    meterProfile({
      time: '{column: date, format: yyyy-MM-dd, zone: "-05:00"}',
      columns: `{product_qty: {meter: product, unit: ${unit}}, heat_input_mmbtu: {meter: heat, unit: mmBtu}}`,
      cells: '{blank: idle}',
    });

  test.each([
    ['10113', 'klb'],
    ['10143', 'MWh'],
    ['50888', 'MWh'],
    ['54634', 'klb'],
  ])('plant %s: yearly sums and idle days', (plant, unit) => {
    const where = situation(
      [meter('product', { kind: 'product', unit }), meter('heat', { unit: 'mmBtu', carrier: 'waste_coal' })],
      { zone: 'America/New_York' },
    );
    const eastern = { ...where, zone: '-05:00' };
    const { drafts, gaps, held } = readMeterFile(
      readFileSync(sharedPath(`data/epa-campd-daily/plant-${plant}.csv`)),
      `plant-${plant}.csv`,
      profile(unit),
      eastern,
    );
    expect([gaps, held]).toEqual([[], []]);
    expect(drafts).toHaveLength(2 * 3652);
    const [header, ...lines] = sharedText('data/epa-campd-daily/expected_annual.csv')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const column = (name: string): number => header!.indexOf(name);
    const years = lines.filter((fields) => fields[0] === plant);
    expect(years).toHaveLength(10);
    for (const fields of years) {
      const ofYear = drafts.filter(
        ({ start }) => new Date((start - 5 * 3600) * 1000).getUTCFullYear() === Number(fields[column('year')]),
      );
      const of = (name: string) => ofYear.filter((draft) => draft.meter === name);
      const sum = (name: string): string => decimalToText(sumDecimals(of(name).map(({ payload }) => payload.quantity)));
      expect([Number(sum('heat')), Number(sum('product'))]).toEqual([
        Number(fields[column('energy_mmbtu')]),
        Number(fields[column('product_qty')]),
      ]);
      expect(of('heat').filter(({ payload }) => payload.provenance === 'metered')).toHaveLength(
        Number(fields[column('days_with_energy')]),
      );
    }
    const idle = drafts.filter(({ payload }) => payload.provenance === 'idle');
    expect(idle.length).toBeGreaterThan(0);
    expect(new Set(idle.map(({ payload }) => decimalToText(payload.quantity)))).toEqual(new Set(['0']));
  });
});
