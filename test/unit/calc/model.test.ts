import { describe, expect, it } from 'vitest';
import { cumulativeSavings } from '../../../src/calc/cusum.ts';
import { evaluate } from '../../../src/calc/evaluate.ts';
import type { DecisionRules, EvaluationInput, MeterInput, ProductInput } from '../../../src/calc/evaluation-input.ts';
import type { ProductEvaluation } from '../../../src/calc/evaluation.ts';
import type { ModelEvaluation } from '../../../src/calc/model-evaluation.ts';
import { compareRatio, type Rational, ratioOfText, ratioToText, subtractRatio } from '../../../src/calc/ratio.ts';
import type { RegressionInput } from '../../../src/calc/regression-input.ts';
import { BASELINE, DAY, days, EVERY, input, meter, REPORTING } from './sample.ts';

const steel: ProductInput = { product: 'steel', basis: 'quantity', unit: 't' };

const dayRows = (start: number) =>
  Array.from({ length: 10 }, (_, i) => ({ start: start + i * DAY, end: start + (i + 1) * DAY }));

/** SEP's conditions on days, by output alone. */
const RULES: RegressionInput = {
  rowLength: 'day',
  rows: { baseline: dayRows(BASELINE.start), reporting: dayRows(REPORTING.start) },
  products: new Map([['steel', ['output']]]),
  variables: new Map(),
  coverage: ratioOfText('0.90'),
  degreesOfFreedom: 'terms',
  validity: {
    modelP: ratioOfText('0.10'),
    variableP: ratioOfText('0.20'),
    oneVariableP: ratioOfText('0.10'),
    r2: ratioOfText('0.5'),
    deviations: ratioOfText('3'),
  },
  confidence: ratioOfText('0.90'),
  verdict: 'decide',
};

const OUTPUT = [8, 12, 9, 11, 10, 7, 13, 10, 9, 11];
const NOISE = [1, -2, 2, -1, 0, 1, -1, -1, 2, -1];
/** A plant that uses 100 kWh a day and 5 kWh a tonne, and something. */
const energyOf = (output: readonly number[], base = 100, noise = NOISE) =>
  output.map((tonnes, i) => String(base + 5 * tonnes + noise[i]!));
const texts = (numbers: readonly number[]) => numbers.map(String);

interface Days {
  readonly energy: readonly string[];
  readonly output: readonly string[];
}

const BEFORE: Days = { energy: energyOf(OUTPUT), output: texts(OUTPUT) };

function inputOf(
  after: Days,
  rules: Partial<RegressionInput> = {},
  more: Partial<EvaluationInput> = {},
  before: Days = BEFORE,
  meters: readonly MeterInput[] = [],
): EvaluationInput {
  return input(
    [
      meter('power', 'energy', before.energy, after.energy, { product: 'steel' }),
      meter('steel-out', 'product', before.output, after.output, { product: 'steel' }),
      ...meters,
    ],
    [steel],
    { regression: { ...RULES, ...rules }, ...more },
  );
}

const one = (...from: Parameters<typeof inputOf>): ProductEvaluation => evaluate(inputOf(...from)).products[0]!;
const modelOf = (product: ProductEvaluation): ModelEvaluation => {
  if (product.model === null || product.model === undefined) throw new Error('no model');
  return product.model;
};
const codes = (product: ProductEvaluation) => product.reasons.map(({ code, severity }) => `${severity} ${code}`);
const isLess = (a: Rational | null, b: Rational | null): boolean => compareRatio(a!, b!) < 0;

const same: Days = { energy: energyOf(OUTPUT), output: texts(OUTPUT) };
const doubled = OUTPUT.map((tonnes) => tonnes * 2);
/** Twice the output, and 3 kWh a day more than the baseline would have used. */
const busier: Days = { energy: energyOf(doubled, 103, NOISE), output: texts(doubled) };

describe('a model beside the ratio', () => {
  it('expects of the baseline what it used', () => {
    const model = modelOf(one(same));
    expect(ratioToText(model.modelled)).toBe(ratioToText(modelOf(one(same)).comparison.reporting.energy));
    expect(model.comparison.saving).toEqual({ n: 0n, d: 1n });
    expect([model.rows, model.faults]).toEqual([{ baseline: 10, used: 10, reporting: 10, known: 10 }, []]);
    expect(ratioToText(model.sums[0]!)).toBe('100');
  });

  it('says what a ratio cannot: more output hides what is lost', () => {
    // outside the range of the baseline, so the condition on ranges is put aside
    const rules = { validity: { ...RULES.validity, deviations: ratioOfText('100') } };
    const found = one(busier, rules);
    expect(found.headline?.rate?.n).toBeGreaterThan(0n);
    expect(modelOf(found).comparison.rate!.n).toBeLessThan(0n);
    expect(modelOf(found).baseLoad).toBe(true);
    expect(found.verdict).toBe('not_saved');
    expect(codes(found)).toContain('moderate base-load');
    const printed = one(busier, { ...rules, verdict: 'print' });
    expect(printed.verdict).toBe('saved');
    expect(codes(printed)).toContain('moderate base-load');
  });

  it('is not valid outside the range of its rows', () => {
    const found = one(busier);
    expect(modelOf(found).faults).toEqual(['range']);
    expect(found.verdict).toBe('insufficient_data');
    expect(codes(found)).toContain('critical model-invalid');
    const printed = one(busier, { verdict: 'print' });
    expect([printed.verdict, codes(printed).includes('minor model-invalid')]).toEqual(['saved', true]);
  });

  it('saves by as much as the band, or is not distinguishable where the policy refuses', () => {
    const refusing: DecisionRules = { ...EVERY, significance: { ...EVERY.significance, below: 'refuse' } };
    const little = one({ energy: energyOf(OUTPUT, 99.7), output: texts(OUTPUT) }, {}, { decision: refusing });
    expect(little.verdict).toBe('not_distinguishable');
    expect(modelOf(little).uncertainty?.distinguishable).toBe(false);
    const much = one({ energy: energyOf(OUTPUT, 80), output: texts(OUTPUT) }, {}, { decision: refusing });
    expect(much.verdict).toBe('saved');
    expect(modelOf(much).comparison.saving).toEqual({ n: 200n, d: 1n });
  });

  it('counts no more rows as independent than there are', () => {
    const spread = modelOf(one(same)).spread!;
    expect(spread.rho.n).toBeLessThan(0n);
    expect(isLess(ratioOfText('10'), spread.independent)).toBe(true);
    expect(ratioToText(spread.counted)).toBe('10');
    expect([spread.degrees, modelOf(one(same, { degreesOfFreedom: 'slopes' })).spread!.degrees]).toEqual([8, 9]);
  });

  it('refuses a baseline that says too little, and a variable that says nothing', () => {
    const gap = (row: readonly string[], ...missing: number[]) =>
      row.map((text, i) => (missing.includes(i) ? '-' : text));
    const twoMissing = one(same, {}, {}, { energy: gap(BEFORE.energy, 2, 5), output: BEFORE.output });
    expect(twoMissing.verdict).toBe('insufficient_data');
    const flat = one(same, {}, {}, { energy: BEFORE.energy, output: texts(OUTPUT.map(() => 10)) });
    expect(flat.reasons.find(({ code }) => code === 'model-unformed')?.text).toContain(
      "column 'output' is constant or a combination of the others",
    );
    expect(flat.verdict).toBe('insufficient_data');
    const absent = one(same, { products: new Map([['steel', ['output', 'frost']]]) });
    expect(absent.reasons.find(({ code }) => code === 'model-unformed')?.text).toContain('missing-variables');
  });

  it('has none where the policy has none, and none of a product without a verdict', () => {
    expect('model' in evaluate(input([], [steel])).products[0]!).toBe(false);
    expect('model' in one(same, { products: new Map() })).toBe(false);
    expect(one({ energy: same.energy, output: [] }).model).toBeNull();
  });
});

describe('a gap never helps the claimant in a model', () => {
  const without = (row: readonly string[], day: number) => row.map((text, i) => (i === day ? '-' : text));
  const saving = (...from: Parameters<typeof inputOf>) => modelOf(one(...from)).comparison.saving;
  const better: Days = { energy: energyOf(OUTPUT, 90), output: texts(OUTPUT) };

  it.each(OUTPUT.map((_, day) => day))('whichever day %i of the baseline is withheld', (day) => {
    const energy = saving(better, {}, {}, { energy: without(BEFORE.energy, day), output: BEFORE.output });
    const both = saving(better, {}, {}, { energy: without(BEFORE.energy, day), output: without(BEFORE.output, day) });
    for (const withheld of [energy, both]) expect(compareRatio(withheld!, saving(better)!)).toBeLessThan(1);
  });

  it.each(OUTPUT.map((_, day) => day))('whichever day %i of the period is withheld', (day) => {
    const energy = saving({ energy: without(better.energy, day), output: better.output });
    const output = saving({ energy: better.energy, output: without(better.output, day) });
    const both = saving({ energy: without(better.energy, day), output: without(better.output, day) });
    for (const withheld of [energy, output, both]) expect(compareRatio(withheld!, saving(better)!)).toBeLessThan(1);
  });

  it('a variable that is not known is the one by which least is expected', () => {
    const frost = [3, 0, 5, 2, 7, 1, 4, 6, 0, 2];
    const noisy = (base: number) => OUTPUT.map((tonnes, i) => String(base + 5 * tonnes + 10 * frost[i]! + NOISE[i]!));
    const variable = (reporting: readonly string[]) => ({
      products: new Map([['steel', ['output', 'frost']]]),
      variables: new Map([
        [
          'frost',
          {
            takes: 'mean' as const,
            baseline: days(BASELINE.start, texts(frost)),
            reporting: days(REPORTING.start, reporting),
          },
        ],
      ]),
    });
    const before: Days = { energy: noisy(100), output: BEFORE.output };
    const after: Days = { energy: noisy(90), output: BEFORE.output };
    const whole = modelOf(one(after, variable(texts(frost)), {}, before));
    expect(whole.terms.map(({ name }) => name)).toEqual(['constant', 'output', 'frost']);
    expect(ratioToText(whole.sums[1]!)).toBe('30');
    const found = one(after, variable(without(texts(frost), 4)), {}, before);
    expect(ratioToText(modelOf(found).sums[1]!)).toBe('23');
    expect(modelOf(found).rows.known).toBe(9);
    expect(codes(found)).toContain('minor model-rows');
  });
});

describe('a row with a stock', () => {
  // bought on the first day alone; the heap is counted at the end of every day
  const used = OUTPUT.map((tonnes, i) => 100 + 5 * tonnes + NOISE[i]!);
  const bought = used.map((_, i) => (i === 0 ? 3000 : 0));
  const level = (of: readonly number[], day: number) =>
    3000 - of.slice(0, day + 1).reduce((sum, amount) => sum + amount, 0);
  // opens with nothing, counted the day before
  const heap = (start: number, of: readonly number[]) => [
    ...days(start - DAY, ['0']),
    ...days(start, texts(of.map((_, day) => level(of, day)))),
  ];
  const saving = used.map((amount) => amount - 10);
  const stocked = (): EvaluationInput =>
    inputOf(
      { energy: texts(bought), output: texts(OUTPUT) },
      {},
      {},
      { energy: texts(bought), output: texts(OUTPUT) },
      [
        {
          ...meter('heap', 'energy', [], [], { unit: 'kWh' }),
          kind: 'stock',
          baseline: heap(BASELINE.start, used),
          reporting: heap(REPORTING.start, saving),
        },
      ],
    );

  it('uses what its own counts say, and not the growth of the whole period', () => {
    const { model } = evaluate(stocked()).products[0]!;
    const plain = modelOf(one({ energy: texts(saving), output: texts(OUTPUT) }));
    expect(model!.terms).toEqual(plain.terms);
    expect(ratioToText(model!.comparison.saving!)).toBe('100');
  });

  it('stands so in the running sum of savings, which leaves no rest', () => {
    const found = stocked();
    const [savings] = cumulativeSavings(found, evaluate(found), dayRows(REPORTING.start), true);
    expect(savings!.parts.map(({ energy }) => ratioToText(energy))).toEqual(texts(saving));
    expect(ratioToText(savings!.rest!.energy)).toBe('0');
  });
});

describe('the adverse case of a model', () => {
  const better: Days = { energy: energyOf(OUTPUT, 90), output: texts(OUTPUT) };
  const differing = (difference: string, period: 'baseline' | 'reporting') => ({
    auditedDifferences: [
      { against: 'energy', carrier: 'electricity', difference: ratioOfText(difference), unit: 'kWh', period } as const,
    ],
  });

  it('is the comparison itself without differences', () => {
    const { comparison, adverse } = modelOf(one(better));
    expect(adverse.saving).toEqual(comparison.saving);
  });

  it.each(['baseline', 'reporting'] as const)('a difference of the %s is lost in full', (period) => {
    const { comparison, adverse } = modelOf(one(better, {}, differing('30', period)));
    expect(ratioToText(subtractRatio(comparison.saving!, adverse.saving!))).toBe('30');
    expect(one(better, {}, differing('130', period)).verdict).toBe('not_distinguishable');
  });

  it('output that was overstated lowers what is expected', () => {
    const { comparison, adverse } = modelOf(
      one(
        better,
        {},
        {
          auditedDifferences: [{ against: 'product', product: 'steel', difference: ratioOfText('5'), unit: 't' }],
        },
      ),
    );
    expect(isLess(adverse.saving, comparison.saving)).toBe(true);
    expect(ratioToText(adverse.reporting.quantity)).toBe('95');
  });
});

describe('several products', () => {
  it('are taken together by the forms that decide', () => {
    const rules = { validity: { ...RULES.validity, deviations: ratioOfText('100') } };
    const whole = evaluate(
      input(
        [
          meter('power', 'energy', BEFORE.energy, busier.energy, { product: 'steel' }),
          meter('steel-out', 'product', BEFORE.output, busier.output, { product: 'steel' }),
          meter('power-2', 'energy', texts(OUTPUT), texts(OUTPUT), { product: 'tin' }),
          meter('tin-out', 'product', texts(OUTPUT), texts(OUTPUT), { product: 'tin' }),
        ],
        [steel, { product: 'tin', basis: 'quantity', unit: 't' }],
        { regression: { ...RULES, ...rules }, decision: { ...EVERY, products: 'mix_weighted' } },
      ),
    );
    const model = whole.products[0]!.model!;
    expect(whole.mix?.saving).toEqual(model.comparison.saving);
    expect(whole.whole).toBe('NOT_QUALIFIED');
  });
});
