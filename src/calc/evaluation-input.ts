import type { Decimal } from './decimal.ts';
import type { Rational } from './ratio.ts';
import type { RegressionInput } from './regression-input.ts';

/** A half-open stretch of time [start, end), in seconds since 1970. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** How a figure came about. `idle` is the signed statement that the line stood still: quantity 0, and it counts as covered. */
export type Provenance = 'metered' | 'manual' | 'estimated' | 'idle';

/**
 * One counted package: a quantity over [start, end). A meter's readings are disjoint; their order does not matter.
 * For a meter of kind `stock` the quantity is the level at `end`.
 */
export interface Reading {
  readonly start: number;
  readonly end: number;
  readonly quantity: Decimal;
  readonly provenance: Provenance;
}

export type MeterKind = 'energy' | 'product' | 'value' | 'stock';

/**
 * import and use add energy; export and recovered are taken off. `converted` is energy made on the site from energy that counts
 * already (steam of an own boiler, own compressed air): it adds nothing, and only weighs where shared energy is divided.
 */
export type Counts = 'import' | 'use' | 'export' | 'recovered' | 'converted';

export interface MeterInput {
  readonly meter: string;
  readonly kind: MeterKind;
  readonly counts: Counts;
  /** Energy and stock meters; a sub-meter without one takes its parent's. */
  readonly carrier?: string;
  /** Absent on an energy meter: shared by all products that count its carrier. */
  readonly product?: string;
  /** The meter above it: what is left of that one after its sub-meters is attributed there, so nothing counts twice. */
  readonly under?: string;
  readonly unit: string;
  /** Output that did not pass its quality check: measured, and taken out of the qualified output. */
  readonly rejected?: boolean;
  /** Its readings are bills of whoever supplies: they alone may be prorated. */
  readonly billed?: boolean;
  /** Largest permissible error, relative: 0.005 is class 0.5. */
  readonly accuracy?: Decimal;
  /** Seconds by which this meter's days, and so its windows, begin after the programme's (production day 08:00 = 28800). */
  readonly dayStart?: number;
  readonly baseline: readonly Reading[];
  readonly reporting: readonly Reading[];
  readonly fixedBase?: readonly Reading[];
}

/** Price index of each period against one common base; only their ratios matter. */
export interface PriceIndex {
  readonly baseline: Rational;
  readonly reporting: Rational;
  readonly fixedBase?: Rational;
}

export interface ProductInput {
  readonly product: string;
  readonly basis: 'quantity' | 'value';
  /** Unit of the denominator: t, MWh, CNY. */
  readonly unit: string;
  /** Carriers that count for this product; absent = all. */
  readonly energy?: readonly string[];
  /** Needed for basis `value`: without it the product is incomplete, never at current prices. */
  readonly priceIndex?: PriceIndex;
  /** What one unit weighs under the allocation key: equivalent factor, heat content or comparable price of one unit. */
  readonly allocationWeight?: Rational;
  /** Goes on into another product of the same boundary: judged and printed as a line of its own, and in no sum of outputs. */
  readonly intermediate?: boolean;
  /** A second comparison, printed: decides nothing. */
  readonly norm?: NormLimits;
}

/** One carrier's way into the verdict unit, for one period. */
export interface CarrierFactor {
  /** Unit of the carrier quantity that the factor takes. */
  readonly unit: string;
  /** Verdict units in one of `unit`. */
  readonly factor: Rational;
  /** Where it comes from, printed: table edition and row, or the measured calorific value. */
  readonly source: string;
  /** From this period's own measured calorific value: stays with its period when tables are exchanged. */
  readonly measured?: boolean;
  /** What of the measured calorific value is not covered by analyses, and whether that is more than the policy allows. */
  readonly gap?: { readonly critical: boolean; readonly text: string };
  /** With `measured`: the table's factor, for a period that has no measured value of its own. */
  readonly tableFactor?: Rational;
}

export type CarrierFactors = ReadonlyMap<string, CarrierFactor>;

export type AllocationKey = 'direct_energy' | 'output_equivalent' | 'heat_content' | 'comparable_value';

/** What is flagged, and only printed. */
export interface FlagRules {
  /** From how many equal quantities in a row. */
  readonly repeated: number;
  /** Interquartile ranges beyond the quartiles. */
  readonly jumpIqr: Rational;
  /** Change of a product's intensity since the baseline, as a share of it. */
  readonly changeSinceBaseline: Rational;
}

export interface DataRules {
  readonly coveragePerMeter: Rational;
  readonly coverageJoint: Rational;
  /** Seconds. */
  readonly longestGap: number;
  readonly estimatedCountsAs: 'missing' | 'metered';
  /** Most of the covered time that may rest on manual readings. */
  readonly manualShareMost: Rational;
  /** Share of declared idle time from which a note is made. */
  readonly idleShareFlagged: Rational;
  /** A reading of a `billed` meter across the edge of a window; one of any other is refused. */
  readonly straddling: 'refuse' | 'prorate';
  /** Most seconds by which the days of one product's meters may be apart; absent = not bounded. */
  readonly skewMost?: number;
  readonly flags?: FlagRules;
}

/** A difference that an audit established; its sign does not matter, it is turned against the claimant. */
export interface AuditedDifference {
  /** `energy`: of a carrier; `product`: of a product's quantity (or value). */
  readonly against: 'energy' | 'product';
  readonly carrier?: string;
  /** Of what was given off of the carrier: spread by that, not by what was used. */
  readonly takenOff?: true;
  /** Absent with `energy`: spread over the products by their share of that carrier's energy. */
  readonly product?: string;
  readonly difference: Rational;
  readonly unit: string;
  /** Default: reporting. */
  readonly period?: 'baseline' | 'reporting';
}

/** Energy that a product's period is charged or relieved of, admitted on the ledger with its reason. */
export interface Adjustment {
  readonly product: string;
  readonly window: Window;
  /** Added to the energy of the product; either sign. */
  readonly energy: Rational;
  /** Of the verdict's kind. */
  readonly unit: string;
  readonly reason: string;
  /** Where it stands on the ledger, for texts. */
  readonly from: string;
}

/** The energy and output before the reporting period are not comparable with it: the baseline begins anew. */
export interface BaselineReset {
  /** Absent: of all products. */
  readonly product?: string;
  /** What changed, for texts. */
  readonly text: string;
}

/** Limits of energy per unit of a product from a norm, as they are after the norm's own corrections. */
export interface NormLimits {
  readonly norm: string;
  /** Energy per unit of product, such as kgce/t. */
  readonly unit: string;
  /** From grade 1 on; null: the norm has no such grade for this case. */
  readonly limits: readonly (Rational | null)[];
}

export interface Significance {
  readonly method: 'meter_accuracy';
  /** Coverage factor. */
  readonly k: Rational;
  /** 0..1: how much of a meter's error is the same in both periods. */
  readonly sameMeterCorrelation: Rational;
  /** What happens to a saving below its uncertainty. */
  readonly below: 'print' | 'refuse';
}

export interface DecisionRules {
  readonly products: 'every' | 'mix_weighted' | 'each_on_its_own';
  /** Rate, strictly greater. */
  readonly savingMoreThan: Rational;
  readonly adverseCase: 'must_hold' | 'print';
  readonly significance: Significance;
  /** Whose output the saving is stated at: the reporting period's (GB/T 13234) or the baseline's (PAT). */
  readonly productionBasis: 'reporting' | 'baseline';
}

/** Everything a verdict rests on, as drawn from the ledger: no clock, no other source. */
export interface EvaluationInput {
  /** Unit in which the verdict is formed: kgce, GJ, mmBtu. */
  readonly verdictUnit: string;
  readonly baseline: Window;
  readonly reporting: Window;
  /** The first certified period, printed beside so that a chain cannot hide a bad year. */
  readonly fixedBase?: Window;
  /** Nominal length of a package, seconds. */
  readonly interval: number;
  readonly meters: readonly MeterInput[];
  readonly products: readonly ProductInput[];
  /** Each period's own factors; the headline applies the reporting period's to all (calculation rule 5). */
  readonly factors: {
    readonly reporting: CarrierFactors;
    readonly baseline: CarrierFactors;
    readonly fixedBase?: CarrierFactors;
  };
  readonly allocationKey: AllocationKey;
  readonly dataRules: DataRules;
  readonly auditedDifferences: readonly AuditedDifference[];
  readonly adjustments?: readonly Adjustment[];
  readonly baselineResets?: readonly BaselineReset[];
  readonly decision: DecisionRules;
  /** Absent: no model is formed. */
  readonly regression?: RegressionInput;
}
