import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalToText } from '../../../src/calc/decimal.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { numberReader } from '../../../src/ingest/number-format.ts';
import { parseTimeFormat } from '../../../src/ingest/time-format.ts';

const seconds = (iso: string): number => Date.parse(iso) / 1000;

describe('time formats', () => {
  test.each([
    ['yyyy-MM-dd', '2026-03-10', '2026-03-10T00:00:00Z', true],
    ['dd.MM.yyyy', '10.03.2026', '2026-03-10T00:00:00Z', true],
    ['yyyy-MM-dd HH:mm', '2026-03-10 08:15', '2026-03-10T08:15:00Z', false],
    ['yyyy-MM-dd HH:mm:ss', '2026-03-10 08:15:07', '2026-03-10T08:15:07Z', false],
    ['yyyy/M/d', '2026/3/9', '2026-03-09T00:00:00Z', true],
    ['yyyy/M/d H:mm', '2026/12/31 7:05', '2026-12-31T07:05:00Z', false],
    ['yyyy年MM月dd日', '2026年03月10日', '2026-03-10T00:00:00Z', true],
    ["yyyyMMdd'T'HHmm", '20260310T0815', '2026-03-10T08:15:00Z', false],
    ['yyyy-MM-ddTHH:mm', '2026-03-10T24:00', '2026-03-11T00:00:00Z', false],
    ['ISO', '2026-03-10T08:15', '2026-03-10T08:15:00Z', false],
  ])('%s reads %s', (pattern, text, expected, isDate) => {
    const format = parseTimeFormat(pattern);
    expect(format.isDate).toBe(isDate);
    expect(format.parse(text)).toMatchObject({ local: seconds(expected), offset: undefined });
  });

  test('offsets', () => {
    expect(parseTimeFormat('ISO').parse('2026-03-10T08:15:00.000+08:00')).toMatchObject({ offset: 28_800 });
    expect(parseTimeFormat('ISO').parse('2026-03-10T08:15:00Z')).toMatchObject({ offset: 0 });
    expect(parseTimeFormat('yyyy-MM-dd HH:mm XXX').parse('2026-03-10 08:15 -03:30')).toMatchObject({ offset: -12_600 });
    expect(parseTimeFormat('yyyy-MM-dd HH:mmXX').parse('2026-03-10 08:15+0100')).toMatchObject({ offset: 3600 });
    expect(parseTimeFormat('ISO').offset).toBe('may');
    expect(parseTimeFormat('yyyy-MM-dd HH:mm XXX').offset).toBe('always');
  });

  test.each([
    ['yyyy-MM-dd', '2026-02-29'],
    ['yyyy-MM-dd', '2026-13-01'],
    ['yyyy-MM-dd', '10.03.2026'],
    ['yyyy-MM-dd', '2026-03-10 08:00'],
    ['yyyy-MM-dd', ''],
    ['dd.MM.yyyy', '10x03x2026'],
    ['yyyy-MM-dd HH:mm', '2026-03-10 24:01'],
    ['yyyy-MM-dd HH:mm', '2026-03-10 08:60'],
    ['ISO', '2026-03-10T08:15:00.5Z'],
  ])('%s does not read %s', (pattern, text) => {
    expect(parseTimeFormat(pattern).parse(text)).toBeUndefined();
  });

  test.each([
    '',
    'HH:mm',
    'yyyy-MM',
    'yyyy-MM-dd hh:mm',
    'yyyy-MM-dd yyyy',
    'yyyy-MM-dd HH',
    "yyyy-MM-dd '",
    'YYYY-MM-DD',
  ])('refuses the format %s', (pattern) => {
    expect(() => parseTimeFormat(pattern)).toThrow(`time format '${pattern}' has`);
  });
});

test('any pattern is a format or a fault, and reads any text without another error', () => {
  const pattern = fc.array(
    fc.constantFrom(
      'yyyy',
      'MM',
      'M',
      'dd',
      'd',
      'HH',
      'H',
      'mm',
      'ss',
      'XXX',
      'XX',
      "'T'",
      '-',
      '/',
      '.',
      ' ',
      '(',
      '[',
      '\\',
      '年',
      '^',
      '*',
      '😀',
      "'",
    ),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(pattern, fc.string(), (parts, text) => {
      try {
        parseTimeFormat(parts.join('')).parse(text);
      } catch (error) {
        expect(error).toBeInstanceOf(JoulemarkError);
      }
    }),
    { numRuns: 2000 },
  );
});

describe('number formats', () => {
  const reads = (decimal: '.' | ',', thousands: string, text: string): string | undefined => {
    const value = numberReader({ decimal, thousands })(text);
    return value === undefined ? undefined : decimalToText(value);
  };

  test('marks decide, never a guess', () => {
    expect(reads('.', ',', '1,234')).toBe('1234');
    expect(reads(',', '.', '1,234')).toBe('1.234');
    expect(reads(',', '.', '1.234.567,89')).toBe('1234567.89');
    expect(reads(',', '.', '1234567,89')).toBe('1234567.89');
    expect(reads('.', ' ', '12 345.5')).toBe('12345.5');
    expect(reads('.', "'", "1'000")).toBe('1000');
    expect(reads('.', '', '-0.50')).toBe('-0.5');
    expect(reads('.', '', '0007')).toBe('7');
    expect(reads('.', '', '12345678901234567890.123456789')).toBe('12345678901234567890.123456789');
  });

  test.each([
    ['.', ',', '1,23'],
    ['.', ',', '1234,567'],
    ['.', ',', '1,234,56'],
    ['.', ',', ',123'],
    ['.', '', '1,234'],
    [',', '.', '1.23'],
    [',', '', '1.5'],
    ['.', '', '1e3'],
    ['.', '', '+1'],
    ['.', '', '1.'],
    ['.', '', '.5'],
    ['.', '', '1 2'],
    ['.', '', 'NaN'],
    ['.', '', ''],
    ['.', '', '１２'],
    ['.', '', '9'.repeat(61)],
  ] as const)('%s %s does not read %s', (decimal, thousands, text) => {
    expect(reads(decimal, thousands, text)).toBeUndefined();
  });
});
