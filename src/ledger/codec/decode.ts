import { type Head, MAJOR, readHead } from '../../crypto/cbor-head.ts';
import { assertInvariant } from '../../errors.ts';
import { scanProfile } from './scan.ts';
import type { CborValue } from './value.ts';

/**
 * The value of bytes that are exactly one item of the deterministic profile (spec section 3), maps as `Map`. Nothing in
 * the result shares memory with the input.
 *
 * Not cbor-x, which writes our bytes: it drops a U+FEFF that begins a text of more than 64 bytes, so that two byte strings
 * would have one value and two keys could become one. After the scan there is nothing left to check, only to build.
 * @throws JoulemarkError VERIFY_FAILED with the byte offset and the rule.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  scanProfile(bytes);
  return decodeScanned(bytes);
}

/** `decodeCbor` of bytes that `scanProfile` has accepted: of others the result says nothing. */
export function decodeScanned(bytes: Uint8Array): CborValue {
  return readItem({ bytes, offset: 0, head: { major: 0, argument: 0, end: 0 } });
}

/** A place in scanned bytes. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly head: Head;
  offset: number;
}

/** The value of the item at the cursor, which then stands after it. Bytes that were not scanned make it throw or give nonsense. */
export function readItem(cursor: Cursor): CborValue {
  const initial = cursor.bytes[cursor.offset] as number;
  if (initial >= 0xe0) {
    cursor.offset += 1;
    return initial === 0xf6 ? null : initial === 0xf5;
  }
  const { head } = cursor;
  const broken = readHead(cursor.bytes, cursor.offset, head);
  assertInvariant(broken === null, 'scanned bytes have readable heads');
  const { major, argument } = head;
  cursor.offset = head.end;
  switch (major) {
    case MAJOR.UNSIGNED:
      return argument;
    case MAJOR.NEGATIVE:
      return -1 - argument;
    case MAJOR.BYTES:
      cursor.offset += argument;
      return copied(cursor.bytes, head.end, argument);
    case MAJOR.TEXT:
      cursor.offset += argument;
      return readText(cursor.bytes, cursor.offset - argument, cursor.offset);
    case MAJOR.ARRAY:
      return readArray(cursor, argument);
    default:
      return readMap(cursor, argument);
  }
}

/** Most byte strings are ids: for them a view to copy from costs more than the copying. Not `slice`, which of a Buffer is another view. */
function copied(bytes: Uint8Array, start: number, size: number): Uint8Array {
  if (size > 64) return new Uint8Array(bytes.subarray(start, start + size));
  const copy = new Uint8Array(size);
  for (let index = 0; index < size; index++) copy[index] = bytes[start + index] as number;
  return copy;
}

function readArray(cursor: Cursor, count: number): CborValue {
  const items: CborValue[] = [];
  for (let index = 0; index < count; index++) items.push(readItem(cursor));
  return items;
}

function readMap(cursor: Cursor, count: number): CborValue {
  const map = new Map<string, CborValue>();
  for (let index = 0; index < count; index++) {
    const key = readItem(cursor) as string;
    map.set(key, readItem(cursor));
  }
  return map;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Up to here, character codes are faster than a call of TextDecoder (85 ns against 230 ns for 7 bytes): keys are short. */
const SHORT_TEXT = 24;

function readText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_TEXT) return utf8.decode(bytes.subarray(start, end));
  const codes: number[] = [];
  for (let offset = start; offset < end; offset++) {
    const byte = bytes[offset] as number;
    if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end));
    codes.push(byte);
  }
  return String.fromCharCode.apply(null, codes);
}
