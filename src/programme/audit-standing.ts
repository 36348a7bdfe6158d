import type { EvaluationInput } from '../calc/evaluation-input.ts';
import { compareRatio, type Rational, ratioOfDecimal } from '../calc/ratio.ts';
import { auditedExports, NOTHING_GIVEN_OFF } from './audit-exports.ts';
import { isPass, isSetAside } from './audit-ruling.ts';
import { covers, shareOf, type WeighedWindow } from './audit-share.ts';
import type { Boundary } from './boundary.ts';
import { calendarWindows, type Span } from './calendar.ts';
import { RELATION_KINDS, type RelationKind } from './entries.ts';
import { countsAs } from './lineage.ts';
import type { Policy } from './policy.ts';
import type { AuditRecord, Organisation, ProgrammeState } from './state.ts';

/** Why the audits of a period are not enough; closed, because scripts rely on these. */
export type AuditReason = 'audit-missing' | 'audit-failed' | 'audit-share' | 'export-unaudited';

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

function weigh(relation: RelationKind, scene: WeighedWindow, standing: readonly AuditRecord[]): RelationStanding {
  const passes = standing.filter(isPass).length;
  const fails = standing.filter((audit) => audit.content.verdict === 'fail').length;
  const auditors = new Set(standing.map(({ auditor }) => countsAs(scene.state, auditor))).size;
  const rule = scene.policy.audits[relation];
  const failed =
    rule.fail === 'blocks' ? fails > 0 : scene.months.some((month) => isOutvoted(scene.state, standing, month));
  const base = { relation, passes, fails, auditors };
  if (failed) return { ...base, passed: false, limited: false, reason: 'audit-failed', share: null };
  if (passes === 0) return { ...base, passed: false, limited: false, reason: 'audit-missing', share: null };
  const exports = relation === 'upstream' ? auditedExports(scene, standing.filter(isPass)) : NOTHING_GIVEN_OFF;
  const share = shareOf(relation, scene, standing.filter(isPass), exports.isSeen);
  if (relation === 'downstream') {
    // who passes what was never shipped to him has judged nothing
    if (share === null || share.n === 0n)
      return { ...base, passed: false, limited: false, reason: 'audit-share', share };
    const limited = compareRatio(share, ratioOfDecimal(scene.policy.audits.downstream.shipments_share)) < 0;
    return { ...base, passed: true, limited, reason: null, share };
  }
  if (!exports.allSeen) return { ...base, passed: false, limited: false, reason: 'export-unaudited', share };
  const needed = relation === 'upstream' ? ratioOfDecimal(scene.policy.audits.upstream.energy_share) : { n: 1n, d: 1n };
  const enough = share !== null && compareRatio(share, needed) >= 0;
  return { ...base, passed: enough, limited: false, reason: enough ? null : 'audit-share', share };
}

/** More auditors fail something of an audit window than pass all of it: heads count, not how often one signs. */
function isOutvoted(state: ProgrammeState, standing: readonly AuditRecord[], month: Span): boolean {
  const against = new Set(
    standing
      .filter(
        ({ content: { verdict, window } }) => verdict === 'fail' && window[0] < month.end && window[1] > month.start,
      )
      .map(({ auditor }) => countsAs(state, auditor)),
  );
  const inFavour = new Set(
    standing
      .filter((audit) => isPass(audit) && covers(audit, month))
      .map(({ auditor }) => countsAs(state, auditor))
      .filter((auditor) => !against.has(auditor)),
  );
  return against.size > inFavour.size;
}
