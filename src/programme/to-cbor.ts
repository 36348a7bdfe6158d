import { JoulemarkError } from '../errors.ts';
import type { CborValue } from '../ledger/codec/value.ts';

/**
 * A result of the calculation as a value of the profile: rationals as `[text, text]`, decimals as `[mantissa, exponent]`,
 * records as maps without their absent keys. The shape of the evaluation payload is the shape of `Evaluation` (calculation-v1).
 */
export function toCbor(value: unknown): CborValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(toCbor);
  if (value instanceof Map) return new Map([...value].map(([key, element]) => [String(key), toCbor(element)]));
  if (typeof value !== 'object') throw new JoulemarkError('INTERNAL', `no encoding for a ${typeof value}`);
  if (isRational(value)) return [String(value.n), String(value.d)];
  if (isDecimal(value)) return [Number(value.mantissa), value.exponent];
  const map = new Map<string, CborValue>();
  for (const [key, element] of Object.entries(value)) if (element !== undefined) map.set(key, toCbor(element));
  return map;
}

function isRational(value: object): value is { readonly n: bigint; readonly d: bigint } {
  return 'n' in value && 'd' in value && typeof value.n === 'bigint' && typeof value.d === 'bigint';
}

function isDecimal(value: object): value is { readonly mantissa: bigint; readonly exponent: number } {
  return (
    'mantissa' in value &&
    'exponent' in value &&
    typeof value.mantissa === 'bigint' &&
    typeof value.exponent === 'number'
  );
}
