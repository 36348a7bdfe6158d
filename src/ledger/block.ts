/** Blocks with their entries (spec section 4): the conditions encoding, header and entries. */
import { type Head, MAJOR, readHead } from '../crypto/cbor-head.ts';
import { decodeSign1, type Sign1 } from '../crypto/cose.ts';
import { toHex } from '../crypto/hash.ts';
import { merkleRootOfLeafHashes } from '../crypto/merkle.ts';
import { JoulemarkError } from '../errors.ts';
import { type Body, decodeBody } from './body.ts';
import { type Id, idOf } from './codec/id.ts';
import { scanProfile } from './codec/scan.ts';
import { checkEntryBytes } from './entry.ts';
import { type Item, leafOf, splitRecord } from './record.ts';
import { brokenRule } from './rule.ts';

export type { Body, BlockPlace } from './body.ts';

/** What a block and its entries may measure (spec section 4). */
export const LIMITS = { blockBytes: 4096, entries: 4096, entryBytes: 262_144 } as const;

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
