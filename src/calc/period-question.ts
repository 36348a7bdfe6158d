import type { CarrierFactors, EvaluationInput, ProductInput, Window } from './evaluation-input.ts';
import type { PeriodName, Reason } from './evaluation.ts';
import type { MeterPeriods } from './meter-period.ts';
import type { MeterTree } from './meter-tree.ts';
import type { Filling } from './net-quantity.ts';
import type { Rational } from './ratio.ts';

/** What attribution needs to know of a period. */
export interface PeriodQuestion {
  readonly input: EvaluationInput;
  readonly tree: MeterTree;
  readonly period: PeriodName;
  /** On the programme's clock: the period, or a part of it such as a row of a model. */
  readonly window: Window;
  readonly periods: MeterPeriods;
  readonly factors: CarrierFactors;
  readonly filling: Filling;
  /** Output by product, at the baseline's prices; absent where there is no price index. For the allocation key. */
  readonly quantities: ReadonlyMap<string, Rational>;
}

/** What was found, with the products it concerns; none: it is of no single product. */
export type Notes = readonly { readonly products: readonly string[]; readonly reason: Reason }[];

export function countsCarrier(product: ProductInput, carrier: string): boolean {
  return product.energy === undefined || product.energy.includes(carrier);
}
