/** Blocks, their records and their entries (spec section 4): the conditions encoding, header and entries. */
import { type Head, headSize, MAJOR, readHead, writeHead } from '../crypto/cbor-head.ts';
import { decodeSign1, type Sign1 } from '../crypto/cose.ts';
import { toHex } from '../crypto/hash.ts';
import { leafHash, merkleRootOfLeafHashes } from '../crypto/merkle.ts';
import { JoulemarkError } from '../errors.ts';
import { type Body, decodeBody } from './body.ts';
import { decodeScanned } from './codec/decode.ts';
import { encodeCbor } from './codec/encode.ts';
import { type Id, idOf } from './codec/id.ts';
import { scanProfile } from './codec/scan.ts';
import { readScanned, type Schema } from './codec/schema.ts';
import type { CborMap } from './codec/value.ts';
import { brokenRule } from './rule.ts';

export type { Body, BlockPlace } from './body.ts';

/** What a block and its entries may measure (spec section 4). */
export const LIMITS = { blockBytes: 4096, entries: 4096, entryBytes: 262_144 } as const;

/** One entry: its type word, its content and the exact bytes that the block's tree covers. */
export interface Entry {
  readonly type: string;
  /** Decoded when first asked for. */
  readonly content: CborMap;
  readonly bytes: Uint8Array;
}

/** An entry as a record carries it: its bytes, or in a partial copy only its 32-byte leaf hash. */
export type Item = { readonly bytes: Uint8Array } | { readonly leaf: Uint8Array };

/** A block whose encoding and header are right. Byte arrays are views of what was decoded. */
export interface SignedBlock {
  readonly id: Id;
  readonly bytes: Uint8Array;
  readonly body: Body;
  /** Id of the key that is said to have signed. */
  readonly kid: Id;
  readonly protectedBytes: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** A block with its items. */
export interface Block extends SignedBlock {
  readonly items: readonly Item[];
}

/**
 * A block without its items: conditions encoding and header.
 * @throws JoulemarkError VERIFY_FAILED with details.rule.
 */
export function decodeBlock(bytes: Uint8Array): SignedBlock {
  if (bytes.length > LIMITS.blockBytes)
    throw brokenRule('encoding', null, `it has ${bytes.length} bytes, at most ${LIMITS.blockBytes} are allowed`);
  const { kid, protectedBytes, payload, signature } = decodeEnvelope(bytes);
  const body = readBody(payload);
  const { count } = body.entries;
  if (count < 1 || count > LIMITS.entries)
    throw brokenRule('encoding', body.seq, `it has ${count} entries, expected 1 to ${LIMITS.entries}`);
  return { id: idOf(bytes), bytes, body, kid: toHex(kid) as Id, protectedBytes, payload, signature };
}

/**
 * One record of a segment: conditions encoding, header and entries (spec section 4.1).
 * @throws JoulemarkError VERIFY_FAILED with details.rule.
 */
export function decodeRecord(bytes: Uint8Array): Block {
  const { block: blockBytes, items } = splitRecord(bytes);
  const { id, body, kid, protectedBytes, payload, signature } = decodeBlock(blockBytes);
  checkItems(body, items);
  return { id, bytes: blockBytes, body, kid, protectedBytes, payload, signature, items };
}

/**
 * The two parts of a record, unjudged: shape only.
 * @throws JoulemarkError VERIFY_FAILED with details.rule.
 */
export function splitRecord(bytes: Uint8Array): { readonly block: Uint8Array; readonly items: readonly Item[] } {
  const head: Head = { major: 0, argument: 0, end: 0 };
  if (bytes[0] !== 0x82) throw brokenRule('encoding', null, 'its record is not a list of 2');
  const block = takeBytes(bytes, 1, head);
  if (readHead(bytes, head.end, head) !== null || head.major !== MAJOR.ARRAY || head.argument < 1)
    throw brokenRule('encoding', null, 'its record has no list of entries');
  const count = head.argument;
  // an entry takes a byte at least: what a head only announces costs nothing
  if (count > bytes.length - head.end) throw brokenRule('encoding', null, 'its record ends inside the entries');
  const items: Item[] = [];
  for (let index = 0; index < count; index++) {
    if (bytes[head.end] !== 0x81) {
      items.push({ bytes: takeBytes(bytes, head.end, head) });
      continue;
    }
    const leaf = takeBytes(bytes, head.end + 1, head);
    if (leaf.length !== 32)
      throw brokenRule('encoding', null, `the leaf hash of entry ${index} has ${leaf.length} bytes, expected 32`);
    items.push({ leaf });
  }
  if (head.end !== bytes.length) throw brokenRule('encoding', null, 'bytes follow its record');
  return { block, items };
}

/** The record of a block and its items. */
export function encodeRecord(block: Uint8Array, items: readonly Item[]): Uint8Array {
  let size = 1 + headSize(block.length) + block.length + headSize(items.length);
  for (const item of items)
    size += 'leaf' in item ? 1 + 2 + item.leaf.length : headSize(item.bytes.length) + item.bytes.length;
  const result = new Uint8Array(size);
  result[0] = 0x82;
  let offset = putBytes(result, 1, block);
  offset = writeHead(result, offset, MAJOR.ARRAY, items.length);
  for (const item of items) {
    if ('leaf' in item) {
      result[offset] = 0x81;
      offset = putBytes(result, offset + 1, item.leaf);
    } else offset = putBytes(result, offset, item.bytes);
  }
  return result;
}

/**
 * The entry of its bytes.
 * @throws JoulemarkError VERIFY_FAILED when they are no entry.
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  const why = checkEntryBytes(bytes);
  if (why !== null) throw new JoulemarkError('VERIFY_FAILED', `the entry is not well-formed: ${why}`);
  return new WellFormedEntry(bytes);
}

/** The one encoding of an entry. */
export function encodeEntry(type: string, content: CborMap): Uint8Array {
  return encodeCbor([type, content]);
}

/** The leaf hash of an item in the block's tree of entries. */
export function leafOf(item: Item): Uint8Array {
  return 'leaf' in item ? item.leaf : leafHash(item.bytes);
}

/** Entry `index` of a block, or null where only its leaf hash is present. */
export function entryAt(block: Block, index: number): Entry | null {
  const item = block.items[index];
  return item === undefined || 'leaf' in item ? null : new WellFormedEntry(item.bytes);
}

/** The type word of entry bytes that are known to be well-formed; content is not decoded. */
export function entryType(bytes: Uint8Array): string {
  const head: Head = { major: 0, argument: 0, end: 0 };
  readHead(bytes, 1, head);
  return utf8.decode(bytes.subarray(head.end, head.end + head.argument));
}

/**
 * The content of an entry that is known to be well-formed, read by its schema.
 * @throws JoulemarkError USAGE naming `path` and what was expected.
 */
export function readContent<T>({ bytes }: Pick<Entry, 'bytes'>, schema: Schema<T>, path: string): T {
  const head: Head = { major: 0, argument: 0, end: 0 };
  readHead(bytes, 1, head);
  return readScanned(schema, bytes, head.end + head.argument, path);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An entry of well-formed bytes, decoded only as far as it is looked at: most walks need the type of most entries only. A class, because
 * a replay makes one for each entry: getters of an object literal are defined anew each time, at ten times the cost.
 */
class WellFormedEntry implements Entry {
  readonly bytes: Uint8Array;
  #type: string | undefined = undefined;
  #content: CborMap | undefined = undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get type(): string {
    this.#type ??= entryType(this.bytes);
    return this.#type;
  }

  get content(): CborMap {
    this.#content ??= (decodeScanned(this.bytes) as readonly [string, CborMap])[1];
    return this.#content;
  }
}

/** Why bytes are not `[type: tstr, content: {* tstr => any}]` in the profile, or null. */
function checkEntryBytes(bytes: Uint8Array): string | null {
  try {
    scanProfile(bytes);
  } catch (error) {
    if (error instanceof JoulemarkError) return error.message;
    throw error;
  }
  const head: Head = { major: 0, argument: 0, end: 0 };
  if (bytes[0] !== 0x82) return 'it must be a list of 2';
  readHead(bytes, 1, head);
  if (head.major !== MAJOR.TEXT) return 'its type must be text';
  return (bytes[head.end + head.argument] ?? 0) >> 5 === MAJOR.MAP ? null : 'its content must be a map';
}

function checkItems(body: Body, items: readonly Item[]): void {
  if (items.length !== body.entries.count)
    throw brokenRule(
      'entries',
      body.seq,
      `its record has ${items.length} entries, its body says ${body.entries.count}`,
    );
  // before the entries are judged: bytes that the signature does not cover say nothing about the block
  const root = toHex(merkleRootOfLeafHashes(items.map(leafOf)));
  if (root !== body.entries.root)
    throw brokenRule(
      'entries',
      body.seq,
      `the root over its entries is '${root}', its body says '${body.entries.root}'`,
    );
  checkEntries(body, items);
}

function checkEntries(body: Body, items: readonly Item[]): void {
  let size = 0;
  for (const [index, item] of items.entries()) {
    if ('leaf' in item) continue;
    const why = checkEntryBytes(item.bytes);
    if (why !== null) throw brokenRule('encoding', body.seq, `entry ${index} is not well-formed: ${why}`);
    size += item.bytes.length;
  }
  if (size > LIMITS.entryBytes)
    throw brokenRule('encoding', body.seq, `its entries have ${size} bytes, at most ${LIMITS.entryBytes} are allowed`);
}

function decodeEnvelope(bytes: Uint8Array): Sign1 {
  try {
    return decodeSign1(bytes);
  } catch (cause) {
    if (!(cause instanceof JoulemarkError)) throw cause;
    throw brokenRule(isSign1Shape(bytes) ? 'header' : 'encoding', null, cause.message, cause);
  }
}

/** A tagged list of byte string, map, byte string and 64-byte string in the profile: then only the headers can be wrong. */
function isSign1Shape(bytes: Uint8Array): boolean {
  try {
    scanProfile(bytes, { outerTag: 18, textKeysOnly: false });
  } catch {
    return false;
  }
  if (bytes[1] !== 0x84) return false;
  const head: Head = { major: 0, argument: 0, end: 2 };
  if (readHead(bytes, 2, head) !== null || head.major !== MAJOR.BYTES) return false;
  const unprotectedStart = head.end + head.argument;
  return (
    (bytes[unprotectedStart] ?? 0) >> 5 === MAJOR.MAP &&
    bytes[bytes.length - 66] === 0x58 &&
    bytes[bytes.length - 65] === 64
  );
}

function readBody(payload: Uint8Array): Body {
  try {
    return decodeBody(payload);
  } catch (cause) {
    if (!(cause instanceof JoulemarkError)) throw cause;
    throw brokenRule('encoding', null, cause.message, cause);
  }
}

function takeBytes(bytes: Uint8Array, offset: number, head: Head): Uint8Array {
  if (readHead(bytes, offset, head) !== null || head.major !== MAJOR.BYTES)
    throw brokenRule('encoding', null, `its record has no byte string at byte ${offset}`);
  const start = head.end;
  if (head.argument > bytes.length - start)
    throw brokenRule('encoding', null, `its record ends inside the byte string at byte ${offset}`);
  head.end = start + head.argument;
  return bytes.subarray(start, head.end);
}

function putBytes(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  const start = writeHead(target, offset, MAJOR.BYTES, bytes.length);
  target.set(bytes, start);
  return start + bytes.length;
}
