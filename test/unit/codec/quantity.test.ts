import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decimal, rational } from '../../../src/ledger/codec/quantity.ts';

const refused = (path: string): unknown =>
  expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(`'${path}' must be`) });

describe('decimals', () => {
  test.each([
    [[0, 0], 0n, 0],
    [[1, 0], 1n, 0],
    [[-125, -2], -125n, -2],
    [[9007199254740991, 18], 9007199254740991n, 18],
    [[1, -18], 1n, -18],
  ] as const)('%j is in normal form', (written, mantissa, exponent) => {
    expect(decimal.read(written, 'q')).toEqual({ mantissa, exponent });
    expect(decimal.write({ mantissa, exponent })).toEqual(written);
  });

  test.each([[[10, 0]], [[0, 1]], [[1, 19]], [[1, -19]], [[1]], [[1, 0, 0]], [['1', 0]], [1], [null]])(
    '%j is not',
    (written) => {
      expect(() => decimal.read(written, 'q')).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(/^'q(\[0\])?' must be/) }),
      );
    },
  );

  test('writing takes trailing zeros out', () => {
    expect(decimal.write({ mantissa: 1200n, exponent: -3 })).toEqual([12, -1]);
    expect(decimal.write({ mantissa: 0n, exponent: 7 })).toEqual([0, 0]);
    expect(decimal.write({ mantissa: 9007199254740991000n, exponent: -20 })).toEqual([9007199254740991, -17]);
  });

  test.each([
    [9007199254740993n, 0],
    [1n, 19],
    [10n, 18],
    [1n, -19],
    [10n ** 400n + 1n, 0],
  ])('%d x 10^%d has no encoding', (mantissa, exponent) => {
    expect(() => decimal.write({ mantissa, exponent })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('has no exact encoding') }),
    );
  });

  test('one value, one encoding', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.integer({ min: -9, max: 5 }),
        fc.nat({ max: 3 }),
        (mantissa, exponent, zeros) => {
          const written = decimal.write({ mantissa, exponent });
          expect(decimal.write({ mantissa: mantissa * 10n ** BigInt(zeros), exponent: exponent - zeros })).toEqual(
            written,
          );
          expect(decimal.write(decimal.read(written, 'q'))).toEqual(written);
        },
      ),
    );
  });
});

describe('rationals', () => {
  test.each([
    [['0', '1'], 0n, 1n],
    [['-7', '3'], -7n, 3n],
    [['9'.repeat(4096), '1'], 10n ** 4096n - 1n, 1n],
  ] as const)('lowest terms are read and written', (written, n, d) => {
    expect(rational.read(written, 'r')).toEqual({ n, d });
    expect(rational.write({ n, d })).toEqual(written);
  });

  test.each([
    [['2', '4']],
    [['0', '2']],
    [['1', '0']],
    [['1', '-2']],
    [['-0', '1']],
    [['01', '2']],
    [['+1', '2']],
    [[' 1', '2']],
    [['1\n', '2']],
    [['0x1', '2']],
    [['1e3', '7']],
    [['', '1']],
    [['1'.repeat(4097), '1']],
  ])('%j is refused', (written) => {
    expect(() => rational.read(written, 'r')).toThrow(refused('r'));
  });

  test('writing reduces, and refuses what has no encoding', () => {
    expect(rational.write({ n: -10n, d: 4n })).toEqual(['-5', '2']);
    expect(rational.write({ n: 0n, d: 9n })).toEqual(['0', '1']);
    expect(() => rational.write({ n: 1n, d: 0n })).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => rational.write({ n: 1n, d: -1n })).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(() => rational.write({ n: 10n ** 4096n, d: 1n })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('one value, one encoding', () => {
    fc.assert(
      fc.property(
        fc.bigInt(),
        fc.bigInt({ min: 1n, max: 10n ** 30n }),
        fc.bigInt({ min: 1n, max: 1000n }),
        (n, d, factor) => {
          const written = rational.write({ n, d });
          expect(rational.write({ n: n * factor, d: d * factor })).toEqual(written);
          const read = rational.read(written, 'r');
          expect(read.n * d).toBe(n * read.d);
        },
      ),
    );
  });
});
