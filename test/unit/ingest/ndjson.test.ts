import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalToText } from '../../../src/calc/decimal.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { readNdjson } from '../../../src/ingest/ndjson.ts';
import type { Reading } from '../../../src/ingest/reading.ts';
import { eachReading } from '../../../src/ingest/readings.ts';
import { bytesOf, meter, read, show, situation } from './situation.ts';

const here = situation([
  meter('belt', { unit: 't' }),
  meter('power', { reads: 'register', multiplier: '100', digits: 5 }),
  meter('yard', { kind: 'stock', reads: 'level', unit: 't' }),
]);
const readings = (text: string): readonly Reading[] =>
  [...readNdjson(bytesOf(text), 'f.ndjson', here.meters).readings.values()].flatMap((group) => [...eachReading(group)]);
const shown = (text: string): readonly string[] => read(text, undefined, here).drafts.map((draft) => show(draft));
const DAY = '"start":"2026-03-10T00:00:00+08:00","end":"2026-03-11T00:00:00+08:00"';

describe('lines', () => {
  test('quantities keep the digits that are written', () => {
    expect(
      shown(
        `{"meter":"belt",${DAY},"value":12345678901234567890.123456789,"unit":"t"}\n\n{"meter":"belt","start":"2026-03-10T16:00:00Z","end":"2026-03-11T16:00:00Z","value":"2935.600","unit":"t","provenance":"manual"}\r\n`,
      ),
    ).toEqual([
      'belt 2026-03-10 00:00..2026-03-11 00:00 12345678901234567890.123456789 metered',
      'belt 2026-03-11 00:00..2026-03-12 00:00 2935.6 manual',
    ]);
  });

  test('registers by stamp, or with both readings', () => {
    expect(
      shown(
        '{"meter":"power","stamp":"2026-03-10T00:00:00+08:00","value":10.5,"unit":"kWh"}\n{"meter":"power","stamp":"2026-03-11T00:00:00+08:00","value":12,"unit":"kWh"}',
      ),
    ).toEqual(['power 2026-03-10 00:00..2026-03-11 00:00 150 metered 10.5->12']);
    expect(shown(`{"meter":"power",${DAY},"value":150,"unit":"kWh","register":{"open":10.5,"close":"12"}}`)).toEqual([
      'power 2026-03-10 00:00..2026-03-11 00:00 150 metered 10.5->12',
    ]);
    expect(
      shown(
        `{"meter":"power",${DAY},"unit":"kWh","register":{"open":10.5,"close":12}}\n{"meter":"power","start":"2026-03-11T00:00:00+08:00","end":"2026-03-12T00:00:00+08:00","unit":"kWh","provenance":"idle"}`,
      ),
    ).toEqual([
      'power 2026-03-10 00:00..2026-03-11 00:00 150 metered 10.5->12',
      'power 2026-03-11 00:00..2026-03-12 00:00 0 idle 12->12',
    ]);
  });

  test('levels, missing and idle figures', () => {
    expect(shown('{"meter":"yard","stamp":"2026-03-11T00:00:00+08:00","value":7,"unit":"t"}')).toEqual([
      'yard 2026-03-10 00:00..2026-03-11 00:00 7 metered',
    ]);
    expect(shown(`{"meter":"belt",${DAY},"unit":"t","provenance":"idle"}`)).toEqual([
      'belt 2026-03-10 00:00..2026-03-11 00:00 0 idle',
    ]);
    expect(read(`{"meter":"belt",${DAY},"unit":"t","value":null}`, undefined, here).gaps).toHaveLength(1);
  });
});

describe('faults name the line', () => {
  test.each([
    ['{"meter":"belt"', 'not JSON'],
    ['[1]', 'not an object, expected one JSON object a line'],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","value":1}`, 'a key is there twice'],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","value":2}`, "duplicate key 'value'"],
    [`{"meter":"power",${DAY},"unit":"kWh","register":{"open":1,"close":2,"close":2}}`, 'a key is there twice'],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","colour":"red"}`, "unknown key 'colour'"],
    [`{"meter":"bolt",${DAY},"value":1,"unit":"t"}`, "no meter 'bolt' is enrolled"],
    [`{"meter":"belt",${DAY},"value":1,"unit":"kg"}`, "unit of 'belt' is 'kg', expected 't' as enrolled"],
    [`{"meter":"belt",${DAY},"value":1e3,"unit":"t"}`, "'value' is '1e3', expected plain digits"],
    [`{"meter":"belt",${DAY},"value":true,"unit":"t"}`, "'value' is 'true'"],
    [`{"meter":"belt",${DAY},"value":-1,"unit":"t"}`, 'negative figure'],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","provenance":"guessed"}`, "unknown provenance 'guessed'"],
    [
      `{"meter":"belt",${DAY},"value":1,"unit":"t","provenance":"idle"}`,
      "declared idle with the figure '1', expected 0",
    ],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","stamp":"2026-03-10T00:00:00Z"}`, "'stamp' beside 'start' or 'end'"],
    ['{"meter":"belt","stamp":"2026-03-10T00:00:00Z","value":1,"unit":"t"}', "'stamp' for 'belt'"],
    [
      '{"meter":"belt","start":"2026-03-10T00:00:00","end":"2026-03-11T00:00:00Z","value":1,"unit":"t"}',
      'expected an ISO 8601 time with an offset',
    ],
    [
      '{"meter":"belt","start":"2026-03-11T00:00:00Z","end":"2026-03-10T00:00:00Z","value":1,"unit":"t"}',
      'is not after',
    ],
    [`{"meter":"power",${DAY},"value":1,"unit":"kWh"}`, "no readings of the register of 'power'"],
    [
      `{"meter":"power",${DAY},"value":151,"unit":"kWh","register":{"open":10.5,"close":12}}`,
      "'value' is 151, the register advanced by 150",
    ],
    [`{"meter":"power",${DAY},"unit":"kWh","register":{"open":10.5}}`, "'register' without open or close"],
    [
      '{"meter":"power","stamp":"2026-03-10T00:00:00Z","value":100000,"unit":"kWh"}',
      "register of 'power' beyond its 5 digits",
    ],
    [`{"meter":"belt",${DAY},"value":1,"unit":"t","party":"acme"}`, "'party' is for shipment meters"],
  ])('%s', (line, message) => {
    expect(() => readings(`\n${line}\n`)).toThrow(message);
    expect(() => readings(`\n${line}\n`)).toThrow('in f.ndjson:2');
  });

  test('text with quotes and colons is no key', () => {
    expect(() => readings(`{"meter":"be\\":lt",${DAY},"value":1,"unit":"t"}`)).toThrow('is enrolled');
  });

  test('any JSON gives readings or the error of a file', () => {
    fc.assert(
      fc.property(fc.json(), (line) => {
        try {
          readings(line);
        } catch (error) {
          expect(error).toBeInstanceOf(JoulemarkError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('one exact figure goes in and out', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: 1, max: 9 }), (whole, part) => {
        const [reading] = readings(`{"meter":"belt",${DAY},"value":${whole}.${part},"unit":"t"}`);
        expect(decimalToText(reading!.value!)).toBe(`${whole}.${part}`);
      }),
      { numRuns: 100 },
    );
  });
});
