import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { EvaluationInput, MeterInput, Reading, Window } from '../../src/calc/evaluation-input.ts';
import type { ModelForm } from '../../src/calc/model-evaluation.ts';
import { type Rational, ratio } from '../../src/calc/ratio.ts';
import { type Fraction, slowEvaluation } from '../support/slow-evaluation.ts';
import { type SlowModel, slowModels } from '../support/slow-model.ts';

const choices = fc.array(fc.nat({ max: 0xffff }), { minLength: 600, maxLength: 600 });

const ROWS = 6;
/** Seconds of a row. */
const ROW = 2;
const LENGTH = ROWS * ROW;
const WINDOWS = {
  fixedBase: { start: -LENGTH, end: 0 },
  baseline: { start: 0, end: LENGTH },
  reporting: { start: LENGTH, end: 2 * LENGTH },
};
const rowsOf = ({ start }: Window): readonly Window[] =>
  Array.from({ length: ROWS }, (_, i) => ({ start: start + i * ROW, end: start + (i + 1) * ROW }));

/** Small plants with models: sub-meters, shared energy, exports, a stock, bills across rows, three tables, rows that are missing. */
function randomModelled(list: readonly number[]): EvaluationInput {
  let used = 0;
  const pick = (n: number): number => (list[used++] ?? 0) % n;
  const one = <T>(...items: readonly T[]): T => items[pick(items.length)]!;
  const fraction = (): Rational => ratio(BigInt(1 + pick(7)), one(1n, 2n, 3n));
  const gaps = one(0, 0, 24, 60);
  const series = (most: number, billed: boolean, isWhole = false): readonly Reading[] => {
    const readings: Reading[] = [];
    for (let start = -LENGTH; start < 2 * LENGTH;) {
      // what is no bill ends with the row, or before
      const end = start + (billed ? 1 + pick(4) : one(1, 2 - (start & 1), 2 - (start & 1)));
      if (isWhole || gaps === 0 || pick(gaps) > 0)
        readings.push({ start, end, quantity: decimal(BigInt(1 + pick(most)), one(0, 0, -1)), provenance: 'metered' });
      start = end;
    }
    return readings;
  };
  const meters: MeterInput[] = [];
  const add = (meter: string, most: number, more: Partial<MeterInput> & Pick<MeterInput, 'kind' | 'counts'>): void => {
    const billed = more.kind === 'energy' && pick(5) === 0;
    const readings = series(most, billed, more.kind === 'stock');
    meters.push({
      meter,
      unit: more.kind === 'energy' && more.carrier !== 'coal' ? 'kWh' : 't',
      ...(billed ? { billed } : {}),
      ...more,
      baseline: readings,
      reporting: readings,
      fixedBase: readings,
    });
  };
  const names = pick(2) === 0 ? ['p0'] : ['p0', 'p1'];
  add('main', 900, { kind: 'energy', counts: 'import', carrier: 'power', ...(pick(2) === 0 ? { product: 'p0' } : {}) });
  if (pick(2) === 0) add('sub', 60, { kind: 'energy', counts: 'use', under: 'main', product: one(...names) });
  if (pick(3) === 0) add('sold', 40, { kind: 'energy', counts: 'export', carrier: 'power', product: 'p0' });
  if (pick(2) === 0) {
    add('coal', 90, { kind: 'energy', counts: 'import', carrier: 'coal' });
    if (pick(2) === 0) add('heap', 50, { kind: 'stock', counts: 'use', carrier: 'coal' });
  }
  for (const product of names) add(`${product}-out`, 30, { kind: 'product', counts: 'use', product });
  const frost = series(20, false);
  const table = () =>
    new Map([
      ['power', { unit: 'kWh', factor: fraction(), source: 'table' }],
      ['coal', { unit: 't', factor: fraction(), source: 'table' }],
    ]);
  const variables = (): readonly string[] => one(['output'], ['frost'], ['output', 'frost']);
  return {
    verdictUnit: 'kgce',
    ...WINDOWS,
    interval: ROW,
    meters,
    products: names.map((product) => ({ product, basis: 'quantity', unit: 't', allocationWeight: fraction() })),
    factors: { baseline: table(), reporting: table(), fixedBase: table() },
    allocationKey: one('direct_energy', 'output_equivalent'),
    dataRules: {
      coveragePerMeter: ratio(0n, 1n),
      coverageJoint: ratio(0n, 1n),
      longestGap: LENGTH,
      estimatedCountsAs: 'missing',
      manualShareMost: ratio(1n, 1n),
      idleShareFlagged: ratio(1n, 1n),
      straddling: one('prorate', 'prorate', 'refuse'),
    },
    auditedDifferences: [],
    adjustments: Array.from({ length: pick(3) }, (_, index) => {
      const start = pick(3 * LENGTH) - LENGTH;
      const window = { start, end: start + 1 + pick(4) };
      const energy = ratio(BigInt(pick(21) - 10), 2n);
      return { product: one(...names), window, energy, unit: 'kgce', reason: 'fire', from: `${index}:0` };
    }),
    decision: {
      products: 'every',
      savingMoreThan: ratio(BigInt(pick(2)), 20n),
      adverseCase: 'print',
      significance: { method: 'meter_accuracy', k: ratio(2n, 1n), sameMeterCorrelation: ratio(0n, 1n), below: 'print' },
      productionBasis: 'reporting',
    },
    regression: {
      rowLength: 'day',
      rows: {
        baseline: rowsOf(WINDOWS.baseline),
        reporting: rowsOf(WINDOWS.reporting),
        fixedBase: rowsOf(WINDOWS.fixedBase),
      },
      products: new Map(names.map((product) => [product, variables()])),
      variables: new Map([
        ['frost', { takes: one('sum', 'mean'), baseline: frost, reporting: frost, fixedBase: frost }],
      ]),
      coverage: ratio(BigInt(pick(3)), 2n + BigInt(pick(2))),
      degreesOfFreedom: 'terms',
      validity: {
        modelP: ratio(1n, 1n),
        variableP: ratio(1n, 1n),
        oneVariableP: ratio(1n, 1n),
        r2: ratio(0n, 1n),
        deviations: ratio(3n, 1n),
      },
      confidence: ratio(9n, 10n),
      verdict: 'print',
    },
  };
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
/** Lowest terms, so that equal fractions are equal texts. */
const text = ([n, d]: Fraction): string => {
  const common = gcd(n < 0n ? -n : n, d);
  return `${n / common}/${d / common}`;
};
const exact = (value: Rational | null): string | null => (value === null ? null : text([value.n, value.d]));
const FORMS = ['headline', 'ownTable', 'fixedBase'] as const;

const told = (form: ModelForm | null) =>
  form === null
    ? null
    : {
        used: form.rows.used,
        coefficients: form.terms.map(({ coefficient }) => exact(coefficient)),
        sums: form.sums.map(exact),
        parts: [form.modelled, form.withheld, form.adjustment, form.comparison.baseline.energy].map(exact),
        // nothing was made, nothing is compared
        answer:
          form.comparison.saving === null
            ? null
            : [exact(form.comparison.saving), exact(form.comparison.rate), form.comparison.saved],
      };
const toldSlowly = (model: SlowModel | null, isMade: boolean): ReturnType<typeof told> =>
  model === null
    ? null
    : {
        used: model.used,
        coefficients: model.coefficients.map(text),
        sums: model.sums.map(text),
        parts: [model.modelled, model.withheld, model.adjustment, model.adjusted].map(text),
        answer: isMade ? [text(model.saving), model.rate === null ? null : text(model.rate), model.saved] : null,
      };

describe('the model of every form', () => {
  const check = (input: EvaluationInput) => {
    const slowly = slowEvaluation(input);
    const models = slowModels(input, slowly);
    for (const { product, model, headline } of evaluate(input).products) {
      const slow = models.get(product);
      if (slow === undefined || slow === null) {
        expect(model ?? null, product).toBeNull();
        continue;
      }
      const isMade = headline!.reporting.quantity.n !== 0n;
      const found = { headline: model!, ownTable: model!.ownTable, fixedBase: model!.fixedBase };
      for (const form of FORMS) expect(told(found[form]), `${product} ${form}`).toEqual(toldSlowly(slow[form], isMade));
    }
  };

  it('is what the page says, fitted again by fractions row by row', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(choices, (list) => check(randomModelled(list))),
      { numRuns: 120 },
    );
  });

  it('is formed often enough, each with an answer of its own', () => {
    const met = { headline: 0, ownTable: 0, fixedBase: 0, differ: 0, unformed: 0, withheld: 0, adjusted: 0, stock: 0 };
    for (const list of fc.sample(choices, { numRuns: 200, seed: 11 })) {
      const input = randomModelled(list);
      for (const { model, reasons } of evaluate(input).products) {
        if (reasons.some(({ code }) => code === 'model-unformed')) met.unformed += 1;
        if (model === null || model === undefined) continue;
        met.headline += 1;
        if (input.meters.some(({ kind }) => kind === 'stock')) met.stock += 1;
        if (model.withheld.n !== 0n) met.withheld += 1;
        if (model.adjustment.n !== 0n) met.adjusted += 1;
        if (model.ownTable !== null) met.ownTable += 1;
        if (model.fixedBase !== null) met.fixedBase += 1;
        const rates = new Set(
          [model, model.ownTable, model.fixedBase].map((form) => exact(form?.comparison.rate ?? null)),
        );
        if (rates.size === 3) met.differ += 1;
      }
    }
    for (const [what, count] of Object.entries(met)) expect(count, what).toBeGreaterThan(15);
  });
});
