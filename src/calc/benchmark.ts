import {
  absRatio,
  addRatio,
  compareRatio,
  divideRatio,
  maxRatio,
  minRatio,
  multiplyRatio,
  ratio,
  subtractRatio,
} from './ratio.ts';
import type { Rational } from './ratio.ts';

/** 1 / the third quartile of the standard normal, as ISO 13528 prints it: makes the MAD a standard deviation. */
const MAD_SCALE: Rational = ratio(14826n, 10000n);

export interface BenchmarkRules {
  /** From how many others the robust z is used (5). */
  readonly robustFrom: number;
  /** |z| above it: query (2). */
  readonly query: Rational;
  /** |z| above it: action (3). */
  readonly action: Rational;
  /** Half-width of the band for 2 to `robustFrom` - 1 others: 0.30. */
  readonly band: Rational;
}

/** What the comparison proposes to the auditor; he may differ with a reason. */
export type BenchmarkProposal = 'pass' | 'pass_with_remarks' | 'query' | 'action' | 'cannot_judge';

export interface Benchmark {
  readonly others: number;
  readonly method: 'robust_z' | 'band' | 'none';
  readonly proposal: BenchmarkProposal;
  /** robust z only. */
  readonly median: Rational | null;
  readonly mad: Rational | null;
  /** (e - median) / (1.4826 MAD), exact; null when MAD is 0 or another method. */
  readonly z: Rational | null;
  /** band only. */
  readonly band: { readonly least: Rational; readonly most: Rational } | null;
}

function sorted(values: readonly Rational[]): readonly Rational[] {
  return values.toSorted(compareRatio);
}

/** The middle value, or the mean of the two in the middle. At least one value. */
export function median(values: readonly Rational[]): Rational {
  const order = sorted(values);
  const half = order.length >> 1;
  if (order.length % 2 === 1) return order[half]!;
  return divideRatio(addRatio(order[half - 1]!, order[half]!), ratio(2n, 1n));
}

/** Median of the absolute distances from the median. */
export function medianAbsoluteDeviation(values: readonly Rational[]): Rational {
  const middle = median(values);
  return median(values.map((value) => absRatio(subtractRatio(value, middle))));
}

/**
 * Peer comparison: an intensity against those of the others that make the same product (never itself among them). Five or
 * more: robust z (ISO 13528), which one contaminated peer cannot hide behind; MAD 0: equal passes, else a query. Two to
 * four: the band [min x (1 - b), max x (1 + b)], at best a pass with remarks. Fewer cannot judge.
 */
export function benchmark(own: Rational, others: readonly Rational[], rules: BenchmarkRules): Benchmark {
  if (others.length >= rules.robustFrom && others.length >= 2) return robust(own, others, rules);
  if (others.length >= 2) return inBand(own, others, rules);
  return {
    others: others.length,
    method: 'none',
    proposal: 'cannot_judge',
    median: null,
    mad: null,
    z: null,
    band: null,
  };
}

function robust(own: Rational, others: readonly Rational[], rules: BenchmarkRules): Benchmark {
  const middle = median(others);
  const mad = medianAbsoluteDeviation(others);
  const distance = subtractRatio(own, middle);
  const result = { others: others.length, method: 'robust_z', median: middle, mad, band: null } as const;
  if (mad.n === 0n) return { ...result, z: null, proposal: distance.n === 0n ? 'pass' : 'query' };
  const z = divideRatio(distance, multiplyRatio(MAD_SCALE, mad));
  return { ...result, z, proposal: proposalFor(absRatio(z), rules) };
}

function proposalFor(size: Rational, rules: BenchmarkRules): BenchmarkProposal {
  if (compareRatio(size, rules.action) > 0) return 'action';
  return compareRatio(size, rules.query) > 0 ? 'query' : 'pass';
}

function inBand(own: Rational, others: readonly Rational[], rules: BenchmarkRules): Benchmark {
  const smallest = others.reduce(minRatio);
  const largest = others.reduce(maxRatio);
  // Widened outwards also where intensities are negative.
  const least = subtractRatio(smallest, multiplyRatio(rules.band, absRatio(smallest)));
  const most = addRatio(largest, multiplyRatio(rules.band, absRatio(largest)));
  const inside = compareRatio(own, least) >= 0 && compareRatio(own, most) <= 0;
  const proposal = inside ? 'pass_with_remarks' : 'query';
  return { others: others.length, method: 'band', proposal, median: null, mad: null, z: null, band: { least, most } };
}
