import type { Decimal } from '../calc/decimal.ts';
import type { Reading } from '../calc/evaluation-input.ts';
import {
  compareRatio,
  type Rational,
  addRatio,
  multiplyRatio,
  ONE,
  ratio,
  ratioOfDecimal,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../calc/ratio.ts';
import { stockLevel } from '../calc/readings.ts';
import { type Accuracies, reconcileUpstream } from '../calc/reconcile.ts';
import { convertUnit } from '../calc/unit.ts';
import { type OwnRecord, overlapOf, spreadInto, worstVerdict } from './audit-own-record.ts';
import { carrierClass, comesInLots, upstreamTolerance } from './audit-tolerance.ts';
import type { Boundary, BoundaryMeter, SupplyPoint } from './boundary.ts';
import { roughSeconds, type Span } from './calendar.ts';
import type { AuditVerdict } from './entries.ts';
import { countedReadings, countsOf } from './counted-packages.ts';
import type { AuditFigures, FiguresLine } from './figures.ts';
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

/** One supply point compared. */
interface Compared {
  readonly line: FiguresLine;
  readonly verdict: AuditVerdict;
}

/** The upstream comparison of one audit window (programme-v1 section 6.3). @throws JoulemarkError USAGE for units of unlike kind. */
export function compareUpstream(question: UpstreamQuestion): AuditFigures {
  const compared = question.labels.map((label) => comparePoint(question, label));
  const declared = question.allSupplyPoints;
  const verdicts = [...compared.map(({ verdict }) => verdict), ...(declared === false ? (['fail'] as const) : [])];
  return {
    relation: 'upstream',
    method: 'books',
    ...(declared === undefined ? {} : { all_supply_points: declared }),
    proposal: worstVerdict(verdicts),
    lines: compared.map(({ line }) => line),
  };
}

/** Both books of a supply point in one unit, over the same time, and what is to be said of them. */
interface Books {
  readonly reported: Rational;
  readonly delivered: Rational;
  readonly notes: readonly string[];
  /** What stands in the way of a judgement; null when nothing does. */
  readonly obstacle: string | null;
}

function comparePoint(question: UpstreamQuestion, label: string): Compared {
  const { policy, boundary } = question;
  const point = boundary.supplyPoints.get(label);
  const meters = intakeMeters(policy, boundary, label);
  const unit = meters[0]?.unit ?? question.records.find(({ account }) => account === label)?.unit ?? '';
  if (point === undefined || unit === '') return unknownPoint(label, point);
  const kind = carrierClass(point.carrier, unit);
  const own = question.records.filter(({ account }) => account === label);
  const books = comesInLots(kind)
    ? booksOfLots(question, label, meters, unit, own)
    : booksOfBills(question, meters, unit, own);
  const loss = lossAt(question, point);
  const tolerance = upstreamTolerance(policy, point.carrier, kind);
  const agreement = reconcileUpstream({
    reported: books.reported,
    delivered: books.delivered,
    loss,
    tolerance,
    accuracies: accuraciesAt(question, label, meters),
  });
  const estimated = own.some(
    (record) => record.estimated && overlapOf({ start: record.from, end: record.to }, question.window) > 0,
  );
  const notes = [
    ...(books.obstacle === null ? [] : [books.obstacle]),
    ...books.notes,
    ...(estimated ? ['own figures are estimated in part'] : []),
    ...(meters.length === 0 ? ['no meter of the boundary stands here'] : []),
  ];
  const line: FiguresLine = {
    label,
    unit,
    reported: books.reported,
    ...(own.length === 0
      ? {}
      : { expected: multiplyRatio(books.delivered, subtractRatio(ONE, loss)), difference: agreement.difference }),
    tolerance,
    ...(agreement.enSquared === null || own.length === 0 ? {} : { en_squared: agreement.enSquared }),
    agrees: agreement.agrees && books.obstacle === null,
    ...(notes.length === 0 ? {} : { note: notes.join('; ').slice(0, 500) }),
  };
  return { line, verdict: verdictOf(books, agreement.agrees, estimated || books.notes.length > 0) };
}

/** Books that are not exact themselves can carry a pass with remarks, never a fail. */
function verdictOf(books: Books, agrees: boolean, remarks: boolean): AuditVerdict {
  if (books.obstacle !== null || (!agrees && remarks)) return 'cannot_judge';
  if (!agrees) return 'fail';
  return remarks ? 'pass_with_remarks' : 'pass';
}

function unknownPoint(label: string, point: SupplyPoint | undefined): Compared {
  const note = point === undefined ? 'no supply point of the accepted boundary' : 'neither a meter nor an own record';
  return { line: { label, unit: '-', reported: ZERO, agrees: false, note }, verdict: 'cannot_judge' };
}

/** The meters that count what enters at a supply point: those that count imports, else those that count the use there. */
function intakeMeters(policy: Policy, boundary: Boundary, label: string): readonly BoundaryMeter[] {
  const here = [...boundary.meters.values()].filter((meter) => meter.kind === 'energy' && meter.at === label);
  const imports = here.filter((meter) => countsOf(policy, meter) === 'import');
  return imports.length > 0 ? imports : here.filter((meter) => countsOf(policy, meter) === 'use');
}

function lossAt({ loss }: UpstreamQuestion, point: SupplyPoint): Rational {
  if (loss === 'none') return ZERO;
  if (loss !== 'as_declared') return ratioOfDecimal(loss);
  return point.loss_to_site === undefined ? ZERO : ratioOfDecimal(point.loss_to_site);
}

/** En needs both: the least accurate of the applicant's meters, and the supplier's own. */
function accuraciesAt(
  { policy, accuracy }: UpstreamQuestion,
  label: string,
  meters: readonly BoundaryMeter[],
): Accuracies {
  const own = accuracy.get(label);
  const theirs = meters.flatMap((meter) => (meter.accuracy === undefined ? [] : [ratioOfDecimal(meter.accuracy)]));
  if (
    policy.audits.upstream.en_number === 'never' ||
    own === undefined ||
    meters.length === 0 ||
    theirs.length < meters.length
  )
    return {};
  return { reported: theirs.reduce((a, b) => (compareRatio(a, b) >= 0 ? a : b)), expected: ratioOfDecimal(own) };
}

function readingsAt(
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

function reportedIn(question: UpstreamQuestion, meters: readonly BoundaryMeter[], unit: string, span: Span): Rational {
  return sumRatios(
    readingsAt(question, meters, unit, span).map(({ reading, scale }) =>
      multiplyRatio(spreadInto(reading.quantity, reading, span), scale),
    ),
  );
}

/**
 * What flows all the time, over the supplier's own billing windows: each bill that touches the window is compared whole, and its part that
 * falls into the window is taken, so that a bill over the edge counts once in all. Before and after what the packages reach, outside the window,
 * a bill is spread over its days.
 */
function booksOfBills(
  question: UpstreamQuestion,
  meters: readonly BoundaryMeter[],
  unit: string,
  own: readonly OwnRecord[],
): Books {
  const { window } = question;
  const bills = own.filter(({ from, to }) => from < window.end && to > window.start);
  if (bills.length === 0)
    return {
      reported: reportedIn(question, meters, unit, window),
      delivered: ZERO,
      notes: [],
      obstacle: 'no own record in this window',
    };
  let reported = ZERO;
  let delivered = ZERO;
  let covered = 0;
  let spread = false;
  for (const bill of bills) {
    const span = { start: bill.from, end: bill.to };
    const reached = reachedPart(question, meters, unit, span);
    spread ||= reached.start !== span.start || reached.end !== span.end;
    const inWindow = overlapOf(reached, window);
    covered += inWindow;
    const part = ratio(BigInt(inWindow), BigInt(reached.end - reached.start));
    reported = addRatio(reported, multiplyRatio(reportedIn(question, meters, unit, reached), part));
    delivered = addRatio(
      delivered,
      multiplyRatio(multiplyRatio(spreadInto(bill.quantity, span, reached), convertUnit(bill.unit, unit)), part),
    );
  }
  const length = window.end - window.start;
  const obstacle = covered < length ? `own records cover ${days(covered)} of ${days(length)} days` : null;
  return {
    reported,
    delivered,
    notes: spread ? ['a bill over the edge of what is on the ledger was spread over its days'] : [],
    obstacle,
  };
}

const days = (seconds: number): string => String(Math.round(seconds / 864) / 100);

/** A bill, cut off outside the window where no package reaches yet. */
function reachedPart(question: UpstreamQuestion, meters: readonly BoundaryMeter[], unit: string, span: Span): Span {
  const { window } = question;
  let [first, last] = [window.start, window.end];
  for (const { reading } of readingsAt(question, meters, unit, span)) {
    first = Math.min(first, reading.start);
    last = Math.max(last, reading.end);
  }
  return { start: Math.max(span.start, first), end: Math.min(span.end, last) };
}

/** What comes in lots: everything delivered in the window against what was used and what the stock grew by. */
function booksOfLots(
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
  if (meters.some((meter) => countsOf(question.policy, meter) === 'import'))
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
  const oldest = roughSeconds(policy.data.coverage.longest_gap);
  let growth = ZERO;
  for (const meter of stocks) {
    const shift = meter.day_starts ?? 0;
    const [opens, closes] = [window.start + shift, window.end + shift];
    const levels = countedReadings(applicant, policy, boundary, meter, { start: opens - oldest, end: closes });
    const opening = stockLevel(levels, opens, oldest);
    const closing = stockLevel(levels, closes, oldest);
    if (opening === null || closing === null)
      return `'${meter.name}' has no level for the ${opening === null ? 'beginning' : 'end'} of the window`;
    growth = addRatio(
      growth,
      multiplyRatio(subtractRatio(ratioOfDecimal(closing), ratioOfDecimal(opening)), convertUnit(meter.unit, unit)),
    );
  }
  return growth;
}
