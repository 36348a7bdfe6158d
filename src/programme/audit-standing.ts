import type { EvaluationInput } from '../calc/evaluation-input.ts';
import {
  absRatio,
  addRatio,
  compareRatio,
  divideRatio,
  minRatio,
  multiplyRatio,
  type Rational,
  ratioOfDecimal,
  ZERO,
} from '../calc/ratio.ts';
import { convertUnit } from '../calc/unit.ts';
import { JoulemarkError } from '../errors.ts';
import { isPass, isSetAside } from './audit-ruling.ts';
import { type Boundary, type BoundaryMeter, meterOfPackage } from './boundary.ts';
import { calendarWindows, type Span } from './calendar.ts';
import { RELATION_KINDS, type RelationKind } from './entries.ts';
import { countedReadings, countsOf, isCounted } from './counted-packages.ts';
import { packageRows } from './packages.ts';
import type { Policy } from './policy.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/** Why the audits of a period are not enough; closed, because scripts rely on these. */
export type AuditReason = 'audit-missing' | 'audit-failed' | 'audit-share';

/** How one relation stands for one window. */
export interface RelationStanding {
  readonly relation: RelationKind;
  readonly passed: boolean;
  /** Below the policy's share of shipments: passes, and is printed as limited. */
  readonly limited: boolean;
  readonly reason: AuditReason | null;
  /** Share of the energy (upstream), the shipments (downstream) or the product months (peer) with a pass; null when there is nothing to audit. */
  readonly share: Rational | null;
  readonly passes: number;
  readonly fails: number;
  readonly auditors: number;
}

/** How the audits of a window stand against the policy. */
export interface AuditStanding {
  readonly passed: boolean;
  readonly reasons: readonly AuditReason[];
  readonly relations: readonly RelationStanding[];
}

interface Scene {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Policy;
  readonly boundary: Boundary;
  readonly factors: EvaluationInput['factors']['reporting'];
  readonly months: readonly Span[];
  readonly window: Span;
}

/** Weighs the counted audits of a window by the policy (calculation section 5): silence is not a pass. */
export function weighAudits(
  state: ProgrammeState,
  applicant: Organisation,
  policy: Policy,
  boundary: Boundary,
  factors: EvaluationInput['factors']['reporting'],
  counted: readonly AuditRecord[],
  window: Span,
): AuditStanding {
  const months = calendarWindows(window.start, window.end, policy.calendar.audit_window, policy.time.zone);
  const scene = { state, applicant, policy, boundary, factors, months, window };
  const inside = counted.filter(
    (audit) => audit.content.window[0] < window.end && audit.content.window[1] > window.start,
  );
  // a fail that was set aside counts no more; whether it is, needs the passes of every relation
  const standing = inside.filter((audit) => !isSetAside(state, applicant, audit, counted));
  const relations = RELATION_KINDS.map((relation) =>
    weigh(
      relation,
      scene,
      standing.filter((audit) => audit.content.relation === relation),
    ),
  );
  const { at_least: needed, always = [] } = policy.audits.relations_needed;
  const passing = relations.filter((relation) => relation.passed);
  const required = relations.filter((relation) => always.includes(relation.relation));
  const passed =
    passing.length >= needed &&
    required.every((relation) => relation.passed) &&
    !relations.some((relation) => relation.reason === 'audit-failed');
  const lacking = relations.filter(
    (relation) =>
      !relation.passed &&
      (always.includes(relation.relation) || relation.reason === 'audit-failed' || passing.length < needed),
  );
  const reasons = passed
    ? []
    : [...new Set(lacking.flatMap((relation) => (relation.reason === null ? [] : [relation.reason])))].sort();
  return { passed, reasons, relations };
}

function weigh(relation: RelationKind, scene: Scene, standing: readonly AuditRecord[]): RelationStanding {
  const passes = standing.filter(isPass).length;
  const fails = standing.filter((audit) => audit.content.verdict === 'fail').length;
  const auditors = new Set(standing.map((audit) => audit.auditor)).size;
  const rule = scene.policy.audits[relation];
  const failed = rule.fail === 'blocks' ? fails > 0 : scene.months.some((month) => isOutvoted(standing, month));
  const base = { relation, passes, fails, auditors };
  if (failed) return { ...base, passed: false, limited: false, reason: 'audit-failed', share: null };
  if (passes === 0) return { ...base, passed: false, limited: false, reason: 'audit-missing', share: null };
  const share = shareOf(relation, scene, standing.filter(isPass));
  if (relation === 'downstream') {
    // who passes what was never shipped to him has judged nothing
    if (share === null || share.n === 0n)
      return { ...base, passed: false, limited: false, reason: 'audit-share', share };
    const limited = compareRatio(share, ratioOfDecimal(scene.policy.audits.downstream.shipments_share)) < 0;
    return { ...base, passed: true, limited, reason: null, share };
  }
  const needed = relation === 'upstream' ? ratioOfDecimal(scene.policy.audits.upstream.energy_share) : { n: 1n, d: 1n };
  const enough = share !== null && compareRatio(share, needed) >= 0;
  return { ...base, passed: enough, limited: false, reason: enough ? null : 'audit-share', share };
}

/** More auditors fail something of an audit window than pass all of it: heads count, not how often one signs. */
function isOutvoted(standing: readonly AuditRecord[], month: Span): boolean {
  const against = new Set(
    standing
      .filter(
        ({ content: { verdict, window } }) => verdict === 'fail' && window[0] < month.end && window[1] > month.start,
      )
      .map(({ auditor }) => auditor),
  );
  const inFavour = new Set(
    standing
      .filter((audit) => isPass(audit) && covers(audit, month) && !against.has(audit.auditor))
      .map(({ auditor }) => auditor),
  );
  return against.size > inFavour.size;
}

/** An audit speaks for each audit window that it covers whole. */
const covers = (audit: AuditRecord, month: Span): boolean =>
  audit.content.window[0] <= month.start && audit.content.window[1] >= month.end;

function shareOf(relation: RelationKind, scene: Scene, passes: readonly AuditRecord[]): Rational | null {
  if (relation === 'upstream') return energyShare(scene, passes);
  return relation === 'peer' ? peerShare(scene, passes) : shipmentShare(scene, passes);
}

/** Audited share of the energy that enters, over supply points and months (electricity alone is 6 to 7 % of clinker). */
function energyShare(scene: Scene, passes: readonly AuditRecord[]): Rational | null {
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
      if (at !== undefined && passes.some((audit) => covers(audit, month) && audit.content.labels.includes(at)))
        audited = addRatio(audited, energy);
    }
  }
  return total.n === 0n ? null : divideRatio(audited, total);
}

function isIntake(policy: Policy, meter: BoundaryMeter): boolean {
  const counts = countsOf(policy, meter);
  return meter.kind === 'energy' && meter.under === undefined && (counts === 'import' || counts === 'use');
}

function factorOf(scene: Scene, meter: BoundaryMeter): Rational | null {
  const factor = meter.carrier === undefined ? undefined : scene.factors.get(meter.carrier);
  if (factor === undefined) return null;
  try {
    return multiplyRatio(convertUnit(meter.unit, factor.unit), factor.factor);
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return null; // a unit-mismatch of the evaluation
    throw error;
  }
}

function quantityIn({ applicant, policy, boundary }: Scene, meter: BoundaryMeter, month: Span): Rational {
  let sum = ZERO;
  for (const { start, quantity } of countedReadings(applicant, policy, boundary, meter, month)) {
    if (start >= month.start) sum = addRatio(sum, ratioOfDecimal(quantity));
  }
  return sum;
}

/** Share of (product, month) pairs that as many peers as the policy needs have passed. */
function peerShare(scene: Scene, passes: readonly AuditRecord[]): Rational | null {
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
          .map((audit) => audit.auditor),
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
function shipmentShare(scene: Scene, passes: readonly AuditRecord[]): Rational | null {
  const sums = new Map<string, { total: Rational; audited: Rational }>();
  for (const { meter: name, kind, packages } of packageRows(scene.applicant.packages)) {
    const meter = meterOfPackage(scene.boundary, name);
    if (kind !== 'shipment' || meter?.product === undefined) continue;
    const { product } = meter;
    const key = `${product}\u0000${meter.unit}`;
    const sum = sums.get(key) ?? { total: ZERO, audited: ZERO };
    sums.set(key, sum);
    for (const counted of packages) {
      const month = scene.months.find(({ start, end }) => counted.start >= start && counted.start < end);
      if (month === undefined || !isCounted(scene.policy, scene.boundary, counted)) continue;
      const quantity = absRatio(ratioOfDecimal(counted.payload.quantity));
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
