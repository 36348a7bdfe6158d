import { sumDecimals } from '../calc/decimal.ts';
import type { EvaluationInput } from '../calc/evaluation-input.ts';
import {
  absRatio,
  addRatio,
  divideRatio,
  minRatio,
  multiplyRatio,
  type Rational,
  ratioOfDecimal,
  ZERO,
} from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { RelationKind } from './entries.ts';
import { countedReadings, countsOf, isCounted } from './counted-packages.ts';
import { countsAs } from './lineage.ts';
import { packageRows } from './package-ranges.ts';
import type { Policy } from './policy.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/** A window of decision whose audits are weighed. */
export interface WeighedWindow {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly factors: EvaluationInput['factors']['reporting'];
  readonly months: readonly Span[];
  readonly window: Span;
}

/** An audit speaks for each audit window that it covers whole. */
export const covers = (audit: AuditRecord, month: Span): boolean =>
  audit.content.window[0] <= month.start && audit.content.window[1] >= month.end;

/** The share of a relation: of energy (upstream), of product windows (peer), of shipments (downstream); null when there is nothing to audit. */
export function shareOf(
  relation: RelationKind,
  scene: WeighedWindow,
  passes: readonly AuditRecord[],
  isSeen: (point: string, month: Span) => boolean,
): Rational | null {
  if (relation === 'upstream') return energyShare(scene, passes, isSeen);
  return relation === 'peer' ? peerShare(scene, passes) : shipmentShare(scene, passes);
}

/**
 * Audited share of the energy that enters, over supply points and months (electricity alone is 6 to 7 % of clinker). Where what leaves was not looked at,
 * what enters says nothing of what stayed.
 */
function energyShare(
  scene: WeighedWindow,
  passes: readonly AuditRecord[],
  isSeen: (point: string, month: Span) => boolean,
): Rational | null {
  let total = ZERO;
  let audited = ZERO;
  for (const meter of scene.boundary.meters.values()) {
    if (!isIntake(scene.policy, meter)) continue;
    const factor = factorOf(scene, meter);
    if (factor === null) continue;
    for (const month of scene.months) {
      const energy = multiplyRatio(quantityIn(scene, meter, month), factor);
      total = addRatio(total, energy);
      const { at } = meter;
      const isPassed = (point: string): boolean =>
        passes.some((audit) => covers(audit, month) && audit.content.labels.includes(point)) && isSeen(point, month);
      if (at !== undefined && isPassed(at)) audited = addRatio(audited, energy);
    }
  }
  return total.n === 0n ? null : divideRatio(audited, total);
}

function isIntake(policy: Policy, meter: BoundaryMeter): boolean {
  const counts = countsOf(policy, meter);
  return meter.kind === 'energy' && meter.under === undefined && (counts === 'import' || counts === 'use');
}

function factorOf(scene: WeighedWindow, meter: BoundaryMeter): Rational | null {
  const factor = meter.carrier === undefined ? undefined : scene.factors.get(meter.carrier);
  if (factor === undefined) return null;
  try {
    return multiplyRatio(convertUnit(meter.unit, factor.unit), factor.factor);
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return null; // a unit-mismatch of the evaluation
    throw error;
  }
}

export function quantityIn(
  { applicant, policy, boundary }: WeighedWindow,
  meter: BoundaryMeter,
  month: Span,
): Rational {
  const readings = countedReadings(applicant, policy, boundary, meter, month);
  const begun = readings.filter(({ start }) => start >= month.start);
  // as a decimal: a sum of ratios is brought to its lowest terms at each step
  return ratioOfDecimal(sumDecimals(begun.map(({ quantity }) => quantity)));
}

/** Share of (product, month) pairs that as many peers as the policy needs have passed. */
function peerShare(scene: WeighedWindow, passes: readonly AuditRecord[]): Rational | null {
  const products = new Set(
    [...scene.boundary.meters.values()].flatMap((meter) =>
      meter.kind === 'product' && meter.product !== undefined ? [meter.product] : [],
    ),
  );
  let pairs = 0n;
  let passed = 0n;
  for (const product of products) {
    for (const month of scene.months) {
      pairs += 1n;
      const peers = new Set(
        passes
          .filter((audit) => covers(audit, month) && audit.content.labels.includes(product))
          .map((audit) => countsAs(scene.state, audit.auditor)),
      );
      if (peers.size >= scene.policy.audits.peer.needed) passed += 1n;
    }
  }
  return pairs === 0n ? null : divideRatio({ n: passed, d: 1n }, { n: pairs, d: 1n });
}

/**
 * Share of what was shipped that its receivers have passed, over all customers together; shipments start in the month. Of several products or
 * units, which do not add up, the least. What came back counts by its size: it makes no share greater.
 */
function shipmentShare(scene: WeighedWindow, passes: readonly AuditRecord[]): Rational | null {
  const sums = new Map<string, { total: Rational; audited: Rational }>();
  for (const row of packageRows(scene.applicant.packages)) {
    const meter = meterOfPackage(scene.boundary, row.meter);
    if (row.kind !== 'shipment' || meter?.product === undefined) continue;
    const { product } = meter;
    const key = `${product}\u0000${meter.unit}`;
    const sum = sums.get(key) ?? { total: ZERO, audited: ZERO };
    sums.set(key, sum);
    for (const counted of row.packages) {
      const month = scene.months.find(({ start, end }) => counted.start >= start && counted.start < end);
      if (month === undefined || !isCounted(scene.policy, scene.boundary, counted)) continue;
      const quantity = absRatio(ratioOfDecimal(counted.quantity));
      sum.total = addRatio(sum.total, quantity);
      const passed = passes.some(
        (audit) =>
          covers(audit, month) &&
          isParty(scene.state, audit, counted.payload.party) &&
          audit.content.labels.includes(product),
      );
      if (passed) sum.audited = addRatio(sum.audited, quantity);
    }
  }
  const shares = [...sums.values()].flatMap(({ total, audited }) =>
    total.n === 0n ? [] : [divideRatio(audited, total)],
  );
  return shares.length === 0 ? null : shares.reduce(minRatio);
}

/** A shipment names its customer by organisation id or by the name in its join. */
export function isParty(
  state: ProgrammeState,
  audit: Pick<AuditRecord, 'auditor'>,
  party: string | undefined,
): boolean {
  return party !== undefined && (party === audit.auditor || party === state.organisations.get(audit.auditor)?.name);
}
