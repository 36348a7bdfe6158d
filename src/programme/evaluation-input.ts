import { factorFor, type FactorRow, type MeasuredValue, weightedCalorificValue } from '../calc/carrier.ts';
import type { AuditedDifference, CarrierFactor, EvaluationInput, MeterInput, PriceIndex, ProductInput, Reading } from '../calc/evaluation-input.ts';
import { type Rational, ratioOfDecimal, sumRatios } from '../calc/ratio.ts';
import { JoulemarkError } from '../errors.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import { roughSeconds, type Span } from './calendar.ts';
import { boundaryFault } from './meter-checks.ts';
import { type CountedPackage, packageRows, packagesWithin } from './packages.ts';
import type { Policy } from './policy.ts';
import { type Dated, periodHolding, tableNamed } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';
import type { Table, TableRow } from './table.ts';

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
  const factors = (window: Span) => carrierFactors(state, applicant, policy, boundary, window);
  return {
    verdictUnit: policy.energy.unit,
    ...windows,
    interval: roughSeconds(policy.time.interval),
    meters: [...boundary.meters.values()].flatMap((meter) => toMeterInput(applicant, policy, boundary, meter, windows)),
    products: [...policy.products].filter(([name]) => isMade(boundary, name)).map(([name, rule]) => toProductInput(state, policy, name, rule, windows)),
    factors: {
      reporting: factors(windows.reporting),
      baseline: factors(windows.baseline),
      ...(windows.fixedBase === undefined ? {} : { fixedBase: factors(windows.fixedBase) }),
    },
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
    auditedDifferences,
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
  return [...boundary.meters.values()].some((meter) => meter.product === product && (meter.kind === 'product' || meter.kind === 'value'));
}

function toMeterInput(applicant: Organisation, policy: Policy, boundary: Boundary, meter: BoundaryMeter, windows: Windows): readonly MeterInput[] {
  const { kind } = meter;
  if (kind !== 'energy' && kind !== 'product' && kind !== 'value' && kind !== 'stock') return [];
  // a stock is a level: the period opens with the last count before it, whenever that was
  const reach = (window: Span): Span => (kind === 'stock' ? { start: 0, end: window.end } : window);
  const readings = (window: Span): readonly Reading[] => countedReadings(applicant, policy, boundary, meter, reach(shifted(meter, window)));
  return [
    {
      meter: meter.name,
      kind,
      counts: countsOf(policy, meter),
      unit: meter.unit,
      ...(meter.carrier === undefined ? {} : { carrier: meter.carrier }),
      ...(meter.product === undefined ? {} : { product: meter.product }),
      ...(meter.under === undefined ? {} : { under: meter.under }),
      ...(meter.accuracy === undefined ? {} : { accuracy: meter.accuracy }),
      ...(meter.day_starts === undefined ? {} : { dayStart: meter.day_starts }),
      baseline: readings(windows.baseline),
      reporting: readings(windows.reporting),
      ...(windows.fixedBase === undefined ? {} : { fixedBase: readings(windows.fixedBase) }),
    },
  ];
}

/** A meter whose day starts at 08:00 has its periods from 08:00 to 08:00. */
function shifted(meter: BoundaryMeter, window: Span): Span {
  const shift = meter.day_starts ?? 0;
  return { start: window.start + shift, end: window.end + shift };
}

export function countsOf(policy: Policy, meter: BoundaryMeter): MeterInput['counts'] {
  if (meter.counts !== undefined) return meter.counts;
  return meter.carrier === undefined ? 'use' : (policy.energy.carriers.get(meter.carrier)?.counts ?? 'use');
}

/** Packages that agree with the boundary and that the policy does not exclude, as readings. */
export function countedReadings(applicant: Organisation, policy: Policy, boundary: Boundary, meter: BoundaryMeter, window: Span): readonly Reading[] {
  return packagesWithin(applicant.packages, meter.name, meter.kind, window.start, window.end)
    .filter((counted) => isCounted(policy, boundary, counted))
    .map(({ start, end, payload }) => ({ start, end, quantity: payload.quantity, provenance: payload.provenance }));
}

export function isCounted(policy: Policy, boundary: Boundary, counted: CountedPackage): boolean {
  const meter = meterOfPackage(boundary, counted.meter);
  if (meter === undefined || boundaryFault(meter, counted.kind, counted) !== null) return false;
  return counted.standing !== 'late' || policy.calendar.late_package === 'count_and_flag';
}

function toProductInput(state: ProgrammeState, policy: Policy, name: string, rule: PolicyProduct, windows: Windows): ProductInput {
  const priceIndex = rule.price_index === undefined ? undefined : priceIndexes(state, policy, rule.price_index.series, windows);
  return {
    product: name,
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
  const baseline = indexAt(state, policy, series, windows.baseline);
  const reporting = indexAt(state, policy, series, windows.reporting);
  const fixedBase = windows.fixedBase === undefined ? undefined : indexAt(state, policy, series, windows.fixedBase);
  if (baseline === undefined || reporting === undefined) return undefined;
  return { baseline, reporting, ...(fixedBase === undefined ? {} : { fixedBase }) };
}

function indexAt(state: ProgrammeState, policy: Policy, series: string, window: Span): Rational | undefined {
  const { label } = periodHolding(policy, window.start);
  const found = state.tables.findLast((table) => table.value.series?.get(series)?.has(label))?.value.series?.get(series)?.get(label);
  return found === undefined ? undefined : ratioOfDecimal(found);
}

/** Tables whose rows and series a decision may draw on: the policy's own, and those that carry a series it names. */
export function tablesUsed(state: ProgrammeState, policy: Policy): readonly Dated<Table>[] {
  const own = tableNamed(state.tables, policy.energy.table);
  const named = new Set([...policy.products.values()].flatMap((product) => (product.price_index === undefined ? [] : [product.price_index.series])));
  const indexed = state.tables.filter((table) => [...(table.value.series?.keys() ?? [])].some((series) => named.has(series)));
  return [...new Set([...(own === undefined ? [] : [own]), ...indexed])];
}

/** The way of each carrier into the verdict unit, by the newest table known when the window ended or, before the first, the first. */
function carrierFactors(state: ProgrammeState, applicant: Organisation, policy: Policy, boundary: Boundary, window: Span): ReadonlyMap<string, CarrierFactor> {
  const editions = state.tables.filter((candidate) => candidate.value.name === policy.energy.table);
  const table = editions.findLast((candidate) => candidate.time <= window.end) ?? editions[0];
  const factors = new Map<string, CarrierFactor>();
  for (const [carrier, rule] of policy.energy.carriers) {
    const row = table?.value.rows.get(rule.row);
    const measured = rule.measured_ncv === undefined || rule.measured_ncv === 'ignored' ? undefined : measuredValue(applicant, boundary, carrier, window);
    if (rule.measured_ncv === 'required' && measured === undefined) continue;
    try {
      factors.set(
        carrier,
        factorFor({
          carrier,
          unit: rule.unit,
          verdictUnit: policy.energy.unit,
          ...(row === undefined ? {} : { row: toFactorRow(rule.row, row) }),
          ...(table === undefined ? {} : { table: `${table.value.name} ${table.value.edition}` }),
          ...(rule.choose === undefined ? {} : { chosen: ratioOfDecimal(rule.choose) }),
          ...(measured === undefined ? {} : { measured }),
        }),
      );
    } catch (error) {
      // no factor is a finding of the evaluation (factor-missing), not a failure of the walk
      if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    }
  }
  return factors;
}

function toFactorRow(key: string, row: TableRow): FactorRow {
  const range = (printed: NonNullable<TableRow['factor_range']>) => ({ least: ratioOfDecimal(printed.least), most: ratioOfDecimal(printed.most) });
  const factor = row.factor === undefined ? row.factor_range : row.factor;
  const ncv = row.ncv === undefined ? row.ncv_range : row.ncv;
  return {
    key,
    ...(factor === undefined ? {} : { factor: 'least' in factor ? range(factor) : ratioOfDecimal(factor), factorUnit: row.factor_unit }),
    ...(ncv === undefined || row.ncv_unit === undefined ? {} : { ncv: 'least' in ncv ? range(ncv) : ratioOfDecimal(ncv), ncvUnit: row.ncv_unit }),
  };
}

/** The net calorific value measured in a window: each analysis weighted by what was used in its interval. */
function measuredValue(applicant: Organisation, boundary: Boundary, carrier: string, window: Span): MeasuredValue | undefined {
  const laboratories = [...boundary.meters.values()].filter((meter) => meter.kind === 'quality' && meter.carrier === carrier);
  const users = [...boundary.meters.values()].filter((meter) => meter.kind === 'energy' && meter.carrier === carrier && meter.under === undefined);
  for (const laboratory of laboratories) {
    const lots = packagesWithin(applicant.packages, laboratory.name, 'quality', window.start, window.end)
      .filter((lot) => lot.payload.unit === laboratory.unit && lot.start >= window.start && lot.end <= window.end)
      .map((lot) => ({ value: ratioOfDecimal(lot.payload.quantity), quantity: usedIn(applicant, users, lot) }))
      .filter((lot) => lot.quantity.n > 0n);
    if (lots.length > 0) return { value: weightedCalorificValue(lots), unit: laboratory.unit };
  }
  return undefined;
}

function usedIn(applicant: Organisation, users: readonly BoundaryMeter[], span: Span): Rational {
  return sumRatios(
    users.flatMap((meter) =>
      packagesWithin(applicant.packages, meter.name, 'energy', span.start, span.end)
        .filter((counted) => counted.start >= span.start && counted.end <= span.end)
        .map((counted) => ratioOfDecimal(counted.payload.quantity)),
    ),
  );
}

/** Every package that a decision over a window rests on. */
export function packagesOfWindow(applicant: Organisation, policy: Policy, boundary: Boundary, window: Span): readonly CountedPackage[] {
  const found: CountedPackage[] = [];
  for (const { meter: name, packages } of packageRows(applicant.packages)) {
    const meter = meterOfPackage(boundary, name);
    if (meter === undefined) continue;
    const span = shifted(meter, window);
    for (const counted of packages) if (counted.start < span.end && counted.end > span.start && isCounted(policy, boundary, counted)) found.push(counted);
  }
  return found;
}
