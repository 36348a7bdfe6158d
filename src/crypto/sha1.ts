import { sha1 as nobleSha1 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** SHA-1 of the parts in a row, in lower-case hex. Git names objects by it; nothing on the ledger rests on it (spec section 2). */
export function sha1Hex(...parts: readonly Uint8Array[]): string {
  const hash = nobleSha1.create();
  for (const part of parts) hash.update(part);
  return bytesToHex(hash.digest());
}
