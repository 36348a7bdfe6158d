import type { CarrierLine, Comparison, Evaluation, ProductEvaluation } from '../calc/evaluation.ts';
import { compareRatio, type Rational, subtractRatio } from '../calc/ratio.ts';
import { decidingForms } from '../calc/with-model.ts';
import { amount, type Figure, percent, significant } from './figure.ts';

/** One figure in two decisions; null where one has none. */
export interface FigureChange {
  /** The product, or 'all products'. */
  readonly of: string;
  readonly figure: string;
  readonly unit: string;
  readonly a: Figure | null;
  readonly b: Figure | null;
  /** b - a; null where one is missing or the units differ. */
  readonly difference: Figure | null;
  readonly same: boolean;
}

/** The factor of a carrier in one window of two decisions. */
export interface FactorChange {
  readonly carrier: string;
  readonly side: 'baseline' | 'reporting';
  readonly a: FactorUsed | null;
  readonly b: FactorUsed | null;
}

interface FactorUsed {
  readonly factor: Figure;
  readonly unit: string;
  readonly source: string;
}

type Shown = (value: Rational | null | undefined) => Figure | null;

interface Row {
  readonly unit: string;
  readonly value: Rational | null;
  readonly show: Shown;
}

const asIntensity: Shown = (value) => significant(value ?? null);

/** Every figure that the two answers rest on, product by product: energy, output, energy per unit, saving. */
export function diffFigures(a: Evaluation | null, b: Evaluation | null): readonly FigureChange[] {
  const names = new Set([...productsOf(a), ...productsOf(b)]);
  return [
    ...[...names].sort().flatMap((name) => diffRows(name, rowsOf(a, name), rowsOf(b, name))),
    ...diffRows('all products', mixRows(a), mixRows(b)),
  ];
}

const productsOf = (evaluation: Evaluation | null): readonly string[] =>
  (evaluation?.products ?? []).map(({ product }) => product);

function rowsOf(evaluation: Evaluation | null, name: string): ReadonlyMap<string, Row> {
  const product = evaluation?.products.find((one) => one.product === name);
  const headline = product === undefined ? null : decidingForms(product).headline;
  if (evaluation === null || product === undefined || headline === null) return new Map();
  return comparisonRows(product, headline, evaluation.verdictUnit);
}

function comparisonRows(
  { unit, adverse }: ProductEvaluation,
  { baseline, reporting, rate, saving }: Comparison,
  energyUnit: string,
): ReadonlyMap<string, Row> {
  const perUnit = `${energyUnit}/${unit}`;
  const rows = new Map<string, Row>();
  for (const [side, figures] of [
    ['baseline', baseline],
    ['reporting', reporting],
  ] as const) {
    rows.set(`energy, ${side}`, { unit: energyUnit, value: figures.energy, show: amount });
    rows.set(`output, ${side}`, { unit, value: figures.quantity, show: amount });
    rows.set(`energy per unit, ${side}`, { unit: perUnit, value: figures.intensity, show: asIntensity });
  }
  rows.set('saving rate', { unit: '%', value: rate, show: percent });
  rows.set('saving', { unit: energyUnit, value: saving, show: amount });
  rows.set('saving rate, adverse case', { unit: '%', value: adverse?.rate ?? null, show: percent });
  return rows;
}

function mixRows(evaluation: Evaluation | null): ReadonlyMap<string, Row> {
  const mix = evaluation?.mix ?? null;
  if (evaluation === null || mix === null || mix.products.length < 2) return new Map();
  return new Map([
    ['saving rate', { unit: '%', value: mix.rate, show: percent }],
    ['saving', { unit: evaluation.verdictUnit, value: mix.saving, show: amount }],
  ]);
}

function diffRows(of: string, a: ReadonlyMap<string, Row>, b: ReadonlyMap<string, Row>): readonly FigureChange[] {
  return [...new Set([...a.keys(), ...b.keys()])].map((figure) => {
    const [left, right] = [a.get(figure), b.get(figure)];
    const show = (left ?? right)?.show ?? amount;
    const [before, after] = [left?.value ?? null, right?.value ?? null];
    const comparable = before !== null && after !== null && left?.unit === right?.unit;
    const units = [...new Set([left?.unit, right?.unit].filter((unit) => unit !== undefined))];
    return {
      of,
      figure,
      unit: units.join(' -> '),
      a: show(before),
      b: show(after),
      difference: comparable ? show(subtractRatio(after, before)) : null,
      same: comparable ? compareRatio(before, after) === 0 : before === after,
    };
  });
}

/** The factors in which two answers differ: another number, or from another source. */
export function diffFactors(a: Evaluation | null, b: Evaluation | null): readonly FactorChange[] {
  return (['baseline', 'reporting'] as const).flatMap((side) => {
    const [left, right] = [factorsOf(a, side), factorsOf(b, side)];
    return [...new Set([...left.keys(), ...right.keys()])]
      .sort()
      .map((carrier) => ({ carrier, side, a: left.get(carrier) ?? null, b: right.get(carrier) ?? null }))
      .filter((change) => !isSameFactor(change));
  });
}

const isSameFactor = ({ a, b }: FactorChange): boolean =>
  a?.factor.exact === b?.factor.exact && a?.unit === b?.unit && a?.source === b?.source;

function factorsOf(evaluation: Evaluation | null, side: FactorChange['side']): ReadonlyMap<string, FactorUsed> {
  const lines: readonly CarrierLine[] = (evaluation?.products ?? []).flatMap(({ carriers }) => carriers[side]);
  return new Map(
    lines.flatMap(({ carrier, factor, unit, source }) => {
      const figure = significant(factor, 12);
      const per = `${evaluation?.verdictUnit ?? ''}/${unit}`;
      return figure === null ? [] : [[carrier, { factor: figure, unit: per, source }] as const];
    }),
  );
}
