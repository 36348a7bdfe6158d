import type { PeriodName, Reason } from './evaluation.ts';
import { fillFor } from './gap-fill.ts';
import type { MeterPeriod, MeterPeriods } from './meter-period.ts';
import {
  addRatio,
  compareRatio,
  multiplyRatio,
  negateRatio,
  ONE,
  ratio,
  subtractRatio,
  sumRatios,
  ZERO,
} from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { tryConvert } from './try-convert.ts';

/** `filled`: gaps against the claimant. `measured`: nothing put in. */
export type Filling = 'filled' | 'measured';

/** The end of a meter's bounds, with or without its gaps filled. */
function bound(meter: MeterPeriod, side: 'low' | 'high', filling: Filling): Rational {
  if (side === 'low') return meter.measured;
  return filling === 'filled' ? meter.high : meter.measuredHigh;
}

export interface NetQuantity {
  /** In the meter's unit: its total less its sub-meters'. */
  readonly net: Rational;
  readonly reasons: readonly Reason[];
}

/** What rounding may take from one meter (`Rational` figures of prorated readings). */
const FINEST: Rational = ratio(1n, 10n ** 18n);

/**
 * What is left of a meter after its sub-meters, which take the other end of their bounds. Where all of them are complete and the rest is
 * below zero, that is a finding, and the rest is taken against the claimant: zero where more would count against him, as it stands where
 * less would. A rest that is negative only because of gaps is zero.
 */
export function netQuantity(
  meter: MeterPeriod,
  periods: MeterPeriods,
  period: PeriodName,
  filling: Filling,
): NetQuantity {
  const side = fillFor(meter.node.input, period) === 'highest' ? 'high' : 'low';
  const own = bound(meter, side, filling);
  const { children, input } = meter.node;
  if (children.length === 0) return { net: own, reasons: [] };
  const below = children.map((name) => periods.get(name)!);
  const scales = below.map((child) => tryConvert(child.node.input.unit, input.unit));
  const unlike = below.find((_, index) => scales[index] === null);
  if (unlike !== undefined) {
    const text = `'${unlike.node.input.meter}' in ${unlike.node.input.unit} cannot be subtracted from '${input.meter}' in ${input.unit}`;
    return { net: own, reasons: [reason('unit-mismatch', 'critical', text, period, input.meter)] };
  }
  const opposite = side === 'high' ? 'low' : 'high';
  const rest = subtractRatio(
    own,
    sumRatios(below.map((child, index) => multiplyRatio(bound(child, opposite, filling), scales[index] ?? ZERO))),
  );
  if (rest.n >= 0n) return { net: rest, reasons: [] };
  if (!meter.complete || below.some((child) => !child.complete)) return { net: ZERO, reasons: [] };
  const net = side === 'high' ? ZERO : rest;
  const scaled = sumRatios(scales.map((scale) => scale ?? ZERO));
  if (compareRatio(negateRatio(rest), multiplyRatio(FINEST, addRatio(ONE, scaled))) <= 0) return { net, reasons: [] };
  const text = `the sub-meters of '${input.meter}' say more than it does`;
  return { net, reasons: [reason('negative-rest', 'moderate', text, period, input.meter)] };
}
