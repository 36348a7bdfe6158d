// Not 'cbor-x' itself: in Node that entry also loads node:stream and, when it finds it, a native string reader.
import { Encoder, type Options } from 'cbor-x/encode';

import { JoulemarkError } from '../../errors.ts';
import { MOST_DEPTH } from './scan.ts';
import { type CborMap, type CborValue, isCborMap } from './value.ts';

// By default cbor-x is not deterministic: these switch off what it adds (records, tags 64 and 259, headers of fixed size).
// Two of them are absent from its types in 1.6.9.
const options: Options & { readonly useTag259ForMaps: false; readonly int64AsNumber: true } = {
  useRecords: false,
  variableMapSize: true,
  tagUint8Array: false,
  useTag259ForMaps: false,
  mapsAsObjects: false,
  int64AsNumber: true,
  copyBuffers: true,
  structuredClone: false,
  pack: false,
  bundleStrings: false,
};
/** Private: instances keep state, and the module-level `encode` and `addExtension` of cbor-x are shared by everybody. */
const cborX = new Encoder(options);

/**
 * The one deterministic encoding of a value of the profile (spec section 3), in bytes of its own.
 * @throws JoulemarkError USAGE when the value has none: a fraction, an integer beyond +-(2^53-1), a lone surrogate, nesting
 * deeper than 16, or anything that is no CborValue at all.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  // A copy: cbor-x hands out views of one large buffer.
  return new Uint8Array(cborX.encode(normalised(value, 1)));
}

/** What cbor-x must be given to write the profile: BigInt beyond 32 bits (numbers would become floats), sorted maps. */
function normalised(value: CborValue, level: number): unknown {
  if (typeof value === 'number') return normalisedInteger(value);
  if (typeof value === 'string') {
    if (utf8Length(value) < 0) throw refused('text with a lone surrogate');
    return value;
  }
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value;
  if (level > MOST_DEPTH) throw refused(`nesting deeper than ${MOST_DEPTH}`);
  if (Array.isArray(value)) return normalisedArray(value, level);
  if (isCborMap(value)) return normalisedMap(value, level);
  throw refused(`a ${typeof value}`);
}

function normalisedArray(list: readonly CborValue[], level: number): readonly unknown[] {
  const items: unknown[] = [];
  // Not `map`, which would pass over a hole.
  for (const item of list) items.push(normalised(item, level + 1));
  return items;
}

function normalisedInteger(value: number): number | bigint {
  if (!Number.isSafeInteger(value)) throw refused(`the number ${value}`);
  // cbor-x writes a number beyond 32 bits as a float, and a BigInt always as 9 bytes.
  return value > 0xffff_ffff || value < -0x1_0000_0000 ? BigInt(value) : value;
}

function normalisedMap(map: CborMap, level: number): ReadonlyMap<string, unknown> {
  const keys = [...map.keys()].map((text) => {
    if (typeof text !== 'string') throw refused(`a map key that is a ${typeof text}`);
    const size = utf8Length(text);
    if (size < 0) throw refused('a map key with a lone surrogate');
    return { text, size };
  });
  // By encoded bytes: the head comes first, so shorter keys do; then code points, which UTF-8 keeps in order.
  keys.sort((a, b) => a.size - b.size || compareCodePoints(a.text, b.text));
  return new Map(keys.map(({ text }) => [text, normalised(map.get(text) as CborValue, level + 1)]));
}

/** Bytes of the text in UTF-8, or -1 when it has a lone surrogate and so no UTF-8. */
function utf8Length(text: string): number {
  let size = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    size += unit < 0x800 ? 1 : 2;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const next = text.charCodeAt(index + 1);
    if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) return -1;
    // Two units, four bytes: of the second one nothing more is to be added.
    index += 1;
  }
  return size;
}

/** UTF-16 order but for one thing: pairs of surrogates stand for code points above U+E000..U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const unitA = a.charCodeAt(index);
    const unitB = b.charCodeAt(index);
    if (unitA === unitB) continue;
    const isPairA = unitA >= 0xd800 && unitA <= 0xdfff;
    const isPairB = unitB >= 0xd800 && unitB <= 0xdfff;
    if (isPairA !== isPairB) return isPairA ? 1 : -1;
    return unitA - unitB;
  }
  return a.length - b.length;
}

function refused(what: string): JoulemarkError {
  return new JoulemarkError(
    'USAGE',
    `${what} has no encoding: expected integers within +-(2^53-1), text, bytes, lists, maps with text keys, true, false or null`,
  );
}
