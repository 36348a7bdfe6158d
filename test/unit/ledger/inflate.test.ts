import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, deflateSync, inflateSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inflateAtMost } from '../../../src/ledger/git/inflate.ts';
import { portablePackTools } from '../../../src/ledger/git/portable-pack-tools.ts';

const LARGE = 1 << 16;

/** Content as ledgers have it: part text, part hashes that do not compress, part the same again. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 200 }).map((text) => new TextEncoder().encode(text)),
      fc.tuple(fc.nat(255), fc.nat(2000)).map(([byte, times]) => new Uint8Array(times).fill(byte)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

/** What zlib says of a stream: content and length of the stream, or null. */
function ofZlib(stream: Uint8Array): { readonly content: Uint8Array; readonly consumed: number } | null {
  try {
    const { buffer, engine } = inflateSync(stream, { info: true, maxOutputLength: LARGE }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    return { content: new Uint8Array(buffer), consumed: engine.bytesWritten };
  } catch {
    return null;
  }
}

function ofOurs(stream: Uint8Array): { readonly content: Uint8Array; readonly consumed: number } | null {
  try {
    return inflateAtMost(stream, LARGE);
  } catch {
    return null;
  }
}

describe('inflate', () => {
  test('gives back what zlib deflated at any level and strategy, and says where the stream ends', () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED];
    fc.assert(
      fc.property(content, fc.nat(9), fc.constantFrom(...strategies), fc.nat(20), (bytes, level, strategy, behind) => {
        const stream = deflateSync(bytes, { level, strategy });
        const followed = Buffer.concat([stream, new Uint8Array(behind).fill(0xaa)]);
        const { content: inflated, consumed } = inflateAtMost(followed, bytes.length);
        expect(Buffer.compare(inflated, bytes)).toBe(0);
        expect(consumed).toBe(stream.length);
      }),
      { numRuns: 300 },
    );
  });

  test('gives back long content with far matches', () => {
    const random = createHash('sha512').update('far').digest();
    const far = Buffer.concat(
      Array.from({ length: 3000 }, (_, index) => (index % 7 === 0 ? random : Buffer.from(`${index},`))),
    );
    for (const level of [0, 1, 6, 9])
      expect(Buffer.compare(inflateAtMost(deflateSync(far, { level }), far.length).content, far)).toBe(0);
  });

  test('never gives more than it may', () => {
    const stream = deflateSync(new Uint8Array(1000));
    expect(inflateAtMost(stream, 1000).content).toHaveLength(1000);
    for (const size of [0, 1, 999]) expect(() => inflateAtMost(stream, size)).toThrow('too long');
  });

  test('says the same as zlib of damaged streams', () => {
    fc.assert(
      fc.property(content, fc.nat(9), fc.nat(), fc.nat(7), fc.nat(), (bytes, level, place, bit, cut) => {
        const stream = new Uint8Array(deflateSync(bytes, { level }));
        stream[place % stream.length]! ^= 1 << bit;
        const damaged = stream.subarray(0, stream.length - (cut % 4 === 0 ? cut % stream.length : 0));
        expect(ofOurs(damaged)).toEqual(ofZlib(damaged));
      }),
      { numRuns: 1000 },
    );
  });

  test('says the same as zlib of streams that nobody deflated', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (noise) => {
        const stream = new Uint8Array([0x78, 0x9c, ...noise, ...deflateRawSync(noise)]);
        expect(ofOurs(stream)).toEqual(ofZlib(stream));
      }),
      { numRuns: 2000 },
    );
  });
});

test('SHA-1 and CRC-32 are those of Node', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 90 }), (head, rest) => {
      expect(portablePackTools.sha1(head, rest)).toBe(createHash('sha1').update(head).update(rest).digest('hex'));
      expect(portablePackTools.crc32(head)).toBe(crc32(head));
    }),
    { numRuns: 100 },
  );
});
