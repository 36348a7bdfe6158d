/** Everything that moves a cursor, changes a terminal, reorders or hides text: Cc (with ESC), Cf (bidi, zero-width, tags), Zl, Zp, Cs. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside (a name on the ledger, a file name, a server's message) made fit for a terminal: what could fool
 * the reader is shown as `\u{202e}` instead of being obeyed. Line breaks too, or a name could add a line of its own.
 */
export function toSafeText(text: string): string {
  return text.replace(
    UNSAFE,
    (character) => SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Every string of a JSON-safe value, keys included, through `toSafeText`. */
export function toSafeValue(value: unknown): unknown {
  if (typeof value === 'string') return toSafeText(value);
  if (Array.isArray(value)) return value.map(toSafeValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [toSafeText(key), toSafeValue(member)]));
}

/** JSON.stringify leaves DEL, C1 controls, bidi marks and other invisible characters as they are; a terminal obeys them. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A JSON-safe value as JSON. Loses nothing: what a reader could be fooled by is written as \uXXXX. */
export function toSafeJson(value: object): string {
  return JSON.stringify(value).replace(UNSAFE_IN_JSON, toUnicodeEscape);
}

function toUnicodeEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
