import type { Id } from '../ledger/codec/id.ts';
import { addDuration, dateAt, dayNumberOf, periodAt, startOfDay, type Span } from './calendar.ts';
import type { Boundary } from './boundary.ts';
import type { Policy } from './policy.ts';
import type { Table } from './table.ts';

/** A document of the ledger with the ledger time from which it is known. */
export interface Dated<T> {
  readonly digest: Id;
  readonly time: number;
  readonly value: T;
}

/** A period of a policy: `[start, end)`, its label (the year of a yearly period, else the first date) and number. */
export interface Period extends Span {
  readonly index: number;
  readonly label: string;
}

/** The period found last for a policy: packages come in order of time, and each asks for its own. */
const lastFound = new WeakMap<Policy, Period>();

/** The period of a policy that holds an instant. */
export function periodHolding(policy: Policy, instant: number): Period {
  const last = lastFound.get(policy);
  if (last !== undefined && last.start <= instant && instant < last.end) return last;
  const { zone, period } = policy.time;
  const first = startOfDay(period.first, zone);
  const span = periodAt(instant, first, period.length, zone);
  const found = { ...span, label: periodLabel(policy, span.start) };
  lastFound.set(policy, found);
  return found;
}

function periodLabel(policy: Policy, start: number): string {
  const date = dateAt(start, policy.time.zone);
  const { years, months, days, seconds } = policy.time.period.length;
  if (years === 1 && months === 0 && days === 0 && seconds === 0 && date.endsWith('-01-01')) return date.slice(0, 4);
  return months === 1 && years === 0 && days === 0 && date.endsWith('-01') ? date.slice(0, 7) : date;
}

/** The period that a person names: '2026', '2026-03' or its first date. Undefined where no period begins there. */
export function periodNamed(policy: Policy, label: string): Period | undefined {
  const date = `${label}${REST_OF_DATE[label.length] ?? ''}`;
  if (dayNumberOf(date) === undefined) return undefined;
  const instant = startOfDay(date, policy.time.zone);
  const period = periodHolding(policy, instant);
  return period.start === instant ? period : undefined;
}

/** What a year or a month lacks to be its first day, by its length. */
const REST_OF_DATE: Readonly<Record<number, string>> = { 4: '-01-01', 7: '-01' };

/**
 * Rules before, numbers after (spec section 8): the newest policy whose ledger time is not after the start of its own
 * period that holds the instant.
 */
export function policyInForce(policies: readonly Dated<Policy>[], instant: number): Dated<Policy> | undefined {
  for (let index = policies.length - 1; index >= 0; index -= 1) {
    const candidate = policies[index];
    if (candidate !== undefined && candidate.time <= periodHolding(candidate.value, instant).start) return candidate;
  }
  return undefined;
}

/** The policy that rules packages at an instant: the one in force, or before the first period the first of the ledger. */
export function policyRuling(policies: readonly Dated<Policy>[], instant: number): Dated<Policy> | undefined {
  return policyInForce(policies, instant) ?? policies[0];
}

/** The newest accepted boundary whose ledger time is not after the instant. */
export function boundaryInForce(boundaries: readonly Dated<Boundary>[], instant: number): Dated<Boundary> | undefined {
  return boundaries.findLast((boundary) => boundary.time <= instant);
}

/** The boundary by which packages of a window are sorted into labels: in force, or before the first the first accepted. */
export function boundaryRuling(boundaries: readonly Dated<Boundary>[], instant: number): Dated<Boundary> | undefined {
  return boundaryInForce(boundaries, instant) ?? boundaries[0];
}

/** The newest table of a name known at an instant: numbers are entered when known, so a later edition replaces. */
export function tableNamed(tables: readonly Dated<Table>[], name: string): Dated<Table> | undefined {
  return tables.findLast((table) => table.value.name === name);
}

/** The window whose figures a period is compared with (programme-v1 section 5); undefined where the policy has none before it. */
export function baselineWindow(policy: Policy, period: Span): Span {
  const { zone } = policy.time;
  const { window } = policy.baseline;
  if (typeof window !== 'string') return { start: startOfDay(window.from, zone), end: startOfDay(window.to, zone) };
  return previousPeriod(policy, period);
}

/** The period before. */
export function previousPeriod(policy: Policy, period: Span): Period {
  return periodHolding(policy, period.start - 1);
}

/** A moment after the end of a period, on the ledger clock. */
export function afterPeriod(policy: Policy, period: Span, duration: Parameters<typeof addDuration>[1]): number {
  return addDuration(period.end, duration, policy.time.zone);
}
