import { assertInvariant } from '../errors.ts';
import { toSafeJson } from '../safe-text.ts';

/** A JSON-safe value on one line, with a line break. Loses nothing: what a terminal would obey is written as \uXXXX. */
export function toJsonLine(value: object): string {
  return `${toSafeJson(value)}\n`;
}

/**
 * A command's result must survive JSON: JSON.stringify throws on a bigint, and silently empties a Map and bloats bytes.
 * Undefined members are allowed, they are left out.
 */
export function assertJsonSafe(value: unknown, path = 'result'): void {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    assertInvariant(Number.isFinite(value), `${path} is not a finite number`);
    return;
  }
  assertInvariant(typeof value === 'object', `${path} is a ${typeof value}, which JSON cannot hold`);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) assertJsonSafe(item, `${path}[${index}]`);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  assertInvariant(prototype === Object.prototype || prototype === null, `${path} is not a plain object`);
  for (const [key, member] of Object.entries(value)) assertJsonSafe(member, `${path}.${key}`);
}
