import type { Decimal } from '../calc/decimal.ts';
import type { Reading } from '../calc/evaluation-input.ts';
import {
  divideRatio,
  multiplyRatio,
  ONE,
  type Rational,
  ratioOfDecimal,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { type OwnRecord, spreadInto } from './audit-own-record.ts';
import type { Boundary, BoundaryMeter, SupplyPoint } from './boundary.ts';
import type { Span } from './calendar.ts';
import { countedReadings, countsOf } from './counted-packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/** What a supplier compares: the applicant's packages at his own supply points with his own deliveries. */
export interface UpstreamQuestion {
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly window: Span;
  /** Supply points. */
  readonly labels: readonly string[];
  readonly records: readonly OwnRecord[];
  /** Relative accuracy of the supplier's own meter, by supply point. */
  readonly accuracy: ReadonlyMap<string, Decimal>;
  /** Lost between the two meters, as a share of the delivery. */
  readonly loss: 'as_declared' | 'none' | Decimal;
  /** Whether the labels of the boundary are all points at which he supplies the applicant; undefined: he does not say. */
  readonly allSupplyPoints?: boolean;
}

/** Both books of a supply point in one unit, over the same time, and what is to be said of them. */
export interface Books {
  readonly reported: Rational;
  readonly delivered: Rational;
  readonly notes: readonly string[];
  /** What stands in the way of a judgement; null when nothing does. */
  readonly obstacle: string | null;
}

/** The meters that count what enters at a supply point: those that count imports, else those that count the use there. */
export function intakeMeters(policy: Policy, boundary: Boundary, label: string): readonly BoundaryMeter[] {
  const here = [...boundary.meters.values()].filter((meter) => meter.kind === 'energy' && meter.at === label);
  const imports = here.filter((meter) => countsOf(policy, meter) === 'import');
  return imports.length > 0 ? imports : here.filter((meter) => countsOf(policy, meter) === 'use');
}

/** The meters of what leaves at a supply point: exported there, or recovered and given off there. */
export function outletMeters(policy: Policy, boundary: Boundary, label: string): readonly BoundaryMeter[] {
  return [...boundary.meters.values()].filter((meter) => meter.at === label && isOutlet(policy, meter));
}

/** Whether energy that a meter takes off leaves the site: exported, or recovered at a supply point. */
export function isOutlet(policy: Policy, meter: BoundaryMeter): boolean {
  if (meter.kind !== 'energy') return false;
  const counts = countsOf(policy, meter);
  return counts === 'export' || (counts === 'recovered' && meter.at !== undefined);
}

/** What is lost between the two meters, as a share of the delivery. */
export function lossAt(loss: UpstreamQuestion['loss'], point: SupplyPoint): Rational {
  if (loss === 'none') return ZERO;
  if (loss !== 'as_declared') return ratioOfDecimal(loss);
  return point.loss_to_site === undefined ? ZERO : ratioOfDecimal(point.loss_to_site);
}

/** What has to leave the site for that much to arrive; where all is said to be lost, what arrived. */
export function beforeLoss(arrived: Rational, loss: Rational): Rational {
  const left = subtractRatio(ONE, loss);
  return left.n > 0n ? divideRatio(arrived, left) : arrived;
}

/** The counting packages of meters in a span, with what makes their unit the one asked for. */
export function readingsAt(
  { applicant, policy, boundary }: UpstreamQuestion,
  meters: readonly BoundaryMeter[],
  unit: string,
  span: Span,
): readonly { readonly reading: Reading; readonly scale: Rational }[] {
  return meters.flatMap((meter) =>
    countedReadings(applicant, policy, boundary, meter, span).map((reading) => ({
      reading,
      scale: convertUnit(meter.unit, unit),
    })),
  );
}

/** What the meters counted in a span, a package across its edge by the time inside. */
export function reportedIn(
  question: UpstreamQuestion,
  meters: readonly BoundaryMeter[],
  unit: string,
  span: Span,
): Rational {
  return sumRatios(
    readingsAt(question, meters, unit, span).map(({ reading, scale }) =>
      multiplyRatio(spreadInto(reading.quantity, reading, span), scale),
    ),
  );
}
