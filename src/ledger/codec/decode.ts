import { JoulemarkError } from '../../errors.ts';
import { cborX } from './cbor-x.ts';
import { scanProfile } from './scan.ts';
import type { CborValue } from './value.ts';

/**
 * The value of bytes that are exactly one item of the deterministic profile (spec section 3), maps as `Map`. The bytes are
 * scanned before cbor-x sees them, so that of all that it would decode only the profile reaches it. Nothing in the result
 * shares memory with the input.
 * @throws JoulemarkError VERIFY_FAILED with the byte offset and the rule.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  scanProfile(bytes);
  try {
    return cborX.decode(bytes) as CborValue;
  } catch (cause) {
    throw new JoulemarkError('INTERNAL', 'scanned bytes were not decoded', { cause });
  }
}
