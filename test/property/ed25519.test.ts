import { expect, test } from 'vitest';

import { checkPublicKey } from '../../src/crypto/key-enrolment.ts';
import * as native from '../../src/crypto/primitives-native.ts';
import * as portable from '../../src/crypto/primitives-portable.ts';

/** 100,000 takes some minutes; the default a few seconds. */
const MUTATIONS = Number(process.env['JOULEMARK_MUTATIONS'] ?? 2000);
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** Encodings that break implementations: small orders, zero, the largest, each also as S. */
const CORNERS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
].map((hex) => Uint8Array.from(Buffer.from(hex, 'hex')));

/** xorshift32: the same run every time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function plusOrder(s: Uint8Array): Uint8Array {
  const sum = BigInt(`0x${Buffer.from(s.toReversed()).toString('hex')}`) + ORDER;
  return Uint8Array.from(Buffer.from(sum.toString(16).padStart(64, '0'), 'hex').reverse());
}

interface Parts {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly publicKey: Uint8Array;
}

function mutated(parts: Parts, random: (below: number) => number): Parts {
  const signature = Uint8Array.from(parts.signature);
  const message = Uint8Array.from(parts.message);
  const publicKey = Uint8Array.from(parts.publicKey);
  const corner = CORNERS[random(CORNERS.length)] as Uint8Array;
  switch (random(8)) {
    case 0:
      break;
    case 1:
      flip(signature, random);
      break;
    case 2:
      flip(message, random);
      break;
    case 3:
      flip(publicKey, random);
      break;
    case 4:
      signature.set(corner, 0);
      break;
    case 5:
      signature.set(corner, 32);
      break;
    case 6:
      signature.set(plusOrder(signature.subarray(32)), 32);
      break;
    default:
      signature[random(64)] = random(256);
  }
  return { signature, message, publicKey };
}

function flip(bytes: Uint8Array, random: (below: number) => number): void {
  const at = random(bytes.length);
  bytes[at] = (bytes[at] as number) ^ (1 << random(8));
}

test(`native and reference agree on ${MUTATIONS} mutations under enrolled keys`, { timeout: 3_600_000 }, () => {
  const random = generator(0x6a6f756c);
  const counts = { valid: 0, invalid: 0, notEnrolled: 0 };
  for (let run = 0; run < MUTATIONS; run++) {
    const seed = Uint8Array.from({ length: 32 }, () => random(256));
    const message = Uint8Array.from({ length: 1 + random(100) }, () => random(256));
    const parts = mutated(
      { signature: native.signEd25519(message, seed), message, publicKey: native.publicKeyOf(seed) },
      random,
    );
    if (checkPublicKey(parts.publicKey) !== null) {
      counts.notEnrolled += 1;
      continue;
    }
    const verdict = native.verifyEd25519(parts.signature, parts.message, parts.publicKey);
    if (verdict !== portable.verifyEd25519(parts.signature, parts.message, parts.publicKey)) {
      expect.fail(
        `disagreement in run ${run}: native says ${verdict}, ${JSON.stringify(Object.values(parts).map((part) => Buffer.from(part).toString('hex')))}`,
      );
    }
    counts[verdict ? 'valid' : 'invalid'] += 1;
  }
  // Each kind of case really occurred.
  expect(counts.valid).toBeGreaterThan(MUTATIONS / 20);
  expect(counts.invalid).toBeGreaterThan(MUTATIONS / 3);
  expect(counts.notEnrolled).toBeGreaterThan(MUTATIONS / 50);
});
