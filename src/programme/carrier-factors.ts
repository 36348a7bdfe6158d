import {
  type CarrierQuestion,
  factorFor,
  type FactorRow,
  type MeasuredValue,
  weightedCalorificValue,
} from '../calc/carrier.ts';
import type { CarrierFactor } from '../calc/evaluation-input.ts';
import { multiplyRatio, type Rational, ratioOfDecimal, sumRatios, ZERO } from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import type { Span } from './calendar.ts';
import { countedReadings } from './counted-packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation, ProgrammeState } from './state.ts';
import type { TableRow } from './table.ts';
import { electricitySeries, seriesAt, tableFor } from './tables.ts';

/** What the factors of a window are drawn from. */
export interface FactorScene {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
}

type CarrierRule = Policy['energy']['carriers'] extends ReadonlyMap<string, infer T> ? T : never;

/** The row whose carriers the calorific basis of electricity is about (programme-v1 section 4). */
const ELECTRICITY_ROW = 'electricity_equivalent';

/** The way of each carrier into the verdict unit in a window; a carrier without one is left out, which the evaluation finds. */
export function carrierFactors(scene: FactorScene, window: Span): ReadonlyMap<string, CarrierFactor> {
  const factors = new Map<string, CarrierFactor>();
  for (const [carrier, rule] of scene.policy.energy.carriers) {
    const question = questionOf(scene, window, carrier, rule);
    if (question === undefined) continue;
    try {
      factors.set(carrier, factorFor(question));
    } catch (error) {
      if (!(error instanceof JoulemarkError) || error.code === 'INTERNAL') throw error;
    }
  }
  return factors;
}

function questionOf(scene: FactorScene, window: Span, carrier: string, rule: CarrierRule): CarrierQuestion | undefined {
  const { state, policy } = scene;
  const asked = { carrier, unit: rule.unit, verdictUnit: policy.energy.unit };
  const series = rule.row === ELECTRICITY_ROW ? electricitySeries(policy) : undefined;
  if (series !== undefined) {
    const factor = seriesAt(state, policy, series, window);
    return factor === undefined ? undefined : { ...asked, row: { key: series, factor, factorUnit: 'kgce/kWh' } };
  }
  const measured =
    rule.measured_ncv === undefined || rule.measured_ncv === 'ignored'
      ? undefined
      : measuredValue(scene, carrier, rule.unit, window);
  if (rule.measured_ncv === 'required' && measured === undefined) return undefined;
  const table = tableFor(state, policy, window)?.value;
  const row = table?.rows.get(rule.row);
  return {
    ...asked,
    ...(row === undefined ? {} : { row: toFactorRow(rule.row, row) }),
    ...(table === undefined ? {} : { table: `${table.name} ${table.edition}` }),
    ...(rule.choose === undefined ? {} : { chosen: ratioOfDecimal(rule.choose) }),
    ...(measured === undefined ? {} : { measured }),
  };
}

function toFactorRow(key: string, row: TableRow): FactorRow {
  const range = (printed: NonNullable<TableRow['factor_range']>) => ({
    least: ratioOfDecimal(printed.least),
    most: ratioOfDecimal(printed.most),
  });
  const factor = row.factor === undefined ? row.factor_range : row.factor;
  const ncv = row.ncv === undefined ? row.ncv_range : row.ncv;
  return {
    key,
    ...(factor === undefined
      ? {}
      : { factor: 'least' in factor ? range(factor) : ratioOfDecimal(factor), factorUnit: row.factor_unit }),
    ...(ncv === undefined || row.ncv_unit === undefined
      ? {}
      : { ncv: 'least' in ncv ? range(ncv) : ratioOfDecimal(ncv), ncvUnit: row.ncv_unit }),
  };
}

/** The net calorific value measured in a window by the first laboratory that has one: each lot weighted by what was used in its interval. */
function measuredValue(scene: FactorScene, carrier: string, unit: string, window: Span): MeasuredValue | undefined {
  const { applicant, policy, boundary } = scene;
  const ofCarrier = [...boundary.meters.values()].filter((meter) => meter.carrier === carrier);
  const users = ofCarrier.filter((meter) => meter.kind === 'energy' && meter.under === undefined);
  for (const laboratory of ofCarrier.filter((meter) => meter.kind === 'quality')) {
    const lots = countedReadings(applicant, policy, boundary, laboratory, window)
      .filter((lot) => lot.start >= window.start && lot.end <= window.end)
      .map((lot) => ({
        value: ratioOfDecimal(lot.quantity),
        quantity: sumRatios(users.map((meter) => usedIn(scene, meter, unit, lot))),
      }))
      .filter((lot) => lot.quantity.n > 0n);
    if (lots.length > 0) return { value: weightedCalorificValue(lots), unit: laboratory.unit };
  }
  return undefined;
}

/** What a meter counted of the carrier in the packages that lie wholly in a span, in the carrier's unit. */
function usedIn(
  { applicant, policy, boundary }: FactorScene,
  meter: BoundaryMeter,
  unit: string,
  span: Span,
): Rational {
  const inside = countedReadings(applicant, policy, boundary, meter, span).filter(
    (reading) => reading.start >= span.start && reading.end <= span.end,
  );
  try {
    return multiplyRatio(
      sumRatios(inside.map((reading) => ratioOfDecimal(reading.quantity))),
      convertUnit(meter.unit, unit),
    );
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return ZERO; // a unit-mismatch of the evaluation
    throw error;
  }
}
