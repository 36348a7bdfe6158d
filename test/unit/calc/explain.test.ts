import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/calc/evaluate.ts';
import { explain } from '../../../src/calc/explain.ts';
import type { ExplainStep } from '../../../src/calc/explain-step.ts';
import {
  absRatio,
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  ratioOfText,
  subtractRatio,
} from '../../../src/calc/ratio.ts';
import type { Rational } from '../../../src/calc/ratio.ts';
import { EVERY, input, meter, repeat } from './sample.ts';

/** Does by machine what the reader does by hand: a formula over + - * / ( ) |x| and the names of its inputs. */
function redo({ formula, inputs }: ExplainStep): Rational {
  const tokens = formula.match(/[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[-+*/()|]/g) ?? [];
  let at = 0;
  const value = (): Rational => {
    const token = tokens[at++]!;
    if (token === '(' || token === '|') {
      const inner = sum();
      at += 1;
      return token === '|' ? absRatio(inner) : inner;
    }
    const named = inputs.find((one) => one.name === token);
    return ratioOfText(named?.value ?? token);
  };
  const product = (): Rational => {
    let left = value();
    while (tokens[at] === '*' || tokens[at] === '/')
      left = tokens[at++] === '*' ? multiplyRatio(left, value()) : divideRatio(left, value());
    return left;
  };
  const sum = (): Rational => {
    let left = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      left = tokens[at++] === '+' ? addRatio(left, product()) : subtractRatio(left, product());
    return left;
  };
  return sum();
}

describe('explain', () => {
  const names = ['a', 'b'];
  const gas = meter('gas', 'energy', repeat('7', 10), repeat('9', 10), {
    carrier: 'gas',
    counts: 'recovered',
    product: 'a',
  });
  const meters = names.flatMap((name, index) => [
    meter(`${name}-power`, 'energy', repeat('103', 10), repeat('97', 10), { product: name }),
    meter(`${name}-out`, 'product', repeat('13', 10), repeat(`${13 + index}`, 10), { product: name }),
  ]);
  const factors = new Map(
    ['electricity', 'gas'].map((carrier) => [carrier, { unit: 'kWh', factor: ratioOfText('0.1229'), source: 'table' }]),
  );
  const main = meter('office', 'energy', repeat('11', 10), repeat('12', 10));
  const source = input(
    [...meters, main, gas],
    names.map((product) => ({ product, basis: 'quantity' as const, unit: 't' })),
    { verdictUnit: 'kgce', factors: { baseline: factors, reporting: factors } },
  );
  const steps = explain(evaluate(source), EVERY);

  it('divides what is shared as the key says', () => {
    const sharedOf = (from: readonly ExplainStep[]) =>
      from.find(({ id }) => id === 'a/baseline/shared/electricity/import')!;
    // 110 kWh of the office, 1030 kWh metered for each of the two
    const direct = sharedOf(steps);
    expect([direct.formula, direct.exact]).toEqual(['S * w / (w + w1)', '13519/2000']);
    expect(direct.inputs.map(({ name, value }) => `${name} ${value}`)).toEqual(['S 13.519', 'w 126.587', 'w1 126.587']);
    const byOutput = sharedOf(
      explain(
        evaluate({
          ...source,
          allocationKey: 'output_equivalent',
          products: source.products.map((one, index) => ({
            ...one,
            allocationWeight: ratioOfText(`${1 + index * 3}`),
          })),
        }),
        EVERY,
      ),
    );
    // 130 and four times 130: a fifth
    expect([byOutput.formula, byOutput.exact]).toEqual(['S * s', '13519/5000']);
    expect(byOutput.inputs[1]!.value).toBe('0.2');
  });

  it('gives steps that can be redone, each from earlier ones', () => {
    expect(steps.length).toBeGreaterThan(30);
    const known = new Map<string, ExplainStep>();
    for (const step of steps) {
      expect(compareRatio(redo(step), ratioOfText(step.exact)), step.id).toBe(0);
      expect(known.has(step.id), step.id).toBe(false);
      for (const { from, value } of step.inputs) {
        if (!from.includes('/') || from.includes(' ')) continue;
        expect(compareRatio(ratioOfText(known.get(from)!.exact), ratioOfText(value)), `${step.id} from ${from}`).toBe(
          0,
        );
      }
      known.set(step.id, step);
    }
    for (const id of [
      'a/reporting/recovered',
      'a/rate',
      'a/adverse/rate',
      'a/own-table/saving',
      'b/without-fill/rate',
      'mix/rate',
      'a/reporting/energy/gas/recovered',
      'a/baseline/shared/electricity/import',
      'b/reporting/shared/electricity/import',
    ]) {
      expect(known.has(id), id).toBe(true);
    }
  });

  it('shows what was put in for gaps: the highest interval times what is missing', () => {
    const gap = meter('kiln', 'energy', repeat('100', 10), ['130', ...repeat('90', 8), '-'], { product: 'a' });
    const out = meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'a' });
    const evaluation = evaluate(
      input([gap, out], [{ product: 'a', basis: 'quantity', unit: 't' }], {
        verdictUnit: 'kgce',
        factors: { baseline: factors, reporting: factors },
      }),
    );
    const found = explain(evaluation, EVERY).filter(({ id }) => id.includes('/gaps/'));
    // one day at 130 a day; what is put in is rounded up to 10^-18
    expect(found.map(({ id, displayed, unit }) => [id, displayed, unit])).toEqual([
      ['a/reporting/gaps/kiln', '130.000000000', 'unit of kiln'],
    ]);
    expect(found[0]!.inputs[1]).toMatchObject({ name: 't', value: '86400', unit: 's' });
    expect(compareRatio(redo(found[0]!), ratioOfText(found[0]!.exact))).toBe(0);
  });
});
