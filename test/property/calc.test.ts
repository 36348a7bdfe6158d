import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, sharesByKey } from '../../src/calc/allocate.ts';
import {
  addDecimal,
  compareDecimal,
  decimal,
  decimalToText,
  parseDecimal,
  subtractDecimal,
  sumDecimals,
} from '../../src/calc/decimal.ts';
import type { Decimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { EvaluationInput, MeterInput, ProductInput, Reading } from '../../src/calc/evaluation-input.ts';
import type { Evaluation } from '../../src/calc/evaluation.ts';
import {
  addRatio,
  compareRatio,
  multiplyRatio,
  ONE,
  ratio,
  ratioOfDecimal,
  ratioOfText,
  ratioToText,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../../src/calc/ratio.ts';
import { rootText } from '../../src/calc/root.ts';
import { exactText, roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { convertUnit, dimensionOf, knownUnits } from '../../src/calc/unit.ts';
import { BASELINE, DAY, input, REPORTING, STRICT_RULES } from '../unit/calc/sample.ts';

const decimals: fc.Arbitrary<Decimal> = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -18, max: 18 }))
  .map(([m, e]) => decimal(m, e));
const rationals = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.bigInt({ min: 1n, max: 10n ** 12n }))
  .map(([n, d]) => ratio(n, d));
const positive = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 10n ** 6n }))
  .map(([n, d]) => ratio(n, d));

describe('numbers', () => {
  it('reads back what it writes, in one form', () => {
    fc.assert(
      fc.property(decimals, (value) => {
        expect(parseDecimal(decimalToText(value))).toEqual(value);
        expect(ratioOfText(exactText(ratioOfDecimal(value)))).toEqual(ratioOfDecimal(value));
      }),
    );
    fc.assert(
      fc.property(rationals, (value) => {
        expect(ratioOfText(ratioToText(value))).toEqual(value);
        expect(ratioOfText(exactText(value))).toEqual(value);
      }),
    );
  });

  it('throws nothing but its own error on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-0-9.]{0,12}$/)), (text) => {
        try {
          const value = parseDecimal(text);
          expect(compareDecimal(value, parseDecimal(decimalToText(value)))).toBe(0);
        } catch (error) {
          expect(error).toMatchObject({ name: 'JoulemarkError', code: 'USAGE' });
        }
      }),
    );
  });

  it('adds decimals as rationals, in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(decimals), (values) => {
        const total = sumDecimals(values);
        expect(ratioOfDecimal(total)).toEqual(sumRatios(values.map(ratioOfDecimal)));
        expect(sumDecimals(values.toReversed())).toEqual(total);
        expect(values.reduce(addDecimal, parseDecimal('0'))).toEqual(total);
        expect(subtractDecimal(total, total)).toEqual(parseDecimal('0'));
      }),
    );
  });
});

/** Half-even by long division, digit by digit on text: slow, and nothing in common with the code under test. */
function slowRound(n: bigint, d: bigint, places: number): string {
  const negative = n < 0n;
  let rest = negative ? -n : n;
  const digits: number[] = [...(rest / d).toString()].map(Number);
  rest %= d;
  for (let i = 0; i < places; i += 1) {
    rest *= 10n;
    digits.push(Number(rest / d));
    rest %= d;
  }
  const half = rest * 2n;
  const odd = digits.at(-1)! % 2 === 1;
  if (half > d || (half === d && odd)) {
    let at = digits.length - 1;
    while (at >= 0 && digits[at] === 9) digits[at--] = 0;
    if (at < 0) digits.unshift(1);
    else digits[at]! += 1;
  }
  const text = digits.join('');
  const whole = text.slice(0, text.length - places);
  const plain = places === 0 ? text : `${whole}.${text.slice(-places)}`;
  return negative && /[1-9]/.test(plain) ? `-${plain}` : plain;
}

describe('rounding', () => {
  // Small denominators give many exact ties.
  const close = fc
    .tuple(
      fc.bigInt({ min: -100_000n, max: 100_000n }),
      fc.constantFrom(1n, 2n, 4n, 8n, 20n, 200n, 2000n, 3n, 7n, 999n),
    )
    .map(([n, d]) => ratio(n, d));

  it('agrees with long division', () => {
    fc.assert(
      fc.property(fc.oneof(close, rationals), fc.integer({ min: 0, max: 12 }), (value, places) => {
        expect(roundPlaces(value, places)).toBe(slowRound(value.n, value.d, places));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps as many significant digits as asked, within half of the last', () => {
    fc.assert(
      fc.property(fc.oneof(close, rationals), fc.integer({ min: 1, max: 15 }), (value, digits) => {
        const text = roundSignificant(value, digits);
        if (value.n === 0n) {
          expect(text).toBe('0');
          return;
        }
        const significant = text.replace(/[-.]/g, '').replace(/^0+/, '');
        const whole = !text.includes('.');
        if (!whole) expect(significant.length).toBe(digits);
        const places = whole ? digits - significant.length : (text.split('.')[1]?.length ?? 0);
        const unit = places >= 0 ? ratio(1n, 10n ** BigInt(places)) : ratio(10n ** BigInt(-places), 1n);
        const apart = subtractRatio(ratioOfText(text), value);
        expect(
          compareRatio(multiplyRatio({ n: apart.n < 0n ? -apart.n : apart.n, d: apart.d }, ratio(2n, 1n)), unit),
        ).toBeLessThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });

  it('takes roots that lie within half of the last digit', () => {
    fc.assert(
      fc.property(positive, (value) => {
        const root = ratioOfText(rootText(multiplyRatio(value, value), 12));
        const apart = subtractRatio(root, value);
        const relative = ratio((apart.n < 0n ? -apart.n : apart.n) * value.d, apart.d * value.n);
        expect(compareRatio(relative, ratio(5n, 10n ** 12n))).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('units and shares', () => {
  it('converts there and back exactly', () => {
    const unit = fc.constantFrom(...knownUnits());
    fc.assert(
      fc.property(unit, unit, (from, to) => {
        if (dimensionOf(from) !== dimensionOf(to)) {
          expect(() => convertUnit(from, to)).toThrow(/unlike kind/);
          return;
        }
        expect(multiplyRatio(convertUnit(from, to), convertUnit(to, from))).toEqual(ONE);
      }),
      { numRuns: 1000 },
    );
  });

  it('divides shared energy into parts that sum to it exactly', () => {
    const claim = fc.record({ directEnergy: positive, quantity: positive, weight: positive });
    const key = fc.constantFrom('direct_energy', 'output_equivalent', 'heat_content', 'comparable_value');
    fc.assert(
      fc.property(fc.array(claim, { minLength: 1, maxLength: 12 }), rationals, key, (claims, shared, chosen) => {
        const shares = sharesByKey(
          chosen,
          claims.map((one, index) => ({ product: `p${index}`, ...one })),
        )!;
        expect(sumRatios(shares.values())).toEqual(ONE);
        expect(sumRatios(allocate(shared, shares).values())).toEqual(shared);
      }),
    );
  });
});

const quantities = fc.array(fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -3, max: 0 })), {
  minLength: 10,
  maxLength: 10,
});

function readings(start: number, values: readonly (readonly [number, number])[]): readonly Reading[] {
  return values.map(([m, e], index) => ({
    start: start + index * DAY,
    end: start + (index + 1) * DAY,
    quantity: decimal(BigInt(m), e),
    provenance: 'metered',
  }));
}

const PRODUCTS: readonly ProductInput[] = ['a', 'b'].map((product) => ({ product, basis: 'quantity', unit: 't' }));

/** Two products below a main meter that is never less than its sub-meters. */
const plants: fc.Arbitrary<EvaluationInput> = fc.array(quantities, { minLength: 10, maxLength: 10 }).map((series) => {
  const names = ['a', 'b'];
  const meters: MeterInput[] = names.flatMap((product, index) => [
    {
      meter: `e-${product}`,
      kind: 'energy',
      counts: 'use',
      carrier: 'electricity',
      product,
      under: 'main',
      unit: 'kWh',
      baseline: readings(BASELINE.start, series[4 * index]!),
      reporting: readings(REPORTING.start, series[4 * index + 1]!),
    },
    {
      meter: `m-${product}`,
      kind: 'product',
      counts: 'use',
      product,
      unit: 't',
      baseline: readings(BASELINE.start, series[4 * index + 2]!),
      reporting: readings(REPORTING.start, series[4 * index + 3]!),
    },
  ]);
  const sum = (side: 'baseline' | 'reporting', start: number) =>
    Array.from({ length: 10 }, (_, day) => ({
      start: start + day * DAY,
      end: start + (day + 1) * DAY,
      quantity: sumDecimals([
        meters[0]![side][day]!.quantity,
        meters[2]![side][day]!.quantity,
        decimal(BigInt(series[8]![day]![0]), 0),
      ]),
      provenance: 'metered' as const,
    }));
  const main: MeterInput = {
    meter: 'main',
    kind: 'energy',
    counts: 'import',
    carrier: 'electricity',
    unit: 'kWh',
    baseline: sum('baseline', BASELINE.start),
    reporting: sum('reporting', REPORTING.start),
  };
  return input([main, ...meters], PRODUCTS, {
    dataRules: { ...STRICT_RULES, coveragePerMeter: ZERO, coverageJoint: ZERO, longestGap: 100 * DAY },
  });
});

function figures(evaluation: Evaluation) {
  return evaluation.products.map(({ headline, verdict }) => ({ headline, verdict }));
}

describe('evaluation', () => {
  it('counts all energy that entered, once', () => {
    fc.assert(
      fc.property(plants, (plant) => {
        const { products } = evaluate(plant);
        for (const side of ['baseline', 'reporting'] as const) {
          const entered = ratioOfDecimal(sumDecimals(plant.meters[0]![side].map((one) => one.quantity)));
          expect(products.map((one) => one.headline![side].energy).reduce(addRatio)).toEqual(entered);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('does not depend on the order of meters, products and readings', () => {
    fc.assert(
      fc.property(plants, fc.infiniteStream(fc.nat()), (plant, random) => {
        const shuffle = <T>(items: readonly T[]): readonly T[] =>
          items
            .map((item) => ({ item, at: random.next().value ?? 0 }))
            .toSorted((x, y) => x.at - y.at)
            .map(({ item }) => item);
        const mixed = {
          ...plant,
          products: shuffle(plant.products),
          meters: shuffle(plant.meters).map((meter) => ({
            ...meter,
            baseline: shuffle(meter.baseline),
            reporting: shuffle(meter.reporting),
          })),
        };
        expect(evaluate(mixed)).toEqual(evaluate(plant));
      }),
      { numRuns: 50 },
    );
  });

  it('gives the same totals when an interval is split', () => {
    fc.assert(
      fc.property(
        plants,
        fc.nat({ max: 4 }),
        fc.nat({ max: 9 }),
        fc.integer({ min: 1, max: DAY - 1 }),
        decimals,
        (plant, which, day, cut, part) => {
          const meters = plant.meters.map((meter, index) => {
            if (index !== which) return meter;
            const whole = meter.reporting[day]!;
            const halves: readonly Reading[] = [
              { ...whole, end: whole.start + cut, quantity: part },
              { ...whole, start: whole.start + cut, quantity: subtractDecimal(whole.quantity, part) },
            ];
            return {
              ...meter,
              reporting: [...meter.reporting.slice(0, day), ...halves, ...meter.reporting.slice(day + 1)],
            };
          });
          const split = evaluate({ ...plant, meters });
          expect(split.products.map((one) => one.headline)).toEqual(
            evaluate(plant).products.map((one) => one.headline),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('never gives a better rate for output withheld in the period, or energy withheld in the baseline', () => {
    fc.assert(
      fc.property(
        plants,
        fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
        fc.constantFrom('a', 'b'),
        (plant, gone, product) => {
          const honest = evaluate({ ...plant, products: [PRODUCTS[0]!, PRODUCTS[1]!] });
          const without = (meter: string, side: 'baseline' | 'reporting') =>
            evaluate({
              ...plant,
              meters: plant.meters.map((one) =>
                one.meter === meter ? { ...one, [side]: one[side].filter((_, day) => !gone.includes(day)) } : one,
              ),
            });
          for (const attempt of [without(`m-${product}`, 'reporting'), without('main', 'baseline')]) {
            for (const [index, one] of attempt.products.entries()) {
              const before = honest.products[index]!.headline!.rate!;
              if (one.headline?.rate) expect(compareRatio(one.headline.rate, before)).toBeLessThanOrEqual(0);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives a verdict that agrees with its own figures', () => {
    fc.assert(
      fc.property(plants, (plant) => {
        for (const { headline, verdict } of figures(evaluate(plant))) {
          const { baseline, reporting } = headline!;
          // e_r < e_b, cross-multiplied from the sums.
          const less =
            reporting.energy.n * baseline.quantity.n * baseline.energy.d * reporting.quantity.d <
            baseline.energy.n * reporting.quantity.n * reporting.energy.d * baseline.quantity.d;
          expect(verdict).toBe(less ? 'saved' : 'not_saved');
        }
      }),
      { numRuns: 50 },
    );
  });
});
