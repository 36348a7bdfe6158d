import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';

import { JoulemarkError } from '../../src/errors.ts';
import { parseHex, toHex } from '../../src/crypto/hash.ts';
import { decodeCbor } from '../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import { scanProfile, type ScanOptions } from '../../src/ledger/codec/scan.ts';
import { hasShared, sharedJson, sharedText } from '../support/shared.ts';

interface StrictRow {
  readonly name: string;
  readonly hex: string;
  readonly expect: 'accept' | 'reject';
}

/** 'accept', or 'reject' when the scanner refuses in the way it promises. */
function verdict(hex: string, options?: ScanOptions): 'accept' | 'reject' {
  try {
    scanProfile(parseHex(hex), options);
    return 'accept';
  } catch (error) {
    expect(error).toBeInstanceOf(JoulemarkError);
    expect(error).toMatchObject({
      code: 'VERIFY_FAILED',
      details: { offset: expect.any(Number), rule: expect.any(String) },
    });
    return 'reject';
  }
}

describe.skipIf(!hasShared)('vectors for the deterministic profile (spec section 3)', () => {
  const rows = hasShared ? sharedJson<StrictRow[]>('vectors/cbor-strict/strict.json') : [];

  test('there are 51 rows', () => expect(rows.length).toBe(51));

  test.each(rows)('$name: $expect', (row) => {
    expect(verdict(row.hex, { textKeysOnly: false })).toBe(row.expect);
  });

  test('what is accepted with text keys only decodes and encodes to the same bytes', () => {
    const accepted = rows.filter(({ hex }) => verdict(hex) === 'accept');
    // The two accepted rows with integer keys are refused here.
    expect(accepted.length).toBe(rows.filter((row) => row.expect === 'accept').length - 2);
    for (const { hex } of accepted) expect(toHex(encodeCbor(decodeCbor(parseHex(hex))))).toBe(hex);
  });

  test('CBOR common deterministic encoding: integers within +-(2^53-1) and nothing else of its tables', () => {
    const table = parse(sharedText('vectors/cbor-cde/example-table-input.csv'), { relax_column_count: true });
    expect(table.length).toBe(76);
    for (const [kind, edn = '', hex = '', comment] of table) {
      const isOurs = kind === 'int' && Number.isSafeInteger(Number(edn));
      expect(verdict(hex), `${edn} ${hex} ${comment}`).toBe(isOurs ? 'accept' : 'reject');
      if (isOurs) {
        expect(decodeCbor(parseHex(hex))).toBe(Number(edn));
        expect(toHex(encodeCbor(Number(edn)))).toBe(hex);
      }
    }
  });

  test('IPLD negative fixtures: duplicate keys', () => {
    const table = sharedJson<{ hex: string }[]>('vectors/ipld-negative/duplicate-keys.json');
    expect(table.length).toBeGreaterThan(0);
    for (const { hex } of table) {
      expect(verdict(hex)).toBe('reject');
      // The fixture is unsorted as well; sorted, the repetition alone is enough.
      expect(verdict('a263666f6f0163666f6f02')).toBe('reject');
    }
  });
});

describe('rows of our own', () => {
  test.each([
    ['16 levels', `${'81'.repeat(16)}00`, 'accept'],
    ['17 levels', `${'81'.repeat(17)}00`, 'reject'],
    ['an empty array on level 17', `${'81'.repeat(16)}80`, 'reject'],
    ['16 levels of maps', `${'a16161'.repeat(16)}00`, 'accept'],
    ['17 levels of maps', `${'a16161'.repeat(17)}00`, 'reject'],
    ['integer key', 'a10000', 'reject'],
    ['byte string key', 'a1410000', 'reject'],
    ['key without a value', 'a16161', 'reject'],
    ['map header and nothing', 'a1', 'reject'],
    ['short key after a longer one', 'a262616100616200', 'reject'],
    ['longer key after a short one', 'a261620062616100', 'accept'],
    ['__proto__ as a key', 'a1695f5f70726f746f5f5f00', 'accept'],
    ['tag 18 without being asked for', 'd280', 'reject'],
    ['head of 28', '1c', 'reject'],
    ['break alone', 'ff', 'reject'],
    ['U+10FFFF', '64f48fbfbf', 'accept'],
    ['above U+10FFFF', '64f4908080', 'reject'],
    ['overlong in 3 bytes', '63e08080', 'reject'],
    ['overlong in 4 bytes', '64f0808080', 'reject'],
    ['a sequence cut by the end of its text', '61c3a9', 'reject'],
    ['a continuation byte alone', '6180', 'reject'],
    ['2^64 as an array length', '9bffffffffffffffff', 'reject'],
  ] as const)('%s: %s', (_, hex, expected) => {
    expect(verdict(hex)).toBe(expected);
  });

  test('the outer tag is 18, one byte, once', () => {
    const outer = { outerTag: 18 } as const;
    expect(verdict('d280', outer)).toBe('accept');
    expect(verdict('80', outer)).toBe('reject');
    expect(verdict('d2d280', outer)).toBe('reject');
    expect(verdict('d81280', outer)).toBe('reject');
    expect(verdict('d2', outer)).toBe('reject');
    expect(verdict('', outer)).toBe('reject');
  });

  test('the fault names offset and rule', () => {
    expect(() => scanProfile(parseHex('82001817'))).toThrow(
      'the bytes are not deterministic CBOR at byte 2: heads are of the shortest form',
    );
  });
});
