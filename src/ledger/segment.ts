import { type Head, MAJOR, readHead } from '../crypto/cbor-head.ts';
import { JoulemarkError } from '../errors.ts';
import { LIMITS } from './block.ts';

/** The largest record: the block, its entries and a head for each of them. */
export const MOST_RECORD_BYTES = LIMITS.blockBytes + LIMITS.entryBytes + LIMITS.entries * 5 + 64;

/**
 * The records of a segment file, a CBOR sequence (RFC 8742), as views of it. Only the outline of each record is read: list,
 * block, list of items, byte strings. What is inside is judged by `decodeRecord`.
 * @throws JoulemarkError VERIFY_FAILED naming the offset at which no record stands.
 */
export function splitRecords(bytes: Uint8Array): readonly Uint8Array[] {
  return [...eachRecord(bytes)];
}

/** `splitRecords` one by one: those before a fault are given before it is thrown. */
export function* eachRecord(bytes: Uint8Array): Generator<Uint8Array> {
  const head: Head = { major: 0, argument: 0, end: 0 };
  let start = 0;
  while (start < bytes.length) {
    const end = recordEnd(bytes, start, head);
    yield bytes.subarray(start, end);
    start = end;
  }
}

function recordEnd(bytes: Uint8Array, start: number, head: Head): number {
  if (bytes[start] !== 0x82) throw notARecord(start, start, 'a list of 2');
  const block = skipBytes(bytes, start + 1, start, head);
  if (readHead(bytes, block, head) !== null || head.major !== MAJOR.ARRAY)
    throw notARecord(start, block, 'a list of entries');
  const count = head.argument;
  if (count > LIMITS.entries) throw notARecord(start, block, `at most ${LIMITS.entries} entries`);
  let offset = head.end;
  for (let index = 0; index < count; index++)
    offset = skipBytes(bytes, bytes[offset] === 0x81 ? offset + 1 : offset, start, head);
  if (offset - start > MOST_RECORD_BYTES)
    throw notARecord(start, offset, `at most ${MOST_RECORD_BYTES} bytes a record`);
  return offset;
}

function skipBytes(bytes: Uint8Array, offset: number, start: number, head: Head): number {
  if (readHead(bytes, offset, head) !== null || head.major !== MAJOR.BYTES)
    throw notARecord(start, offset, 'a byte string');
  if (head.argument > bytes.length - head.end)
    throw notARecord(start, offset, 'a byte string that ends inside the segment');
  return head.end + head.argument;
}

function notARecord(start: number, offset: number, expected: string): JoulemarkError {
  return new JoulemarkError(
    'VERIFY_FAILED',
    `the segment holds no record at byte ${start}: expected ${expected} at byte ${offset}`,
    {
      details: { rule: 'encoding', offset, record: start },
    },
  );
}
