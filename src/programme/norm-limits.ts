import type { NormLimits } from '../calc/evaluation-input.ts';
import { correctLimits } from '../calc/norm-limit.ts';
import { ratioOfDecimal } from '../calc/ratio.ts';
import { dateAt, type Span } from './calendar.ts';
import type { Policy } from './policy.ts';
import type { Dated } from './rules.ts';
import type { ProgrammeState } from './state.ts';
import type { Table } from './table.ts';

type ProductRule = Policy['products'] extends ReadonlyMap<string, infer T> ? T : never;

/** The newest table with a limit that is in effect when a period begins (a norm has a day from which it holds). */
export function tableOfLimit(
  state: ProgrammeState,
  policy: Policy,
  limit: string,
  period: Span,
): Dated<Table> | undefined {
  const begins = dateAt(period.start, policy.time.zone);
  return state.tables.findLast(({ value }) => {
    const found = value.limits?.get(limit);
    return found !== undefined && (found.from === undefined || found.from <= begins);
  });
}

/** The limits that a policy names for a product, corrected as it says; undefined where no table gives them for the period. */
export function normLimits(
  state: ProgrammeState,
  policy: Policy,
  { norm }: ProductRule,
  period: Span,
): NormLimits | undefined {
  if (norm === undefined) return undefined;
  const limit = tableOfLimit(state, policy, norm.limit, period)?.value.limits?.get(norm.limit);
  if (limit === undefined) return undefined;
  const printed = limit.grades.map((grade) => (grade === 'none' ? null : ratioOfDecimal(grade)));
  const correction = {
    ...(norm.add === undefined ? {} : { add: norm.add.map(ratioOfDecimal) }),
    ...(norm.times === undefined ? {} : { times: ratioOfDecimal(norm.times) }),
    ...(norm.over === undefined ? {} : { over: ratioOfDecimal(norm.over) }),
  };
  return { norm: norm.limit, unit: limit.unit, limits: correctLimits(printed, correction) };
}
