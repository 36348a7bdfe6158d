import type { AllocationKey, Counts, Provenance } from './evaluation-input.ts';
import type { ModelEvaluation } from './model-evaluation.ts';
import type { Rational } from './ratio.ts';

export type PeriodName = 'baseline' | 'reporting' | 'fixed_base';

/** Closed: scripts rely on these. */
export type ReasonCode =
  | 'accuracy-unknown' // a meter without a declared accuracy: the uncertainty cannot be stated
  | 'adjusted' // energy adjusted by an admitted entry
  | 'allocation-changed' // shared energy borne by a product that had no part of it in the baseline
  | 'allocation-impossible' // shared energy and nothing to share it by
  | 'base-load' // energy without output: ratio and model differ in sign
  | 'baseline-missing' // nothing produced or recorded in the baseline window
  | 'baseline-reset' // what the policy names changed since the baseline: no comparison
  | 'calorific-gap' // energy whose calorific value was not measured, or not above zero
  | 'change-since-baseline' // energy per unit changed by more than the policy calls usual
  | 'data-conflict' // two readings of one meter overlap
  | 'data-gap' // coverage below the policy's, or a gap longer than it allows
  | 'energy-missing' // product without energy
  | 'energy-unallocated' // energy of a carrier that no product counts
  | 'factor-missing' // no factor for a carrier in the verdict unit
  | 'idle-contradicted' // declared idle, and yet a quantity
  | 'idle-share' // much of the period was declared idle
  | 'index-missing' // output value without a price index
  | 'interval-straddles' // a reading across the edge of the window
  | 'jumps' // intervals far outside the usual range; counted, never dropped
  | 'manual-share' // more manual readings than the policy allows
  | 'meter-tree' // a parent that is missing, circular or of another carrier
  | 'model-invalid' // a condition of the policy on the model is not met
  | 'model-rows' // rows left out of the model, not known in the period, or extreme
  | 'model-unformed' // no model can be formed
  | 'negative-quantity' // a meter that does not run backwards did
  | 'negative-rest' // sub-meters say more than their main meter
  | 'not-produced' // no output in the reporting period
  | 'product-missing' // no product meter, or no reading of it
  | 'recovered-share' // much is taken off that only the claimant's own meters show
  | 'repeated-values' // the same quantity many times in a row
  | 'skew' // days of one product's meters begin too far apart
  | 'stock-missing' // a storable carrier without its stock count at an edge
  | 'stock-timing' // bought between a stock count and the edge: taken against the claimant
  | 'unit-mismatch'; // a meter's unit cannot be brought to the carrier's or product's

/** minor and moderate are printed; critical stops the product. */
export type Severity = 'minor' | 'moderate' | 'critical';

export interface Reason {
  readonly code: ReasonCode;
  readonly severity: Severity;
  readonly period: PeriodName | null;
  readonly meter: string | null;
  /** One sentence for people: lower-case start, no full stop. */
  readonly text: string;
}

export interface PeriodFigures {
  /** Verdict units. */
  readonly energy: Rational;
  /** Product units; for basis `value` at the baseline's prices. */
  readonly quantity: Rational;
  /** energy / quantity; null when nothing was produced. */
  readonly intensity: Rational | null;
}

/** One reading of the question "is less used per unit than before". Positive = saved. */
export interface Comparison {
  readonly baseline: PeriodFigures;
  readonly reporting: PeriodFigures;
  /** (e_b - e_r) / |e_b|; null when e_b is zero or missing. */
  readonly rate: Rational | null;
  /** (e_b - e_r) x output of the production basis, in verdict units. */
  readonly saving: Rational | null;
  /** Strictly more than the policy's threshold, compared exactly. */
  readonly saved: boolean;
}

/** One carrier in one product's energy, in the carrier's unit and in the verdict unit. Deductions are negative. */
export interface CarrierLine {
  readonly carrier: string;
  readonly counts: Counts | 'stock';
  readonly unit: string;
  readonly quantity: Rational;
  readonly factor: Rational;
  readonly source: string;
  readonly energy: Rational;
  /** Of it, this product's share of shared energy. */
  readonly shared: Rational;
}

/** An admitted adjustment of a product's period, in verdict units; added to the energy where it is counted. */
export interface AdjustmentLine {
  readonly start: number;
  readonly end: number;
  readonly energy: Rational;
  /** False for one that lies in the period only in part and would help the claimant. */
  readonly counted: boolean;
  readonly reason: string;
  /** Its entry on the ledger. */
  readonly from: string;
}

/** Grades of both periods under a norm; 0 = above every limit, null = no intensity in that period. */
export interface NormGrade {
  readonly norm: string;
  readonly unit: string;
  readonly limits: readonly (Rational | null)[];
  readonly baseline: number | null;
  readonly reporting: number | null;
}

export interface MeterCoverage {
  readonly meter: string;
  /** Seconds, all of them. */
  readonly window: number;
  readonly covered: number;
  readonly longestGap: number;
  readonly gaps: number;
  readonly byProvenance: Readonly<Record<Provenance, number>>;
  /** Quantity put in for the gaps, in the meter's unit; against the claimant. */
  readonly filled: Rational;
}

export interface PeriodCoverage {
  readonly meters: readonly MeterCoverage[];
  /** Seconds in which every meter of the product is covered. */
  readonly joint: number;
  readonly window: number;
  /** Seconds declared idle by all of the product's own meters. */
  readonly idle: number;
  /** Most seconds by which the days of the meters are apart. */
  readonly skew: number;
}

export interface Uncertainty {
  /** Square of the rate's expanded uncertainty (k x u)^2: compared as it is, no root taken. */
  readonly expandedSquared: Rational;
  /** The root to 12 significant digits, for display. */
  readonly expanded: string;
  /** rate^2 > expandedSquared. */
  readonly distinguishable: boolean;
}

export type ProductVerdict =
  | 'saved'
  | 'not_saved'
  | 'not_distinguishable'
  | 'insufficient_data'
  | 'no_baseline'
  | 'not_produced';

export interface ProductEvaluation {
  readonly product: string;
  readonly basis: 'quantity' | 'value';
  readonly unit: string;
  readonly intermediate: boolean;
  readonly verdict: ProductVerdict;
  readonly reasons: readonly Reason[];
  /** The headline: one factor table, gaps filled against the claimant. Null when it cannot be formed. */
  readonly headline: Comparison | null;
  readonly withoutFill: Comparison | null;
  /** Each period with its own factor table. */
  readonly ownTable: Comparison | null;
  /** Against the first certified period. */
  readonly fixedBase: Comparison | null;
  /** Every audited difference turned against the claimant. */
  readonly adverse: Comparison | null;
  /** Without the admitted adjustments; null where there is none. */
  readonly withoutAdjustment: Comparison | null;
  /** Basis `value`: at current prices, printed only. */
  readonly currentPrices: Comparison | null;
  readonly carriers: { readonly baseline: readonly CarrierLine[]; readonly reporting: readonly CarrierLine[] };
  readonly adjustments: { readonly baseline: readonly AdjustmentLine[]; readonly reporting: readonly AdjustmentLine[] };
  readonly norm: NormGrade | null;
  /** Energy recovered and used, taken off above and printed apart; verdict units, positive. */
  readonly recovered: { readonly baseline: Rational; readonly reporting: Rational };
  readonly coverage: { readonly baseline: PeriodCoverage; readonly reporting: PeriodCoverage };
  readonly uncertainty: Uncertainty | null;
  /** Beside the ratio; null where it cannot be formed, absent where the policy has none for the product. */
  readonly model?: ModelEvaluation | null;
}

/** Products with a verdict taken together at the production basis's mix. */
export interface MixEvaluation {
  readonly products: readonly string[];
  /** sum e_b M. */
  readonly referenceEnergy: Rational;
  /** sum e_r M. */
  readonly actualEnergy: Rational;
  readonly saving: Rational;
  /** 1 - actual / reference; null when the reference is zero. */
  readonly rate: Rational | null;
  readonly saved: boolean;
  readonly adverseRate: Rational | null;
  readonly adverseSaved: boolean;
  readonly uncertainty: Uncertainty | null;
  /** Only where all products share a unit: change of the plain total, of which saving and mix. */
  readonly productMix: ProductMix | null;
}

export interface ProductMix {
  readonly unit: string;
  readonly totalIntensityBaseline: Rational;
  readonly totalIntensityReporting: Rational;
  /** (total e_r - total e_b) x sum M_r = -saving + effect. */
  readonly totalChange: Rational;
  readonly effect: Rational;
}

export type Whole = 'CERTIFIED' | 'NOT_QUALIFIED' | 'NOT_APPLICABLE' | 'INCOMPLETE';

export interface Evaluation {
  readonly verdictUnit: string;
  readonly allocationKey: AllocationKey;
  /** Sorted by name. */
  readonly products: readonly ProductEvaluation[];
  readonly mix: MixEvaluation | null;
  /** From the data alone; audits are added by `combineWhole`. */
  readonly whole: Whole;
  /** Of no single product: energy that nobody counts, a broken meter tree. */
  readonly reasons: readonly Reason[];
}
