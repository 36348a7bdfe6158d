import type { Comparison, Uncertainty } from './evaluation.ts';
import type { ModelFault, VariableValidity } from './model-validity.ts';
import type { Rational } from './ratio.ts';
import type { RowLength } from './savings-band.ts';

/** A constant or slope, and the probability of one as far from zero where there is none; null where it has no error. */
export interface FormTerm {
  readonly name: string;
  readonly coefficient: Rational;
  readonly p: Rational | null;
}

export interface ModelTerm extends FormTerm {
  readonly errorSquared: Rational;
  /** Null where the standard error is zero. */
  readonly tSquared: Rational | null;
}

/** What the uncertainty of a modelled saving rests on. */
export interface ModelSpread {
  /** Correlation of each residual with the one before it. */
  readonly rho: Rational;
  /** n (1 - rho) / (1 + rho); null without bound. */
  readonly independent: Rational | null;
  /** min(n, n'). */
  readonly counted: Rational;
  readonly cvSquared: Rational;
  readonly degrees: number;
  readonly t: Rational;
}

/** What a model of one band expects of the reporting period. */
export interface ModelForm {
  /** Rows of what it was fitted to, those that it rests on, rows of the reporting period, those of them known whole. */
  readonly rows: {
    readonly baseline: number;
    readonly used: number;
    readonly reporting: number;
    readonly known: number;
  };
  /** The constant first. */
  readonly terms: readonly FormTerm[];
  readonly r2: Rational | null;
  /** Conditions of the policy that are not met; none: the model is valid. */
  readonly faults: readonly ModelFault[];
  /** Sums of the variables over the reporting period, what is missing taken against the claimant. */
  readonly sums: readonly Rational[];
  /** Verdict units: what the model says of the reporting period, and what is taken off for rows that are missing in the baseline. */
  readonly modelled: Rational;
  readonly withheld: Rational;
  /** Admitted adjustments of the baseline, at the length of the reporting period. */
  readonly adjustment: Rational;
  /** Adjusted baseline, at the reporting period's output, against the reporting period. */
  readonly comparison: Comparison;
}

/** A product's energy against what a model of its baseline expects of the reporting period. */
export interface ModelEvaluation extends ModelForm {
  /** The verdict rests on it, and not on the ratio. */
  readonly decides: boolean;
  readonly rowLength: RowLength;
  readonly terms: readonly ModelTerm[];
  readonly degrees: number;
  readonly sigmaSquared: Rational;
  readonly adjustedR2: Rational | null;
  readonly f: Rational | null;
  readonly p: Rational | null;
  readonly variables: readonly VariableValidity[];
  /** The comparison with every audited difference turned against the claimant. */
  readonly adverse: Comparison;
  /** The constant differs from zero as the policy asks of a slope. */
  readonly baseLoad: boolean;
  readonly spread: ModelSpread | null;
  readonly uncertainty: Uncertainty | null;
  /** Printed beside, as the ratio is: fitted to the baseline by its own table, and to the first certified period. Null where it cannot be formed. */
  readonly ownTable: ModelForm | null;
  readonly fixedBase: ModelForm | null;
}
