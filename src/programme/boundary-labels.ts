import type { Boundary } from './boundary.ts';
import type { RelationKind } from './entries.ts';

/** The labels that an auditor of a relation can be admitted to: supply points for upstream, products else (spec section 10). */
export function labelsOf(boundary: Boundary, relation: RelationKind): readonly string[] {
  if (relation === 'upstream') return [...boundary.supplyPoints.keys()];
  return [...new Set([...boundary.meters.values()].flatMap(({ product }) => (product === undefined ? [] : [product])))];
}
