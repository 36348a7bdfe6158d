/** Merkle trees of RFC 6962 section 2.1; proofs as in RFC 9162 section 2.1, the same trees with clearer algorithms. */
import { assertInvariant } from '../errors.ts';
import { equalBytes, sha256, sha256Into } from './hash.ts';

/** The root of no leaves, H(""). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/**
 * Where leaves and nodes are put together to be hashed. One place for all: a full verification does this eight times a
 * block, and every array of more than 64 bytes is memory of its own to the garbage collector.
 */
const leafInput = new Uint8Array(4096);
const idInput = new Uint8Array(33);
const nodeInput = Uint8Array.of(1, ...new Uint8Array(64));

/** H(00 || entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  const size = entry.length + 1;
  const input = size > leafInput.length ? new Uint8Array(size) : leafInput.subarray(0, size);
  input.set(entry, 1);
  return sha256(input);
}

/** H(01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeInput.set(left, 1);
  nodeInput.set(right, 33);
  return sha256(nodeInput);
}

/** The root over entries, hashing each as a leaf. */
export function merkleRoot(entries: readonly Uint8Array[]): Uint8Array {
  return merkleRootOfLeafHashes(entries.map(leafHash));
}

/** The root over leaf hashes. */
export function merkleRootOfLeafHashes(leafHashes: readonly Uint8Array[]): Uint8Array {
  const [only] = leafHashes;
  if (only !== undefined && leafHashes.length === 1) return only;
  const hashes = new Uint8Array(32 * leafHashes.length);
  for (const [index, hash] of leafHashes.entries()) hashes.set(hash, 32 * index);
  return rootInPlace(hashes, leafHashes.length);
}

/** The leaf hash of the 32 bytes at `from` of `ids`, written into the 32 bytes at `to` of `hashes`. */
export function writeLeafHash(ids: Uint8Array, from: number, hashes: Uint8Array, to: number): void {
  copy32(ids, from, idInput, 1);
  sha256Into(idInput, hashes, to);
}

/** The root over the first `count` of leaf hashes that lie one after the other, and are overwritten: a million of them without an array each. */
export function rootInPlace(hashes: Uint8Array, count: number): Uint8Array {
  if (count === 0) return EMPTY_ROOT;
  let size = count;
  for (; size > 1; size = Math.ceil(size / 2)) {
    for (let left = 0; left + 1 < size; left += 2) {
      copy32(hashes, 32 * left, nodeInput, 1);
      copy32(hashes, 32 * left + 32, nodeInput, 33);
      sha256Into(nodeInput, hashes, 16 * left);
    }
    // without a partner it goes up as it is
    if (size % 2 === 1) copy32(hashes, 32 * (size - 1), hashes, 16 * (size - 1));
  }
  return hashes.slice(0, 32);
}

function copy32(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let index = 0; index < 32; index++) target[to + index] = source[from + index] as number;
}

/**
 * The sibling hashes from leaf `index` up to the root, RFC 9162 2.1.3.1.
 * The caller knows that `index` is below the number of leaves.
 */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number): readonly Uint8Array[] {
  assertInvariant(
    Number.isSafeInteger(index) && index >= 0 && index < leafHashes.length,
    `leaf ${index} of ${leafHashes.length}`,
  );
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = leafHashes.length;
  while (to - from > 1) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      proof.push(merkleRootOfLeafHashes(leafHashes.slice(middle, to)));
      to = middle;
    } else {
      proof.push(merkleRootOfLeafHashes(leafHashes.slice(from, middle)));
      from = middle;
    }
  }
  return proof.reverse();
}

/** True iff the proof shows that the leaf is at `index` of the tree of `size` leaves with this root, RFC 9162 2.1.3.2. */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false;
  if (!allHashes([leaf, root, ...proof])) return false;
  let position = index;
  let last = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(position) && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && equalBytes(hash, root);
}

/**
 * The nodes that show the tree of the first `oldSize` leaves to be a prefix of the whole, RFC 9162 2.1.4.1. Empty when
 * they are the same tree. The caller knows that `oldSize` is from 1 to the number of leaves.
 */
export function consistencyProof(leafHashes: readonly Uint8Array[], oldSize: number): readonly Uint8Array[] {
  assertInvariant(
    Number.isSafeInteger(oldSize) && oldSize >= 1 && oldSize <= leafHashes.length,
    `first ${oldSize} of ${leafHashes.length} leaves`,
  );
  const proof: Uint8Array[] = [];
  let from = 0;
  let to = leafHashes.length;
  while (to !== oldSize) {
    const middle = from + largestPowerBelow(to - from);
    if (oldSize <= middle) {
      proof.push(merkleRootOfLeafHashes(leafHashes.slice(middle, to)));
      to = middle;
    } else {
      proof.push(merkleRootOfLeafHashes(leafHashes.slice(from, middle)));
      from = middle;
    }
  }
  // The subtree that both trees end in is known to the verifier only when it is the whole old tree.
  if (from !== 0) proof.push(merkleRootOfLeafHashes(leafHashes.slice(from, to)));
  return proof.reverse();
}

/**
 * True iff the proof shows the tree of `oldSize` leaves to be a prefix of the tree of `newSize`, RFC 9162 2.1.4.2.
 * An empty old tree is a prefix of everything and proves nothing: refused.
 */
export function verifyConsistency(
  oldSize: number,
  newSize: number,
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 1 || oldSize > newSize)
    return false;
  if (oldSize === newSize) return proof.length === 0 && equalBytes(oldRoot, newRoot);
  if (!allHashes([oldRoot, newRoot, ...proof])) return false;

  let position = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(position)) {
    position = half(position);
    last = half(last);
  }
  // A power of two: the old root is itself the first node.
  const nodes = position === 0 ? [oldRoot, ...proof] : proof;
  const first = nodes[0];
  if (proof.length === 0 || first === undefined) return false;
  let oldHash = first;
  let newHash = first;
  for (const node of nodes.slice(1)) {
    if (last === 0) return false;
    if (isOdd(position) || position === last) {
      oldHash = nodeHash(node, oldHash);
      newHash = nodeHash(node, newHash);
      while (!isOdd(position) && position !== 0) {
        position = half(position);
        last = half(last);
      }
    } else {
      newHash = nodeHash(newHash, node);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 && equalBytes(oldHash, oldRoot) && equalBytes(newHash, newRoot);
}

// Sizes come from receipts and may pass 2^32, where JavaScript's bit operators wrap.
const half = (value: number): number => Math.floor(value / 2);
const isOdd = (value: number): boolean => value % 2 === 1;

/** The largest power of two smaller than `size` (`size` >= 2), RFC 6962 2.1. */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

function allHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === 32);
}
