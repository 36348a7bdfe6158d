import { isOutlet } from './audit-intake.ts';
import { covers, quantityIn, type WeighedWindow } from './audit-share.ts';
import type { BoundaryMeter } from './boundary.ts';
import type { Span } from './calendar.ts';
import { openFigures } from './figures.ts';
import type { AuditRecord } from './state.ts';

/** Where energy leaves, and in which audit windows a pass compared it with the books of whoever takes it. */
export interface AuditedExports {
  /** Whether everything that left at a supply point in an audit window was compared. */
  isSeen(point: string, month: Span): boolean;
  /** Whether everything was that left anywhere in the window of decision. */
  readonly allSeen: boolean;
}

export const NOTHING_GIVEN_OFF: AuditedExports = { isSeen: () => true, allSeen: true };

/**
 * What is given off lowers the energy, and only who takes it can say how much it was (programme-v1 section 6.6). A pass that put no comparison of it on
 * record has not looked at it; what leaves at no supply point is looked at by nobody.
 */
export function auditedExports(scene: WeighedWindow, passes: readonly AuditRecord[]): AuditedExports {
  const outlets = [...scene.boundary.meters.values()].filter((meter) => isOutlet(scene.policy, meter));
  if (outlets.length === 0) return NOTHING_GIVEN_OFF;
  const compared = passes.map((audit) => ({ audit, points: comparedIn(audit) }));
  const isUnseen = (outlet: BoundaryMeter, month: Span): boolean =>
    quantityIn(scene, outlet, month).n !== 0n &&
    !compared.some(({ audit, points }) => outlet.at !== undefined && points.has(outlet.at) && covers(audit, month));
  return {
    isSeen: (point, month) => !outlets.some((outlet) => outlet.at === point && isUnseen(outlet, month)),
    allSeen: !outlets.some((outlet) => scene.months.some((month) => isUnseen(outlet, month))),
  };
}

/** The supply points at which an audit compared what left. */
function comparedIn({ auditor, content }: AuditRecord): ReadonlySet<string> {
  const lines = openFigures(auditor, content)?.lines ?? [];
  return new Set(
    lines.flatMap(({ label, direction, difference }) =>
      direction === 'export' && difference !== undefined ? [label] : [],
    ),
  );
}
