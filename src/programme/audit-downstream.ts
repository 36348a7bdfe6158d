import { multiplyRatio, type Rational, ratioOfDecimal, sumRatios, ZERO } from '../calc/ratio.ts';
import { stockLevel } from '../calc/readings.ts';
import { balanceShipments, reconcileDownstream, type ShipmentBalance } from '../calc/reconcile.ts';
import { convertUnit } from '../calc/unit.ts';
import { type OwnRecord, spreadInto, worstVerdict } from './audit-own-record.ts';
import { isParty } from './audit-share.ts';
import { downstreamTolerance } from './audit-tolerance.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { AuditVerdict } from './entries.ts';
import { countedReadings, isCounted } from './counted-packages.ts';
import type { AuditFigures, FiguresLine } from './figures.ts';
import { firstStart, packageRows } from './package-ranges.ts';
import { type CountedPackage } from './packages.ts';
import type { Policy } from './policy.ts';
import type { Organisation, ProgrammeState } from './state.ts';
import { countRules } from './stock-reach.ts';

/** What a customer compares: the applicant's shipments to him with his own receipts. */
export interface DownstreamQuestion {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly auditor: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly window: Span;
  /** Products. */
  readonly labels: readonly string[];
  readonly records: readonly OwnRecord[];
}

/** The downstream comparison of one audit window (programme-v1 section 6.5). @throws JoulemarkError USAGE for units of unlike kind. */
export function compareDownstream(question: DownstreamQuestion): AuditFigures {
  const compared = question.labels.map((label) => compareProduct(question, label));
  return {
    relation: 'downstream',
    method: 'receipts',
    proposal: worstVerdict(compared.map(({ verdict }) => verdict)),
    lines: compared.map(({ line }) => line),
  };
}

function compareProduct(
  question: DownstreamQuestion,
  product: string,
): { readonly line: FiguresLine; readonly verdict: AuditVerdict } {
  const { window, state, auditor, policy, boundary } = question;
  const all = shipmentsOf(question, product, ({ start }) => start >= window.start && start < window.end);
  const mine = all.filter(({ counted }) => isParty(state, { auditor: auditor.id }, counted.payload.party));
  const received = receiptsOf(question, product);
  const unit =
    [...boundary.meters.values()].find((meter) => meter.kind === 'shipment' && meter.product === product)?.unit ??
    received[0]?.unit ??
    policy.products.get(product)?.unit ??
    '-';
  const shippedHere = sumRatios(mine.map((shipment) => quantityOf(shipment, unit)));
  const receivedHere = sumRatios(
    received.map(({ quantity, from, to, unit: written }) =>
      multiplyRatio(spreadInto(quantity, { start: from, end: to }, window), convertUnit(written, unit)),
    ),
  );
  const tolerance = downstreamTolerance(policy, unit);
  const agreement = reconcileDownstream(shippedHere, receivedHere, tolerance);
  const balance = balanceOf(question, product, unit);
  const nothing = mine.length === 0 && received.length === 0;
  const notes = [
    ...(nothing ? ['nothing was shipped here and nothing received'] : []),
    ...(balance.note === null ? [] : [balance.note]),
    ...(received.some(({ estimated }) => estimated) ? ['own figures are estimated in part'] : []),
  ];
  const line: FiguresLine = {
    label: product,
    unit,
    reported: shippedHere,
    expected: receivedHere,
    difference: agreement.difference,
    tolerance,
    agrees: agreement.agrees && balance.verdict !== 'fail',
    ...(notes.length === 0 ? {} : { note: notes.join('; ').slice(0, 500) }),
  };
  const own: AuditVerdict = agreement.agrees ? 'pass' : 'fail';
  return { line, verdict: worstVerdict([own, balance.verdict, notes.length > 0 ? 'pass_with_remarks' : 'pass']) };
}

interface Shipment {
  readonly meter: BoundaryMeter;
  readonly counted: CountedPackage;
}

/** Counting packages of kind shipment of a product. */
function shipmentsOf(
  { applicant, policy, boundary }: DownstreamQuestion,
  product: string,
  isMeant: (counted: CountedPackage) => boolean,
): readonly Shipment[] {
  const found: Shipment[] = [];
  for (const row of packageRows(applicant.packages)) {
    const meter = meterOfPackage(boundary, row.meter);
    if (row.kind !== 'shipment' || meter?.product !== product) continue;
    for (const counted of row.packages)
      if (isMeant(counted) && isCounted(policy, boundary, counted)) found.push({ meter, counted });
  }
  return found;
}

const quantityOf = ({ meter, counted }: Shipment, unit: string): Rational =>
  multiplyRatio(ratioOfDecimal(counted.payload.quantity), convertUnit(meter.unit, unit));

/** Receipts of a product in the window, from the applicant where the books name the sender. */
function receiptsOf({ applicant, window, records }: DownstreamQuestion, product: string): readonly OwnRecord[] {
  const isFromApplicant = ({ party }: OwnRecord): boolean =>
    party === undefined || party === applicant.id || party === applicant.name;
  return records.filter(
    (record) =>
      record.product === product && record.from < window.end && record.to > window.start && isFromApplicant(record),
  );
}

/** Whether everything shipped can exist (ISO 50047, 5.2). */
interface BalanceFinding {
  readonly verdict: AuditVerdict;
  readonly note: string | null;
}

/**
 * With a counted stock of the product: shipped in the window <= produced + opening - closing. Without one, since the first package:
 * all shipped <= all produced; more than that came from a stock that nobody declared, which is a remark.
 */
function balanceOf(question: DownstreamQuestion, product: string, unit: string): BalanceFinding {
  const { applicant, policy, boundary, window } = question;
  const meters = [...boundary.meters.values()];
  const makers = meters.filter((meter) => meter.kind === 'product' && meter.product === product);
  if (makers.length === 0)
    return { verdict: 'pass_with_remarks', note: 'the boundary has no meter for what is made of it' };
  const produced = (span: Span): Rational =>
    sumRatios(
      makers.flatMap((meter) =>
        countedReadings(applicant, policy, boundary, meter, span).map((reading) =>
          multiplyRatio(spreadInto(reading.quantity, reading, shifted(span, meter)), convertUnit(meter.unit, unit)),
        ),
      ),
    );
  const shipped = (span: Span): readonly Rational[] =>
    shipmentsOf(question, product, ({ start }) => start >= span.start && start < span.end).map((shipment) =>
      quantityOf(shipment, unit),
    );
  const stocks = meters.filter((meter) => meter.kind === 'stock' && meter.product === product);
  const levels = stocks.map((meter) => levelsAt(question, meter, unit));
  if (stocks.length > 0 && levels.every((level) => level !== null)) {
    const balance = balanceShipments(
      shipped(window),
      produced(window),
      sumRatios(levels.map(({ opening }) => opening)),
      sumRatios(levels.map(({ closing }) => closing)),
    );
    return possible(balance, 'fail', 'more was shipped in the window than was made and taken from stock');
  }
  const since = { start: firstStart(applicant.packages) ?? Number.MAX_SAFE_INTEGER, end: window.end };
  return possible(
    balanceShipments(shipped(since), produced(since), ZERO, ZERO),
    'pass_with_remarks',
    'more was shipped so far than is on the ledger as made: the rest came from a stock that is not declared',
  );
}

function possible(balance: ShipmentBalance, verdict: AuditVerdict, note: string): BalanceFinding {
  return balance.possible ? { verdict: 'pass', note: null } : { verdict, note };
}

const shifted = ({ start, end }: Span, meter: BoundaryMeter): Span => ({
  start: start + (meter.day_starts ?? 0),
  end: end + (meter.day_starts ?? 0),
});

function levelsAt(
  { applicant, policy, boundary, window }: DownstreamQuestion,
  meter: BoundaryMeter,
  unit: string,
): { readonly opening: Rational; readonly closing: Rational } | null {
  const rules = countRules(policy);
  const { start, end } = shifted(window, meter);
  const levels = countedReadings(applicant, policy, boundary, meter, { start: start - rules.longestGap, end });
  const [opening, closing] = [stockLevel(levels, start, rules), stockLevel(levels, end, rules)];
  if (opening === null || closing === null) return null;
  const scale = convertUnit(meter.unit, unit);
  return {
    opening: multiplyRatio(ratioOfDecimal(opening), scale),
    closing: multiplyRatio(ratioOfDecimal(closing), scale),
  };
}
