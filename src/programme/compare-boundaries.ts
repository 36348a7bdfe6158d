import type { Boundary } from './boundary.ts';

/** What a new boundary changes: names, in the order of the documents. */
export interface BoundaryChange {
  readonly supplyPoints: NameChange;
  readonly meters: NameChange;
}

/** Names that came, went, or mean something else now. */
export interface NameChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Compares a boundary with the one before it; null: with none. */
export function compareBoundaries(before: Boundary | null, after: Boundary): BoundaryChange {
  return {
    supplyPoints: compareNames(before?.supplyPoints ?? new Map(), after.supplyPoints),
    meters: compareNames(before?.meters ?? new Map(), after.meters),
  };
}

function compareNames(before: ReadonlyMap<string, object>, after: ReadonlyMap<string, object>): NameChange {
  const both = [...after.keys()].filter((name) => before.has(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: both.filter((name) => toComparable(before.get(name)) !== toComparable(after.get(name))),
  };
}

/** Fields sorted, because the order in which a person writes them means nothing. */
function toComparable(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  });
}
