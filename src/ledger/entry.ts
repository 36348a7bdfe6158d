/** Entries: a type word and its content in deterministic CBOR (spec section 4), the bytes that a block's tree covers. */
import { type Head, MAJOR, readHead } from '../crypto/cbor-head.ts';
import { JoulemarkError } from '../errors.ts';
import { decodeScanned } from './codec/decode.ts';
import { encodeCbor } from './codec/encode.ts';
import { scanProfile } from './codec/scan.ts';
import { readScanned } from './codec/take.ts';
import type { Schema } from './codec/schema.ts';
import type { CborMap } from './codec/value.ts';
import type { Item } from './record.ts';

/** One entry: its type word, its content and the exact bytes that the block's tree covers. */
export interface Entry {
  readonly type: string;
  /** Decoded when first asked for. */
  readonly content: CborMap;
  readonly bytes: Uint8Array;
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

/** Entry `index` of a block, or null where only its leaf hash is present. */
export function entryAt(block: { readonly items: readonly Item[] }, index: number): Entry | null {
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
export function checkEntryBytes(bytes: Uint8Array): string | null {
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
