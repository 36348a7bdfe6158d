import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertJsonSafe, toJsonLine } from '../../../src/cli/json-line.ts';
import { toSafeText, toSafeValue } from '../../../src/safe-text.ts';

// What a terminal obeys or a reader cannot see, written independently of the code: by ranges.
const isUnsafe = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  const ranges = [
    [0, 0x1f],
    [0x7f, 0x9f],
    [0xad, 0xad],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0xfeff, 0xfeff],
    [0xe0000, 0xe007f],
  ];
  return ranges.some(
    ([from = 0, to = 0]) =>
      code >= from && code <= to && code !== 0x2065 && (code < 0xe0000 || code === 0xe0001 || code >= 0xe0020),
  );
};
const anything = fc.string({ unit: 'binary' });

describe('text made safe for a terminal', () => {
  test.each([
    ['acme\u001b[2Jsteel', 'acme\\u{1b}[2Jsteel'],
    ['acme\nCERTIFIED', 'acme\\nCERTIFIED'],
    ['x\u202egnp.exe', 'x\\u{202e}gnp.exe'],
    ['a\u009b31mb', 'a\\u{9b}31mb'],
    ['a\ud800b', 'a\\u{d800}b'],
    ['鞍山钢铁 Zürich 🏭', '鞍山钢铁 Zürich 🏭'],
  ])('%j is shown as %j', (text, shown) => {
    expect(toSafeText(text)).toBe(shown);
  });

  test('nothing unsafe is left, and safe text is left alone', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const safe = toSafeText(text);
        expect(Array.from(safe).filter(isUnsafe)).toEqual([]);
        expect(toSafeText(safe)).toBe(safe);
      }),
    );
  });

  test('reaches every string of a result, keys too', () => {
    expect(toSafeValue({ 'a\n': ['\u001b', 1, null, { b: true }] })).toEqual({
      'a\\n': ['\\u{1b}', 1, null, { b: true }],
    });
  });
});

describe('a JSON line', () => {
  test('is one line, holds nothing unsafe and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = toJsonLine({ text });
        expect(Array.from(line.slice(0, -1)).filter(isUnsafe)).toEqual([]);
        expect(line.endsWith('\n')).toBe(true);
        expect(JSON.parse(line)).toEqual({ text });
      }),
    );
  });

  test.each([
    ['a bigint', { deep: [1n] }, 'result.deep[0] is a bigint'],
    ['a Map', { map: new Map() }, 'result.map is not a plain object'],
    ['bytes', { bytes: new Uint8Array(2) }, 'result.bytes is not a plain object'],
    ['NaN', { figure: Number.NaN }, 'result.figure is not a finite number'],
  ])('cannot hold %s', (_, value, message) => {
    expect(() => assertJsonSafe(value)).toThrow(message);
  });
});
