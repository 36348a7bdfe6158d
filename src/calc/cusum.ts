import { periodAdjustment } from './adjustment.ts';
import type { EvaluationInput, Window } from './evaluation-input.ts';
import type { Evaluation, ProductEvaluation } from './evaluation.ts';
import { buildMeterTree } from './meter-tree.ts';
import { highestRates, periodTotals } from './meter-period.ts';
import { periodViews } from './period-view.ts';
import { figuresOf } from './product-figures.ts';
import { productMeters } from './product-meters.ts';
import { addRatio, multiplyRatio, subtractRatio, sumRatios, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { decidingForms } from './with-model.ts';

/** What was saved in one part of the reporting period, and since it began. */
export interface SavingsPart {
  readonly start: number;
  readonly end: number;
  /** Verdict units. */
  readonly energy: Rational;
  /** Product units. */
  readonly output: Rational;
  /** e_b x output: the energy that the reference would have used. Verdict units. */
  readonly reference: Rational;
  /** reference - energy; positive = saved. */
  readonly saving: Rational;
  /** Sum of the savings up to here. */
  readonly cumulative: Rational;
  /** False where gaps of its meters are filled against the claimant. */
  readonly complete: boolean;
}

/** The savings of a product over the reporting period, part by part: their running sum shows since when it saves. */
export interface CumulativeSavings {
  readonly product: string;
  readonly unit: string;
  /** e_b, in verdict units per product unit. */
  readonly reference: Rational;
  /** What e_b is: the baseline's, or what a model of it expects over the whole period. */
  readonly referenceFrom: 'baseline' | 'model';
  readonly parts: readonly SavingsPart[];
  /** What is in the period's figures and in no part: readings across their edges, shared energy divided otherwise. Null while parts are still to come. */
  readonly rest: Pick<SavingsPart, 'energy' | 'output' | 'reference' | 'saving'> | null;
  /** (e_b - e_r) x output of the reporting period: the last cumulative sum and the rest, exactly. Null while parts are still to come. */
  readonly total: Rational | null;
}

/**
 * The cumulative sum of savings (CUSUM) over parts of the reporting period, in order and without gaps between: the reference intensity at
 * each part's output, less each part's energy. Gaps are filled as in the evaluation, with the highest interval of both whole periods. Products
 * without figures are left out. `whole`: the parts are the reporting period, from its first second to its last.
 */
export function cumulativeSavings(
  input: EvaluationInput,
  evaluation: Pick<Evaluation, 'products'>,
  parts: readonly Window[],
  whole: boolean,
): readonly CumulativeSavings[] {
  const tree = buildMeterTree(input.meters);
  const totalsOf = (period: 'baseline' | 'reporting', window: Window) =>
    periodTotals(tree, period, window, input.dataRules);
  const highest = highestRates([totalsOf('baseline', input.baseline), totalsOf('reporting', input.reporting)]);
  const views = parts.map((part) => ({
    part,
    view: periodViews(input, tree, 'reporting', part, totalsOf('reporting', part), highest),
  }));
  return evaluation.products.flatMap((product) => {
    const { headline } = decidingForms(product);
    const asked = input.products.find((one) => one.product === product.product);
    if (headline === null || headline.baseline.intensity === null || asked === undefined) return [];
    const reference = headline.baseline.intensity;
    const rows: SavingsPart[] = [];
    for (const { part, view } of views) {
      const adjustment = periodAdjustment(input, product.product, 'reporting', part).energy;
      const figures = figuresOf(view.filled, product.product, adjustment);
      if (figures === null) return [];
      const row = toRow(reference, figures.energy, figures.quantity);
      const meters = productMeters(asked, tree, view.meters);
      rows.push({
        ...part,
        ...row,
        cumulative: addRatio(rows.at(-1)?.cumulative ?? ZERO, row.saving),
        complete: [...meters.energy, ...meters.output].every((meter) => meter.complete),
      });
    }
    const { energy, quantity } = headline.reporting;
    const all = toRow(reference, energy, quantity);
    return [
      {
        product: product.product,
        unit: product.unit,
        reference,
        referenceFrom: isByModel(product) ? ('model' as const) : ('baseline' as const),
        parts: rows,
        rest: whole ? restOf(reference, all, rows) : null,
        total: whole ? all.saving : null,
      },
    ];
  });
}

const isByModel = ({ model }: ProductEvaluation): boolean => model?.decides === true;

function toRow(reference: Rational, energy: Rational, output: Rational): NonNullable<CumulativeSavings['rest']> {
  const expected = multiplyRatio(reference, output);
  return { energy, output, reference: expected, saving: subtractRatio(expected, energy) };
}

function restOf(
  reference: Rational,
  all: NonNullable<CumulativeSavings['rest']>,
  rows: readonly SavingsPart[],
): NonNullable<CumulativeSavings['rest']> {
  return toRow(
    reference,
    subtractRatio(all.energy, sumRatios(rows.map(({ energy }) => energy))),
    subtractRatio(all.output, sumRatios(rows.map(({ output }) => output))),
  );
}
