import { hashes, verify as nobleVerify } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';

import { parseHex, toHex } from '../../src/crypto/hash.ts';
import { checkPublicKey } from '../../src/crypto/key-enrolment.ts';
import * as native from '../../src/crypto/primitives-native.ts';
import * as portable from '../../src/crypto/primitives-portable.ts';
import {
  cctvCases,
  rfc8032Cases,
  type SignatureCase,
  speccheckCases,
  torsionCase,
  wycheproofCases,
  zip215Cases,
} from '../support/ed25519-vectors.ts';
import { hasShared } from '../support/shared.ts';

/** Both implementations on one case, with the enrolment of the key. */
function judge({ publicKey, message, signature }: SignatureCase) {
  return {
    isEnrolled: checkPublicKey(publicKey) === null,
    native: native.verifyEd25519(signature, message, publicKey),
    portable: portable.verifyEd25519(signature, message, publicKey),
  };
}

/** Accepted by the rule: the key is enrolled and the signature valid. Fails on disagreement under an enrolled key. */
function accepted(cases: readonly SignatureCase[]): readonly SignatureCase[] {
  return cases.filter((item) => {
    const verdict = judge(item);
    if (verdict.isEnrolled) expect(verdict.native, item.name).toBe(verdict.portable);
    return verdict.isEnrolled && verdict.native;
  });
}

describe.skipIf(!hasShared)('one verdict on Ed25519 (spec section 7)', () => {
  test.each([
    ['wycheproof', wycheproofCases],
    ['zip215', zip215Cases],
    ['rfc8032', rfc8032Cases],
    ['torsion in R', () => [torsionCase()]],
  ] as const)('%s: exactly the expected signatures are accepted', (_, cases) => {
    const all = cases();
    expect(accepted(all).map(({ name }) => name)).toEqual(
      all.filter(({ expected }) => expected).map(({ name }) => name),
    );
  });

  test('ed25519-speccheck: none is accepted', () => {
    const all = speccheckCases();
    expect(all.length).toBeGreaterThan(0);
    expect(accepted(all)).toEqual([]);
  });

  test('CCTV: 2 of 914 are accepted, and under every enrolled key the implementations agree', () => {
    const all = cctvCases();
    const enrolled = all.filter(({ publicKey }) => checkPublicKey(publicKey) === null);
    expect(all.length).toBe(914);
    expect(enrolled.length).toBeGreaterThan(2);
    // 304 has R = identity: libsodium refuses it, the rule has no separate test of R.
    expect(accepted(all).map(({ name }) => name)).toContain('cctv 304');
    expect(accepted(all).length).toBe(2);
  });

  test('whoever waits for the answer gets the same one', async () => {
    const lengths = [63, 65].map((length) => ({ ...torsionCase(), signature: new Uint8Array(length) }));
    const all = [
      ...wycheproofCases(),
      ...cctvCases(),
      ...speccheckCases(),
      ...zip215Cases(),
      torsionCase(),
      ...lengths,
    ];
    for (const { askEd25519, verifyEd25519 } of [native, portable]) {
      const answers = await Promise.all(
        all.map(({ signature, message, publicKey }) => {
          const copy = new Uint8Array(signature);
          const answer = new Promise<boolean>((resolve) => askEd25519(copy, message, publicKey, resolve));
          copy.fill(0); // what was asked is not what stands there later
          return answer;
        }),
      );
      expect(answers).toEqual(all.map((item) => verifyEd25519(item.signature, item.message, item.publicKey)));
    }
  });

  test('the torsion vector is a real trap: noble accepts it in both modes', () => {
    hashes.sha512 = sha512;
    const { signature, message, publicKey } = torsionCase();
    expect(nobleVerify(signature, message, publicKey, { zip215: true })).toBe(true);
    expect(nobleVerify(signature, message, publicKey, { zip215: false })).toBe(true);
    expect(checkPublicKey(publicKey)).toBeNull();
  });

  test('RFC 8032: both make the same public keys and signatures', () => {
    for (const { name, secretKey, publicKey, message, signature } of rfc8032Cases()) {
      const seed = secretKey.subarray(0, 32);
      for (const implementation of [native, portable]) {
        expect(toHex(implementation.publicKeyOf(seed)), name).toBe(toHex(publicKey));
        expect(toHex(implementation.signEd25519(message, seed)), name).toBe(toHex(signature));
      }
    }
  });
});

describe('public keys that may not be enrolled (spec section 6)', () => {
  const IDENTITY = `01${'00'.repeat(31)}`;
  test.each([
    ['31 bytes', '00'.repeat(31), /expected 32 bytes, found 31/],
    ['y = p', `ed${'ff'.repeat(30)}7f`, /not canonical/],
    ['y = 2^255-1 with a sign', 'ff'.repeat(32), /not canonical/],
    ['y = 2: no x', `02${'00'.repeat(31)}`, /not a point of the curve/],
    ['x = 0 with a sign', `01${'00'.repeat(30)}80`, /not a point of the curve/],
    ['the identity', IDENTITY, /small order/],
    ['order 2', `ec${'ff'.repeat(30)}7f`, /small order/],
    ['order 4', '00'.repeat(32), /small order/],
    ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', /small order/],
    ['a key plus a point of order 8', 'cdb267ce40c5cd45306fa5d2f29731459387dbf9eb933b7bd5aed9a765b88d4d', /torsion/],
  ])('%s', (_, hex, reason) => {
    expect(checkPublicKey(parseHex(hex))).toMatch(reason);
  });

  test('an ordinary key passes', () => {
    expect(checkPublicKey(native.publicKeyOf(new Uint8Array(32).fill(7)))).toBeNull();
  });
});

test('a signature of another length is invalid, one byte longer or shorter', () => {
  const seed = new Uint8Array(32).fill(9);
  const publicKey = native.publicKeyOf(seed);
  const message = new Uint8Array(5);
  const signature = native.signEd25519(message, seed);
  for (const implementation of [native, portable]) {
    expect(implementation.verifyEd25519(signature, message, publicKey)).toBe(true);
    expect(implementation.verifyEd25519(signature.subarray(0, 63), message, publicKey)).toBe(false);
    expect(implementation.verifyEd25519(new Uint8Array([...signature, 0]), message, publicKey)).toBe(false);
    expect(implementation.verifyEd25519(signature, message, publicKey.subarray(0, 31))).toBe(false);
    expect(() => implementation.signEd25519(message, seed.subarray(1))).toThrow(/must be 32 bytes, found 31/);
  }
});

test('the cache of native keys keeps its answers when it is full', () => {
  const message = new Uint8Array([1]);
  const seeds = Array.from({ length: 1100 }, (_, index) => new Uint8Array(32).fill(index % 251).fill(index >> 4, 16));
  const first = seeds[0] as Uint8Array;
  const signature = native.signEd25519(message, first);
  for (const seed of seeds) {
    const isFirst = toHex(seed) === toHex(first);
    expect(native.verifyEd25519(signature, message, native.publicKeyOf(seed))).toBe(isFirst);
  }
  expect(native.verifyEd25519(signature, message, native.publicKeyOf(first))).toBe(true);
});
