import type { ModelEvaluation, ModelForm } from '../calc/model-evaluation.ts';
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
  /** Models of their own, printed beside; null where there is none. */
  readonly ownTable: BandView | null;
  readonly fixedBase: BandView | null;
}

/** What a model of another band says. */
interface BandView {
  readonly ratePercent: Figure | null;
  readonly saving: Figure | null;
  readonly faults: readonly string[];
}

const toBandView = (form: ModelForm | null): BandView | null =>
  form === null
    ? null
    : { ratePercent: percent(form.comparison.rate), saving: amount(form.comparison.saving), faults: form.faults };

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
    ownTable: toBandView(model.ownTable),
    fixedBase: toBandView(model.fixedBase),
  };
}

/** The model beside the ratio in one or two lines: what it says, how far it can be off, and whether it may speak. */
export function modelLines(model: ModelView): readonly string[] {
  const { ratePercent: rate, bandPercent: band } = model;
  if (rate === null) return [];
  const { rows, terms, r2, faults } = model;
  const names = terms.slice(1).map(({ name }) => name);
  const reach = band === null ? 'uncertainty unknown' : `+- ${band.displayed} %`;
  const clear = model.distinguishable === false ? ', not distinguishable from none' : '';
  return [
    `by a model of the baseline: ${inWords(rate)}, ${reach}${clear}${model.decides ? '; the verdict rests on it' : ''}`,
    `model on ${names.join(', ')}: ${rows.used} of ${rows.baseline} rows, R2 ${r2?.displayed ?? '-'}, ${standingOf(faults)}`,
    ...bandLine("by a model with each period's own table", model.ownTable, rate),
    ...bandLine('by a model of the first certified period', model.fixedBase, rate),
  ];
}

/** A band beside, where it says something else than the headline's model. */
function bandLine(name: string, band: BandView | null, { exact }: Figure): readonly string[] {
  if (band === null || band.ratePercent === null || band.ratePercent.exact === exact) return [];
  return [`${name}: ${inWords(band.ratePercent)}, ${standingOf(band.faults)}`];
}

const standingOf = (faults: readonly string[]): string =>
  faults.length === 0 ? 'valid' : `not valid (${faults.join(', ')})`;

const inWords = ({ displayed }: Figure): string =>
  `${displayed.replace(/^-/, '')} % ${displayed.startsWith('-') ? 'more' : 'less'}`;
