/**
 * A value of the deterministic CBOR profile (spec section 3): integers within +-(2^53-1), text, byte strings, arrays,
 * maps with text keys, true, false and null. Nothing else has an encoding.
 */
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/** A map with text keys. In memory the order of keys is free; the encoder sorts them by their encoded bytes. */
export type CborMap = ReadonlyMap<string, CborValue>;

/** True for a map of the profile. */
export function isCborMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}
