import { readdirSync } from 'node:fs';
import { COSEKey, Sign1 as StockSign1 } from '@auth0/cose';
import { describe, expect, test } from 'vitest';

import { decodeSign1, encodeSign1, keyId, PROTECTED_HEADER, signatureInput } from '../../src/crypto/cose.ts';
import { parseHex, toHex } from '../../src/crypto/hash.ts';
import { publicKeyOf, signEd25519, verifyEd25519 } from '../../src/crypto/primitives-native.ts';
import { decodeCbor } from '../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import { scanProfile } from '../../src/ledger/codec/scan.ts';
import { hasShared, sharedJson, sharedPath } from '../support/shared.ts';

const SEED = new Uint8Array(32).fill(0x42);
const PUBLIC_KEY = publicKeyOf(SEED);
const HEADER = PROTECTED_HEADER(keyId(PUBLIC_KEY));

function signed(payload: Uint8Array): Uint8Array {
  return encodeSign1(HEADER, payload, signEd25519(signatureInput(HEADER, payload), SEED));
}

/** Payloads around each length of a byte string's head. */
const PAYLOADS = [0, 1, 23, 24, 255, 256, 946, 65535, 65536].map((size) => new Uint8Array(size).fill(size));

test('the protected header is {1: -8, 3: content type, 4: key id}, as stock COSE reads it', () => {
  scanProfile(HEADER, { textKeysOnly: false });
  const block = signed(encodeCbor(new Map([['v', 1]])));
  const stock = StockSign1.decode(block);
  expect([...stock.protectedHeaders]).toEqual([
    [1, -8],
    [3, 'application/vnd.joulemark.block+cbor'],
    [4, expect.anything()],
  ]);
  expect(toHex(stock.protectedHeaders.get(4) as Uint8Array)).toBe(toHex(keyId(PUBLIC_KEY)));
  expect(stock.unprotectedHeaders.size).toBe(0);
});

test('@auth0/cose verifies our blocks, and refuses one with a changed payload', async () => {
  const key = await COSEKey.fromJWK({
    kty: 'OKP',
    crv: 'Ed25519',
    x: Buffer.from(PUBLIC_KEY).toString('base64url'),
  }).toKeyLike();
  for (const payload of PAYLOADS) {
    const block = signed(payload);
    await StockSign1.decode(block).verify(key);
    block[block.length - 67] = (block[block.length - 67] as number) ^ 1;
    const broken = async (): Promise<void> => StockSign1.decode(block).verify(key);
    await expect(broken()).rejects.toThrow();
  }
});

test('decodeSign1 is the inverse of encodeSign1', () => {
  for (const payload of PAYLOADS) {
    const block = signed(payload);
    const parts = decodeSign1(block);
    expect(toHex(parts.protectedBytes)).toBe(toHex(HEADER));
    expect(toHex(parts.kid)).toBe(toHex(keyId(PUBLIC_KEY)));
    expect(toHex(parts.payload)).toBe(toHex(payload));
    expect(verifyEd25519(parts.signature, signatureInput(parts.protectedBytes, parts.payload), PUBLIC_KEY)).toBe(true);
    expect(toHex(encodeSign1(parts.protectedBytes, parts.payload, parts.signature))).toBe(toHex(block));
    // The profile allows the envelope too: it is deterministic CBOR under tag 18.
    scanProfile(block, { outerTag: 18 });
    expect((decodeCbor(block.subarray(1)) as readonly unknown[]).length).toBe(4);
  }
});

test('every flipped bit is refused, or changes what is signed or its signature', () => {
  const block = signed(new Uint8Array(40).fill(1));
  for (let bit = 0; bit < block.length * 8; bit++) {
    const changed = Uint8Array.from(block);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(isValid(changed), `bit ${bit}`).toBe(false);
  }
  expect(isValid(block)).toBe(true);
  for (let size = 0; size < block.length; size++) expect(isValid(block.subarray(0, size))).toBe(false);
  expect(isValid(new Uint8Array([...block, 0]))).toBe(false);
});

function isValid(block: Uint8Array): boolean {
  try {
    const { protectedBytes, kid, payload, signature } = decodeSign1(block);
    return (
      toHex(kid) === toHex(keyId(PUBLIC_KEY)) &&
      verifyEd25519(signature, signatureInput(protectedBytes, payload), PUBLIC_KEY)
    );
  } catch (error) {
    expect(error).toMatchObject({ name: 'JoulemarkError', code: 'VERIFY_FAILED' });
    return false;
  }
}

test.each([
  ['no tag', (block: number[]) => block.slice(1), /tag 18/],
  ['another content type', (block: number[]) => block.with(12, 0x41), /protected header must be/],
  [
    'an unprotected header',
    (block: number[]) => block.toSpliced(81, 1, 0xa1, 0x00, 0x00),
    /unprotected header must be empty/,
  ],
  [
    'a payload length that is not shortest',
    (block: number[]) => block.toSpliced(82, 1, 0x58, 0x03),
    /head is not shortest/,
  ],
  ['a text payload', (block: number[]) => block.with(82, 0x63), /payload must be a byte string/],
  ['a null payload', (block: number[]) => block.toSpliced(82, 4, 0xf6), /payload must be a byte string/],
  [
    'a payload of 2^53 bytes',
    (block: number[]) => block.toSpliced(82, 1, 0x5b, 0, 0x20, 0, 0, 0, 0, 0, 0),
    /head is too large/,
  ],
  [
    'a signature of 63 bytes',
    (block: number[]) => block.toSpliced(86, 3, 0x58, 63),
    /followed by a signature of 64 bytes/,
  ],
  ['a text signature', (block: number[]) => block.with(86, 0x78), /signature must be a byte string of 64/],
  ['a byte after the end', (block: number[]) => [...block, 0], /nothing else/],
] as const)('decodeSign1 refuses %s', (_, change, rule) => {
  const block = [...signed(Uint8Array.of(1, 2, 3))];
  expect(() => decodeSign1(Uint8Array.from(change(block)))).toThrow(
    expect.objectContaining({ code: 'VERIFY_FAILED', message: expect.stringMatching(rule) }),
  );
});

interface CoseExample {
  readonly input: {
    readonly plaintext: string;
    readonly sign0?: { readonly external?: string };
    readonly sign?: unknown;
  };
  readonly intermediates: { readonly ToBeSign_hex: string };
  readonly output: { readonly cbor: string };
}

describe.skipIf(!hasShared)('COSE working group examples', () => {
  const folder = 'vectors/cose-wg-examples';
  const examples = hasShared
    ? ['sign1-tests', 'eddsa-examples', 'RFC8152'].flatMap((name) =>
        readdirSync(sharedPath(`${folder}/${name}`)).map((file) => `${folder}/${name}/${file}`),
      )
    : [];
  const sign1 = examples
    .map((file) => ({ file, example: sharedJson<CoseExample>(file) }))
    .filter(({ example }) => example.input.sign0 !== undefined);

  test('the bytes to be signed are theirs, wherever nothing external is signed', () => {
    let compared = 0;
    for (const { file, example } of sign1) {
      const expected = example.intermediates.ToBeSign_hex.toLowerCase();
      const { protectedHex, isPlain } = plainInput(expected);
      if (!isPlain || example.input.sign0?.external) continue;
      const plaintext = new TextEncoder().encode(example.input.plaintext);
      expect(toHex(signatureInput(parseHex(protectedHex), plaintext)), file).toBe(expected);
      compared += 1;
    }
    expect(compared).toBeGreaterThanOrEqual(8);
  });

  test('the Ed25519 example has our signature', () => {
    const { input, intermediates, output } = sharedJson<CoseExample & { input: { sign0: { key: { d_hex: string } } } }>(
      `${folder}/eddsa-examples/eddsa-sig-01.json`,
    );
    expect(output.cbor.toLowerCase()).toContain(
      toHex(signEd25519(parseHex(intermediates.ToBeSign_hex), parseHex(input.sign0.key.d_hex))),
    );
  });

  test('none of them is a block', () => {
    expect(sign1.length).toBeGreaterThan(8);
    for (const { file, example } of sign1)
      expect(() => decodeSign1(parseHex(example.output.cbor)), file).toThrow(
        expect.objectContaining({ code: 'VERIFY_FAILED' }),
      );
  });
});

/** The protected header of a Sig_structure "Signature1" when it is shorter than 24 bytes. */
function plainInput(hex: string): { readonly protectedHex: string; readonly isPlain: boolean } {
  const prefix = '846a5369676e617475726531';
  const size = Number.parseInt(hex.slice(prefix.length, prefix.length + 2), 16) - 0x40;
  return {
    protectedHex: hex.slice(prefix.length + 2, prefix.length + 2 + 2 * size),
    isPlain: hex.startsWith(prefix) && size >= 0 && size < 24,
  };
}
