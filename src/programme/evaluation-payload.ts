import type { Evaluation, MeterCoverage, PeriodCoverage, ProductEvaluation, Reason } from '../calc/evaluation.ts';
import type { Rational } from '../calc/ratio.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import type { AuditStanding } from './audit-standing.ts';
import type { Windows } from './evaluation-input.ts';
import type { BaselineStanding, PackageCounts } from './package-standing.ts';
import { toCbor } from './to-cbor.ts';

/** The comparison with the period before, beside another baseline. */
export type ChainLine = Pick<ProductEvaluation, 'product' | 'verdict'> & {
  readonly rate: Rational | null;
  readonly saving: Rational | null;
};

/** Everything that a decision commits to. */
export interface EvaluationPayload {
  readonly windows: Windows;
  readonly evaluation: Evaluation;
  readonly audits: { readonly reporting: AuditStanding; readonly baseline: AuditStanding };
  readonly chain: readonly ChainLine[] | null;
  readonly packages: { readonly baseline: PackageCounts; readonly reporting: PackageCounts };
  readonly baselineStanding: BaselineStanding;
}

/** Meters and reasons that are listed one by one, a product and period; the rest stand in one line. */
const MOST_METERS = 50;
const MOST_REASONS = 100;

/** What an entry may hold with everything else in it; a longer payload is not in it, and is computed again from the packages. */
export const MOST_PAYLOAD_BYTES = 196_608;

/** The payload of calculation-v1 section 13. */
export function encodeEvaluation({ evaluation, ...rest }: EvaluationPayload): Uint8Array {
  const products = evaluation.products.map((product) => ({
    ...product,
    reasons: firstReasons(product.reasons),
    moreReasons: Math.max(0, product.reasons.length - MOST_REASONS),
    coverage: { baseline: listed(product.coverage.baseline), reporting: listed(product.coverage.reporting) },
  }));
  const shown = {
    ...evaluation,
    products,
    reasons: firstReasons(evaluation.reasons),
    moreReasons: Math.max(0, evaluation.reasons.length - MOST_REASONS),
  };
  return encodeCbor(toCbor({ ...rest, evaluation: shown }));
}

const SEVERITIES: readonly string[] = ['critical', 'moderate', 'minor'];

/** The heaviest, in their order. */
function firstReasons(reasons: readonly Reason[]): readonly Reason[] {
  if (reasons.length <= MOST_REASONS) return reasons;
  const heaviest = reasons
    .toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
    .slice(0, MOST_REASONS);
  return reasons.filter((one) => heaviest.includes(one));
}

/** The meters that are covered least, in the order in which they stand, and the sum of the others. */
function listed({ meters, ...coverage }: PeriodCoverage) {
  if (meters.length <= MOST_METERS) return { ...coverage, meters };
  const least = new Set(
    meters.toSorted((a, b) => a.covered - b.covered || (a.meter < b.meter ? -1 : 1)).slice(0, MOST_METERS),
  );
  const others = meters.filter((meter) => !least.has(meter));
  const sum = (of: (meter: MeterCoverage) => number): number => others.reduce((total, meter) => total + of(meter), 0);
  return {
    ...coverage,
    meters: meters.filter((meter) => least.has(meter)),
    others: {
      count: others.length,
      window: sum(({ window }) => window),
      covered: sum(({ covered }) => covered),
      gaps: sum(({ gaps }) => gaps),
    },
  };
}
