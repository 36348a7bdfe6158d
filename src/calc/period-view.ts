import { sameTableFactors } from './factor-choice.ts';
import type { CarrierFactors, EvaluationInput, Window } from './evaluation-input.ts';
import type { PeriodName } from './evaluation.ts';
import { meterPeriods } from './meter-period.ts';
import type { MeterPeriods, PeriodTotals } from './meter-period.ts';
import type { MeterTree } from './meter-tree.ts';
import type { Filling } from './net-quantity.ts';
import { periodEnergy } from './period-energy.ts';
import type { PeriodEnergy } from './period-energy.ts';
import { productQuantity } from './product-quantity.ts';
import type { ProductQuantity } from './product-quantity.ts';
import type { Rational } from './ratio.ts';

/** A period of all products, computed one way. */
export interface PeriodView {
  readonly quantities: ReadonlyMap<string, ProductQuantity>;
  readonly energy: PeriodEnergy;
  readonly factors: CarrierFactors;
}

/** A period in all the ways that an evaluation needs. */
export interface PeriodViews {
  readonly period: PeriodName;
  readonly meters: MeterPeriods;
  /** The headline's: gaps filled against the claimant, the reporting period's table. */
  readonly filled: PeriodView;
  readonly measured: PeriodView;
  /** Filled, with the period's own table. */
  readonly ownTable: PeriodView;
}

function view(
  input: EvaluationInput,
  tree: MeterTree,
  period: PeriodName,
  window: Window,
  meters: MeterPeriods,
  factors: CarrierFactors,
  filling: Filling,
): PeriodView {
  const quantities = new Map<string, ProductQuantity>();
  const outputs = new Map<string, Rational>();
  for (const product of input.products) {
    const found = productQuantity(product, tree, meters, period, filling);
    quantities.set(product.product, found);
    if (found.quantity !== null) outputs.set(product.product, found.quantity);
  }
  const energy = periodEnergy({ input, tree, period, window, periods: meters, factors, filling, quantities: outputs });
  return { quantities, energy, factors };
}

/** The factors of a period: its own, or those of the headline, which are the reporting period's (calculation rule 5). */
function factorsOf({ factors }: EvaluationInput, period: PeriodName, table: 'headline' | 'own'): CarrierFactors {
  if (period === 'reporting') return factors.reporting;
  const own = period === 'baseline' ? factors.baseline : (factors.fixedBase ?? new Map());
  return table === 'own' ? own : sameTableFactors(own, factors.reporting);
}

/** Attributes a period's energy three ways; `highest` is each meter's highest interval, for gaps. */
export function periodViews(
  input: EvaluationInput,
  tree: MeterTree,
  period: PeriodName,
  window: Window,
  totals: PeriodTotals,
  highest: ReadonlyMap<string, Rational>,
): PeriodViews {
  const shared = factorsOf(input, period, 'headline');
  const meters = metersOf(input, tree, period, window, totals, highest);
  const filled = view(input, tree, period, window, meters, shared, 'filled');
  return {
    period,
    meters,
    filled,
    measured: view(input, tree, period, window, meters, shared, 'measured'),
    ownTable:
      period === 'reporting'
        ? filled
        : view(input, tree, period, window, meters, factorsOf(input, period, 'own'), 'filled'),
  };
}

/** A part of a period with nothing filled. */
export function measuredView(
  input: EvaluationInput,
  tree: MeterTree,
  period: PeriodName,
  window: Window,
  totals: PeriodTotals,
  table: 'headline' | 'own',
): { readonly meters: MeterPeriods; readonly view: PeriodView } {
  const meters = metersOf(input, tree, period, window, totals, new Map());
  return { meters, view: view(input, tree, period, window, meters, factorsOf(input, period, table), 'measured') };
}

function metersOf(
  { dataRules, interval }: EvaluationInput,
  tree: MeterTree,
  period: PeriodName,
  window: Window,
  totals: PeriodTotals,
  highest: ReadonlyMap<string, Rational>,
): MeterPeriods {
  return meterPeriods(tree, totals, { period, window, rules: dataRules, interval, highest });
}
