import type { AuditedDifference } from '../calc/evaluation-input.ts';
import type { Boundary } from './boundary.ts';
import type { Windows } from './evaluation-input.ts';
import { openFigures } from './figures.ts';
import type { Policy } from './policy.ts';
import type { AuditRecord } from './state.ts';

/** What audits found, to be turned against the claimant (calculation rule 9). */
export function auditedDifferences(
  policy: Policy,
  boundary: Boundary,
  counted: readonly AuditRecord[],
  windows: Windows,
): readonly AuditedDifference[] {
  return counted.flatMap((audit) => {
    const [start] = audit.content.window;
    const period =
      start >= windows.reporting.start && start < windows.reporting.end
        ? ('reporting' as const)
        : ('baseline' as const);
    if (period === 'baseline' && (start < windows.baseline.start || start >= windows.baseline.end)) return [];
    const figures = openFigures(audit.auditor, audit.content);
    return (figures?.lines ?? []).flatMap((line): readonly AuditedDifference[] => {
      if (line.difference === undefined || line.difference.n === 0n) return [];
      if (audit.content.relation === 'upstream') {
        const carrier = boundary.supplyPoints.get(line.label)?.carrier;
        return carrier === undefined
          ? []
          : [
              {
                against: 'energy',
                carrier,
                ...(line.direction === 'export' ? { takenOff: true } : {}),
                difference: line.difference,
                unit: line.unit,
                period,
              },
            ];
      }
      return audit.content.relation === 'downstream' && policy.products.has(line.label)
        ? [{ against: 'product', product: line.label, difference: line.difference, unit: line.unit, period }]
        : [];
    });
  });
}
