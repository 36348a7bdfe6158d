/** Node's implementations of what the git formats need: SHA-1, CRC-32, inflate and deflate. */
import { createHash } from 'node:crypto';
import { crc32 as nodeCrc32, deflateSync, inflateSync } from 'node:zlib';
import { JoulemarkError } from '../../errors.ts';
import type { Sha1 } from '../git/git-object.ts';
import type { PackTools } from '../git/pack-reader.ts';

/** SHA-1 of the parts in a row, in hex. */
export const sha1: Sha1 = (...parts) => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** zlib-compressed bytes. Level 1: the content is mostly hashes and signatures, which do not compress. */
export function deflate(content: Uint8Array): Uint8Array {
  return deflateSync(content, { level: 1 });
}

/**
 * Inflates a zlib stream at the start of `input` whose content is `size` bytes at most, and says how much of the input it took.
 * Throws VERIFY_FAILED on a broken stream or more content: memory is bounded by `size` whatever the input claims.
 */
export function inflateAtMost(
  input: Uint8Array,
  size: number,
): { readonly content: Uint8Array; readonly consumed: number } {
  try {
    // With `info` the result is the buffer and the engine; the types know the option but not the result.
    const result = inflateSync(input, {
      info: true,
      maxOutputLength: Math.max(size, 1),
      chunkSize: Math.max(64, Math.min(size + 1, 1 << 20)),
    }) as unknown as { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } };
    if (result.buffer.length > size) throw new Error('too long');
    return { content: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    throw new JoulemarkError('VERIFY_FAILED', 'broken git object: its zlib stream is corrupt or too long', {
      cause: error,
    });
  }
}

export const nodePackTools: PackTools = {
  sha1,
  inflate: inflateAtMost,
  crc32: (bytes) => nodeCrc32(bytes),
};
