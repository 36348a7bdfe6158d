import fc from 'fast-check';
import { expect, test } from 'vitest';

import { concatBytes, sha256 } from '../../src/crypto/hash.ts';
import {
  consistencyProof,
  EMPTY_ROOT,
  inclusionProof,
  leafHash,
  merkleRoot,
  merkleRootOfLeafHashes,
  rootInPlace,
  verifyConsistency,
  verifyInclusion,
  writeLeafHash,
} from '../../src/crypto/merkle.ts';

const MOST = 40;
const entries = Array.from({ length: MOST }, (_, index) => Uint8Array.of(index, index * 7));
const leaves = entries.map(leafHash);
const roots = Array.from({ length: MOST + 1 }, (_, size) => definedRoot(entries.slice(0, size)));

/** MTH(D[n]) word for word as RFC 6962 2.1 defines it. */
function definedRoot(list: readonly Uint8Array[]): Uint8Array {
  if (list.length === 0) return sha256(new Uint8Array(0));
  if (list.length === 1) return sha256(concatBytes(Uint8Array.of(0), list[0] as Uint8Array));
  let k = 1;
  while (k * 2 < list.length) k *= 2;
  return sha256(concatBytes(Uint8Array.of(1), definedRoot(list.slice(0, k)), definedRoot(list.slice(k))));
}

const rootOf = (size: number): Uint8Array => roots[size] as Uint8Array;
const leafAt = (index: number): Uint8Array => leaves[index] as Uint8Array;

test('roots are those of the definition for 0 to 40 leaves', () => {
  expect(merkleRoot([])).toEqual(EMPTY_ROOT);
  for (let size = 0; size <= MOST; size++) {
    expect(merkleRoot(entries.slice(0, size))).toEqual(rootOf(size));
    expect(merkleRootOfLeafHashes(leaves.slice(0, size))).toEqual(rootOf(size));
  }
});

test('roots are the same over hashes that lie in a row', () => {
  for (let size = 0; size <= MOST; size++) {
    const ids = concatBytes(...leaves.slice(0, size));
    const hashes = new Uint8Array(32 * size + 32);
    for (let index = 0; index < size; index++) writeLeafHash(ids, 32 * index, hashes, 32 * index);
    expect(rootInPlace(hashes, size)).toEqual(merkleRoot(leaves.slice(0, size)));
  }
});

test('every leaf of every tree has a proof, of no other leaf, index, size or root', () => {
  for (let size = 1; size <= MOST; size++) {
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(leaves.slice(0, size), index);
      expect(verifyInclusion(index, size, leafAt(index), proof, rootOf(size))).toBe(true);
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      expect(verifyInclusion(index, size, leafAt((index + 1) % MOST), proof, rootOf(size))).toBe(false);
      expect(verifyInclusion(index, size, leafAt(index), proof, rootOf(size - 1))).toBe(false);
      expect(verifyInclusion(index, size, leafAt(index), [...proof, leafAt(0)], rootOf(size))).toBe(false);
      if (proof.length > 0)
        expect(verifyInclusion(index, size, leafAt(index), proof.slice(1), rootOf(size))).toBe(false);
      if (size > 1) expect(verifyInclusion((index + 1) % size, size, leafAt(index), proof, rootOf(size))).toBe(false);
    }
  }
});

test('every tree is shown to be a prefix of every larger one, and of nothing else', () => {
  for (let size = 1; size <= MOST; size++) {
    for (let old = 1; old <= size; old++) {
      const proof = consistencyProof(leaves.slice(0, size), old);
      expect(verifyConsistency(old, size, rootOf(old), rootOf(size), proof)).toBe(true);
      expect(verifyConsistency(old, size, rootOf(old - 1), rootOf(size), proof)).toBe(false);
      expect(verifyConsistency(old, size, rootOf(old), rootOf(size - 1), proof)).toBe(false);
      expect(verifyConsistency(old, size, rootOf(old), rootOf(size), [...proof, leafAt(0)])).toBe(false);
      if (proof.length > 0)
        expect(verifyConsistency(old, size, rootOf(old), rootOf(size), proof.slice(0, -1))).toBe(false);
    }
  }
});

test('a flipped bit of a proof is found', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: MOST }), fc.nat(), fc.nat(), fc.nat({ max: 255 }), (size, a, b, bit) => {
      const inclusion = inclusionProof(leaves.slice(0, size), a % size);
      expect(verifyInclusion(a % size, size, leafAt(a % size), flipped(inclusion, b, bit), rootOf(size))).toBe(false);
      const old = 1 + (a % (size - 1));
      const consistency = consistencyProof(leaves.slice(0, size), old);
      expect(verifyConsistency(old, size, rootOf(old), rootOf(size), flipped(consistency, b, bit))).toBe(false);
    }),
  );
});

function flipped(proof: readonly Uint8Array[], which: number, bit: number): readonly Uint8Array[] {
  return proof.map((hash, index) => {
    const copy = Uint8Array.from(hash);
    if (index === which % proof.length) copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    return copy;
  });
}

test('any numbers and byte strings get an answer, never an exception', () => {
  const number = fc.oneof(
    fc.nat({ max: 100 }),
    fc.double(),
    fc.constantFrom(2 ** 53 - 1, 2 ** 53, 2 ** 64, -1, 2 ** 32, 2 ** 32 + 1),
  );
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: 32, maxLength: 32 }));
  fc.assert(
    fc.property(number, number, bytes, bytes, fc.array(bytes, { maxLength: 70 }), (a, b, x, y, proof) => {
      expect(typeof verifyInclusion(a, b, x, proof, y)).toBe('boolean');
      expect(typeof verifyConsistency(a, b, x, y, proof)).toBe('boolean');
    }),
    { numRuns: 1000 },
  );
});

test('indexes above 2^32 are not wrapped', () => {
  // Leaf 2^32 of 2^32 + 1 is alone on the right: its proof is the root of all before it.
  const left = leafAt(1);
  const root = sha256(concatBytes(Uint8Array.of(1), left, leafAt(0)));
  expect(verifyInclusion(2 ** 32, 2 ** 32 + 1, leafAt(0), [left], root)).toBe(true);
  expect(verifyInclusion(0, 1, leafAt(0), [left], root)).toBe(false);
  expect(verifyConsistency(2 ** 32, 2 ** 32 + 1, left, root, [leafAt(0)])).toBe(true);
});
