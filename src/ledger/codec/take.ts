/**
 * Reading by a schema straight from scanned bytes: without the `Map`s, values and paths in between, which are most of the time that `read`
 * takes. It tells only whether the shape is right; what is wrong with it is for `read` to say.
 */
import { headSize, MAJOR, readHead, writeHead } from '../../crypto/cbor-head.ts';
import { compareBytes } from '../../crypto/hash.ts';
import { JoulemarkError } from '../../errors.ts';
import { type Cursor, readItem } from './decode.ts';
import type { Schema } from './schema.ts';

/** What `take` gives for an item of another shape. */
export const MISMATCH = Symbol('mismatch');

/** The item at a cursor over scanned bytes, by whichever way its schema has. */
export function take<T>(schema: Schema<T>, cursor: Cursor): T | typeof MISMATCH {
  if (schema.take !== undefined) return schema.take(cursor);
  try {
    return schema.read(readItem(cursor), '');
  } catch (error) {
    if (error instanceof JoulemarkError) return MISMATCH;
    throw error;
  }
}

/**
 * Reads the item at `offset` of bytes that `scanProfile` has accepted: what `schema.read` gives of its value.
 * @throws JoulemarkError USAGE naming the path, as `read` does.
 */
export function readScanned<T>(schema: Schema<T>, bytes: Uint8Array, offset: number, path: string): T {
  const cursor: Cursor = { bytes, offset, head: { major: 0, argument: 0, end: 0 } };
  const taken = take(schema, cursor);
  if (taken !== MISMATCH) return taken;
  cursor.offset = offset;
  return schema.read(readItem(cursor), path);
}

/** The number of items that a list or map (by its major type) at the cursor announces, which then stands at the first of them; -1 for anything else. */
export function enter(cursor: Cursor, major: number): number {
  if ((cursor.bytes[cursor.offset] ?? 0) >> 5 !== major || readHead(cursor.bytes, cursor.offset, cursor.head) !== null)
    return -1;
  cursor.offset = cursor.head.end;
  return cursor.head.argument;
}

/** A key of a record: what stands under it, and whether it may be absent. */
export interface RecordField {
  readonly schema: Schema<unknown>;
  readonly needed: boolean;
}

/** The `take` of a map with exactly the named keys. */
export function takeRecord(
  known: ReadonlyMap<string, RecordField>,
): (cursor: Cursor) => Readonly<Record<string, unknown>> | typeof MISMATCH {
  const names = [...known.keys()];
  const inOrder = [...known]
    .map(([name, { schema, needed }], place) => ({ place, encoded: encodedKey(name), schema, needed }))
    .toSorted((a, b) => compareBytes(a.encoded, b.encoded));
  return (cursor) => {
    const count = enter(cursor, MAJOR.MAP);
    if (count < 0) return MISMATCH;
    // scanned maps are sorted, so one pass over both lists meets every key
    const found: unknown[] = [];
    let met = 0;
    for (const { encoded, schema, needed, place } of inOrder) {
      if (met < count && standsAt(cursor, encoded)) {
        cursor.offset += encoded.length;
        const element = take(schema, cursor);
        if (element === MISMATCH) return MISMATCH;
        found[place] = element;
        met += 1;
      } else if (needed) return MISMATCH;
    }
    if (met !== count) return MISMATCH;
    const result: Record<string, unknown> = {};
    for (let place = 0; place < names.length; place++)
      if (found[place] !== undefined) result[names[place] as string] = found[place];
    return result;
  };
}

/** A key of a map as it is encoded. */
function encodedKey(name: string): Uint8Array {
  const letters = new TextEncoder().encode(name);
  const encoded = new Uint8Array(headSize(letters.length) + letters.length);
  encoded.set(letters, writeHead(encoded, 0, MAJOR.TEXT, letters.length));
  return encoded;
}

function standsAt(cursor: Cursor, expected: Uint8Array): boolean {
  for (let index = 0; index < expected.length; index++)
    if (cursor.bytes[cursor.offset + index] !== expected[index]) return false;
  return true;
}
