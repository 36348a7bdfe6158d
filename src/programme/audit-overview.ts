import { roundPlaces } from '../calc/rounding.ts';
import { multiplyRatio, ratio } from '../calc/ratio.ts';
import { windowsToAudit } from './audit-calendar.ts';
import { countAudits } from './audit-count.ts';
import { weighAudits } from './audit-standing.ts';
import { auditTasks, isWaiting } from './audit-tasks.ts';
import type { Span } from './calendar.ts';
import type { RelationKind } from './entries.ts';
import { toEvaluationInput } from './evaluation-input.ts';
import { boundaryRuling } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** How one relation of an applicant stands for one audit window. */
export interface WindowStanding {
  readonly window: Span;
  readonly relation: RelationKind;
  readonly asked: number;
  readonly waiting: number;
  readonly passes: number;
  readonly fails: number;
  /** Percent of the energy, the shipments or the product windows with a pass; null where there is nothing to audit or no pass. */
  readonly share: string | null;
  readonly passed: boolean;
  readonly reason: string | null;
}

/** Every audit window of an applicant that somebody was asked for or has audited, by relation, oldest first. */
export function listStandings(state: ProgrammeState, applicant: Organisation, now: number): readonly WindowStanding[] {
  const { counted } = countAudits(state, applicant);
  const tasks = auditTasks(state, { applicant: applicant.id });
  return windowsToAudit(state, applicant, now).flatMap(({ window, policy }) => {
    const boundary = boundaryRuling(applicant.boundaries, window.start)?.value;
    const asked = tasks.filter((task) => task.window.start === window.start && task.window.end === window.end);
    const audited = counted.filter(({ content }) => content.window[0] < window.end && content.window[1] > window.start);
    if (boundary === undefined || (asked.length === 0 && audited.length === 0)) return [];
    const { factors } = toEvaluationInput(
      state,
      applicant,
      policy,
      boundary,
      { baseline: window, reporting: window },
      [],
    );
    const { relations } = weighAudits(state, applicant, policy, boundary, factors.reporting, counted, window);
    return relations.flatMap(({ relation, passes, fails, share, passed, reason }): readonly WindowStanding[] => {
      const askedHere = asked.filter((task) => task.relation === relation);
      if (askedHere.length === 0 && !audited.some(({ content }) => content.relation === relation)) return [];
      return [
        {
          window,
          relation,
          asked: askedHere.length,
          waiting: askedHere.filter(isWaiting).length,
          passes,
          fails,
          share: share === null ? null : roundPlaces(multiplyRatio(share, ratio(100n, 1n)), 1),
          passed,
          reason,
        },
      ];
    });
  });
}
