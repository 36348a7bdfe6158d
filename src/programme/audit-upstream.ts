import { compareRatio, multiplyRatio, ONE, ratioOfDecimal, subtractRatio, ZERO } from '../calc/ratio.ts';
import { type Accuracies, reconcileUpstream } from '../calc/reconcile.ts';
import { booksOfBills } from './audit-bills.ts';
import { beforeLoss, type Books, intakeMeters, lossAt, outletMeters, type UpstreamQuestion } from './audit-intake.ts';
import { booksOfLots } from './audit-lots.ts';
import { type OwnRecord, overlapOf, worstVerdict } from './audit-own-record.ts';
import { carrierClass, comesInLots, upstreamTolerance } from './audit-tolerance.ts';
import type { BoundaryMeter, SupplyPoint } from './boundary.ts';
import type { AuditVerdict } from './entries.ts';
import type { AuditFigures, FiguresLine } from './figures.ts';

/** One direction at a supply point compared. */
interface Compared {
  readonly line: FiguresLine;
  readonly verdict: AuditVerdict;
}

/** The upstream comparison of one audit window (programme-v1 section 6.3). @throws JoulemarkError USAGE for units of unlike kind. */
export function compareUpstream(question: UpstreamQuestion): AuditFigures {
  const compared = question.labels.flatMap((label) => comparePoint(question, label));
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

/** What came in at a supply point, and what went out there where the boundary counts it. */
function comparePoint(question: UpstreamQuestion, label: string): readonly Compared[] {
  const { policy, boundary } = question;
  const point = boundary.supplyPoints.get(label);
  const own = question.records.filter(({ account }) => account === label);
  const intake: Side = {
    label,
    meters: intakeMeters(policy, boundary, label),
    own: own.filter(({ direction }) => direction !== 'export'),
  };
  const outlet: Side = {
    label,
    direction: 'export',
    meters: outletMeters(policy, boundary, label),
    own: own.filter(({ direction }) => direction === 'export'),
  };
  // what leaves and no meter counts is claimed by nobody
  const sides = [intake, outlet].filter(
    ({ direction, meters, own: records }) => meters.length > 0 || (direction === undefined && records.length > 0),
  );
  return point === undefined || sides.length === 0
    ? [unknownPoint(label, point)]
    : sides.map((side) => compareSide(question, point, side));
}

/** One direction at a supply point. */
interface Side {
  readonly label: string;
  readonly direction?: 'export';
  readonly meters: readonly BoundaryMeter[];
  readonly own: readonly OwnRecord[];
}

function compareSide(question: UpstreamQuestion, point: SupplyPoint, side: Side): Compared {
  const { policy } = question;
  const { label, direction, meters, own } = side;
  const unit = meters[0]?.unit ?? own[0]?.unit ?? '';
  const kind = carrierClass(point.carrier, unit);
  const books = comesInLots(kind)
    ? booksOfLots(question, label, meters, unit, own)
    : booksOfBills(question, meters, unit, own);
  const loss = lossAt(question.loss, point);
  const delivered = direction === 'export' ? beforeLoss(books.delivered, loss) : books.delivered;
  const tolerance = upstreamTolerance(policy, point.carrier, kind);
  const agreement = reconcileUpstream({
    reported: books.reported,
    delivered,
    loss: direction === 'export' ? ZERO : loss,
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
  const expected = direction === 'export' ? delivered : multiplyRatio(books.delivered, subtractRatio(ONE, loss));
  const line: FiguresLine = {
    label,
    ...(direction === undefined ? {} : { direction }),
    unit,
    reported: books.reported,
    ...(own.length === 0 ? {} : { expected, difference: agreement.difference }),
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
