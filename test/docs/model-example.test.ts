import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/calc/evaluate.ts';
import { explain } from '../../src/calc/explain.ts';
import { type Rational, ratioOfText, ratioToText, multiplyRatio, ratio } from '../../src/calc/ratio.ts';
import { roundSignificant } from '../../src/calc/rounding.ts';
import { decodeCbor } from '../../src/ledger/codec/decode.ts';
import { type CborValue, isCborMap } from '../../src/ledger/codec/value.ts';
import { codeBlocksOf, readPage, tableRowsOf } from '../support/markdown.ts';
import { ratioOfFormula } from '../support/formula.ts';
import { decideModelled } from '../support/modelled-scene.ts';
import { EVERY, input, meter } from '../unit/calc/sample.ts';
import { parseDecimal } from '../../src/calc/decimal.ts';

const PAGE = readPage('docs/spec/calculation-v1.md');
const rows = tableRowsOf(PAGE);
const MONTH = 30 * 86_400;

describe('the worked example of a model', () => {
  const months = (start: number, ...amounts: readonly string[]) =>
    amounts.map((amount, i) => ({
      start: start + i * MONTH,
      end: start + (i + 1) * MONTH,
      quantity: parseDecimal(amount),
      provenance: 'metered' as const,
    }));
  const rowsFrom = (start: number) =>
    months(start, '0', '0', '0', '0').map(({ start: from, end }) => ({ start: from, end }));
  const middle = 4 * MONTH;
  const factors = new Map([['electricity', { unit: 'GJ', factor: ratioOfText('1'), source: 'identity' }]]);
  const evaluation = evaluate(
    input(
      [
        meter('main', 'energy', [], [], {
          unit: 'GJ',
          baseline: months(0, '60', '80', '110', '130'),
          reporting: months(middle, '70', '100', '130', '100'),
        }),
        meter('out', 'product', [], [], {
          product: 'steel',
          baseline: months(0, '10', '20', '30', '40'),
          reporting: months(middle, '20', '30', '40', '30'),
        }),
      ],
      [{ product: 'steel', basis: 'quantity', unit: 't' }],
      {
        verdictUnit: 'GJ',
        baseline: { start: 0, end: middle },
        reporting: { start: middle, end: 2 * middle },
        interval: MONTH,
        factors: { baseline: factors, reporting: factors },
        regression: {
          rowLength: 'month',
          rows: { baseline: rowsFrom(0), reporting: rowsFrom(middle) },
          products: new Map([['steel', ['output']]]),
          variables: new Map(),
          coverage: ratioOfText('1'),
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
        },
      },
    ),
  );
  const product = evaluation.products[0]!;
  const model = product.model!;
  const [constant, slope] = model.terms;
  const exact: Readonly<Record<string, Rational>> = {
    b_1: slope!.coefficient,
    b_0: constant!.coefficient,
    SSE: multiplyRatio(model.sigmaSquared, ratio(BigInt(model.degrees), 1n)),
    's^2': model.sigmaSquared,
    R2: model.r2!,
    'adjusted R2': model.adjustedR2!,
    F: model.f!,
    't_1^2': slope!.tSquared!,
    't_0^2': constant!.tSquared!,
    E_adj: model.comparison.baseline.energy,
    'saving by the model': model.comparison.saving!,
    'rate by the model': model.comparison.rate!,
    V: model.spread!.cvSquared,
  };
  const rounded: Readonly<Record<string, Rational>> = {
    'p of F and b_1': model.p!,
    'p of b_0': constant!.p!,
    rho: model.spread!.rho,
    "n'": model.spread!.independent!,
    t: model.spread!.t,
    U: ratioOfText(model.uncertainty!.expanded),
  };
  const rowOf = (step: string) => rows.find((cells) => cells.length === 4 && cells[0] === step);

  test.each(Object.entries(exact))('%s has every digit, and its formula gives it', (step, value) => {
    const [, formula = '', ...figures] = rowOf(step) ?? [];
    expect(figures).toEqual([ratioToText(value), roundSignificant(value, 12)]);
    expect(ratioToText(ratioOfFormula(formula))).toBe(ratioToText(value));
  });

  test.each(Object.entries(rounded))('%s has its twelve digits', (step, value) => {
    expect(rowOf(step)?.slice(1)).toEqual(['section 17', '', roundSignificant(value, 12)]);
  });

  test('p of F is that of the slope, which it is the square of', () => {
    expect(slope!.p).toEqual(model.p);
  });

  test('saves by the model, and by the ratio nearly twice as much', () => {
    expect([product.verdict, model.faults, model.baseLoad]).toEqual(['saved', [], true]);
    expect(model.uncertainty?.distinguishable).toBe(true);
    expect(ratioToText(product.headline!.rate!)).toBe('7/57');
    expect(ratioToText(model.spread!.counted)).toBe('4');
  });

  test('is explained step by step', () => {
    const steps = new Map(explain(evaluation, EVERY).map((step) => [step.id, step]));
    for (const [id, value] of [
      ['steel/model/expected', model.modelled],
      ['steel/model/rate', exact['rate by the model']!],
      ['steel/model/f', model.f!],
      ['steel/model/t-squared/output', slope!.tSquared!],
      ['steel/model/independent-rows', model.spread!.independent!],
      ['steel/model/band-squared', model.uncertainty!.expandedSquared],
    ] as const) {
      const step = steps.get(id)!;
      expect(step.exact).toBe(`${value.n}/${value.d}`);
      const given = new Map(step.inputs.map((one) => [one.name, one.value]));
      const formula = step.formula
        .replaceAll('*', 'x')
        .replaceAll('|', '')
        .replaceAll(/[A-Za-z_]\w*/gu, (name) => (name === 'x' ? 'x' : `(${given.get(name)!.replace(/^-/u, '0 - ')})`));
      expect(ratioOfFormula(formula), id).toEqual(value);
    }
  });
});

describe('the payload of a decision with a model', () => {
  const rules = (codeBlocksOf(PAGE).find(({ info }) => info === 'cddl')?.lines ?? []).join('\n');

  test.each(['model', 'rows', 'term', 'variable', 'spread'])('has maps of the rule %s', (name) => {
    const rule = new RegExp(String.raw`^${name} += \{([^}]*(?:\n +[^}]*)*)\}`, 'mu').exec(rules)?.[1] ?? '';
    const keys = [...rule.matchAll(/"(\w+)":/gu)].map(([, key = '']) => key).toSorted();
    expect(keys.length).toBeGreaterThan(1);
    expect([...mapsOf(decodeCbor(decideModelled().payload))].map((found) => found.toSorted())).toContainEqual(keys);
  });
});

function* mapsOf(value: CborValue): Generator<readonly string[]> {
  if (isCborMap(value)) {
    yield [...value.keys()];
    for (const element of value.values()) yield* mapsOf(element);
  } else if (Array.isArray(value)) for (const element of value as readonly CborValue[]) yield* mapsOf(element);
}
