/** What reading packs needs, where there is no Node: the same answers as `src/ledger/store/git-primitives.ts`. */
import { sha1Hex } from '../../crypto/sha1.ts';
import { inflateAtMost } from './inflate.ts';
import type { PackTools } from './pack-reader.ts';

/** CRC-32 of one byte, reflected polynomial of RFC 1952 section 8. */
const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1)
    value = (CRC_OF_BYTE[(value ^ (bytes[at] as number)) & 255] as number) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

export const portablePackTools: PackTools = { sha1: sha1Hex, inflate: inflateAtMost, crc32 };
