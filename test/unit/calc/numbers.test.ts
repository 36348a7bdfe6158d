import { describe, expect, it } from 'vitest';
import {
  addDecimal,
  compareDecimal,
  decimal,
  decimalToText,
  isZeroDecimal,
  multiplyDecimal,
  negateDecimal,
  parseDecimal,
  subtractDecimal,
  sumDecimals,
  ZERO_DECIMAL,
} from '../../../src/calc/decimal.ts';
import { divideRatio, ratio, ratioOfText, ratioToText, sumRatios } from '../../../src/calc/ratio.ts';
import { rootText, wholeRoot } from '../../../src/calc/root.ts';
import { exactText, groupThousands, roundPlaces, roundSignificant } from '../../../src/calc/rounding.ts';

describe('decimals', () => {
  it('has one representation a value', () => {
    expect(decimal(1500n, -2)).toEqual({ mantissa: 15n, exponent: 0 });
    expect(decimal(0n, -7)).toEqual(ZERO_DECIMAL);
    expect(parseDecimal('0.10')).toEqual(parseDecimal('00.1'));
    expect(parseDecimal('-0.0')).toEqual(ZERO_DECIMAL);
    expect(isZeroDecimal(subtractDecimal(parseDecimal('1.5'), parseDecimal('1.50')))).toBe(true);
  });

  it.each([
    '',
    '-',
    '+1',
    '1.',
    '.5',
    '1e3',
    '1,000',
    ' 1',
    '1 ',
    'NaN',
    'Infinity',
    '0x10',
    '１',
    '1_000',
    '--1',
    '1.2.3',
    '不是数字',
  ])('refuses %j', (text) => {
    expect(() => parseDecimal(text)).toThrow(/not a plain decimal/);
  });

  it('refuses a number that is too long to be one', () => {
    expect(() => parseDecimal('1'.repeat(500_000))).toThrow(/too long/);
    expect(decimalToText(parseDecimal('1'.repeat(400)))).toBe('1'.repeat(400));
  });

  it.each([
    ['120', '120'],
    ['-0.05', '-0.05'],
    ['100.00', '100'],
    ['0.000001', '0.000001'],
  ])('writes %s as %s', (text, written) => expect(decimalToText(parseDecimal(text))).toBe(written));

  it('adds, subtracts, multiplies and compares at unlike exponents', () => {
    const [a, b] = [parseDecimal('12000'), parseDecimal('0.003')];
    expect(decimalToText(addDecimal(a, b))).toBe('12000.003');
    expect(decimalToText(subtractDecimal(b, a))).toBe('-11999.997');
    expect(decimalToText(multiplyDecimal(a, b))).toBe('36');
    expect(decimalToText(negateDecimal(b))).toBe('-0.003');
    expect([compareDecimal(a, b), compareDecimal(b, a), compareDecimal(a, parseDecimal('12000.0'))]).toEqual([
      1, -1, 0,
    ]);
    expect(decimalToText(sumDecimals([a, b, negateDecimal(a)]))).toBe('0.003');
    expect(sumDecimals([])).toEqual(ZERO_DECIMAL);
  });
});

describe('rationals', () => {
  it('is in lowest terms with a positive denominator', () => {
    expect(ratio(6n, -4n)).toEqual({ n: -3n, d: 2n });
    expect(ratioOfText('-10/4')).toEqual({ n: -5n, d: 2n });
    expect(ratioToText(sumRatios([ratio(1n, 3n), ratio(1n, 6n), ratio(1n, 2n)]))).toBe('1');
    expect(() => ratio(1n, 0n)).toThrow(/division by zero/);
    expect(() => divideRatio(ratio(1n, 3n), ratio(0n, 1n))).toThrow(/division by zero/);
    expect(() => ratioOfText('1/0')).toThrow(/division by zero/);
    expect(() => ratioOfText('1/-2')).toThrow(/not a plain decimal/);
  });
});

describe('rounding', () => {
  it.each([
    ['0.5', 0, '0'],
    ['1.5', 0, '2'],
    ['2.5', 0, '2'],
    ['-2.5', 0, '-2'],
    ['-3.5', 0, '-4'],
    ['2.50000001', 0, '3'],
    ['0.125', 2, '0.12'],
    ['0.375', 2, '0.38'],
    ['-1/3', 4, '-0.3333'],
    ['2/3', 4, '0.6667'],
    ['-0.0004', 3, '0.000'],
    ['7', 3, '7.000'],
  ])('%s to %i places is %s', (value, places, rounded) =>
    expect(roundPlaces(ratioOfText(value), places)).toBe(rounded),
  );

  it.each([
    ['9.996', 3, '10.0'],
    ['0.0009996', 3, '0.00100'],
    ['123456', 3, '123000'],
    ['125000', 2, '120000'],
    ['135000', 2, '140000'],
    ['1/700', 4, '0.001429'],
    ['11.53', 6, '11.5300'],
    ['-1.34745069693', 12, '-1.34745069693'],
    ['0', 5, '0'],
    ['999999999999.5', 12, '1000000000000'],
  ])('%s to %i digits is %s', (value, digits, rounded) =>
    expect(roundSignificant(ratioOfText(value), digits)).toBe(rounded),
  );

  it('groups by thousands, and only before the point', () => {
    expect(['92006.746', '-1234567', '999', '1000.1234567', '0'].map(groupThousands)).toEqual([
      '92,006.746',
      '-1,234,567',
      '999',
      '1,000.1234567',
      '0',
    ]);
  });

  it('writes every digit where they end, else the fraction', () => {
    expect(['7/8', '1/3', '-12.50', '1/125', '3/60', '40'].map((text) => exactText(ratioOfText(text)))).toEqual([
      '0.875',
      '1/3',
      '-12.5',
      '0.008',
      '0.05',
      '40',
    ]);
  });

  it('takes roots to twelve digits', () => {
    expect(rootText(ratioOfText('2'), 12)).toBe('1.41421356237');
    expect(rootText(ratioOfText('1/4'), 12)).toBe('0.5');
    expect(rootText(ratioOfText('0.0000002'), 12)).toBe('0.0004472135955');
    expect(rootText(ratioOfText('123456789012345678901234567890'), 5)).toBe('351360000000000');
    expect(rootText(ratioOfText('999999.9999999999999999'), 12)).toBe('1000');
    expect(wholeRoot(10n ** 40n)).toBe(10n ** 20n);
    expect(wholeRoot(10n ** 40n - 1n)).toBe(10n ** 20n - 1n);
  });
});
