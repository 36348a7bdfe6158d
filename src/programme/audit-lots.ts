import {
  addRatio,
  multiplyRatio,
  type Rational,
  ratioOfDecimal,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../calc/ratio.ts';
import { stockLevel } from '../calc/readings.ts';
import { convertUnit } from '../calc/unit.ts';
import { type Books, reportedIn, type UpstreamQuestion } from './audit-intake.ts';
import { type OwnRecord, spreadInto } from './audit-own-record.ts';
import type { BoundaryMeter } from './boundary.ts';
import { countedReadings, countsOf } from './counted-packages.ts';
import { countRules } from './stock-reach.ts';

/** What comes in lots: everything delivered in the window against what was used and what the stock grew by. */
export function booksOfLots(
  question: UpstreamQuestion,
  label: string,
  meters: readonly BoundaryMeter[],
  unit: string,
  own: readonly OwnRecord[],
): Books {
  const { window } = question;
  const inside = own.filter(({ from, to }) => from < window.end && to > window.start);
  const delivered = sumRatios(
    inside.map(({ quantity, from, to, unit: written }) =>
      multiplyRatio(spreadInto(quantity, { start: from, end: to }, window), convertUnit(written, unit)),
    ),
  );
  const metered = reportedIn(question, meters, unit, window);
  const missing = own.length === 0 ? 'no own record at all' : null;
  // what is bought or given off is weighed itself; what is used comes out of a stock
  if (meters.some((meter) => countsOf(question.policy, meter) !== 'use'))
    return { reported: metered, delivered, notes: [], obstacle: missing };
  const stock = stockGrowth(question, label, unit);
  if (typeof stock === 'string') return { reported: metered, delivered, notes: [], obstacle: missing ?? stock };
  if (stock === null)
    return {
      reported: metered,
      delivered,
      notes: ['no stock is counted: compared with what was used'],
      obstacle: missing,
    };
  return { reported: addRatio(metered, stock), delivered, notes: [], obstacle: missing };
}

/** closing - opening of the carrier's stock; null where none is counted; text where it cannot be told. */
function stockGrowth(
  { applicant, policy, boundary, window }: UpstreamQuestion,
  label: string,
  unit: string,
): Rational | string | null {
  const carrier = boundary.supplyPoints.get(label)?.carrier;
  const stocks = [...boundary.meters.values()].filter(
    (meter) => meter.kind === 'stock' && (meter.at === label || (meter.at === undefined && meter.carrier === carrier)),
  );
  if (stocks.length === 0) return null;
  const points = [...boundary.supplyPoints.values()].filter((point) => point.carrier === carrier).length;
  if (points > 1 && stocks.some((meter) => meter.at === undefined))
    return `the stock of ${carrier} is shared by ${points} supply points, and no meter counts what enters at this one`;
  const rules = countRules(policy);
  let growth = ZERO;
  for (const meter of stocks) {
    const shift = meter.day_starts ?? 0;
    const [opens, closes] = [window.start + shift, window.end + shift];
    const levels = countedReadings(applicant, policy, boundary, meter, {
      start: opens - rules.longestGap,
      end: closes,
    });
    const opening = stockLevel(levels, opens, rules);
    const closing = stockLevel(levels, closes, rules);
    if (opening === null || closing === null)
      return `'${meter.name}' has no level for the ${opening === null ? 'beginning' : 'end'} of the window`;
    growth = addRatio(
      growth,
      multiplyRatio(subtractRatio(ratioOfDecimal(closing), ratioOfDecimal(opening)), convertUnit(meter.unit, unit)),
    );
  }
  return growth;
}
