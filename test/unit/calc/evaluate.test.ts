import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import { evaluate } from '../../../src/calc/evaluate.ts';
import type {
  AuditedDifference,
  EvaluationInput,
  MeterInput,
  Reading,
  ProductInput,
} from '../../../src/calc/evaluation-input.ts';
import type { ProductEvaluation, ReasonCode } from '../../../src/calc/evaluation.ts';
import { ratioOfText, ratioToText } from '../../../src/calc/ratio.ts';
import { BASELINE, DAY, days, EVERY, input, meter, repeat, REPORTING, STRICT_RULES } from './sample.ts';

const TEN = 10;
const steel: ProductInput = { product: 'steel', basis: 'quantity', unit: 't' };
const power = (baseline: string, reporting: string, more: Partial<MeterInput> = {}) =>
  meter('power', 'energy', repeat(baseline, TEN), repeat(reporting, TEN), { product: 'steel', ...more });
const output = (baseline: string, reporting: string, more: Partial<MeterInput> = {}) =>
  meter('steel-out', 'product', repeat(baseline, TEN), repeat(reporting, TEN), { product: 'steel', ...more });

function one(source: EvaluationInput): ProductEvaluation {
  return evaluate(source).products[0]!;
}

function critical(product: ProductEvaluation): readonly ReasonCode[] {
  return [...new Set(product.reasons.filter((found) => found.severity === 'critical').map((found) => found.code))];
}

function codes(product: ProductEvaluation): readonly ReasonCode[] {
  return [...new Set(product.reasons.map((found) => found.code))];
}

const text = (value: { n: bigint; d: bigint } | null | undefined) =>
  value === null || value === undefined ? null : ratioToText(value);

describe('one product', () => {
  it('saves when energy per unit falls, at the output of the reporting period', () => {
    const found = one(input([power('100', '180'), output('10', '20')], [steel]));
    expect(found.verdict).toBe('saved');
    expect(text(found.headline!.baseline.intensity)).toBe('10');
    expect(text(found.headline!.reporting.intensity)).toBe('9');
    expect(text(found.headline!.rate)).toBe('1/10');
    expect(text(found.headline!.saving)).toBe('200');
    const atBaseline = one(
      input([power('100', '180'), output('10', '20')], [steel], {
        decision: { ...EVERY, productionBasis: 'baseline' },
      }),
    );
    expect(text(atBaseline.headline!.saving)).toBe('100');
  });

  it('needs strictly more than the threshold', () => {
    const at = (threshold: string) =>
      one(
        input([power('100', '90'), output('10', '10')], [steel], {
          decision: { ...EVERY, savingMoreThan: ratioOfText(threshold) },
        }),
      ).verdict;
    expect(at('0.0999999')).toBe('saved');
    expect(at('0.1')).toBe('not_saved');
  });

  it('compares sums, not means of ratios: a start-up day has energy and no product', () => {
    const meters = [
      meter('power', 'energy', repeat('100', TEN), ['500', ...repeat('100', 9)], { product: 'steel' }),
      meter('steel-out', 'product', repeat('10', TEN), ['0', ...repeat('10', 9)], { product: 'steel' }),
    ];
    const found = one(input(meters, [steel]));
    expect(text(found.headline!.reporting.intensity)).toBe('140/9');
    expect(found.verdict).toBe('not_saved');
  });

  it('has no baseline, or nothing produced, or energy missing', () => {
    expect(one(input([power('100', '90'), output('10', '10', { baseline: [] })], [steel])).verdict).toBe('no_baseline');
    expect(one(input([power('100', '90'), output('idle', '10')], [steel])).verdict).toBe('no_baseline');
    expect(one(input([power('100', 'idle'), output('10', 'idle')], [steel])).verdict).toBe('not_produced');
    const without = one(input([output('10', '10')], [steel]));
    expect(without.verdict).toBe('insufficient_data');
    expect(critical(without)).toContain('energy-missing');
    expect(evaluate(input([power('100', '90'), output('idle', '10')], [steel])).whole).toBe('NOT_APPLICABLE');
  });

  it('takes a negative intensity the right way round', () => {
    const gas = meter('gas-out', 'energy', repeat('400', TEN), repeat('500', TEN), {
      product: 'steel',
      counts: 'recovered',
    });
    const found = one(input([power('100', '100'), gas, output('10', '10')], [steel]));
    expect(text(found.headline!.baseline.intensity)).toBe('-30');
    expect(text(found.headline!.reporting.intensity)).toBe('-40');
    expect(text(found.headline!.rate)).toBe('1/3');
    expect(found.verdict).toBe('saved');
    expect(text(found.recovered.reporting)).toBe('5000');
  });
});

describe('gaps', () => {
  const gap = (values: string, at: number) => repeat(values, TEN).map((value, index) => (index === at ? '-' : value));

  it('fills reporting energy with the highest interval and a missing output with nothing', () => {
    const energy = meter('power', 'energy', repeat('100', TEN), ['120', '-', ...repeat('80', 8)], { product: 'steel' });
    const found = one(input([energy, output('10', '10')], [steel]));
    expect(text(found.headline!.reporting.energy)).toBe('880'); // 120 + 8 x 80 + 120
    expect(text(found.withoutFill!.reporting.energy)).toBe('760');
    expect(text(found.coverage.reporting.meters[0]!.filled)).toBe('120');
    const made = one(
      input(
        [power('100', '90'), meter('steel-out', 'product', repeat('10', TEN), gap('10', 3), { product: 'steel' })],
        [steel],
      ),
    );
    expect(text(made.headline!.reporting.quantity)).toBe('90');
  });

  it('fills a baseline the other way', () => {
    const energy = meter('power', 'energy', gap('100', 2), repeat('100', TEN), { product: 'steel' });
    const found = one(input([energy, output('10', '10')], [steel]));
    expect(text(found.headline!.baseline.energy)).toBe('900');
    const made = one(
      input(
        [power('100', '90'), meter('steel-out', 'product', gap('10', 3), repeat('10', TEN), { product: 'steel' })],
        [steel],
      ),
    );
    expect(text(made.headline!.baseline.quantity)).toBe('100');
    expect(text(made.withoutFill!.baseline.quantity)).toBe('90');
  });

  it('does not credit recovered energy that is missing', () => {
    const gas = meter('gas-out', 'energy', gap('40', 1), gap('40', 1), { product: 'steel', counts: 'recovered' });
    const found = one(input([power('100', '90'), gas, output('10', '10')], [steel]));
    expect(text(found.headline!.reporting.energy)).toBe('540'); // 900 - 360
    expect(text(found.headline!.baseline.energy)).toBe('600'); // 1000 - 400
  });

  it('stops below the coverage, and at a gap that is too long', () => {
    const two = ['-', '-', ...repeat('90', 8)];
    const low = one(
      input([meter('power', 'energy', repeat('100', TEN), two, { product: 'steel' }), output('10', '10')], [steel]),
    );
    expect(low.verdict).toBe('insufficient_data');
    expect(critical(low)).toEqual(['data-gap']);
    expect(low.headline).not.toBeNull();
    const rules = { ...STRICT_RULES, coveragePerMeter: ratioOfText('0.5'), coverageJoint: ratioOfText('0.5') };
    const lenient = { dataRules: { ...rules, longestGap: 2 * DAY } };
    const meters = [meter('power', 'energy', repeat('100', TEN), two, { product: 'steel' }), output('10', '10')];
    expect(one(input(meters, [steel], lenient)).verdict).not.toBe('insufficient_data');
    expect(one(input(meters, [steel], { dataRules: { ...rules, longestGap: 2 * DAY - 1 } })).verdict).toBe(
      'insufficient_data',
    );
  });

  it('judges the meters jointly too', () => {
    const meters = [
      meter('power', 'energy', repeat('100', TEN), gap('90', 2), { product: 'steel' }),
      meter('steel-out', 'product', repeat('10', TEN), gap('10', 7), { product: 'steel' }),
    ];
    const found = one(input(meters, [steel]));
    expect(found.coverage.reporting.joint).toBe(8 * DAY);
    expect(critical(found)).toEqual(['data-gap']);
  });

  it('counts estimated readings as missing or not, as the policy says', () => {
    const estimated = days(REPORTING.start, repeat('90', TEN)).map((reading, index) =>
      index === 0 ? ({ ...reading, provenance: 'estimated' } as const) : reading,
    );
    const meters = [power('100', '90', { reporting: estimated }), output('10', '10')];
    expect(text(one(input(meters, [steel])).headline!.reporting.energy)).toBe('910');
    const counted = { dataRules: { ...STRICT_RULES, estimatedCountsAs: 'metered' as const } };
    expect(text(one(input(meters, [steel], counted)).headline!.reporting.energy)).toBe('900');
  });

  it('spans a gap by one long package between two register readings', () => {
    const long = [
      ...days(REPORTING.start, repeat('90', 4)),
      {
        start: REPORTING.start + 4 * DAY,
        end: REPORTING.end,
        quantity: parseDecimal('540'),
        provenance: 'metered' as const,
      },
    ];
    const found = one(input([power('100', '90', { reporting: long }), output('10', '10')], [steel]));
    expect(found.coverage.reporting.meters[0]!.gaps).toBe(0);
    expect(text(found.headline!.reporting.energy)).toBe('900');
  });
});

describe('findings', () => {
  it('stops at overlaps, straddling and negative readings, and at too much read by hand', () => {
    const overlapping = [...days(REPORTING.start, repeat('90', TEN)), ...days(REPORTING.start + DAY / 2, ['90'])];
    expect(
      critical(one(input([power('100', '90', { reporting: overlapping }), output('10', '10')], [steel]))),
    ).toContain('data-conflict');
    const shifted = days(REPORTING.start - DAY / 2, repeat('90', TEN));
    expect(critical(one(input([power('100', '90', { reporting: shifted }), output('10', '10')], [steel])))).toContain(
      'interval-straddles',
    );
    const across = (billed: boolean) =>
      one(
        input(
          [
            power('100', '90', { billed, reporting: days(REPORTING.start - DAY / 2, repeat('90', 11)) }),
            output('10', '10'),
          ],
          [steel],
          { dataRules: { ...STRICT_RULES, straddling: 'prorate' } },
        ),
      );
    expect(text(across(true).headline!.reporting.energy)).toBe('900');
    expect(critical(across(false))).toContain('interval-straddles');
    expect(across(false).reasons.find(({ code }) => code === 'interval-straddles')!.text).toBe(
      "'power' has 2 intervals across the edge of the period, not counted: only what is read by bill is prorated",
    );
    expect(critical(one(input([power('100', '-1'), output('10', '10')], [steel])))).toContain('negative-quantity');
    // heat that was recovered below zero would be energy of the baseline that no meter brought in
    const backwards = (counts: 'export' | 'recovered') =>
      critical(
        one(
          input(
            [
              power('100', '100'),
              meter('back', 'energy', repeat('-20', TEN), repeat('0', TEN), { product: 'steel', counts }),
              output('10', '10'),
            ],
            [steel],
          ),
        ),
      );
    expect(backwards('recovered')).toContain('negative-quantity');
    expect(backwards('export')).not.toContain('negative-quantity');
    const manual = days(REPORTING.start, repeat('90', TEN)).map((reading) => ({
      ...reading,
      provenance: 'manual' as const,
    }));
    expect(critical(one(input([power('100', '90', { reporting: manual }), output('10', '10')], [steel])))).toEqual([
      'manual-share',
    ]);
  });

  it('finds a declared idle day contradicted by a quantity or by output', () => {
    const idle = { ...days(REPORTING.start, ['5'])[0]!, provenance: 'idle' as const };
    const rest = days(REPORTING.start, ['-', ...repeat('90', 9)]);
    expect(
      critical(one(input([power('100', '90', { reporting: [idle, ...rest] }), output('10', '10')], [steel]))),
    ).toEqual(['idle-contradicted']);
    const declared = [...days(REPORTING.start, ['idle', ...repeat('90', 9)])];
    expect(critical(one(input([power('100', '90', { reporting: declared }), output('10', '10')], [steel])))).toEqual([
      'idle-contradicted',
    ]);
    const standing = one(
      input(
        [
          power('100', '90', { reporting: declared }),
          output('10', '10', { reporting: days(REPORTING.start, ['idle', ...repeat('10', 9)]) }),
        ],
        [steel],
      ),
    );
    expect(critical(standing)).toEqual([]);
    expect(standing.coverage.reporting.idle).toBe(DAY);
  });

  it('lets a production day begin at 08:00, and bounds the skew', () => {
    const later = 8 * 3600;
    const shifted = output('10', '10', {
      dayStart: later,
      baseline: days(BASELINE.start + later, repeat('10', TEN)),
      reporting: days(REPORTING.start + later, repeat('10', TEN)),
    });
    const found = one(input([power('100', '90'), shifted], [steel]));
    expect(found.verdict).toBe('saved');
    expect(found.coverage.reporting.skew).toBe(later);
    expect(found.coverage.reporting.joint).toBe(TEN * DAY);
    expect(
      critical(
        one(input([power('100', '90'), shifted], [steel], { dataRules: { ...STRICT_RULES, skewMost: later - 1 } })),
      ),
    ).toEqual(['skew']);
  });

  it('forms no figure without a factor, with unlike units, or without an index', () => {
    const gas = power('100', '90', { carrier: 'natural_gas', unit: 'm3' });
    const noFactor = one(input([gas, output('10', '10')], [steel]));
    expect(critical(noFactor)).toContain('factor-missing');
    expect(noFactor.headline).toBeNull();
    expect(critical(one(input([power('100', '90', { unit: 't' }), output('10', '10')], [steel])))).toContain(
      'unit-mismatch',
    );
    expect(critical(one(input([power('100', '90'), output('10', '10', { unit: 'm3' })], [steel])))).toContain(
      'unit-mismatch',
    );
    const turnover = meter('turnover', 'value', repeat('1000', TEN), repeat('1200', TEN), {
      product: 'steel',
      unit: '万元',
    });
    const worth: ProductInput = { product: 'steel', basis: 'value', unit: 'CNY' };
    const noIndex = one(input([power('100', '105'), turnover], [worth]));
    expect(critical(noIndex)).toEqual(['index-missing']);
    expect(noIndex.verdict).toBe('insufficient_data');
    expect(noIndex.currentPrices!.saved).toBe(true);
    const index = { baseline: ratioOfText('1'), reporting: ratioOfText('1.10') };
    const comparable = one(input([power('100', '105'), turnover], [{ ...worth, priceIndex: index }]));
    expect(text(comparable.headline!.rate)).toBe('3/80');
    expect(text(comparable.currentPrices!.rate)).toBe('1/8');
    const rebased = { baseline: ratioOfText('90'), reporting: ratioOfText('99') };
    expect(one(input([power('100', '105'), turnover], [{ ...worth, priceIndex: rebased }])).headline).toEqual(
      comparable.headline,
    );
  });

  it('reports a broken meter tree as incomplete', () => {
    const under = (name: string) => power('100', '90', { under: name });
    for (const broken of [under('nothing'), under('power'), under('steel-out')]) {
      const found = evaluate(input([broken, output('10', '10')], [steel]));
      expect(found.whole).toBe('INCOMPLETE');
      expect(found.reasons.map((one_) => one_.code)).toContain('meter-tree');
    }
    const twice = evaluate(input([power('100', '90'), power('100', '90'), output('10', '10')], [steel]));
    expect(twice.whole).toBe('INCOMPLETE');
    const coal = power('100', '90', { meter: 'boiler', carrier: 'steam', under: 'power' });
    expect(evaluate(input([power('100', '90'), coal, output('10', '10')], [steel])).whole).toBe('INCOMPLETE');
  });
});

describe('factor tables and the fixed base', () => {
  const factor = (value: string, more = {}) =>
    new Map([['electricity', { unit: 'kWh', factor: ratioOfText(value), source: value, ...more }]]);
  const meters = [power('100', '101'), output('10', '10')];

  it('takes the reporting table for both periods: a table alone never certifies', () => {
    const found = one(input(meters, [steel], { factors: { baseline: factor('0.404'), reporting: factor('0.300') } }));
    expect(text(found.headline!.rate)).toBe('-1/100');
    expect(found.verdict).toBe('not_saved');
    expect(found.ownTable!.saved).toBe(true);
  });

  it('leaves a measured calorific value with its own period', () => {
    const measured = { measured: true, tableFactor: ratioOfText('0.7') };
    const both = one(
      input(meters, [steel], { factors: { baseline: factor('0.8', measured), reporting: factor('0.6', measured) } }),
    );
    expect(text(both.headline!.baseline.energy)).toBe('800');
    expect(text(both.headline!.reporting.energy)).toBe('606');
    const onlyNow = one(
      input(meters, [steel], { factors: { baseline: factor('0.8'), reporting: factor('0.6', measured) } }),
    );
    expect(text(onlyNow.headline!.baseline.energy)).toBe('700');
    expect(text(onlyNow.ownTable!.baseline.energy)).toBe('800');
  });

  it('prints the first certified period beside the chain', () => {
    const first = { start: -10 * DAY, end: 0 };
    const withFirst = [
      power('110', '100', { fixedBase: days(first.start, repeat('90', TEN)) }),
      output('10', '10', { fixedBase: days(first.start, repeat('10', TEN)) }),
    ];
    const found = one(input(withFirst, [steel], { fixedBase: first }));
    expect(found.verdict).toBe('saved');
    expect(text(found.fixedBase!.rate)).toBe('-1/9');
  });
});

describe('adverse case and uncertainty', () => {
  const meters = [
    power('100', '98', { accuracy: parseDecimal('0.01') }),
    output('10', '10', { accuracy: parseDecimal('0.01') }),
  ];

  it('turns every audited difference against the claimant', () => {
    const of = (
      against: 'energy' | 'product',
      size: string,
      period: 'baseline' | 'reporting' = 'reporting',
    ): AuditedDifference => {
      if (against === 'product') return { against, product: 'steel', difference: ratioOfText(size), unit: 't', period };
      return { against, carrier: 'electricity', difference: ratioOfText(size), unit: 'kWh', period };
    };
    const differs = (size: string, against: 'energy' | 'product') =>
      one(input(meters, [steel], { auditedDifferences: [of(against, size)] }));
    expect(differs('-19', 'energy').verdict).toBe('saved');
    expect(differs('20', 'energy').verdict).toBe('not_distinguishable');
    expect(text(differs('-20', 'energy').adverse!.rate)).toBe('0');
    expect(differs('1', 'product').verdict).toBe('saved');
    expect(differs('2', 'product').verdict).toBe('not_distinguishable');
    expect(differs('1000', 'product').verdict).toBe('not_distinguishable');
    const before = one(input(meters, [steel], { auditedDifferences: [of('energy', '20', 'baseline')] }));
    expect(before.verdict).toBe('not_distinguishable');
    const printed = one(
      input(meters, [steel], {
        auditedDifferences: [{ against: 'energy', difference: ratioOfText('20'), unit: 'kWh' }],
        decision: { ...EVERY, adverseCase: 'print' },
      }),
    );
    expect(printed.verdict).toBe('saved');
    expect(printed.adverse!.saved).toBe(false);
  });

  it('states the uncertainty in squares', () => {
    const found = one(input(meters, [steel]));
    // rate 0.02; u_rel^2 = 4 x 0.01^2 / 3; U^2 = 2^2 x 0.98^2 x that
    expect(text(found.uncertainty!.expandedSquared)).toBe(ratioToText(ratioOfText('38416/75000000')));
    expect(found.uncertainty!.expanded).toBe('0.0226321305522');
    expect(found.uncertainty!.distinguishable).toBe(false);
    expect(found.verdict).toBe('saved');
    const significance = { ...EVERY.significance, below: 'refuse' as const };
    expect(one(input(meters, [steel], { decision: { ...EVERY, significance } })).verdict).toBe('not_distinguishable');
    const correlated = { ...significance, sameMeterCorrelation: ratioOfText('1') };
    // The same meters in both periods, all of their error in common: what is left is zero.
    expect(
      one(input(meters, [steel], { decision: { ...EVERY, significance: correlated } })).uncertainty!.expanded,
    ).toBe('0');
    const unknown = one(
      input([power('100', '98'), output('10', '10')], [steel], { decision: { ...EVERY, significance } }),
    );
    expect(unknown.verdict).toBe('not_distinguishable');
    expect(codes(unknown)).toContain('accuracy-unknown');
  });
});

describe('several products', () => {
  const [a, b]: [ProductInput, ProductInput] = [
    { product: 'a', basis: 'quantity', unit: 't', allocationWeight: ratioOfText('1') },
    { product: 'b', basis: 'quantity', unit: 't', allocationWeight: ratioOfText('0.5') },
  ];
  const line = (name: string, energy: [string, string], made: [string, string], more: Partial<MeterInput> = {}) => [
    meter(`${name}-power`, 'energy', repeat(energy[0], TEN), repeat(energy[1], TEN), { product: name, ...more }),
    meter(`${name}-out`, 'product', repeat(made[0], TEN), repeat(made[1], TEN), { product: name }),
  ];

  it('divides what is left of a main meter by the key, sub-meters counted once', () => {
    const main = meter('main', 'energy', repeat('1', TEN), repeat('1', TEN), { unit: 'MWh' });
    const meters = [
      main,
      ...line('a', ['600', '600'], ['2', '2'], { under: 'main' }),
      ...line('b', ['300', '300'], ['3', '3'], { under: 'main' }),
    ];
    const direct = evaluate(input(meters, [a, b]));
    expect(direct.products.map((one_) => text(one_.headline!.reporting.energy))).toEqual(['20000/3', '10000/3']);
    const equivalent = evaluate(input(meters, [a, b], { allocationKey: 'output_equivalent' }));
    expect(equivalent.products.map((one_) => text(one_.headline!.reporting.energy))).toEqual(['46000/7', '24000/7']);
    const shared = equivalent.products[0]!.carriers.reporting[0]!;
    expect(text(shared.shared)).toBe('4000/7');
    expect(direct.whole).toBe('NOT_QUALIFIED');
  });

  it('reports a rest below zero and takes it against the claimant', () => {
    const main = meter('main', 'energy', repeat('800', TEN), repeat('800', TEN));
    const meters = [
      main,
      ...line('a', ['600', '600'], ['2', '2'], { under: 'main' }),
      ...line('b', ['300', '300'], ['3', '3'], { under: 'main' }),
    ];
    const found = evaluate(input(meters, [a, b]));
    expect(found.products.every((one_) => codes(one_).includes('negative-rest'))).toBe(true);
    const total = (side: 'baseline' | 'reporting') =>
      found.products
        .map((one_) => Number(one_.headline![side].energy.n) / Number(one_.headline![side].energy.d))
        .reduce((x, y) => x + y);
    expect(total('reporting')).toBeCloseTo(9000);
    expect(total('baseline')).toBeCloseTo(8000);
  });

  it('keeps carriers apart that a product does not count', () => {
    const gas = meter('gas', 'energy', repeat('50', TEN), repeat('50', TEN), { carrier: 'gas' });
    const factors = new Map(
      ['electricity', 'gas'].map((carrier) => [carrier, { unit: 'kWh', factor: ratioOfText('1'), source: 'x' }]),
    );
    const meters = [gas, ...line('a', ['100', '90'], ['10', '10']), ...line('b', ['100', '90'], ['10', '10'])];
    const found = evaluate(
      input(meters, [a, { ...b, energy: ['electricity'] }], { factors: { baseline: factors, reporting: factors } }),
    );
    expect(found.products.map((one_) => text(one_.headline!.baseline.energy))).toEqual(['1500', '1000']);
    const nobody = evaluate(
      input(
        meters,
        [
          { ...a, energy: ['electricity'] },
          { ...b, energy: ['electricity'] },
        ],
        { factors: { baseline: factors, reporting: factors } },
      ),
    );
    expect(nobody.reasons.map((one_) => one_.code)).toContain('energy-unallocated');
  });

  it('makes the whole as the policy says', () => {
    const better = line('a', ['100', '90'], ['10', '10']);
    const worse = line('b', ['10', '11'], ['10', '10']);
    const whole = (products: 'every' | 'mix_weighted' | 'each_on_its_own', meters: readonly MeterInput[]) =>
      evaluate(input(meters, [a, b], { decision: { ...EVERY, products } })).whole;
    expect(whole('every', [...better, ...worse])).toBe('NOT_QUALIFIED');
    expect(whole('mix_weighted', [...better, ...worse])).toBe('CERTIFIED');
    expect(whole('each_on_its_own', [...better, ...worse])).toBe('CERTIFIED');
    const lacking = line('b', ['10', '-'], ['10', '10']);
    expect(whole('every', [...better, ...lacking])).toBe('INCOMPLETE');
    expect(whole('mix_weighted', [...better, ...lacking])).toBe('INCOMPLETE');
    expect(whole('each_on_its_own', [...better, ...lacking])).toBe('CERTIFIED');
    const fresh = line('b', ['10', '10'], ['-', '10']);
    expect(whole('every', [...better, ...fresh])).toBe('CERTIFIED');
  });

  it('shows the reversal by product mix and certifies on the products', () => {
    const meters = [...line('a', ['20000', '15200'], ['100', '80']), ...line('b', ['13500', '22000'], ['30', '50'])];
    const found = evaluate(input(meters, [a, b]));
    expect(found.whole).toBe('CERTIFIED');
    expect(text(found.mix!.productMix!.effect)).toBe('50000');
    expect(text(found.mix!.saving)).toBe('13000');
  });
});

describe('stock', () => {
  const coal = (more: Partial<MeterInput> = {}) =>
    meter('coal-gate', 'energy', repeat('100', TEN), repeat('100', TEN), {
      carrier: 'coal',
      unit: 't',
      product: 'steel',
      ...more,
    });
  const level = (time: number, quantity: string) => ({
    start: time - DAY,
    end: time,
    quantity: parseDecimal(quantity),
    provenance: 'metered' as const,
  });
  const yard = (levels: [string, string, string]): MeterInput => ({
    meter: 'yard',
    kind: 'stock',
    counts: 'use',
    carrier: 'coal',
    unit: 't',
    baseline: [level(BASELINE.start, levels[0]), level(BASELINE.end, levels[1])],
    reporting: [level(REPORTING.start, levels[1]), level(REPORTING.end, levels[2])],
  });
  const factors = new Map([['coal', { unit: 't', factor: ratioOfText('1'), source: 'x' }]]);
  const both = { factors: { baseline: factors, reporting: factors } };

  it('adds opening less closing to what was bought, not to what a belt scale says', () => {
    const found = one(input([coal(), yard(['20', '15', '65']), output('10', '10')], [steel], both));
    expect(text(found.headline!.baseline.energy)).toBe('1005');
    expect(text(found.headline!.reporting.energy)).toBe('950');
    const scale = one(input([coal({ counts: 'use' }), yard(['20', '15', '65']), output('10', '10')], [steel], both));
    expect(text(scale.headline!.reporting.energy)).toBe('1000');
  });

  it.each([
    ['below zero', { quantity: parseDecimal('-500') }],
    ['estimated, where that is missing', { provenance: 'estimated' as const }],
  ])('takes no count that is %s', (_, wrong) => {
    const counts = yard(['20', '15', '65']);
    const [opening, closing] = counts.baseline as [Reading, Reading];
    const meters = (more: Partial<MeterInput>) => [coal(), { ...counts, ...more }, output('10', '10')];
    const rules = { ...both, dataRules: { ...STRICT_RULES, longestGap: 5 * DAY } };
    const missing = one(input(meters({ baseline: [opening, { ...closing, ...wrong }] }), [steel], rules));
    expect(critical(missing)).toEqual(['stock-missing']);
    // an older count that may still be taken stands in its place, and what was bought after it is not known to be used
    const older = level(BASELINE.end - DAY, '30');
    const found = one(input(meters({ baseline: [opening, older, { ...closing, ...wrong }] }), [steel], rules));
    expect(text(found.headline!.baseline.energy)).toBe('890');
  });

  describe('counted before the edge of a period', () => {
    const rules = { ...both, dataRules: { ...STRICT_RULES, longestGap: 5 * DAY } };
    const early = (edge: number, by: number, quantity: string) => level(edge - by * DAY, quantity);
    /** 100 t are bought every day, also before and after the periods. */
    const gate = (more: Partial<MeterInput> = {}): MeterInput => {
      const { baseline, reporting } = coal();
      const all = [...baseline, ...reporting];
      return { ...coal(), baseline: all, reporting: all, ...more };
    };
    const heap = (baseline: readonly Reading[], reporting: readonly Reading[]): MeterInput => ({
      ...yard(['0', '0', '0']),
      baseline,
      reporting,
    });
    const evaluated = (gates: MeterInput, counts: MeterInput) =>
      one(input([gates, counts, output('10', '10')], [steel], rules));
    const timing = (found: ReturnType<typeof one>) =>
      found.reasons.filter(({ code }) => code === 'stock-timing').map(({ period, text: said }) => `${period}: ${said}`);
    const atEdges = [level(REPORTING.start, '20'), level(REPORTING.end, '20')];

    it('what was bought after the opening count is used in the reporting period, as if all of it still lay there', () => {
      const cheat = evaluated(gate(), heap(atEdges, [early(REPORTING.start, 2, '20'), level(REPORTING.end, '20')]));
      expect(text(cheat.headline!.reporting.energy)).toBe('1200');
      expect(timing(cheat)).toEqual([
        "reporting: 200.000 t of 'coal-gate' came between a count of 'coal' and the edge of the period: used in it",
      ]);
      // at the closing it is so anyway: it was bought in the period and is in no count
      const closing = evaluated(gate(), heap(atEdges, [level(REPORTING.start, '20'), early(REPORTING.end, 2, '20')]));
      expect(text(closing.headline!.reporting.energy)).toBe('1000');
      expect(timing(closing)).toEqual([]);
    });

    it('what was bought after the closing count is not used in the baseline', () => {
      const cheat = evaluated(gate(), heap([level(BASELINE.start, '20'), early(BASELINE.end, 2, '20')], atEdges));
      expect(text(cheat.headline!.baseline.energy)).toBe('800');
      expect(timing(cheat)).toEqual([
        "baseline: 200.000 t of 'coal-gate' came between a count of 'coal' and the edge of the period: not used in it",
      ]);
      const opening = evaluated(gate(), heap([early(BASELINE.start, 2, '20'), level(BASELINE.end, '20')], atEdges));
      expect(text(opening.headline!.baseline.energy)).toBe('1000');
    });

    it('is held against what lies between, whatever the packages are cut into and whenever the days of the heap begin', () => {
      // one package over four days, the count in the middle of it
      const cut = (end: number) => ({ ...level(end, '400'), start: end - 4 * DAY });
      const { baseline, reporting } = gate();
      const longer = [...baseline.slice(0, 6), cut(BASELINE.end), ...reporting.slice(10)];
      const counts = heap(
        [level(BASELINE.start, '20'), early(BASELINE.end, 1, '20')],
        [early(REPORTING.start, 1, '20'), level(REPORTING.end, '20')],
      );
      const found = evaluated(gate({ baseline: longer, reporting: longer }), counts);
      expect(text(found.headline!.baseline.energy)).toBe('600');
      expect(text(found.headline!.reporting.energy)).toBe('1400');
      // a heap whose days begin 3 hours later is counted after the edge of what is bought
      const shift = 3 * 3600;
      const later = {
        ...heap(
          [level(BASELINE.start + shift, '20'), level(BASELINE.end + shift, '20')],
          [level(REPORTING.start + shift, '20'), level(REPORTING.end + shift, '120')],
        ),
        dayStart: shift,
      };
      const more = gate();
      const after = [...more.reporting, level(REPORTING.end + DAY, '100')];
      const shifted = evaluated({ ...more, baseline: after, reporting: after }, later);
      expect(text(shifted.headline!.baseline.energy)).toBe('900');
      expect(text(shifted.headline!.reporting.energy)).toBe('1000');
    });

    it('stops where what was bought in between is not on record', () => {
      const withheld = gate({ reporting: coal().reporting });
      const found = evaluated(withheld, heap(atEdges, [early(REPORTING.start, 2, '20'), level(REPORTING.end, '20')]));
      expect(critical(found)).toEqual(['stock-missing']);
    });
  });

  it('is not left out by use metered under what is bought, nor by a label that nothing is bought for', () => {
    // 100 t a day bought, 90 of them used; 100 t go onto the heap in the baseline and come off it afterwards
    const belt = meter('belt', 'energy', repeat('90', TEN), repeat('90', TEN), { under: 'coal-gate', unit: 't' });
    const used = { ...belt, carrier: 'coal', counts: 'use' as const };
    const counts = yard(['0', '100', '0']);
    const found = one(input([coal(), used, counts, output('10', '10')], [steel], both));
    expect(text(found.headline!.baseline.energy)).toBe('900');
    expect(text(found.headline!.reporting.energy)).toBe('1100');
    const elsewhere = one(input([coal(), { ...counts, product: 'tin' }, output('10', '10')], [steel], both));
    expect(text(elsewhere.headline!.baseline.energy)).toBe('900');
  });

  it('cannot do without a level at both edges', () => {
    const yardWithout = { ...yard(['20', '15', '65']), reporting: [level(REPORTING.end, '65')] };
    expect(critical(one(input([coal(), yardWithout, output('10', '10')], [steel], both)))).toEqual(['stock-missing']);
  });
});

describe('shared energy', () => {
  const tin: ProductInput = { product: 'tin', basis: 'quantity', unit: 't' };
  const own = (name: string, before: string, after: string) =>
    meter(`${name}-power`, 'energy', repeat(before, TEN), repeat(after, TEN), { product: name });
  const made = (name: string, before: string, after: string) =>
    meter(`${name}-out`, 'product', repeat(before, TEN), repeat(after, TEN), { product: name });
  const office = meter('office', 'energy', repeat('100', TEN), repeat('100', TEN));
  const changes = (tinBefore: string, tinAfter: string) => {
    const meters = [office, own('steel', '50', '50'), made('steel', '10', '10'), own('tin', tinBefore, tinAfter)];
    const found = evaluate(input([...meters, made('tin', tinBefore, tinAfter)], [steel, tin])).products[0]!;
    return { found, told: found.reasons.filter(({ code }) => code === 'allocation-changed') };
  };

  it('that a new product bears is not saved by the old one: it is said', () => {
    const { found, told } = changes('0', '50');
    // half of the office went over to the tin
    expect(text(found.headline!.baseline.energy)).toBe('1500');
    expect(text(found.headline!.reporting.energy)).toBe('1000');
    expect(told.map(({ severity, text: said }) => `${severity} ${said}`)).toEqual([
      "moderate 'tin' bears a part of the shared 'electricity' and had none in the baseline, so 'steel' bears less",
    ]);
  });

  it('that is divided among the same products as before is not', () => {
    expect(changes('40', '50').told).toEqual([]);
    expect(changes('50', '0').told).toEqual([]);
  });
});
