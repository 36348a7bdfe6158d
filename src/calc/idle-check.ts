import type { Window } from './evaluation-input.ts';
import type { PeriodName, Reason } from './evaluation.ts';
import { isDeduction } from './gap-fill.ts';
import { readingsOf } from './meter-period.ts';
import type { MeterPeriod, MeterPeriods } from './meter-period.ts';
import { reason } from './reason.ts';

/** Intervals of a meter with a quantity that lie wholly inside `idle`, which is sorted and disjoint. */
function runningWhileIdle(meter: MeterPeriod, idle: readonly Window[], period: PeriodName): number {
  const shift = meter.node.input.dayStart ?? 0;
  let count = 0;
  for (const reading of readingsOf(meter.node, period)) {
    if (reading.quantity.mantissa <= 0n || reading.provenance === 'idle') continue;
    const start = reading.start - shift;
    const end = reading.end - shift;
    const inside = lastStartingBy(idle, start);
    if (inside !== null && inside.end >= end) count += 1;
  }
  return count;
}

function lastStartingBy(windows: readonly Window[], time: number): Window | null {
  let low = 0;
  let high = windows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (windows[middle]!.start <= time) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : windows[low - 1]!;
}

/**
 * Energy declared idle while the same product was made contradicts the statement (calculation section 4): critical. Any one of
 * the meters that reach the product is enough, or a single carrier could be declared away.
 */
export function checkIdle(
  energy: readonly MeterPeriod[],
  outputs: readonly MeterPeriod[],
  period: PeriodName,
): readonly Reason[] {
  const found: Reason[] = [];
  for (const meter of energy) {
    if (isDeduction(meter.node.input) || meter.node.converted || meter.idle.length === 0) continue;
    for (const output of outputs) {
      const count = runningWhileIdle(output, meter.idle, period);
      if (count === 0) continue;
      const text = `'${meter.node.input.meter}' was declared idle in ${count} intervals in which '${output.node.input.meter}' has output`;
      found.push(reason('idle-contradicted', 'critical', text, period, meter.node.input.meter));
    }
  }
  return found;
}

/** A meter declared idle while a sub-meter of it went on: what went through the one went through the other. */
export function checkIdleTree(
  meters: readonly MeterPeriod[],
  periods: MeterPeriods,
  period: PeriodName,
): readonly Reason[] {
  const found: Reason[] = [];
  for (const meter of meters) {
    if (meter.idle.length === 0) continue;
    for (const child of meter.node.children) {
      const count = runningWhileIdle(periods.get(child)!, meter.idle, period);
      if (count === 0) continue;
      const text = `'${meter.node.input.meter}' was declared idle in ${count} intervals in which its sub-meter '${child}' went on`;
      found.push(reason('idle-contradicted', 'critical', text, period, meter.node.input.meter));
    }
  }
  return found;
}
