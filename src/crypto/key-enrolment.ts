import { Point } from '@noble/ed25519';

const FIELD_PRIME = Point.CURVE().p;

/**
 * The reason why a public key may not be enrolled, or null (spec section 6). Under a key that passes, all verifiers give
 * one verdict on a signature (spec section 7). Costs about 1 ms: once a key, not once a signature.
 */
export function checkPublicKey(publicKey: Uint8Array): string | null {
  if (publicKey.length !== 32) return `expected 32 bytes, found ${publicKey.length}`;
  const point = decodedPoint(publicKey);
  if (point === null)
    return isReducedY(publicKey) ? 'not a point of the curve' : 'not canonical: y is not below 2^255-19';
  // Small order would be refused as torsion too, but it is the one that lets a key "sign" every message: name it.
  if (point.isSmallOrder()) return 'a point of small order';
  if (!point.isTorsionFree()) return 'not in the prime-order group: it has a torsion component';
  return null;
}

function decodedPoint(publicKey: Uint8Array): Point | null {
  try {
    return Point.fromBytes(publicKey, false);
  } catch {
    return null;
  }
}

/** RFC 8032 5.1.3 step 1: y, the low 255 bits, is below p. */
function isReducedY(publicKey: Uint8Array): boolean {
  let y = 0n;
  for (let index = 31; index >= 0; index--) y = (y << 8n) | BigInt(publicKey[index] as number);
  return (y & ((1n << 255n) - 1n)) < FIELD_PRIME;
}
