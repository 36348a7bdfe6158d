/**
 * The block envelope: a tagged COSE_Sign1 (RFC 9052 section 4.2) with one fixed shape of protected header (spec
 * section 4). Built and taken apart byte by byte: a bulk verification does this for every block, and a general CBOR
 * reader would accept other bytes for the same meaning.
 */
import { JoulemarkError } from '../errors.ts';
import { type Head, headSize, MAJOR, readHead, writeHead } from './cbor-head.ts';
import { concatBytes, equalBytes, sha256 } from './hash.ts';

/** Media type in the protected header, the COSE `content type` parameter. */
const BLOCK_CONTENT_TYPE = 'application/vnd.joulemark.block+cbor';

const KEY_ID_SIZE = 32;
const SIGNATURE_SIZE = 64;
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** `{1: -8, 3: content type, 4: kid}` up to the 32 bytes of the kid. -8 is EdDSA, RFC 9053 section 2.2. */
const HEADER_PREFIX = concatBytes(
  Uint8Array.of(0xa3, 0x01, 0x27, 0x03, 0x78, BLOCK_CONTENT_TYPE.length),
  ascii(BLOCK_CONTENT_TYPE),
  Uint8Array.of(0x04, 0x58, KEY_ID_SIZE),
);
const HEADER_SIZE = HEADER_PREFIX.length + KEY_ID_SIZE;
/** Tag 18, a list of 4, and the head of the protected header. */
const ENVELOPE_PREFIX = Uint8Array.of(0xd2, 0x84, 0x58, HEADER_SIZE);
/** Sig_structure of RFC 9052 section 4.4 up to the protected header: a list of 4, "Signature1". */
const SIGNATURE_CONTEXT = concatBytes(Uint8Array.of(0x84, 0x6a), ascii('Signature1'));

/** The parts of a block's envelope. All are views of the block's bytes. */
export interface Sign1 {
  readonly protectedBytes: Uint8Array;
  /** H(public key) of the key that is said to have signed: a name, not a proof. */
  readonly kid: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}

/** The id by which a block names its key: SHA-256 of the 32-byte public key. */
export function keyId(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey);
}

/** The exact bytes of the protected header for a 32-byte key id. */
export function PROTECTED_HEADER(kid: Uint8Array): Uint8Array {
  return concatBytes(HEADER_PREFIX, kid);
}

/**
 * The bytes that are signed: Sig_structure with empty external_aad, RFC 9052 section 4.4. `place`: where they are put together, if there is
 * room; memory of their own is a microsecond more.
 */
export function signatureInput(protectedBytes: Uint8Array, payload: Uint8Array, place?: Uint8Array): Uint8Array {
  const size = SIGNATURE_CONTEXT.length + bytesSize(protectedBytes) + 1 + bytesSize(payload);
  const result = place === undefined || place.length < size ? new Uint8Array(size) : place.subarray(0, size);
  result.set(SIGNATURE_CONTEXT);
  let offset = writeBytes(result, SIGNATURE_CONTEXT.length, protectedBytes);
  result[offset] = 0x40;
  offset = writeBytes(result, offset + 1, payload);
  return result;
}

/** The complete tagged COSE_Sign1, whose SHA-256 is the block id. */
export function encodeSign1(protectedBytes: Uint8Array, payload: Uint8Array, signature: Uint8Array): Uint8Array {
  const result = new Uint8Array(2 + bytesSize(protectedBytes) + 1 + bytesSize(payload) + bytesSize(signature));
  result[0] = 0xd2;
  result[1] = 0x84;
  let offset = writeBytes(result, 2, protectedBytes);
  result[offset] = 0xa0;
  offset = writeBytes(result, offset + 1, payload);
  writeBytes(result, offset, signature);
  return result;
}

/**
 * The parts of a block's envelope, whose every byte is fixed but for key id, payload and signature.
 * @throws JoulemarkError VERIFY_FAILED naming the rule and the offset.
 */
export function decodeSign1(bytes: Uint8Array): Sign1 {
  if (!startsWith(bytes, 0, ENVELOPE_PREFIX))
    throw fault('it must start with tag 18, a list of 4 and a protected header of 77 bytes', 0);
  const headerStart = ENVELOPE_PREFIX.length;
  if (!startsWith(bytes, headerStart, HEADER_PREFIX)) {
    throw fault(`the protected header must be {1: -8, 3: '${BLOCK_CONTENT_TYPE}', 4: key id of 32 bytes}`, headerStart);
  }
  const kidStart = headerStart + HEADER_PREFIX.length;
  const kidEnd = headerStart + HEADER_SIZE;
  if (bytes[kidEnd] !== 0xa0) throw fault('the unprotected header must be empty', kidEnd);
  const payloadHead = kidEnd + 1;
  const head: Head = { major: 0, argument: 0, end: 0 };
  const broken = readHead(bytes, payloadHead, head);
  if (broken !== null) throw fault(`the payload's head is ${broken}`, payloadHead);
  if (head.major !== MAJOR.BYTES) throw fault('the payload must be a byte string', payloadHead);
  const payloadEnd = head.end + head.argument;
  if (payloadEnd + 2 + SIGNATURE_SIZE !== bytes.length)
    throw fault('the payload must be followed by a signature of 64 bytes and nothing else', payloadHead);
  if (bytes[payloadEnd] !== 0x58 || bytes[payloadEnd + 1] !== SIGNATURE_SIZE)
    throw fault('the signature must be a byte string of 64 bytes', payloadEnd);
  return {
    protectedBytes: bytes.subarray(headerStart, kidEnd),
    kid: bytes.subarray(kidStart, kidEnd),
    payload: bytes.subarray(head.end, payloadEnd),
    signature: bytes.subarray(payloadEnd + 2),
  };
}

function startsWith(bytes: Uint8Array, offset: number, prefix: Uint8Array): boolean {
  return equalBytes(bytes.subarray(offset, offset + prefix.length), prefix);
}

function bytesSize(bytes: Uint8Array): number {
  return headSize(bytes.length) + bytes.length;
}

function writeBytes(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  const start = writeHead(target, offset, MAJOR.BYTES, bytes.length);
  target.set(bytes, start);
  return start + bytes.length;
}

function fault(rule: string, offset: number): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the block's envelope is not well-formed at byte ${offset}: ${rule}`, {
    details: { offset, rule },
  });
}
