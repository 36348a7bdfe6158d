import { JoulemarkError } from '../../errors.ts';
import { type Head, MAJOR, readHead } from '../../crypto/cbor-head.ts';

/** Arrays and maps nest at most this deep: the outermost one is the first level. */
export const MOST_DEPTH = 16;

export interface ScanOptions {
  /** Maps have text keys only, as all of ours. False admits integer keys too, as in COSE headers. Default true. */
  readonly textKeysOnly?: boolean;
  /** The tag that must stand before the item; without it no tag is allowed anywhere. */
  readonly outerTag?: 18;
}

/**
 * Checks that the bytes are exactly one item of the deterministic profile (spec section 3, RFC 8949 section 4.2.1) and
 * reads every byte once. Accepted bytes are the only encoding of their value.
 * @throws JoulemarkError VERIFY_FAILED with the byte offset and the rule.
 */
export function scanProfile(bytes: Uint8Array, options: ScanOptions = {}): void {
  const start = options.outerTag === undefined ? 0 : afterTag(bytes);
  const end = scanItem(bytes, start, 1, options.textKeysOnly ?? true);
  if (end !== bytes.length) throw fault('nothing may follow the item', end);
}

/** Tags up to 23 are one byte. */
function afterTag(bytes: Uint8Array): number {
  if (bytes[0] !== 0xd2) throw fault('tag 18 must come first', 0);
  return 1;
}

/** Scans the item at `offset`, which would be on nesting level `level`, and returns the offset after it. */
function scanItem(bytes: Uint8Array, offset: number, level: number, textKeysOnly: boolean): number {
  const initial = bytes[offset];
  if (initial === undefined) throw fault('the bytes end inside an item', offset);
  if (initial >= 0xe0) {
    // false, true and null; everything else of major 7 is undefined, simple, a float or a break.
    if (initial >= 0xf4 && initial <= 0xf6) return offset + 1;
    throw fault('of simple values and floats only false, true and null are allowed', offset);
  }
  const head: Head = { major: 0, argument: 0, end: 0 };
  const broken = readHead(bytes, offset, head);
  if (broken !== null) throw headFault(broken, head, offset);
  const { major, argument, end } = head;
  switch (major) {
    case MAJOR.UNSIGNED:
      return end;
    case MAJOR.NEGATIVE:
      // -1 - argument: one less room than above, so that both ends are 2^53-1.
      if (argument >= Number.MAX_SAFE_INTEGER) throw fault('integers are within +-(2^53-1)', offset);
      return end;
    case MAJOR.BYTES:
      if (argument > bytes.length - end) throw fault('the length is more than what remains', offset);
      return end + argument;
    case MAJOR.TEXT:
      if (argument > bytes.length - end) throw fault('the length is more than what remains', offset);
      scanUtf8(bytes, end, end + argument);
      return end + argument;
    case MAJOR.ARRAY:
      if (level > MOST_DEPTH) throw fault(`nesting is at most ${MOST_DEPTH} deep`, offset);
      // Each item takes a byte: what a header only announces costs no time.
      if (argument > bytes.length - end) throw fault('the length is more than what remains', offset);
      return scanArray(bytes, end, argument, level, textKeysOnly);
    case MAJOR.MAP:
      if (level > MOST_DEPTH) throw fault(`nesting is at most ${MOST_DEPTH} deep`, offset);
      if (argument > (bytes.length - end) / 2) throw fault('the length is more than what remains', offset);
      return scanMap(bytes, end, argument, level, textKeysOnly);
    default:
      throw fault('no tag is allowed here', offset);
  }
}

function scanArray(bytes: Uint8Array, start: number, count: number, level: number, textKeysOnly: boolean): number {
  let offset = start;
  for (let index = 0; index < count; index++) offset = scanItem(bytes, offset, level + 1, textKeysOnly);
  return offset;
}

function scanMap(bytes: Uint8Array, start: number, count: number, level: number, textKeysOnly: boolean): number {
  let offset = start;
  let previous = start;
  for (let index = 0; index < count; index++) {
    const key = offset;
    const major = (bytes[key] ?? 0xff) >> 5;
    const isKey = major === MAJOR.TEXT || (!textKeysOnly && (major === MAJOR.UNSIGNED || major === MAJOR.NEGATIVE));
    if (key < bytes.length && !isKey)
      throw fault(textKeysOnly ? 'map keys are text' : 'map keys are text or integers', key);
    const keyEnd = scanItem(bytes, key, level + 1, textKeysOnly);
    if (index > 0) checkKeyOrder(bytes, previous, key, keyEnd);
    previous = key;
    offset = scanItem(bytes, keyEnd, level + 1, textKeysOnly);
  }
  return offset;
}

/** Keys ascend by their encoded bytes. No encoded key is a prefix of another: the head fixes the length. */
function checkKeyOrder(bytes: Uint8Array, previous: number, key: number, keyEnd: number): void {
  for (let index = 0; key + index < keyEnd; index++) {
    const difference = (bytes[key + index] as number) - (bytes[previous + index] as number);
    if (difference > 0) return;
    if (difference < 0) throw fault('map keys are sorted by their encoded bytes', key);
  }
  throw fault('map keys are not repeated', key);
}

/** RFC 3629 section 4: no overlong form, no surrogate, nothing above U+10FFFF. */
function scanUtf8(bytes: Uint8Array, start: number, end: number): void {
  let offset = start;
  while (offset < end) {
    const first = bytes[offset] as number;
    if (first < 0x80) {
      offset += 1;
      continue;
    }
    const size = utf8Size(first);
    if (size === 0 || offset + size > end || !isUtf8Sequence(bytes, offset, size))
      throw fault('text is valid UTF-8', offset);
    offset += size;
  }
}

/** Bytes of the sequence that a leading byte of 80 or more begins, 0 when it begins none. */
function utf8Size(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function isUtf8Sequence(bytes: Uint8Array, offset: number, size: number): boolean {
  const first = bytes[offset] as number;
  const second = bytes[offset + 1] as number;
  if (first === 0xe0 && second < 0xa0) return false;
  if (first === 0xed && second > 0x9f) return false;
  if (first === 0xf0 && second < 0x90) return false;
  if (first === 0xf4 && second > 0x8f) return false;
  for (let index = 1; index < size; index++) {
    if (((bytes[offset + index] as number) & 0xc0) !== 0x80) return false;
  }
  return true;
}

function headFault(broken: NonNullable<ReturnType<typeof readHead>>, head: Head, offset: number): JoulemarkError {
  switch (broken) {
    case 'truncated':
      return fault('the bytes end inside an item', offset);
    case 'not shortest':
      return fault('heads are of the shortest form', offset);
    case 'indefinite or reserved':
      return fault('lengths are definite', offset);
    case 'too large':
      return fault(
        head.major <= MAJOR.NEGATIVE ? 'integers are within +-(2^53-1)' : 'the length is more than what remains',
        offset,
      );
  }
}

function fault(rule: string, offset: number): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the bytes are not deterministic CBOR at byte ${offset}: ${rule}`, {
    details: { offset, rule },
  });
}
