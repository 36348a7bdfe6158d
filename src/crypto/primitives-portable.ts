/**
 * SHA-256, HMAC and Ed25519 on @noble: the reference for `primitives-native.ts` and what a browser runs. Same names, same
 * answers.
 */
import { getPublicKey, hashes, Point, sign } from '@noble/ed25519';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256, sha512 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';

import { JoulemarkError } from '../errors.ts';

// noble's synchronous calls take SHA-512 from here.
hashes.sha512 = sha512;

/** L, the order of the base point, RFC 8032 5.1. */
const ORDER = Point.CURVE().n;

/** SHA-256 of the bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return nobleSha256(bytes);
}

/** SHA-256 of the bytes, written into 32 bytes of `target`, which may be of `bytes` themselves. */
export function sha256Into(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(nobleSha256(bytes), offset);
}

/** SHA-256 of the bytes in lower-case hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(nobleSha256(bytes));
}

/** HMAC-SHA-256, RFC 2104. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, message);
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return bytesToHex(bytes);
}

/**
 * True iff the signature is valid under an enrolled key: 64 bytes, S < L, encode([S]B - [k]A) equal to the R bytes
 * (spec section 7). noble's own `verify` is cofactored in both of its modes, so it is not used: an honest key can make a
 * signature that it accepts and OpenSSL refuses.
 */
export function verifyEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== 64 || publicKey.length !== 32) return false;
  const encodedR = signature.subarray(0, 32);
  const s = fromLittleEndian(signature.subarray(32));
  if (s >= ORDER) return false;
  const a = decodedPoint(publicKey);
  if (a === null) return false;
  const k = fromLittleEndian(sha512(concatBytes(encodedR, publicKey, message))) % ORDER;
  const expectedR = Point.BASE.multiply(s, false).subtract(a.multiply(k, false)).toBytes();
  return expectedR.every((byte, index) => byte === encodedR[index]);
}

/** `verifyEd25519` for whoever can wait for the answer: it comes at once, there are no other threads. */
export function askEd25519(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
  answer: (holds: boolean) => void,
): void {
  answer(verifyEd25519(signature, message, publicKey));
}

/** The 64-byte Ed25519 signature (RFC 8032 5.1.6) of the message by a 32-byte seed. */
export function signEd25519(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return sign(message, seed(secretKey));
}

/** The 32-byte public key of a 32-byte seed. */
export function publicKeyOf(secretKey: Uint8Array): Uint8Array {
  return getPublicKey(seed(secretKey));
}

function decodedPoint(publicKey: Uint8Array): Point | null {
  try {
    return Point.fromBytes(publicKey, false);
  } catch {
    return null;
  }
}

function seed(secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== 32)
    throw new JoulemarkError('USAGE', `an Ed25519 secret key must be 32 bytes, found ${secretKey.length}`);
  return secretKey;
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(bytes.toReversed())}`);
}
