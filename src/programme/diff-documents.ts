import type { PlainDocument } from './document-text.ts';

/** A place in a document where two of them differ: `energy.table`; null where one has nothing there. */
export interface PathChange {
  readonly path: string;
  readonly a: string | null;
  readonly b: string | null;
}

/** The places where two documents differ, in the order of their paths. A document that is not there has nothing anywhere. */
export function diffDocuments(a: PlainDocument | null, b: PlainDocument | null): readonly PathChange[] {
  const [left, right] = [leavesOf(a), leavesOf(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .sort()
    .map((path) => ({ path, a: left.get(path) ?? null, b: right.get(path) ?? null }))
    .filter((change) => change.a !== change.b);
}

/** The texts of a document by their paths; an empty list or map is a text too, so that it is not the same as nothing. */
function leavesOf(document: PlainDocument | null): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>();
  const walk = (value: PlainDocument, path: string): void => {
    if (typeof value === 'string') {
      leaves.set(path, value);
      return;
    }
    const parts = Object.entries(value);
    if (parts.length === 0) leaves.set(path, Array.isArray(value) ? '[]' : '{}');
    for (const [key, part] of parts) walk(part, path === '' ? key : `${path}.${key}`);
  };
  if (document !== null) walk(document, '');
  return leaves;
}
