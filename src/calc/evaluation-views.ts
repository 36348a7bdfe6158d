import type { MeterTree } from './meter-tree.ts';
import type { PeriodViews } from './period-view.ts';

/** All periods of an evaluation. */
export interface EvaluationViews {
  readonly tree: MeterTree;
  readonly baseline: PeriodViews;
  readonly reporting: PeriodViews;
  readonly fixedBase: PeriodViews | null;
}
