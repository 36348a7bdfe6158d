import {
  addRatio,
  compareRatio,
  floorFinest,
  multiplyRatio,
  ratio,
  type Rational,
  ratioOfDecimal,
  ZERO,
} from '../calc/ratio.ts';
import type { Reading } from '../calc/evaluation-input.ts';
import { convertUnit } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import type { Boundary, BoundaryMeter } from './boundary.ts';
import type { Span } from './calendar.ts';
import { countedReadings, countsOf, shifted } from './counted-packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation } from './state.ts';

/** Whose analyses are asked for. */
export interface LaboratoryScene {
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
}

/** One analysis and what was used of the carrier in its interval, in the carrier's unit. */
export interface CalorificLot {
  readonly value: Rational;
  readonly used: Rational;
}

/** What a laboratory says of a carrier in one window. */
export interface CalorificValues {
  /** Those above zero, in order of time. */
  readonly lots: readonly CalorificLot[];
  /** Analyses that are not above zero: refused, their time is not covered. */
  readonly refused: number;
  /** What was used in the whole window, in the carrier's unit. */
  readonly used: Rational;
}

/** The quality meters of a carrier, in the order of their names. */
export function laboratoriesOf(boundary: Boundary, carrier: string): readonly BoundaryMeter[] {
  return [...boundary.meters.values()]
    .filter((meter) => meter.kind === 'quality' && meter.carrier === carrier)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Meters that say how much of a carrier was used; where all of it is taken off, those that say how much. */
function usersOf({ policy, boundary }: LaboratoryScene, carrier: string): readonly BoundaryMeter[] {
  const roots = [...boundary.meters.values()].filter(
    (meter) => meter.kind === 'energy' && meter.carrier === carrier && meter.under === undefined,
  );
  const using = roots.filter((meter) => ['import', 'use'].includes(countsOf(policy, meter)));
  return using.length > 0 ? using : roots;
}

/** True where a carrier is only given off or recovered: there a low calorific value is against the claimant. */
export function isOnlyTakenOff(scene: LaboratoryScene, carrier: string): boolean {
  return usersOf(scene, carrier).every((meter) => ['export', 'recovered'].includes(countsOf(scene.policy, meter)));
}

/** The part of a reading's quantity that falls into a span, by time; rounded down to 10^-18. */
function partIn({ start, end, quantity }: Reading, span: Span): Rational {
  const from = Math.max(start, span.start);
  const to = Math.min(end, span.end);
  if (to <= from) return ZERO;
  if (from === start && to === end) return ratioOfDecimal(quantity);
  return floorFinest(multiplyRatio(ratioOfDecimal(quantity), ratio(BigInt(to - from), BigInt(end - start))));
}

/** A laboratory's analyses in a window, each with what was used in its interval: a longer package by its share of time. */
export function calorificValues(
  scene: LaboratoryScene,
  laboratory: BoundaryMeter,
  unit: string,
  window: Span,
): CalorificValues {
  const { applicant, policy, boundary } = scene;
  const own = shifted(laboratory, window);
  const analyses = countedReadings(applicant, policy, boundary, laboratory, own).filter(
    ({ start, end, provenance }) =>
      start >= own.start &&
      end <= own.end &&
      !(provenance === 'estimated' && policy.data.estimated.counts_as === 'missing'),
  );
  const valid = analyses.filter(({ quantity }) => quantity.mantissa > 0n);
  const weights = valid.map(() => ZERO);
  let used = ZERO;
  for (const meter of usersOf(scene, laboratory.carrier ?? '')) {
    const scale = scaleTo(meter, unit);
    if (scale === null) continue; // a unit-mismatch of the evaluation
    const span = shifted(meter, window);
    let first = 0;
    for (const reading of countedReadings(applicant, policy, boundary, meter, span)) {
      used = addRatio(used, multiplyRatio(partIn(reading, span), scale));
      while (first < valid.length && valid[first]!.end <= reading.start) first += 1;
      for (let index = first; index < valid.length && valid[index]!.start < reading.end; index += 1)
        weights[index] = addRatio(weights[index]!, multiplyRatio(partIn(reading, valid[index]!), scale));
    }
  }
  const lots = valid.map(({ quantity }, index) => ({ value: ratioOfDecimal(quantity), used: weights[index]! }));
  return { lots, refused: analyses.length - valid.length, used };
}

function scaleTo(meter: BoundaryMeter, unit: string): Rational | null {
  try {
    return convertUnit(meter.unit, unit);
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return null;
    throw error;
  }
}

/** The greatest or least of some values. At least one. */
export function extremeOf(values: readonly Rational[], which: 'highest' | 'lowest'): Rational {
  const wanted = which === 'highest' ? 1 : -1;
  return values.reduce((best, value) => (compareRatio(value, best) === wanted ? value : best));
}
