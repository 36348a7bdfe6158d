import type { Boundary } from './boundary.ts';
import type { Span } from './calendar.ts';
import type { Policy } from './policy.ts';
import type { Dated } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** What a decision is computed from: an applicant's period, and the policy and boundary in force for it. */
export interface DecisionScene {
  readonly state: ProgrammeState;
  readonly applicant: Organisation;
  readonly policy: Dated<Policy>;
  readonly boundary: Dated<Boundary>;
  readonly period: Span;
}
