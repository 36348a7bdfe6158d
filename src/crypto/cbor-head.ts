/**
 * Heads of deterministic CBOR (RFC 8949 section 3 and 4.2.1): the shortest form, for numbers up to 2^53-1. Shared by the
 * COSE envelope, which is built by hand, and the codec's scanner.
 */

/** Major types, RFC 8949 section 3.1. */
export const MAJOR = { UNSIGNED: 0, NEGATIVE: 1, BYTES: 2, TEXT: 3, ARRAY: 4, MAP: 5, TAG: 6, SIMPLE: 7 } as const;

/** The number of bytes of the shortest head for `argument`. */
export function headSize(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  if (argument < 0x1_0000) return 3;
  return argument < 0x1_0000_0000 ? 5 : 9;
}

/** Writes the shortest head at `offset` and returns the offset after it. */
export function writeHead(target: Uint8Array, offset: number, major: number, argument: number): number {
  const size = headSize(argument);
  if (size === 1) {
    target[offset] = (major << 5) | argument;
    return offset + 1;
  }
  target[offset] = (major << 5) | (size === 2 ? 24 : 24 + Math.log2(size - 1));
  let rest = argument;
  for (let index = offset + size - 1; index > offset; index--) {
    target[index] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return offset + size;
}

/** Why a head is not one of the profile. */
export type HeadFault = 'truncated' | 'not shortest' | 'too large' | 'indefinite or reserved';

/**
 * The last head that `readHead` read. One mutable place instead of an object a head: a scan reads dozens a block and
 * nothing here is re-entrant.
 */
export interface Head {
  major: number;
  argument: number;
  /** The offset after the head. */
  end: number;
}

/** Reads the head at `offset` into `head`; the fault, or null. Majors 0 to 6 only: of simple values the argument is raw. */
export function readHead(bytes: Uint8Array, offset: number, head: Head): HeadFault | null {
  const initial = bytes[offset];
  if (initial === undefined) return 'truncated';
  const info = initial & 31;
  head.major = initial >> 5;
  if (info < 24) {
    head.argument = info;
    head.end = offset + 1;
    return null;
  }
  if (info > 27) return 'indefinite or reserved';
  const size = 1 << (info - 24);
  if (offset + 1 + size > bytes.length) return 'truncated';
  let argument = 0;
  for (let index = offset + 1; index <= offset + size; index++) argument = argument * 256 + (bytes[index] as number);
  head.argument = argument;
  head.end = offset + 1 + size;
  // Beyond 2^53 the sum above is rounded, but never down to 2^53-1 or less.
  if (argument > Number.MAX_SAFE_INTEGER) return 'too large';
  return headSize(argument) === 1 + size ? null : 'not shortest';
}
