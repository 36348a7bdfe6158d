import { MAJOR } from '../../crypto/cbor-head.ts';
import { JoulemarkError } from '../../errors.ts';
import { type Cursor, readItem } from './decode.ts';
import type { Fields, RecordOf } from './record-of.ts';
import { enter, MISMATCH, type RecordField, take, takeRecord } from './take.ts';
import { type CborValue, isCborMap } from './value.ts';

/**
 * A two-way description of a shape: `read` turns a CBOR value into a typed one or throws with the path of the first
 * fault, `write` is its exact inverse. Unknown and missing keys are faults: nothing is optional by accident.
 */
export interface Schema<T> {
  /** @throws JoulemarkError USAGE naming `path`, what was expected and what was found. */
  read(value: CborValue, path: string): T;
  // a method, so that schemas of different types fit one record of fields
  write(value: T): CborValue;
  /**
   * `read` of the item at a cursor over scanned bytes, without a `Map` or a path in between, which are most of its time; MISMATCH wherever
   * `read` would throw, and then `read` says why. A schema without it is read through its value.
   */
  take?(cursor: Cursor): T | typeof MISMATCH;
}

/** The type that a schema describes. */
export type Read<S> = S extends Schema<infer T> ? T : never;

/** A fault at a path of a document or entry; the caller adds the file or block. */
export function faultAt(path: string, expected: string, found: CborValue | undefined): JoulemarkError {
  return new JoulemarkError('USAGE', `'${path}' must be ${expected}, found ${describe(found)}`, {
    details: { path, expected },
  });
}

function describe(value: CborValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 57)}...` : value}'`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isCborMap(value)) return 'a map';
  return typeof value === 'object' ? `a list of ${value.length}` : String(value);
}

/** A schema from a type guard: what is read is written unchanged, and nothing else is written. */
function primitive<T extends CborValue>(expected: string, accepts: (value: CborValue) => value is T): Schema<T> {
  return {
    read: (value, path) => {
      if (!accepts(value)) throw faultAt(path, expected, value);
      return value;
    },
    write: (value) => {
      if (accepts(value)) return value;
      throw new JoulemarkError('USAGE', `${describe(value)} cannot be written, expected ${expected}`);
    },
    take: (cursor) => {
      const value = readItem(cursor);
      return accepts(value) ? value : MISMATCH;
    },
  };
}

export const text: Schema<string> = primitive('text', (value): value is string => typeof value === 'string');

/** Text of 1 to `most` UTF-16 units. */
export const shortText = (most: number): Schema<string> =>
  primitive(
    `text of 1 to ${most} characters`,
    (value): value is string => typeof value === 'string' && value.length > 0 && value.length <= most,
  );

export const flag: Schema<boolean> = primitive(
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
);

export const uint: Schema<number> = primitive(
  'a whole number from 0',
  (value): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
);

export const integer: Schema<number> = primitive(
  'a whole number',
  (value): value is number => typeof value === 'number' && Number.isSafeInteger(value),
);

/** Seconds since 1970-01-01T00:00:00Z, up to the end of year 9999 (spec section 3). */
export const time: Schema<number> = primitive(
  'seconds since 1970, 0..253402300799',
  (value): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 253_402_300_799,
);

/** A byte string of exactly `size` bytes, or of any size. */
export const bytes = (size?: number): Schema<Uint8Array> =>
  primitive(
    size === undefined ? 'bytes' : `${size} bytes`,
    (value): value is Uint8Array => value instanceof Uint8Array && (size === undefined || value.length === size),
  );

/** The same of any size, as a view of the bytes that are read: for who looks at it and does not keep it. */
export const bytesThere: Schema<Uint8Array> = {
  ...bytes(),
  take: (cursor) => {
    const size = enter(cursor, MAJOR.BYTES);
    if (size < 0) return MISMATCH;
    cursor.offset += size;
    return cursor.bytes.subarray(cursor.offset - size, cursor.offset);
  },
};

/** Any value of the profile, kept as it is. */
export const anyValue: Schema<CborValue> = { read: (value) => value, write: (value) => value, take: readItem };

/** One of a closed set of words. */
export function oneOf<const W extends string>(...words: readonly W[]): Schema<W> {
  return primitive(
    words.map((word) => `'${word}'`).join(' or '),
    (value): value is W => typeof value === 'string' && (words as readonly string[]).includes(value),
  );
}

export function nullable<T>(inner: Schema<T>): Schema<T | null> {
  return {
    read: (value, path) => (value === null ? null : inner.read(value, path)),
    write: (value) => (value === null ? null : inner.write(value)),
    take: (cursor) => {
      if (cursor.bytes[cursor.offset] !== 0xf6) return take(inner, cursor);
      cursor.offset += 1;
      return null;
    },
  };
}

/** A list of `least` to `most` items of one shape. */
export function listOf<T>(item: Schema<T>, least = 0, most = Number.MAX_SAFE_INTEGER): Schema<readonly T[]> {
  return {
    read: (value, path) => {
      if (!Array.isArray(value) || value.length < least || value.length > most) {
        const expected = least === 0 ? 'a list' : `a list of at least ${least}`;
        throw faultAt(path, most === Number.MAX_SAFE_INTEGER ? expected : `${expected} and at most ${most}`, value);
      }
      return value.map((element: CborValue, index) => item.read(element, `${path}[${index}]`));
    },
    write: (value) => value.map((element) => item.write(element)),
    take: (cursor) => {
      const count = enter(cursor, MAJOR.ARRAY);
      if (count < least || count > most) return MISMATCH;
      const items: T[] = [];
      for (let index = 0; index < count; index++) {
        const element = take(item, cursor);
        if (element === MISMATCH) return MISMATCH;
        items.push(element);
      }
      return items;
    },
  };
}

/** A list of exactly two items. */
export function pair<A, B>(first: Schema<A>, second: Schema<B>): Schema<readonly [A, B]> {
  return {
    read: (value, path) => {
      if (!Array.isArray(value) || value.length !== 2) throw faultAt(path, 'a list of 2', value);
      const [a, b] = value as [CborValue, CborValue];
      return [first.read(a, `${path}[0]`), second.read(b, `${path}[1]`)];
    },
    write: ([a, b]) => [first.write(a), second.write(b)],
    take: (cursor) => {
      if (enter(cursor, MAJOR.ARRAY) !== 2) return MISMATCH;
      const a = take(first, cursor);
      if (a === MISMATCH) return MISMATCH;
      const b = take(second, cursor);
      return b === MISMATCH ? MISMATCH : [a, b];
    },
  };
}

/** A map from free text keys to one shape. */
export function mapOf<T>(item: Schema<T>): Schema<ReadonlyMap<string, T>> {
  return {
    read: (value, path) => {
      if (!isCborMap(value)) throw faultAt(path, 'a map', value);
      return new Map([...value].map(([key, element]) => [key, item.read(element, `${path}.${key}`)]));
    },
    write: (value) => new Map([...value].map(([key, element]) => [key, item.write(element)])),
  };
}

const OPTIONAL = Symbol('optional');

/** A key that may be absent. */
export interface OptionalField<T> {
  readonly [OPTIONAL]: Schema<T>;
}

export const optional = <T>(schema: Schema<T>): OptionalField<T> => ({ [OPTIONAL]: schema });

function faultOfKey(path: string, key: string, what: string): JoulemarkError {
  return new JoulemarkError('USAGE', `'${path}.${key}' ${what}`, { details: { path: `${path}.${key}` } });
}

/** A map with exactly the named keys; an unknown or missing key is a fault that names its path. */
export function record<const F extends Fields>(fields: F): Schema<RecordOf<F>> {
  const known: ReadonlyMap<string, RecordField> = new Map(
    Object.entries(fields).map(([key, field]) => [
      key,
      OPTIONAL in field ? { schema: field[OPTIONAL], needed: false } : { schema: field, needed: true },
    ]),
  );
  return {
    read: (value, path) => {
      if (!isCborMap(value)) throw faultAt(path, 'a map', value);
      for (const key of value.keys())
        if (!known.has(key))
          throw faultOfKey(path, key, `is not a known key, expected one of ${[...known.keys()].join(', ')}`);
      const result: Record<string, unknown> = {};
      for (const [key, { schema, needed }] of known) {
        const element = value.get(key);
        if (element !== undefined) result[key] = schema.read(element, `${path}.${key}`);
        else if (needed) throw faultOfKey(path, key, 'is missing');
      }
      return result as RecordOf<F>;
    },
    write: (value) => {
      const result = new Map<string, CborValue>();
      for (const [key, { schema }] of known) {
        const element = (value as Record<string, unknown>)[key];
        if (element !== undefined) result.set(key, writeUnder(key, schema, element));
      }
      return result;
    },
    take: takeRecord(known) as NonNullable<Schema<RecordOf<F>>['take']>,
  };
}

/** What cannot be written is told with the key that it stands under. */
function writeUnder(key: string, schema: Schema<unknown>, value: unknown): CborValue {
  try {
    return schema.write(value);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'USAGE') throw error;
    const { message, hints, details } = error;
    throw new JoulemarkError('USAGE', `${key}: ${message}`, { hints, details, cause: error });
  }
}

/** A shape seen through a conversion, for example text as a decimal. `into` throws on what it does not accept. */
export function converted<A, B>(
  inner: Schema<A>,
  expected: string,
  into: (value: A) => B,
  back: (value: B) => A,
): Schema<B> {
  return {
    read: (value, path) => {
      const read = inner.read(value, path);
      try {
        return into(read);
      } catch (error) {
        if (!(error instanceof JoulemarkError)) throw error;
        throw faultAt(path, expected, value);
      }
    },
    write: (value) => inner.write(back(value)),
    take: (cursor) => {
      const taken = take(inner, cursor);
      if (taken === MISMATCH) return MISMATCH;
      try {
        return into(taken);
      } catch (error) {
        if (error instanceof JoulemarkError) return MISMATCH;
        throw error;
      }
    },
  };
}
