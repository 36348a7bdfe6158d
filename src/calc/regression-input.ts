import type { Reading, Window } from './evaluation-input.ts';
import type { ValidityRules } from './model-validity.ts';
import type { Rational } from './ratio.ts';
import type { RowLength } from './savings-band.ts';

/** The name of a product's own output among the variables. */
export const OUTPUT = 'output';

/** A relevant variable that an applicant records: degree days, working days, moisture. */
export interface VariableInput {
  /** Of readings inside a row: added up, or their mean over time. */
  readonly takes: 'sum' | 'mean';
  /** Seconds by which its days begin after the programme's. */
  readonly dayStart?: number;
  readonly baseline: readonly Reading[];
  readonly reporting: readonly Reading[];
  readonly fixedBase?: readonly Reading[];
}

/** How a product's energy is modelled (ISO 50006), as the policy fixed it before the period. */
export interface RegressionInput {
  readonly rowLength: RowLength;
  /** Days or months that make up each window, in order. */
  readonly rows: {
    readonly baseline: readonly Window[];
    readonly reporting: readonly Window[];
    readonly fixedBase?: readonly Window[];
  };
  /** By product the variables of its model, in order; a product that is not here has no model. */
  readonly products: ReadonlyMap<string, readonly string[]>;
  /** By name; one that the applicant does not record is absent. */
  readonly variables: ReadonlyMap<string, VariableInput>;
  /** Least share of the baseline's time that the model's rows must cover. */
  readonly coverage: Rational;
  /** What is taken off the rows for the error: all terms (SEP), or the slopes alone (OpenEEmeter). */
  readonly degreesOfFreedom: 'terms' | 'slopes';
  readonly validity: ValidityRules;
  /** Of the band around the saving: 0.90. */
  readonly confidence: Rational;
  /** Whether the model is printed beside the ratio, or the verdict rests on it. */
  readonly verdict: 'print' | 'decide';
}
