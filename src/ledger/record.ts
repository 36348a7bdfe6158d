/** Records as segment files hold them: a block beside its entries, or their leaf hashes (spec section 4). Shape only, nothing is judged. */
import { type Head, headSize, MAJOR, readHead, writeHead } from '../crypto/cbor-head.ts';
import { leafHash } from '../crypto/merkle.ts';
import { brokenRule } from './rule.ts';

/** An entry as a record carries it: its bytes, or in a partial copy only its 32-byte leaf hash. */
export type Item = { readonly bytes: Uint8Array } | { readonly leaf: Uint8Array };

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

/** The leaf hash of an item in the block's tree of entries. */
export function leafOf(item: Item): Uint8Array {
  return 'leaf' in item ? item.leaf : leafHash(item.bytes);
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
