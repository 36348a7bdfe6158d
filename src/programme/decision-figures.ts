import { showSpan } from './decision-view.ts';
import type { DecisionContent } from './entries.ts';
import { amount, type Figure, percent } from './figure.ts';
import { showIntervalInUtc } from './show-quantity.ts';

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

const DAY = 86_400;

/** The figures that stand in a decision itself: no package is needed to read them. `zone`: null where nobody knows that of the programme. */
export function toDecisionFigures(content: DecisionContent, zone: string | null): DecisionFigures {
  const [start, end] = content.period;
  return {
    number: content.number ?? null,
    applicantId: content.applicant,
    period:
      zone === null && (start % DAY !== 0 || end % DAY !== 0)
        ? showIntervalInUtc(start, end)
        : showSpan({ start, end }, zone ?? 'UTC'),
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
