import type { Window } from './evaluation-input.ts';
import { addRatio, compareRatio, multiplyRatio, ratio, subtractRatio } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** One row that a model could rest on. */
export interface DataRow extends Window {
  /** Null where it is not known whole. */
  readonly energy: Rational | null;
  /** Share of the row for which the variables are known. */
  readonly variables: Rational;
}

export interface SufficiencyRules {
  /** Fewest and most seconds that the data and the gaps at their edges may come to. */
  readonly least: number;
  readonly most: number;
  /** Least share of them with energy, with variables, and with both: 0.9. */
  readonly share: Rational;
  /** Least share of a row for which its variables must be known: 0.9. */
  readonly variableShare: Rational;
}

/** Closed. `extreme-values` is only said; any other means that the data do not suffice. */
export type SufficiencyFault =
  | 'no-data'
  | 'before-start'
  | 'after-end'
  | 'negative-values'
  | 'length'
  | 'missing-data'
  | 'missing-energy'
  | 'missing-variables'
  | 'extreme-values';

export interface Sufficiency {
  readonly suffices: boolean;
  readonly faults: readonly SufficiencyFault[];
  /** Seconds: of the data with the gaps at their edges, and of them known. */
  readonly total: number;
  readonly valid: number;
  readonly withEnergy: number;
  readonly withVariables: number;
  /** Rows below zero, and above the median by more than three interquartile ranges. */
  readonly negative: number;
  readonly extreme: number;
}

const THREE = ratio(3n, 1n);

/**
 * Whether rows suffice for a baseline model (CalTRACK 2.0 sections 2.2.1 and 2.2.2): length, share of time with energy and with variables, nothing
 * below zero, nothing outside the window asked for. An extreme value is said and never dropped. `rows` are disjoint and in order.
 */
export function checkSufficiency(
  rows: readonly DataRow[],
  asked: Partial<Window>,
  rules: SufficiencyRules,
): Sufficiency {
  const known = rows.flatMap(({ energy }) => (energy === null ? [] : [energy]));
  const none = { total: 0, valid: 0, withEnergy: 0, withVariables: 0, negative: 0, extreme: 0 };
  if (known.length === 0) return { suffices: false, faults: ['no-data'], ...none };
  const start = rows[0]!.start;
  const end = rows.at(-1)!.end;
  const before = start - (asked.start ?? start);
  const after = (asked.end ?? end) - end;
  const total = end - start + (before > 0 ? before : 0) + (after > 0 ? after : 0);
  const seconds = (counts: (row: DataRow) => boolean): number =>
    rows.reduce((sum, row) => (counts(row) ? sum + row.end - row.start : sum), 0);
  const hasEnergy = (row: DataRow): boolean => row.energy !== null;
  const hasVariables = (row: DataRow): boolean => compareRatio(row.variables, rules.variableShare) >= 0;
  const valid = seconds((row) => hasEnergy(row) && hasVariables(row));
  const withEnergy = seconds(hasEnergy);
  const withVariables = seconds(hasVariables);
  const negative = known.filter(({ n }) => n < 0n).length;
  const extreme = countExtreme(known);
  const short = (part: number): boolean =>
    total === 0 || compareRatio(ratio(BigInt(part), BigInt(total)), rules.share) < 0;
  const found: readonly (readonly [SufficiencyFault, boolean])[] = [
    ['before-start', before < 0],
    ['after-end', after < 0],
    ['negative-values', negative > 0],
    ['length', total < rules.least || total > rules.most],
    ['missing-data', short(valid)],
    ['missing-energy', short(withEnergy)],
    ['missing-variables', short(withVariables)],
    ['extreme-values', extreme > 0],
  ];
  const faults = found.flatMap(([fault, holds]) => (holds ? [fault] : []));
  const suffices = faults.every((fault) => fault === 'extreme-values');
  return { suffices, faults, total, valid, withEnergy, withVariables, negative, extreme };
}

/** Values above the median by more than three interquartile ranges. */
function countExtreme(values: readonly Rational[]): number {
  const sorted = values.toSorted(compareRatio);
  const range = subtractRatio(quartileOf(sorted, 3), quartileOf(sorted, 1));
  const limit = addRatio(quartileOf(sorted, 2), multiplyRatio(THREE, range));
  return values.filter((value) => compareRatio(value, limit) > 0).length;
}

/** The quartile at (n - 1) q / 4 of sorted values, between two of them in proportion. */
function quartileOf(sorted: readonly Rational[], which: 1 | 2 | 3): Rational {
  const place = (sorted.length - 1) * which;
  const below = (place - (place % 4)) / 4;
  const low = sorted[below]!;
  const high = sorted[below + 1] ?? low;
  return addRatio(low, multiplyRatio(subtractRatio(high, low), ratio(BigInt(place % 4), 4n)));
}
