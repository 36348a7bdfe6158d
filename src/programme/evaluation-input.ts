import type {
  AuditedDifference,
  EvaluationInput,
  MeterInput,
  PriceIndex,
  ProductInput,
  Reading,
} from '../calc/evaluation-input.ts';
import { ratioOfDecimal } from '../calc/ratio.ts';
import { adjustmentsOf } from './adjustments.ts';
import { baselineResets } from './baseline-resets.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import { roughSeconds, type Span } from './calendar.ts';
import { carrierFactors } from './carrier-factors.ts';
import { countedReadings, countsOf, shifted } from './counted-packages.ts';
import { normLimits } from './norm-limits.ts';
import { toRegressionInput } from './model-rules.ts';
import type { Policy } from './policy.ts';
import type { Organisation, ProgrammeState } from './state.ts';
import { entersFigures, reachOf } from './stock-reach.ts';
import { seriesAt } from './tables.ts';

/** The windows that are compared. */
export interface Windows {
  readonly baseline: Span;
  readonly reporting: Span;
  readonly fixedBase?: Span;
}

/** Draws from the ledger all that the calculation rests on, and nothing else. */
export function toEvaluationInput(
  state: ProgrammeState,
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  windows: Windows,
  auditedDifferences: readonly AuditedDifference[],
): EvaluationInput {
  return {
    verdictUnit: policy.energy.unit,
    ...windows,
    interval: roughSeconds(policy.time.interval),
    meters: [...boundary.meters.values()].flatMap((meter) => toMeterInput(applicant, policy, boundary, meter, windows)),
    products: [...policy.products]
      .filter(([name]) => isMade(boundary, name))
      .map(([name, rule]) => toProductInput(state, policy, name, rule, windows)),
    factors: carrierFactors({ state, applicant, policy, boundary }, windows),
    allocationKey: policy.shared_energy.key,
    dataRules: {
      coveragePerMeter: ratioOfDecimal(policy.data.coverage.per_meter),
      coverageJoint: ratioOfDecimal(policy.data.coverage.joint),
      longestGap: roughSeconds(policy.data.coverage.longest_gap),
      estimatedCountsAs: policy.data.estimated.counts_as,
      manualShareMost: ratioOfDecimal(policy.data.manual.share_most),
      idleShareFlagged: ratioOfDecimal(policy.data.idle.share_flagged),
      straddling: policy.time.straddling,
      ...(policy.time.boundary_skew === undefined ? {} : { skewMost: roughSeconds(policy.time.boundary_skew.most) }),
      ...(policy.data.flags === undefined
        ? {}
        : {
            flags: {
              repeated: policy.data.flags.repeated,
              jumpIqr: ratioOfDecimal(policy.data.flags.jump_iqr),
              changeSinceBaseline: ratioOfDecimal(policy.data.flags.change_since_baseline),
            },
          }),
    },
    ...toRegressionInput(applicant, policy, boundary, windows),
    auditedDifferences,
    adjustments: adjustmentsOf(state, applicant),
    baselineResets: baselineResets(state, applicant, policy, boundary, windows),
    decision: {
      products: policy.decision.products,
      savingMoreThan: ratioOfDecimal(policy.decision.saving_more_than),
      adverseCase: policy.decision.adverse_case,
      significance: {
        method: policy.decision.significance.method,
        k: ratioOfDecimal(policy.decision.significance.k),
        sameMeterCorrelation: ratioOfDecimal(policy.decision.significance.same_meter_correlation),
        below: policy.decision.significance.below,
      },
      productionBasis: policy.decision.production_basis ?? 'reporting',
    },
  };
}

/** A programme names every product of its trade; an applicant is judged on those that its boundary has a meter for. */
function isMade(boundary: Boundary, product: string): boolean {
  return [...boundary.meters.values()].some(
    (meter) => meter.product === product && (meter.kind === 'product' || meter.kind === 'value'),
  );
}

function toMeterInput(
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  meter: BoundaryMeter,
  windows: Windows,
): readonly MeterInput[] {
  const { kind } = meter;
  if (kind !== 'energy' && kind !== 'product' && kind !== 'value' && kind !== 'stock') return [];
  if (kind === 'stock' && !entersFigures(policy, boundary, meter)) return [];
  // a stock is a level: the period opens with the last count before it, whenever that was
  const reach = (window: Span): Span =>
    kind === 'stock'
      ? { start: 0, end: shifted(meter, window).end }
      : reachOf(applicant, policy, boundary, meter, window);
  const readings = (window: Span): readonly Reading[] =>
    countedReadings(applicant, policy, boundary, meter, reach(window));
  return [
    {
      meter: meter.name,
      kind,
      counts: countsOf(policy, meter),
      unit: meter.unit,
      ...(meter.carrier === undefined ? {} : { carrier: meter.carrier }),
      ...(meter.product === undefined ? {} : { product: meter.product }),
      ...(meter.under === undefined ? {} : { under: meter.under }),
      ...(isRejected(policy, meter) ? { rejected: true } : {}),
      ...(meter.reads === 'bill' ? { billed: true } : {}),
      ...(meter.accuracy === undefined ? {} : { accuracy: meter.accuracy }),
      ...(meter.day_starts === undefined ? {} : { dayStart: meter.day_starts }),
      baseline: readings(windows.baseline),
      reporting: readings(windows.reporting),
      ...(windows.fixedBase === undefined ? {} : { fixedBase: readings(windows.fixedBase) }),
    },
  ];
}

/** Output that failed its quality check, where the policy counts only what passed. */
function isRejected(policy: Policy, meter: BoundaryMeter): boolean {
  if (meter.quality !== 'rejected' || meter.product === undefined) return false;
  return policy.products.get(meter.product)?.quality === 'qualified';
}

function toProductInput(
  state: ProgrammeState,
  policy: Policy,
  name: string,
  rule: PolicyProduct,
  windows: Windows,
): ProductInput {
  const priceIndex =
    rule.price_index === undefined ? undefined : priceIndexes(state, policy, rule.price_index.series, windows);
  const norm = normLimits(state, policy, rule, windows.reporting);
  return {
    product: name,
    ...(rule.intermediate === true ? { intermediate: true } : {}),
    ...(norm === undefined ? {} : { norm }),
    basis: rule.basis,
    unit: rule.unit,
    ...(rule.energy === undefined ? {} : { energy: rule.energy }),
    ...(priceIndex === undefined ? {} : { priceIndex }),
    ...(rule.equivalent_factor === undefined ? {} : { allocationWeight: ratioOfDecimal(rule.equivalent_factor) }),
  };
}

type PolicyProduct = Policy['products'] extends ReadonlyMap<string, infer T> ? T : never;

/** The index of a series for both periods; undefined while one is unknown: incomplete, never current prices by default. */
function priceIndexes(state: ProgrammeState, policy: Policy, series: string, windows: Windows): PriceIndex | undefined {
  const baseline = seriesAt(state, policy, series, windows.baseline);
  const reporting = seriesAt(state, policy, series, windows.reporting);
  const fixedBase = windows.fixedBase === undefined ? undefined : seriesAt(state, policy, series, windows.fixedBase);
  if (baseline === undefined || reporting === undefined) return undefined;
  return { baseline, reporting, ...(fixedBase === undefined ? {} : { fixedBase }) };
}
