import { compareDecimal, type Decimal, parseDecimal, ZERO_DECIMAL } from '../calc/decimal.ts';
import { type Duration, roughSeconds } from './calendar.ts';
import { methodFaults } from './model-rules.ts';
import type { Policy } from './policy.ts';

/** The serial in a certificate's number: `{serial}`, or `{serial:4}` with leading zeros. */
export const SERIAL = /\{serial(?::(\d{1,2}))?\}/g;

const ONE = parseDecimal('1');
const DAY = 86_400;
/** The figures of an audit name every package of its sample. */
const MOST_SAMPLED = 1000;
/** No programme counts in centuries; longer ones would leave the calendar. */
const LONGEST = 100 * 366 * DAY;

/** What the shape alone cannot say: rules that no period, window or share could be formed by. */
export function* policyFaults({
  time: clock,
  calendar: dates,
  baseline: before,
  data: rules,
  audits: asked,
  decision: verdict,
  certificate: paper,
  products: made,
}: Policy): Generator<readonly [key: string, fault: string]> {
  const lengths: readonly (readonly [string, Duration, number])[] = [
    ['time.period.length', clock.period.length, DAY],
    ['time.interval', clock.interval, 1],
    ['time.longest_interval', clock.longest_interval, 1],
    ['calendar.package_due', dates.package_due, 0],
    ['calendar.corrections_until', dates.corrections_until, 0],
    ['calendar.audit_window', dates.audit_window, DAY],
    ['calendar.audit_asked', dates.audit_asked, 0],
    ['calendar.audit_due', dates.audit_due, 0],
    ['calendar.answer_due', dates.answer_due, 0],
    ['calendar.ruling_due', dates.ruling_due, 0],
    ['calendar.decide.from', dates.decide.from, 0],
    ['calendar.decide.until', dates.decide.until, 0],
    ['baseline.history_due', before.history_due, 0],
    ['data.coverage.longest_gap', rules.coverage.longest_gap, 0],
    ['certificate.valid', paper.valid, DAY],
  ];
  for (const [key, length, least] of lengths) {
    if (roughSeconds(length) < least)
      yield [key, `is too short, expected at least ${least === DAY ? 'a day' : 'a second'}`];
    if (roughSeconds(length) > LONGEST) yield [key, 'is too long, expected at most 100 years'];
  }
  if (roughSeconds(dates.decide.until) < roughSeconds(dates.decide.from))
    yield ['calendar.decide.until', "is before 'from'"];
  if (typeof before.window !== 'string' && before.window.to <= before.window.from)
    yield ['baseline.window.to', "is not after 'from'"];
  if (before.method !== undefined && typeof before.method !== 'string')
    yield* methodFaults(before.method, new Set(made.keys()));
  for (const [name, { norm }] of made)
    if (norm?.over !== undefined && compareDecimal(norm.over, ZERO_DECIMAL) <= 0)
      yield [`products.${name}.norm.over`, 'is not above zero'];
  const shares: readonly (readonly [string, Decimal])[] = [
    ['data.coverage.per_meter', rules.coverage.per_meter],
    ['data.coverage.joint', rules.coverage.joint],
    ['data.idle.share_flagged', rules.idle.share_flagged],
    ['data.manual.share_most', rules.manual.share_most],
    ['audits.upstream.energy_share', asked.upstream.energy_share],
    ['audits.downstream.shipments_share', asked.downstream.shipments_share],
    ['decision.significance.same_meter_correlation', verdict.significance.same_meter_correlation],
  ];
  for (const [key, share] of shares)
    if (compareDecimal(share, ZERO_DECIMAL) < 0 || compareDecimal(share, ONE) > 0)
      yield [key, `is no share, expected "0" to "1"`];
  for (const part of ['windows', 'packages'] as const) {
    const rule = asked.sampling?.[part];
    if (rule !== undefined && (rule.number < 1 || rule.number > Math.min(rule.above, MOST_SAMPLED)))
      yield [
        `audits.sampling.${part}.number`,
        `must be "1" to 'above', at most ${MOST_SAMPLED}, found '${rule.number}'`,
      ];
  }
  const { at_least: relations } = asked.relations_needed;
  if (relations < 1 || relations > 3)
    yield ['audits.relations_needed.at_least', `must be "1" to "3", found '${relations}'`];
  // a number is given once: each serial counts the certificates of one year
  if (!paper.number.includes('{year}') || paper.number.search(SERIAL) < 0)
    yield ['certificate.number', "must hold '{year}' and '{serial}'"];
}
