/**
 * The signed body of a block. Every byte of it but the values is fixed, so it is read in one pass without a general
 * decoder: what other bytes could mean is never a question (spec sections 3 and 4).
 */
import { type Head, MAJOR, readHead } from '../crypto/cbor-head.ts';
import { toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { encodeCbor } from './codec/encode.ts';
import { type Id, idBytes } from './codec/id.ts';
import type { CborValue } from './codec/value.ts';

/** A place in a chain. */
export interface BlockPlace {
  readonly seq: number;
  readonly id: Id;
}

/** What a block says and its signature covers (spec section 4). */
export interface Body {
  /** The ledger id; absent in the genesis block only. */
  readonly ledger?: Id;
  /** The organisation id, or the ledger id in the programme chain; absent in block 0 of any chain. */
  readonly org?: Id;
  readonly seq: number;
  readonly prev: Id | null;
  /** RFC 6962 root over the ids of all blocks before. */
  readonly history: Id;
  /** The newest programme block that the signer had verified; null in the programme chain. */
  readonly seen: BlockPlace | null;
  /** Seconds since 1970 by the signer's clock. */
  readonly time: number;
  /** How many entries, and the RFC 6962 root over their bytes. */
  readonly entries: { readonly count: number; readonly root: Id };
}

export const MOST_TIME = 253_402_300_799;

interface Cursor {
  readonly bytes: Uint8Array;
  /** Of all bytes: one conversion and six slices are half the time of six conversions. */
  readonly hex: string;
  readonly head: Head;
  offset: number;
}

/**
 * The body of a payload. A count of no entry or of more than a block can hold is left to the caller.
 * @throws JoulemarkError VERIFY_FAILED naming the byte offset.
 */
export function decodeBody(payload: Uint8Array): Body {
  const cursor: Cursor = { bytes: payload, hex: toHex(payload), head: { major: 0, argument: 0, end: 0 }, offset: 0 };
  const keys = takeHead(cursor, MAJOR.MAP, 'a map');
  // keys ascend by their encoded bytes: shorter ones first
  takeKey(cursor, 'v');
  if (takeHead(cursor, MAJOR.UNSIGNED, 'version 1') !== 1) throw fault(cursor, "'v' must be 1");
  const hasOrg = isAtKey(cursor, 'org');
  if (hasOrg) takeKey(cursor, 'org');
  const org = hasOrg ? takeId(cursor) : undefined;
  takeKey(cursor, 'seq');
  const seq = takeHead(cursor, MAJOR.UNSIGNED, 'a whole number');
  takeKey(cursor, 'prev');
  const prev = isAtNull(cursor) ? takeNull(cursor) : takeId(cursor);
  takeKey(cursor, 'seen');
  const seen = isAtNull(cursor) ? takeNull(cursor) : takePlace(cursor);
  takeKey(cursor, 'time');
  const time = takeHead(cursor, MAJOR.UNSIGNED, 'a time');
  if (time > MOST_TIME) throw fault(cursor, `'time' must be at most ${MOST_TIME}`);
  const hasLedger = isAtKey(cursor, 'ledger');
  if (hasLedger) takeKey(cursor, 'ledger');
  const ledger = hasLedger ? takeId(cursor) : undefined;
  takeKey(cursor, 'entries');
  const { seq: count, id: root } = takePlace(cursor);
  takeKey(cursor, 'history');
  const history = takeId(cursor);
  if (cursor.offset !== payload.length) throw fault(cursor, 'nothing may follow the body');
  if (keys !== 7 + (hasOrg ? 1 : 0) + (hasLedger ? 1 : 0)) throw fault(cursor, 'the number of keys is another');
  const entries = { count, root };
  if (ledger !== undefined && org !== undefined) return { ledger, org, seq, prev, history, seen, time, entries };
  return {
    ...(ledger === undefined ? {} : { ledger }),
    ...(org === undefined ? {} : { org }),
    seq,
    prev,
    history,
    seen,
    time,
    entries,
  };
}

/** The one encoding of a body. */
export function encodeBody(body: Body): Uint8Array {
  const { ledger, org, seq, prev, history, seen, time, entries } = body;
  const map = new Map<string, CborValue>([['v', 1]]);
  if (ledger !== undefined) map.set('ledger', idBytes(ledger));
  if (org !== undefined) map.set('org', idBytes(org));
  map.set('seq', seq);
  map.set('prev', prev === null ? null : idBytes(prev));
  map.set('history', idBytes(history));
  map.set('seen', seen === null ? null : [seen.seq, idBytes(seen.id)]);
  map.set('time', time);
  map.set('entries', [entries.count, idBytes(entries.root)]);
  return encodeCbor(map);
}

function takeHead(cursor: Cursor, major: number, expected: string): number {
  const broken = readHead(cursor.bytes, cursor.offset, cursor.head);
  if (broken !== null) throw fault(cursor, `the head is ${broken}`);
  if (cursor.head.major !== major) throw fault(cursor, `expected ${expected}`);
  cursor.offset = cursor.head.end;
  return cursor.head.argument;
}

/** Keys have fewer than 24 letters of ASCII: one byte of head. */
function isAtKey({ bytes, offset }: Cursor, key: string): boolean {
  if (bytes[offset] !== 0x60 + key.length) return false;
  for (let index = 0; index < key.length; index++) {
    if (bytes[offset + 1 + index] !== key.charCodeAt(index)) return false;
  }
  return true;
}

function takeKey(cursor: Cursor, key: string): void {
  if (!isAtKey(cursor, key)) throw fault(cursor, `expected the key '${key}'`);
  cursor.offset += 1 + key.length;
}

function isAtNull({ bytes, offset }: Cursor): boolean {
  return bytes[offset] === 0xf6;
}

function takeNull(cursor: Cursor): null {
  cursor.offset += 1;
  return null;
}

function takeId(cursor: Cursor): Id {
  const { bytes, offset, hex } = cursor;
  if (bytes[offset] !== 0x58 || bytes[offset + 1] !== 32 || offset + 34 > bytes.length)
    throw fault(cursor, 'expected an id of 32 bytes');
  cursor.offset = offset + 34;
  return hex.slice(2 * offset + 4, 2 * offset + 68) as Id;
}

function takePlace(cursor: Cursor): BlockPlace {
  if (takeHead(cursor, MAJOR.ARRAY, 'a list of 2') !== 2) throw fault(cursor, 'expected a list of 2');
  const seq = takeHead(cursor, MAJOR.UNSIGNED, 'a whole number');
  return { seq, id: takeId(cursor) };
}

function fault(cursor: Cursor, what: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the body is not well-formed at byte ${cursor.offset}: ${what}`, {
    details: { offset: cursor.offset },
  });
}
