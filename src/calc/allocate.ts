import type { AllocationKey } from './evaluation-input.ts';
import { addRatio, divideRatio, multiplyRatio, ONE, sumRatios, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';

/** What a product brings to the sharing of energy. */
export interface Claim {
  readonly product: string;
  /** Energy metered for it alone, in the verdict unit. */
  readonly directEnergy: Rational;
  /** Output, in its own unit (value at the baseline's prices for basis `value`). */
  readonly quantity: Rational;
  /** Equivalent factor, heat content or comparable price of one unit; absent where none was declared. */
  readonly weight?: Rational;
}

/** What a product weighs under the key; null where its weight is not declared. */
export function claimWeight(key: AllocationKey, claim: Claim): Rational | null {
  if (key === 'direct_energy') return claim.directEnergy;
  return claim.weight === undefined ? null : multiplyRatio(claim.quantity, claim.weight);
}

/**
 * Each product's share of shared energy, 0..1, by the declared key; the shares sum to exactly one. A single claimant takes
 * all without a key. `null` when they cannot be formed: a weight that is missing or negative, or weights that sum to zero.
 */
export function sharesByKey(key: AllocationKey, claims: readonly Claim[]): ReadonlyMap<string, Rational> | null {
  if (claims.length === 0) return null;
  if (claims.length === 1) return new Map([[claims[0]!.product, ONE]]);
  const weights: Rational[] = [];
  for (const claim of claims) {
    const weight = claimWeight(key, claim);
    if (weight === null || weight.n < 0n) return null;
    weights.push(weight);
  }
  const total = sumRatios(weights);
  if (total.n === 0n) return null;
  return new Map(claims.map((claim, index) => [claim.product, divideRatio(weights[index]!, total)]));
}

/** `shared` divided by `shares`: exact, so the parts sum to the whole. */
export function allocate(shared: Rational, shares: ReadonlyMap<string, Rational>): ReadonlyMap<string, Rational> {
  const parts = new Map<string, Rational>();
  for (const [product, share] of shares)
    parts.set(product, addRatio(parts.get(product) ?? ZERO, multiplyRatio(shared, share)));
  return parts;
}
