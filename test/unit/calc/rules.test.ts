import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import { evaluate } from '../../../src/calc/evaluate.ts';
import type { MeterInput, ProductInput } from '../../../src/calc/evaluation-input.ts';
import { explain } from '../../../src/calc/explain.ts';
import { fillHighest } from '../../../src/calc/gap-fill.ts';
import { correctLimits, gradeOf } from '../../../src/calc/norm-limit.ts';
import {
  ceilFinest,
  compareRatio,
  floorFinest,
  multiplyRatio,
  ratio,
  ratioOfText,
  ratioToText,
} from '../../../src/calc/ratio.ts';
import { hasShared, sharedJson } from '../../support/shared.ts';
import { DAY, EVERY, input, meter, repeat, STRICT_RULES } from './sample.ts';

const CEMENT: ProductInput = { product: 'cement', basis: 'quantity', unit: 't' };
const LAX = { ...STRICT_RULES, coveragePerMeter: ratioOfText('0'), coverageJoint: ratioOfText('0') };

describe('rounding of what is put in', () => {
  test('is to 10^-18, up, and leaves a decimal as it is', () => {
    const third = ratio(1n, 3n);
    expect(ratioToText(ceilFinest(third))).toBe('166666666666666667/500000000000000000');
    expect(ratioToText(floorFinest(third))).toBe('333333333333333333/1000000000000000000');
    expect(ratioToText(ceilFinest(ratio(-1n, 3n)))).toBe('-333333333333333333/1000000000000000000');
    expect(ceilFinest(ratioOfText('12.345'))).toEqual(ratioOfText('12.345'));
    const filled = fillHighest(ratioOfText('10'), ratio(7n, 86_399n), 1009);
    expect(compareRatio(filled, ratioOfText('10'))).toBe(1);
    const exact = multiplyRatio(ratio(7n, 86_399n), ratio(1009n, 1n));
    expect(compareRatio(filled, { n: exact.n + 10n * exact.d, d: exact.d })).toBe(1);
  });

  test('keeps thousands of gaps of unlike lengths in bounds', { timeout: 20_000 }, () => {
    const meters: MeterInput[] = [meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement' })];
    for (let index = 0; index < 3000; index += 1) {
      // each meter has one reading of a length of its own, and the rest of the window is a gap
      const length = 86_400 + 2 * index + 1;
      const one = (start: number) => [
        { start, end: start + length, quantity: parseDecimal('1'), provenance: 'metered' as const },
      ];
      meters.push(
        meter(`m${index}`, 'energy', [], [], { product: 'cement', baseline: one(0), reporting: one(10 * DAY) }),
      );
    }
    const { products } = evaluate(input(meters, [CEMENT], { dataRules: LAX }));
    const { energy } = products[0]!.headline!.reporting;
    expect(energy.d <= 10n ** 18n).toBe(true);
    expect(compareRatio(energy, ratioOfText('20000'))).toBe(1);
  });

  test('of prorated readings is against the claimant on both sides', () => {
    const bill = (start: number, quantity: string) => ({
      start,
      end: start + 7,
      quantity: parseDecimal(quantity),
      provenance: 'metered' as const,
    });
    const windows = { baseline: { start: 0, end: 10 }, reporting: { start: 10, end: 20 } };
    const bills = [bill(-4, '1'), bill(3, '1'), bill(10, '1'), bill(17, '1')];
    const out = (start: number) => [
      { start, end: start + 10, quantity: parseDecimal('1'), provenance: 'metered' as const },
    ];
    const { products } = evaluate(
      input(
        [
          meter('main', 'energy', [], [], { product: 'cement', billed: true, baseline: bills, reporting: bills }),
          meter('out', 'product', [], [], { product: 'cement', baseline: out(0), reporting: out(10) }),
        ],
        [CEMENT],
        { ...windows, dataRules: { ...LAX, straddling: 'prorate' } },
      ),
    );
    const { baseline, reporting } = products[0]!.headline!;
    // 3/7 + 1 exactly in both
    expect(compareRatio(baseline.energy, ratio(10n, 7n))).toBe(-1);
    expect(compareRatio(reporting.energy, ratio(10n, 7n))).toBe(1);
  });
});

describe('own converted energy', () => {
  const steam = (name: string, product: string, quantity: string) =>
    meter(name, 'energy', repeat(quantity, 10), repeat(quantity, 10), {
      product,
      carrier: 'steam',
      counts: 'converted',
      unit: 'GJ',
    });
  const factors = new Map([
    ['coal', { unit: 't', factor: ratioOfText('700'), source: 'table' }],
    ['steam', { unit: 'GJ', factor: ratioOfText('34'), source: 'table' }],
  ]);
  const PEARL: ProductInput = { product: 'pearl', basis: 'quantity', unit: 't' };
  const evaluation = evaluate(
    input(
      [
        meter('coal', 'energy', repeat('10', 10), repeat('10', 10), { carrier: 'coal', unit: 't' }),
        steam('steam-a', 'cement', '30'),
        steam('steam-b', 'pearl', '10'),
        meter('a', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement' }),
        meter('b', 'product', repeat('10', 10), repeat('10', 10), { product: 'pearl' }),
      ],
      [CEMENT, PEARL],
      { verdictUnit: 'kgce', factors: { baseline: factors, reporting: factors } },
    ),
  );

  test('counts once, where it was bought, and weighs in its division', () => {
    const energies = evaluation.products.map(({ headline }) => ratioToText(headline!.reporting.energy));
    // 100 t x 700 kgce, divided 30 to 10
    expect(energies).toEqual(['52500', '17500']);
    expect(evaluation.products[0]!.carriers.reporting.map(({ carrier }) => carrier)).toEqual(['coal']);
  });
});

describe('output', () => {
  test('that did not pass its check is taken off', () => {
    const made = (rejected: boolean) =>
      evaluate(
        input(
          [
            meter('main', 'energy', repeat('100', 10), repeat('100', 10), { product: 'cement' }),
            meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement' }),
            meter('scrap', 'product', repeat('1', 10), repeat('2', 10), {
              under: 'out',
              ...(rejected ? { rejected } : {}),
            }),
          ],
          [CEMENT],
        ),
      ).products[0]!.headline!;
    expect([made(true).baseline, made(true).reporting].map(({ quantity }) => ratioToText(quantity))).toEqual([
      '90',
      '80',
    ]);
    expect(ratioToText(made(false).reporting.quantity)).toBe('100');
  });

  test('that is intermediate is a line of its own and in no total', () => {
    const clinker: ProductInput = { product: 'clinker', basis: 'quantity', unit: 't', intermediate: true };
    const white: ProductInput = { product: 'white', basis: 'quantity', unit: 't' };
    const meters = ['cement', 'clinker', 'white'].flatMap((product, index) => [
      meter(`e-${product}`, 'energy', repeat(String(100 + index), 10), repeat(String(90 + index), 10), { product }),
      meter(`o-${product}`, 'product', repeat('10', 10), repeat(String(10 + index), 10), { product }),
    ]);
    const { mix, products, ...rest } = evaluate(input(meters, [CEMENT, clinker, white]));
    expect(products.map(({ product, intermediate }) => [product, intermediate])).toEqual([
      ['cement', false],
      ['clinker', true],
      ['white', false],
    ]);
    expect(mix!.products).toEqual(['cement', 'clinker', 'white']);
    // cement and white alone: (1000 + 1020) / 200
    expect(ratioToText(mix!.productMix!.totalIntensityBaseline)).toBe('101/10');
    const steps = explain({ mix, products, ...rest }, EVERY).map(({ id }) => id);
    expect(steps).toEqual(expect.arrayContaining(['mix/effect', 'mix/total-change', 'mix/technical']));
  });
});

describe('norm limits', () => {
  test('grade both periods, exactly, and decide nothing', () => {
    const norm = { norm: 'GB 16780 cement', unit: 'kWh/t', limits: [ratioOfText('8'), null, ratioOfText('10')] };
    const run = (now: string) =>
      evaluate(
        input(
          [
            meter('main', 'energy', repeat('110', 10), repeat(now, 10), { product: 'cement' }),
            meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement' }),
          ],
          [{ ...CEMENT, norm }],
        ),
      ).products[0]!;
    expect(run('100').norm).toMatchObject({ baseline: 0, reporting: 3 });
    expect(run('100.000001').norm).toMatchObject({ reporting: 0 });
    expect(run('80').norm).toMatchObject({ reporting: 1 });
    expect(run('100').verdict).toBe('saved');
  });

  interface Limits {
    readonly 'GB 16780-2021': {
      readonly cement_comprehensive_kgce_per_t: readonly string[];
      readonly clinker_ratio_correction_per_pp_above_75: readonly string[];
      readonly example: { readonly expected_limits: readonly string[] };
      readonly altitude_over_1500m: { readonly factor: string; readonly expected_level3: string };
    };
  }

  test.skipIf(!hasShared)('are corrected as GB 16780 does, never the measurement', () => {
    const gb = sharedJson<Limits>('oracles/gb/norm_limits_examples.json')['GB 16780-2021'];
    const limits = gb.cement_comprehensive_kgce_per_t.map(ratioOfText);
    const add = gb.clinker_ratio_correction_per_pp_above_75.map(ratioOfText);
    const corrected = correctLimits(limits, { add });
    expect(corrected).toEqual(gb.example.expected_limits.map(ratioOfText));
    const high = correctLimits(corrected, { times: ratioOfText(gb.altitude_over_1500m.factor) });
    expect(compareRatio(high[2]!, ratioOfText('96.381179'))).toBe(1);
    expect(compareRatio(high[2]!, ratioOfText('96.381180'))).toBe(-1);
  });

  interface Golden {
    readonly limits_kWh_per_t: Readonly<Record<string, readonly string[]>>;
    readonly cases: readonly {
      readonly coal: string;
      readonly E_d_kWh: string;
      readonly m_t: string;
      readonly k: string;
      readonly expected_grade: number | string;
    }[];
  }

  test.skipIf(!hasShared)('grade the cases of GB 29446, whose coefficient divides the limit', () => {
    const golden = sharedJson<Golden>('oracles/gb/gb29446_2019_golden.json');
    for (const { coal, E_d_kWh: energy, m_t: mass, k, expected_grade: expected } of golden.cases) {
      const limits = correctLimits(golden.limits_kWh_per_t[coal]!.map(ratioOfText), { over: ratioOfText(k) });
      const intensity = ratio(ratioOfText(energy).n * ratioOfText(mass).d, ratioOfText(energy).d * ratioOfText(mass).n);
      expect(gradeOf(intensity, limits), `${coal} ${energy}/${mass}`).toBe(typeof expected === 'number' ? expected : 0);
    }
  });
});
