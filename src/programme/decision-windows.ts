import type { DecisionScene } from './decision-scene.ts';
import type { Windows } from './evaluation-input.ts';
import { lineOf } from './lineage.ts';
import { baselineWindow } from './rules.ts';
import { stands } from './standing-decision.ts';

/** The windows of a decision: the period, what it is compared with, and the fixed base (programme-v1 section 5.3). */
export function windowsOf({ state, applicant, policy, period }: DecisionScene): Windows {
  const { window, also_print: beside } = policy.value.baseline;
  const line = new Set(lineOf(state, applicant).map(({ id }) => id));
  const certified = state.decisions
    .filter(
      (decision) =>
        stands(decision) &&
        line.has(decision.content.applicant) &&
        decision.content.status === 'CERTIFIED' &&
        decision.content.period[1] <= period.start,
    )
    .map(
      ({
        content: {
          period: [start, end],
        },
      }) => ({ start, end }),
    )
    .sort((a, b) => a.start - b.start);
  const { start, end } =
    (window === 'previous_certificate' ? certified.at(-1) : undefined) ?? baselineWindow(policy.value, period);
  const fixedBase = beside?.includes('fixed_base') === true ? certified[0] : undefined;
  return {
    baseline: { start, end },
    reporting: { start: period.start, end: period.end },
    ...(fixedBase === undefined ? {} : { fixedBase }),
  };
}
