import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalToText } from '../../src/calc/decimal.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { listOf, optional, record, type Schema, text } from '../../src/ledger/codec/schema.ts';
import {
  durationToText,
  parseDocument,
  readDocument,
  textDate,
  textDecimal,
  textDuration,
  textTime,
  textUint,
  textZone,
  yesNo,
} from '../../src/programme/document.ts';

describe('parseDocument', () => {
  test('every scalar is text as it is written', () => {
    const document = parseDocument(
      'rate: 0.10\nanswer: no\nnothing: null\nempty:\ndate: 2026-01-01\nlist: [1e3, 0x10, ~, ""]\n日期: "08:00"\n',
      'a.yaml',
    );
    expect(document).toEqual(
      new Map<string, unknown>([
        ['rate', '0.10'],
        ['answer', 'no'],
        ['nothing', 'null'],
        ['empty', ''],
        ['date', '2026-01-01'],
        ['list', ['1e3', '0x10', '~', '']],
        ['日期', '08:00'],
      ]),
    );
  });

  test.each([
    ['time:\n  zone: a\n  zone: b\n', "duplicate key 'time.zone', first on line 2, in f.yaml:3"],
    ['a: {b: 1, "b": 2}\n', "duplicate key 'a.b', first on line 1, in f.yaml:1"],
    ['a: &x 1\nb: *x\n', "anchor '&x' is not allowed"],
    ['a: 1\nb: *x\n', 'in f.yaml:2'],
    ['a: !!int 1\n', 'tag is not allowed'],
    ['a: !!str 1\n', "tag 'tag:yaml.org,2002:str' is not allowed"],
    ['!!map {a: 1}\n', 'is not allowed'],
    ['a: !secret 1\n', 'f.yaml:1'],
    ['{[1]: 2}\n', 'is not text, in f.yaml:1'],
    ['a: 1\n---\nb: 2\n', 'second document in one file'],
    ['%YAML 1.1\n---\na: yes\n', "directive '%YAML' is not allowed"],
    ['a: 1\n b: 2\n', 'not YAML'],
    ['a: "x\n', 'not YAML'],
    ['\ta: 1\n', 'not YAML'],
    ['', 'empty document'],
    ['# only a remark\n', 'empty document'],
    ['['.repeat(40) + ']'.repeat(40), 'nested too deep'],
    ['['.repeat(200_000), 'nested too deep'],
    ['- '.repeat(60) + 'x', 'nested too deep'],
    ['- '.repeat(100_000) + 'x', 'nested too deep'],
    ['a: ' + 'x'.repeat(256 * 1024), 'document too large'],
    ['a: ' + '煤'.repeat(90_000), 'document too large'],
  ])('refuses %#', (source, message) => {
    expect(() => parseDocument(source, 'f.yaml')).toThrow(message);
    expect(() => parseDocument(source, 'f.yaml')).toThrow(JoulemarkError);
  });

  test('throws nothing but its own error', () => {
    const piece = fc.constantFrom(
      'a',
      ': ',
      '- ',
      '\n',
      '  ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&x ',
      '*x',
      '!t ',
      '|',
      '>',
      '#',
      '? ',
      '%',
      ',',
      '---\n',
      '\t',
      '<<',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parseDocument(pieces.join(''), 'f.yaml');
        } catch (error) {
          expect(error).toBeInstanceOf(JoulemarkError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('readDocument', () => {
  const schema = record({
    name: text,
    time: record({ zone: textZone, due: optional(textDuration) }),
    rates: listOf(textDecimal),
  });

  test('names file, line and path of a fault', () => {
    expect(() => readDocument('name: x\ntime:\n  zone: Mars\nrates: []\n', 'p.yaml', schema, 'policy')).toThrow(
      "'policy.time.zone' must be a time zone such as Asia/Shanghai or \"+08:00\", found 'Mars', in p.yaml:3",
    );
    expect(() =>
      readDocument('name: x\ntime:\n  zone: UTC\n  tone: 2\nrates: []\n', 'p.yaml', schema, 'policy'),
    ).toThrow("'policy.time.tone' is not a known key, expected one of zone, due, in p.yaml:4");
    expect(() => readDocument('name: x\n\ntime:\n  due: P1D\nrates: []\n', 'p.yaml', schema, 'policy')).toThrow(
      "'policy.time.zone' is missing, in p.yaml:3",
    );
    expect(() =>
      readDocument('name: x\ntime: {zone: UTC}\nrates:\n  - 1\n  - one\n', 'p.yaml', schema, 'policy'),
    ).toThrow("'policy.rates[1]' must be a decimal such as '0.10', found 'one', in p.yaml:5");
  });

  test('reads what is right', () => {
    const document = readDocument(
      'name: x\ntime: {zone: Asia/Shanghai, due: P3D}\nrates: [0.10]\n',
      'p.yaml',
      schema,
      'policy',
    );
    expect(document.time).toEqual({ zone: 'Asia/Shanghai', due: { years: 0, months: 0, days: 3, seconds: 0 } });
    expect(document.rates.map(decimalToText)).toEqual(['0.1']);
  });
});

describe('scalars', () => {
  const reads = <T>(schema: Schema<T>, value: string): T => schema.read(value, 'x');

  test('durations', () => {
    expect(reads(textDuration, 'P1Y')).toEqual({ years: 1, months: 0, days: 0, seconds: 0 });
    expect(reads(textDuration, 'P1M')).toEqual({ years: 0, months: 1, days: 0, seconds: 0 });
    expect(reads(textDuration, 'P2W')).toEqual({ years: 0, months: 0, days: 14, seconds: 0 });
    expect(reads(textDuration, 'P1DT12H30M')).toEqual({ years: 0, months: 0, days: 1, seconds: 45_000 });
    for (const wrong of ['', 'P', 'PT', 'P1', '1D', 'P-1D', 'P1.5D', 'PT5', 'P1DT', 'p1d'])
      expect(() => reads(textDuration, wrong)).toThrow('must be an ISO 8601 duration');
    for (const written of ['P1Y', 'P3D', 'PT12H', 'P1Y6M', 'PT1H30M', 'PT0S', 'P1DT1S'])
      expect(durationToText(reads(textDuration, written))).toBe(written);
  });

  test('dates, times, counts, words', () => {
    expect(reads(textDate, '2024-02-29')).toBe('2024-02-29');
    for (const wrong of ['2026-02-29', '2026-13-01', '2026-1-1', '20260101'])
      expect(() => reads(textDate, wrong)).toThrow('must be a date');
    expect(reads(textTime, '08:00')).toBe(28_800);
    expect(textTime.write(28_800)).toBe('08:00');
    for (const wrong of ['8:00', '24:00', '08:60', '0800'])
      expect(() => reads(textTime, wrong)).toThrow('must be a clock time');
    expect(reads(textUint, '35')).toBe(35);
    for (const wrong of ['-1', '01', '1.0', '', '9007199254740993'])
      expect(() => reads(textUint, wrong)).toThrow('must be a whole number');
    expect([reads(yesNo, 'yes'), reads(yesNo, 'no')]).toEqual([true, false]);
    expect(() => reads(yesNo, 'true')).toThrow("must be 'yes' or 'no'");
  });
});
