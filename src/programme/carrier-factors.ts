import { type CarrierQuestion, factorFor, type FactorRow } from '../calc/carrier.ts';
import { roundPlaces } from '../calc/rounding.ts';
import type { CarrierFactor, CarrierFactors } from '../calc/evaluation-input.ts';
import {
  addRatio,
  ceilFinest,
  compareRatio,
  divideRatio,
  floorFinest,
  multiplyRatio,
  ONE,
  type Rational,
  ratioOfDecimal,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../calc/ratio.ts';
import { KILOJOULES_PER_KGCE } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import type { BoundaryMeter } from './boundary.ts';
import type { Span } from './calendar.ts';
import {
  type CalorificValues,
  calorificValues,
  extremeOf,
  isOnlyTakenOff,
  laboratoriesOf,
  type LaboratoryScene,
} from './calorific-values.ts';
import type { Policy } from './policy.ts';
import type { ProgrammeState } from './state.ts';
import type { TableRow } from './table.ts';
import { electricitySeries, seriesAt, tableFor } from './tables.ts';

/** What the factors of a decision are drawn from. */
export interface FactorScene extends LaboratoryScene {
  readonly state: ProgrammeState;
}

/** The windows of a decision. */
interface FactorWindows {
  readonly baseline: Span;
  readonly reporting: Span;
  readonly fixedBase?: Span;
}

type WindowName = keyof FactorWindows;
type CarrierRule = Policy['energy']['carriers'] extends ReadonlyMap<string, infer T> ? T : never;

/** The row whose carriers the calorific basis of electricity is about (programme-v1 section 4). */
const ELECTRICITY_ROW = 'electricity_equivalent';

/**
 * The way of each carrier into the verdict unit in each window (calculation-v1 section 6); a carrier without one in a window is
 * left out there, which the evaluation finds.
 */
export function carrierFactors(
  scene: FactorScene,
  windows: FactorWindows,
): { readonly baseline: CarrierFactors; readonly reporting: CarrierFactors; readonly fixedBase?: CarrierFactors } {
  const factorsIn = (name: WindowName): CarrierFactors => {
    const factors = new Map<string, CarrierFactor>();
    for (const [carrier, rule] of scene.policy.energy.carriers) {
      const factor = tryFactor(() => factorIn(scene, windows, name, carrier, rule));
      if (factor !== null) factors.set(carrier, factor);
    }
    return factors;
  };
  return {
    baseline: factorsIn('baseline'),
    reporting: factorsIn('reporting'),
    ...(windows.fixedBase === undefined ? {} : { fixedBase: factorsIn('fixedBase') }),
  };
}

function tryFactor(find: () => CarrierFactor | null): CarrierFactor | null {
  try {
    return find();
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

function factorIn(
  scene: FactorScene,
  windows: FactorWindows,
  name: WindowName,
  carrier: string,
  rule: CarrierRule,
): CarrierFactor | null {
  const window = windows[name];
  const question = window === undefined ? undefined : questionOf(scene, window, carrier, rule);
  if (question === undefined) return null;
  const asksLaboratory = rule.measured_ncv === 'required' || rule.measured_ncv === 'preferred';
  const measured = asksLaboratory ? measuredFactor(scene, windows, name, question, rule) : null;
  if (measured !== null) return measured;
  return rule.measured_ncv === 'required' ? null : factorFor(question);
}

function questionOf(scene: FactorScene, window: Span, carrier: string, rule: CarrierRule): CarrierQuestion | undefined {
  const { state, policy } = scene;
  const asked = { carrier, unit: rule.unit, verdictUnit: policy.energy.unit };
  const series = rule.row === ELECTRICITY_ROW ? electricitySeries(policy) : undefined;
  if (series !== undefined) {
    const factor = seriesAt(state, policy, series, window);
    if (factor === undefined) return undefined;
    const ncv = multiplyRatio(factor, KILOJOULES_PER_KGCE);
    return { ...asked, row: { key: series, factor, factorUnit: 'kgce/kWh', ncv, ncvUnit: 'kJ/kWh' } };
  }
  const table = tableFor(state, policy, window)?.value;
  const row = table?.rows.get(rule.row);
  return {
    ...asked,
    ...(row === undefined ? {} : { row: toFactorRow(rule.row, row) }),
    ...(table === undefined ? {} : { table: `${table.name} ${table.edition}` }),
    ...(rule.choose === undefined ? {} : { chosen: ratioOfDecimal(rule.choose) }),
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

/**
 * The factor from the calorific values that were measured in a window, weighted by use. What is used without an analysis above zero takes the
 * value that is against the claimant, of all those of baseline and period together and of the table's. Null where nothing was measured, under
 * `required` not in this very window.
 */
function measuredFactor(
  scene: FactorScene,
  windows: FactorWindows,
  name: WindowName,
  question: CarrierQuestion,
  rule: CarrierRule,
): CarrierFactor | null {
  const { carrier, unit } = question;
  const found = measuredBy(scene, windows, name, carrier, unit);
  if (found === null) return null;
  const { laboratory, here, all } = found;
  if (rule.measured_ncv === 'required' && here.lots.length === 0) return null;
  const perValue = factorFor({
    carrier,
    unit,
    verdictUnit: question.verdictUnit,
    measured: { value: ONE, unit: laboratory.unit },
  });
  const table = tryFactor(() => factorFor(question));
  const known = [...all, ...(table === null ? [] : [divideRatio(table.factor, perValue.factor)])];
  const takesHighest = (name === 'reporting') !== isOnlyTakenOff(scene, carrier);
  const fill = extremeOf(known, takesHighest ? 'highest' : 'lowest');
  const covered = sumRatios(here.lots.map(({ used }) => used));
  const open = subtractRatio(here.used, covered);
  const exact = here.used.n <= 0n ? fill : divideRatio(addRatio(weigh(here), multiplyRatio(open, fill)), here.used);
  const value = takesHighest ? ceilFinest(exact) : floorFinest(exact);
  const factor = factorFor({ ...question, measured: { value, unit: laboratory.unit } });
  const gap = gapOf(scene.policy, name, carrier, here, covered);
  return gap === null ? factor : { ...factor, gap };
}

const weigh = ({ lots }: CalorificValues): Rational =>
  lots.reduce((sum, { value, used }) => addRatio(sum, multiplyRatio(value, used)), ZERO);

/** The first laboratory of a carrier with an analysis above zero in the window, in the baseline or in the period. */
function measuredBy(
  scene: FactorScene,
  windows: FactorWindows,
  name: WindowName,
  carrier: string,
  unit: string,
): { readonly laboratory: BoundaryMeter; readonly here: CalorificValues; readonly all: readonly Rational[] } | null {
  for (const laboratory of laboratoriesOf(scene.boundary, carrier)) {
    const names = new Set<WindowName>(['baseline', 'reporting', name]);
    const values = new Map(
      [...names].flatMap((one) => {
        const window = windows[one];
        return window === undefined ? [] : [[one, calorificValues(scene, laboratory, unit, window)] as const];
      }),
    );
    const here = values.get(name);
    const all = [...values.values()].flatMap(({ lots }) => lots.map(({ value }) => value));
    if (here !== undefined && all.length > 0) return { laboratory, here, all };
  }
  return null;
}

/**
 * What of the use has no analysis above zero: a note, and critical below the policy's coverage of a meter; but not in a baseline from before
 * anybody measured.
 */
function gapOf(
  policy: Policy,
  name: WindowName,
  carrier: string,
  { lots, refused, used }: CalorificValues,
  covered: Rational,
): NonNullable<CarrierFactor['gap']> | null {
  if (refused === 0 && compareRatio(covered, used) >= 0) return null;
  const share = used.n <= 0n ? ONE : divideRatio(covered, used);
  const wrong = refused === 0 ? '' : `, ${refused} are not above zero`;
  return {
    critical:
      (lots.length > 0 || name === 'reporting') &&
      compareRatio(share, ratioOfDecimal(policy.data.coverage.per_meter)) < 0,
    text: `analyses of '${carrier}' cover ${roundPlaces({ n: share.n * 100n, d: share.d }, 1)} % of its use${wrong}`,
  };
}
