import type { Adjustment } from '../calc/evaluation-input.ts';
import { ratioOfDecimal } from '../calc/ratio.ts';
import { lineOf } from './lineage.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** The admitted adjustments of an applicant and of those that it continues, as the calculation takes them. */
export function adjustmentsOf(state: ProgrammeState, applicant: Organisation): readonly Adjustment[] {
  const line = new Set(lineOf(state, applicant).map(({ id }) => id));
  return state.adjustments
    .filter((adjustment) => line.has(adjustment.applicant))
    .map(({ asked, place }) => ({
      product: asked.product,
      window: { start: asked.window[0], end: asked.window[1] },
      energy: ratioOfDecimal(asked.energy),
      unit: asked.unit,
      reason: asked.reason,
      from: `${place.seq}:${place.entry}`,
    }));
}
