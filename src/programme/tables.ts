import { type Rational, ratioOfDecimal } from '../calc/ratio.ts';
import type { Span } from './calendar.ts';
import { tableOfLimit } from './norm-limits.ts';
import type { Policy } from './policy.ts';
import { type Dated, periodHolding } from './rules.ts';
import type { ProgrammeState } from './state.ts';
import type { Table } from './table.ts';

/** The edition of the policy's factor table for a window: the newest known when it ended or, before the first, the first. */
export function tableFor(state: ProgrammeState, policy: Policy, window: Span): Dated<Table> | undefined {
  const editions = state.tables.filter((candidate) => candidate.value.name === policy.energy.table);
  return editions.findLast((candidate) => candidate.time <= window.end) ?? editions[0];
}

/** The newest table with a value of a series for a window: an index is entered when it is known, which is after the period. */
function tableOfSeries(state: ProgrammeState, policy: Policy, series: string, window: Span): Dated<Table> | undefined {
  const label = seriesLabel(policy, window);
  return state.tables.findLast((table) => table.value.series?.get(series)?.has(label));
}

/** The value of a series for a window; undefined while it is unknown. */
export function seriesAt(state: ProgrammeState, policy: Policy, series: string, window: Span): Rational | undefined {
  const found = tableOfSeries(state, policy, series, window)
    ?.value.series?.get(series)
    ?.get(seriesLabel(policy, window));
  return found === undefined ? undefined : ratioOfDecimal(found);
}

/** '2025' for a period; '2023/2025' for a window of several, by their first and last. */
function seriesLabel(policy: Policy, window: Span): string {
  const first = periodHolding(policy, window.start).label;
  const last = periodHolding(policy, window.end - 1).label;
  return first === last ? first : `${first}/${last}`;
}

/** The series of the calorific basis of electricity; undefined where the policy takes the equivalent value. */
export function electricitySeries(policy: Policy): string | undefined {
  const basis = policy.energy.electricity?.basis;
  return basis === undefined || typeof basis === 'string' ? undefined : basis.calorific.series;
}

/** The tables that the figures of windows stand on, each once. */
export function tablesUsed(state: ProgrammeState, policy: Policy, windows: readonly Span[]): readonly Dated<Table>[] {
  const electricity = electricitySeries(policy);
  const series = [
    ...[...policy.products.values()].flatMap((product) => product.price_index?.series ?? []),
    ...(electricity === undefined ? [] : [electricity]),
  ];
  const limits = [...policy.products.values()].flatMap(({ norm }) => norm?.limit ?? []);
  const tables = windows.flatMap((window) => [
    tableFor(state, policy, window),
    ...series.map((name) => tableOfSeries(state, policy, name, window)),
    ...limits.map((name) => tableOfLimit(state, policy, name, window)),
  ]);
  return [...new Set(tables.filter((table) => table !== undefined))];
}
