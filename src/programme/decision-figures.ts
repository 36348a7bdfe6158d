import { showSpan } from './decision-view.ts';
import type { DecisionContent } from './entries.ts';
import { amount, type Figure, percent } from './figure.ts';

/** A decision as it was signed, for people and scripts: JSON-safe, every figure exact and displayed. */
export interface DecisionFigures {
  readonly number: string | null;
  readonly applicantId: string;
  readonly period: string;
  readonly status: string;
  readonly reasons: readonly string[];
  /** The unit of `saving`. */
  readonly unit: string;
  readonly products: readonly {
    readonly product: string;
    readonly verdict: string;
    /** Percent; positive = saved. */
    readonly ratePercent: Figure | null;
    readonly saving: Figure | null;
  }[];
}

/** The figures that stand in a decision itself: no package is needed to read them. */
export function toDecisionFigures(content: DecisionContent, zone: string): DecisionFigures {
  const [start, end] = content.period;
  return {
    number: content.number ?? null,
    applicantId: content.applicant,
    period: showSpan({ start, end }, zone),
    status: content.status,
    reasons: content.reasons,
    unit: content.unit,
    products: content.products.map(({ product, verdict, rate, saving }) => ({
      product,
      verdict,
      ratePercent: percent(rate),
      saving: amount(saving),
    })),
  };
}
