/**
 * Inflate (RFC 1951) in a zlib stream (RFC 1950), for where there is no `node:zlib` or only one that answers later. Streams come from
 * strangers: memory is bounded by the size that the caller allows, every read is checked, and what zlib refuses is refused.
 */
import { JoulemarkError } from '../../errors.ts';

const MAX_BITS = 15;
/** Codes up to this length are looked up at once; longer ones, which are rare, are followed bit by bit. */
const FAST_BITS = 10;
const END_OF_BLOCK = 256;

/** A canonical Huffman code (RFC 1951 section 3.2.2). */
interface Code {
  /** By the next bits: symbol << 4 | length; 0 where the code is longer or there is none. */
  readonly fast: Uint16Array;
  /** Number of codes of each length. */
  readonly counts: Uint16Array;
  /** Symbols in the order of their codes. */
  readonly symbols: Uint16Array;
}

/** Length and distance symbols: base value and extra bits (RFC 1951 section 3.2.5). */
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12_289, 16_385, 24_577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which the lengths of the code-length code stand (RFC 1951 section 3.2.7). */
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Where a stream is read and written. Changed by every step: a new object a symbol would cost more than the symbol. */
interface Cursor {
  readonly input: Uint8Array;
  at: number;
  bits: number;
  count: number;
  readonly output: Uint8Array;
  written: number;
}

let fixedCodes: { readonly literals: Code; readonly distances: Code } | undefined;

/**
 * The content of the zlib stream at the start of `input`, and how many of its bytes the stream took.
 * @throws JoulemarkError VERIFY_FAILED on a broken stream, or one with more than `size` bytes of content.
 */
export function inflateAtMost(
  input: Uint8Array,
  size: number,
): { readonly content: Uint8Array; readonly consumed: number } {
  const [method = 0, flags = 0] = input;
  if (input.length < 6 || (method & 15) !== 8 || method >> 4 > 7 || ((method << 8) | flags) % 31 !== 0 || flags & 32)
    throw corrupt();
  const cursor: Cursor = { input, at: 2, bits: 0, count: 0, output: new Uint8Array(size), written: 0 };
  for (let last = 0; last === 0;) {
    last = take(cursor, 1);
    const kind = take(cursor, 2);
    if (kind === 0) copyStored(cursor);
    else if (kind === 1) {
      fixedCodes ??= toFixedCodes();
      copyCompressed(cursor, fixedCodes.literals, fixedCodes.distances);
    } else if (kind === 2) {
      const { literals, distances } = readCodes(cursor);
      copyCompressed(cursor, literals, distances);
    } else throw corrupt();
  }
  // whole bytes that were read ahead are not the stream's
  const end = cursor.at - (cursor.count >> 3);
  const content = cursor.output.subarray(0, cursor.written);
  if (end + 4 > input.length || adler32(content) !== new DataView(input.buffer, input.byteOffset + end, 4).getUint32(0))
    throw corrupt();
  return { content, consumed: end + 4 };
}

/** The next bits as a number, the first of them lowest. */
function take(cursor: Cursor, count: number): number {
  while (cursor.count < count) {
    if (cursor.at >= cursor.input.length) throw corrupt();
    cursor.bits |= (cursor.input[cursor.at] as number) << cursor.count;
    cursor.at += 1;
    cursor.count += 8;
  }
  const value = cursor.bits & ((1 << count) - 1);
  cursor.bits >>>= count;
  cursor.count -= count;
  return value;
}

/** The next symbol of a code. */
function decodeSymbol(cursor: Cursor, code: Code): number {
  while (cursor.count < FAST_BITS && cursor.at < cursor.input.length) {
    cursor.bits |= (cursor.input[cursor.at] as number) << cursor.count;
    cursor.at += 1;
    cursor.count += 8;
  }
  const found = code.fast[cursor.bits & ((1 << FAST_BITS) - 1)] as number;
  const length = found & 15;
  if (length !== 0 && length <= cursor.count) {
    cursor.bits >>>= length;
    cursor.count -= length;
    return found >> 4;
  }
  let value = 0;
  let first = 0;
  let index = 0;
  for (let bits = 1; bits <= MAX_BITS; bits += 1) {
    value |= take(cursor, 1);
    const count = code.counts[bits] as number;
    if (value - count < first) return code.symbols[index + value - first] as number;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  throw corrupt();
}

function copyStored(cursor: Cursor): void {
  // whole bytes that were read ahead go back; the rest of a byte that was begun is skipped
  cursor.at -= cursor.count >> 3;
  cursor.bits = 0;
  cursor.count = 0;
  const length = take(cursor, 16);
  if ((length ^ 0xffff) !== take(cursor, 16)) throw corrupt();
  const end = cursor.at + length;
  if (end > cursor.input.length || cursor.written + length > cursor.output.length) throw corrupt();
  cursor.output.set(cursor.input.subarray(cursor.at, end), cursor.written);
  cursor.at = end;
  cursor.written += length;
}

function copyCompressed(cursor: Cursor, literals: Code, distances: Code): void {
  const { output } = cursor;
  for (;;) {
    const symbol = decodeSymbol(cursor, literals);
    if (symbol < END_OF_BLOCK) {
      if (cursor.written >= output.length) throw corrupt();
      output[cursor.written] = symbol;
      cursor.written += 1;
      continue;
    }
    if (symbol === END_OF_BLOCK) return;
    const length = extended(cursor, LENGTH_BASE, LENGTH_EXTRA, symbol - 257);
    const distance = extended(cursor, DISTANCE_BASE, DISTANCE_EXTRA, decodeSymbol(cursor, distances));
    if (distance > cursor.written || cursor.written + length > output.length) throw corrupt();
    const end = cursor.written + length;
    // byte by byte: a match may reach into what it writes
    for (let at = cursor.written; at < end; at += 1) output[at] = output[at - distance] as number;
    cursor.written = end;
  }
}

function extended(cursor: Cursor, base: readonly number[], extra: readonly number[], index: number): number {
  const start = base[index];
  if (start === undefined) throw corrupt();
  return start + take(cursor, extra[index] as number);
}

/** The codes of a block that brings its own (RFC 1951 section 3.2.7). */
function readCodes(cursor: Cursor): { readonly literals: Code; readonly distances: Code } {
  const literals = take(cursor, 5) + 257;
  const distances = take(cursor, 5) + 1;
  const lengthCodes = take(cursor, 4) + 4;
  if (literals > 286 || distances > 30) throw corrupt();
  const own = new Uint8Array(19);
  for (const place of LENGTHS_ORDER.slice(0, lengthCodes)) own[place] = take(cursor, 3);
  const lengthCode = toCode(own, false);
  const lengths = new Uint8Array(literals + distances);
  for (let index = 0; index < lengths.length;) {
    const symbol = decodeSymbol(cursor, lengthCode);
    if (symbol < 16) {
      lengths[index] = symbol;
      index += 1;
      continue;
    }
    if (symbol === 16 && index === 0) throw corrupt();
    const repeated = symbol === 16 ? (lengths[index - 1] as number) : 0;
    const times = symbol === 18 ? 11 + take(cursor, 7) : 3 + take(cursor, symbol === 16 ? 2 : 3);
    if (index + times > lengths.length) throw corrupt();
    lengths.fill(repeated, index, index + times);
    index += times;
  }
  if (lengths[END_OF_BLOCK] === 0) throw corrupt();
  return {
    literals: toCode(lengths.subarray(0, literals), true),
    distances: toCode(lengths.subarray(literals), true),
  };
}

/** `single`: a code of one symbol, or none, may leave the rest of its bits unused, as zlib allows for literals and distances. */
function toCode(lengths: Uint8Array, single: boolean): Code {
  const counts = new Uint16Array(MAX_BITS + 1);
  for (const length of lengths) counts[length] = (counts[length] as number) + 1;
  counts[0] = 0;
  const offsets = new Uint16Array(MAX_BITS + 2);
  const next = new Uint16Array(MAX_BITS + 2);
  let left = 1;
  let longest = 0;
  for (let bits = 1; bits <= MAX_BITS; bits += 1) {
    const count = counts[bits] as number;
    left = (left << 1) - count;
    if (left < 0) throw corrupt();
    if (count > 0) longest = bits;
    offsets[bits + 1] = (offsets[bits] as number) + count;
    next[bits + 1] = ((next[bits] as number) + count) << 1;
  }
  if (left > 0 && (!single || longest > 1)) throw corrupt();
  const symbols = new Uint16Array(offsets[MAX_BITS + 1] as number);
  const fast = new Uint16Array(1 << FAST_BITS);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    symbols[offsets[length] as number] = symbol;
    offsets[length] = (offsets[length] as number) + 1;
    const code = next[length] as number;
    next[length] = code + 1;
    if (length > FAST_BITS) continue;
    for (let at = reversed(code, length); at < fast.length; at += 1 << length) fast[at] = (symbol << 4) | length;
  }
  return { fast, counts, symbols };
}

function reversed(code: number, length: number): number {
  let result = 0;
  for (let bit = 0; bit < length; bit += 1) result |= ((code >> bit) & 1) << (length - 1 - bit);
  return result;
}

/** The codes of RFC 1951 section 3.2.6. The symbols 286 and 287, 30 and 31 take part in the codes and never in a stream. */
function toFixedCodes(): { readonly literals: Code; readonly distances: Code } {
  const literals = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  return { literals: toCode(literals, true), distances: toCode(new Uint8Array(32).fill(5), true) };
}

/** RFC 1950 section 8.2. */
function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  // 5552 is the most that cannot overflow 32 bits
  for (let start = 0; start < bytes.length; start += 5552) {
    const end = Math.min(start + 5552, bytes.length);
    for (let at = start; at < end; at += 1) {
      a += bytes[at] as number;
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function corrupt(): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', 'broken git object: its zlib stream is corrupt or too long');
}
