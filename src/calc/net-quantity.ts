import type { PeriodName, Reason } from './evaluation.ts';
import { fillFor } from './gap-fill.ts';
import type { MeterPeriod, MeterPeriods } from './meter-period.ts';
import { maxRatio, multiplyRatio, subtractRatio, sumRatios, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { reason } from './reason.ts';
import { tryConvert } from './try-convert.ts';

/** `filled`: gaps against the claimant. `measured`: nothing put in. */
export type Filling = 'filled' | 'measured';

/** The end of a meter's bounds that is against the claimant, and the one its sub-meters then take when they are subtracted. */
function bound(meter: MeterPeriod, side: 'low' | 'high'): Rational {
  return side === 'high' ? meter.high : meter.measured;
}

export interface NetQuantity {
  /** In the meter's unit: its total less its sub-meters'. */
  readonly net: Rational;
  readonly reasons: readonly Reason[];
}

/**
 * What is left of a meter after its sub-meters. Where all of them are complete and the rest is below zero, that is a finding,
 * and the rest is taken against the claimant: zero where more would count against him, as it stands where less would. A rest
 * that is negative only because of gaps is zero.
 */
export function netQuantity(
  meter: MeterPeriod,
  periods: MeterPeriods,
  period: PeriodName,
  filling: Filling,
): NetQuantity {
  const side = fillFor(meter.node.input, period) === 'highest' ? 'high' : 'low';
  const own = filling === 'filled' ? bound(meter, side) : meter.measured;
  const { children, input } = meter.node;
  if (children.length === 0) return { net: own, reasons: [] };
  const below = children.map((name) => periods.get(name)!);
  const scales = below.map((child) => tryConvert(child.node.input.unit, input.unit));
  const unlike = below.find((_, index) => scales[index] === null);
  if (unlike !== undefined) {
    const text = `'${unlike.node.input.meter}' in ${unlike.node.input.unit} cannot be subtracted from '${input.meter}' in ${input.unit}`;
    return { net: own, reasons: [reason('unit-mismatch', 'critical', text, period, input.meter)] };
  }
  const total = (of: (child: MeterPeriod) => Rational): Rational =>
    sumRatios(below.map((child, index) => multiplyRatio(of(child), scales[index] ?? ZERO)));
  const measured = subtractRatio(
    meter.measured,
    total((child) => child.measured),
  );
  const complete = meter.complete && below.every((child) => child.complete);
  if (complete) {
    if (measured.n >= 0n) return { net: measured, reasons: [] };
    const text = `the sub-meters of '${input.meter}' say more than it does`;
    const found = [reason('negative-rest', 'moderate', text, period, input.meter)];
    return { net: side === 'high' ? ZERO : measured, reasons: found };
  }
  if (filling === 'measured') return { net: maxRatio(measured, ZERO), reasons: [] };
  const opposite = side === 'high' ? 'low' : 'high';
  const rest = subtractRatio(
    own,
    total((child) => bound(child, opposite)),
  );
  return { net: maxRatio(rest, ZERO), reasons: [] };
}
