import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compareBytes, concatBytes, equalBytes, parseHex, toHex } from '../../../src/crypto/hash.ts';
import * as native from '../../../src/crypto/primitives-native.ts';
import * as portable from '../../../src/crypto/primitives-portable.ts';

const utf8 = new TextEncoder();

test.each([native, portable])('SHA-256 and HMAC-SHA-256 of FIPS 180-4 and RFC 4231', (implementation) => {
  const { sha256, hmacSha256 } = implementation;
  expect(implementation.toHex(sha256(utf8.encode('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(implementation.toHex(sha256(new Uint8Array(0)))).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  expect(implementation.toHex(hmacSha256(new Uint8Array(20).fill(0x0b), utf8.encode('Hi There')))).toBe(
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  );
  expect(sha256(new Uint8Array(3)).constructor).toBe(Uint8Array);
});

test('native and portable agree on hashes, of views into larger buffers too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 20 }), (bytes, skip) => {
      const view = bytes.subarray(Math.min(skip, bytes.length));
      expect(native.sha256(view)).toEqual(portable.sha256(view));
      expect(native.toHex(view)).toBe(portable.toHex(view));
      expect(native.hmacSha256(bytes, view)).toEqual(portable.hmacSha256(bytes, view));
      expect(native.toHex(native.hmacSha256(bytes, view))).toBe(createHmac('sha256', bytes).update(view).digest('hex'));
    }),
  );
});

test('hex there and back', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(parseHex(toHex(bytes))).toEqual(bytes);
      expect(parseHex(toHex(bytes).toUpperCase())).toEqual(bytes);
    }),
  );
});

test.each([
  ['abc', /odd number of digits, 3/],
  ['0g', /no hex digit at character 1/],
  ['@0', /no hex digit at character 0/],
  ['00 1', /no hex digit at character 2/],
  ['\u0130\u0130', /no hex digit at character 0/],
])('%s is not hex', (text, message) => {
  expect(() => parseHex(text)).toThrow(
    expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(message) }),
  );
});

test('equality, order and concatenation are those of the bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 6, max: 3 });
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
      expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      expect(concatBytes(a, b, a)).toEqual(Uint8Array.from([...a, ...b, ...a]));
    }),
  );
});
