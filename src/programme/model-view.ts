import type { ModelEvaluation } from '../calc/model-evaluation.ts';
import { ratioOfText } from '../calc/ratio.ts';
import { amount, type Figure, percent, significant } from './figure.ts';

/** A product's model for people and scripts. */
export interface ModelView {
  /** The verdict rests on it, and not on the ratio. */
  readonly decides: boolean;
  readonly valid: boolean;
  readonly faults: readonly string[];
  readonly rows: ModelEvaluation['rows'];
  readonly terms: readonly { readonly name: string; readonly coefficient: Figure | null; readonly p: Figure | null }[];
  readonly r2: Figure | null;
  readonly p: Figure | null;
  /** Percent; positive = saved. */
  readonly ratePercent: Figure | null;
  readonly saving: Figure | null;
  readonly adverseRatePercent: Figure | null;
  /** Half-width of the band around the rate, percent. */
  readonly bandPercent: Figure | null;
  readonly distinguishable: boolean | null;
}

export function toModelView(model: ModelEvaluation): ModelView {
  const { comparison, adverse, uncertainty } = model;
  return {
    decides: model.decides,
    valid: model.faults.length === 0,
    faults: model.faults,
    rows: model.rows,
    terms: model.terms.map(({ name, coefficient, p }) => ({
      name,
      coefficient: significant(coefficient),
      p: significant(p, 3),
    })),
    r2: significant(model.r2, 4),
    p: significant(model.p, 3),
    ratePercent: percent(comparison.rate),
    saving: amount(comparison.saving),
    adverseRatePercent: percent(adverse.rate),
    bandPercent: uncertainty === null ? null : percent(ratioOfText(uncertainty.expanded)),
    distinguishable: uncertainty?.distinguishable ?? null,
  };
}

/** The model beside the ratio in one or two lines: what it says, how far it can be off, and whether it may speak. */
export function modelLines(model: ModelView): readonly string[] {
  const { ratePercent: rate, bandPercent: band } = model;
  if (rate === null) return [];
  const { rows, terms, r2, faults } = model;
  const names = terms.slice(1).map(({ name }) => name);
  const standing = faults.length === 0 ? 'valid' : `not valid (${faults.join(', ')})`;
  const said = `${rate.displayed.replace(/^-/, '')} % ${rate.displayed.startsWith('-') ? 'more' : 'less'}`;
  const reach = band === null ? 'uncertainty unknown' : `+- ${band.displayed} %`;
  const clear = model.distinguishable === false ? ', not distinguishable from none' : '';
  return [
    `by a model of the baseline: ${said}, ${reach}${clear}${model.decides ? '; the verdict rests on it' : ''}`,
    `model on ${names.join(', ')}: ${rows.used} of ${rows.baseline} rows, R2 ${r2?.displayed ?? '-'}, ${standing}`,
  ];
}
