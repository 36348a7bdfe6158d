import { assertInvariant } from '../errors.ts';
import { EMPTY_ROOT, leafHash, nodeHash } from '../crypto/merkle.ts';

/**
 * The right edge of the tree over a chain's block ids: the roots of its full subtrees, largest first, one for each bit of
 * its size. Never changed in place, so the states of a chain share it, and plain data, so it can be stored (spec section 4, `history`).
 */
export interface Frontier {
  readonly size: number;
  readonly subtrees: readonly Uint8Array[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, subtrees: [] };

/** The frontier with one more leaf, the 32 bytes of a block id. */
export function extendFrontier({ size, subtrees }: Frontier, blockId: Uint8Array): Frontier {
  const next = [...subtrees];
  let hash = leafHash(blockId);
  for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
    const left = next.pop();
    assertInvariant(left !== undefined, 'a frontier has a subtree for each bit of its size');
    hash = nodeHash(left, hash);
  }
  next.push(hash);
  return { size: size + 1, subtrees: next };
}

/** The RFC 6962 root over all leaves. */
export function frontierRoot({ subtrees }: Frontier): Uint8Array {
  return subtrees.length === 0 ? EMPTY_ROOT : subtrees.reduceRight((right, left) => nodeHash(left, right));
}
