import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeCbor } from '../../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import type { CborMap, CborValue } from '../../../src/ledger/codec/value.ts';
import { showAge } from '../../../src/programme/show-age.ts';
import { showEntry, toLines } from '../../../src/programme/show-entry.ts';
import { cborValue } from '../../support/cbor-values.ts';

const map = (pairs: Readonly<Record<string, CborValue>>): CborMap => new Map(Object.entries(pairs));
const MARCH = Date.UTC(2026, 2, 11) / 1000;
const show = (type: string, content: Readonly<Record<string, CborValue>>) =>
  showEntry(type, map(content), 'Asia/Shanghai');

describe('an entry is shown', () => {
  test('a package: its interval as times, its payload opened, quantities exactly', () => {
    const payload = encodeCbor(
      map({ quantity: [18624, 1], unit: 'kWh', register: map({ open: [412086, -1], close: [4123964, -2] }) }),
    );
    const shown = show('package', {
      meter: 'kiln',
      interval: [MARCH, MARCH + 86_400],
      commit: new Uint8Array(32).fill(0xab),
      payload,
    });
    expect(shown).toEqual({
      meter: 'kiln',
      interval: [
        { epoch: MARCH, shown: '2026-03-11 08:00 +08:00' },
        { epoch: MARCH + 86_400, shown: '2026-03-12 08:00 +08:00' },
      ],
      commit: 'ab'.repeat(32),
      payload: { quantity: '186240', unit: 'kWh', register: { open: '41208.6', close: '41239.64' } },
    });
    expect(toLines(shown)).toContain('interval: 2026-03-11 08:00 +08:00, 2026-03-12 08:00 +08:00');
  });

  test('a payload that is no CBOR, as a sealed one, in hex', () => {
    expect(show('package', { payload: Uint8Array.of(0xff, 0x00) })).toEqual({ payload: 'ff00' });
  });

  test('a decision: rationals as fractions, a whole one as a number', () => {
    const products = [map({ product: 'clinker', rate: ['-3', '200'], saving: ['7', '1'] })];
    expect(show('decision', { products, period: [MARCH, MARCH + 1] })).toMatchObject({
      products: [{ rate: '-3/200', saving: '7' }],
    });
  });

  test("'at' is a time in a meter event and a block number in an audit", () => {
    expect(show('meter-event', { at: MARCH, new: [5, 0] })).toEqual({
      at: { epoch: MARCH, shown: '2026-03-11 08:00 +08:00' },
      new: '5',
    });
    expect(show('audit', { at: 17 })).toEqual({ at: 17 });
  });

  test('a document is text, whatever its keys are called', () => {
    const document = map({ period: ['1', '2'], quantity: map({ unit: 'kWh' }), time: map({ zone: 'UTC' }) });
    expect(show('policy', { document })).toEqual({
      document: { period: ['1', '2'], quantity: { unit: 'kWh' }, time: { zone: 'UTC' } },
    });
  });

  test('whatever a stranger may have written is shown, and fits JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('quantity', 'interval', 'time', 'payload', 'document', 'rate', 'x'), cborValue),
        fc.constantFrom('package', 'meter-event', '?'),
        (content, type) => {
          const value = decodeCbor(encodeCbor(map(content))) as CborMap;
          const shown = showEntry(type, value, 'UTC');
          expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
          expect(toLines(shown).every((line) => typeof line === 'string')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('lines: lists of plain values in one line, of others with a dash, nothing as what it is', () => {
  expect(toLines({ a: [1, 'two'], b: [{ c: 1 }, { c: 2 }], d: [], e: {}, f: null })).toEqual([
    'a: 1, two',
    'b:',
    '  -',
    '    c: 1',
    '  -',
    '    c: 2',
    'd: []',
    'e: {}',
    'f: null',
  ]);
});

test.each([
  [0, '0 seconds'],
  [-5, '0 seconds'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, '1 minute'],
  [7199, '1 hour'],
  [86_400, '1 day'],
  [200_000, '2 days'],
])('an age of %d seconds is %s', (seconds, text) => {
  expect(showAge(seconds)).toBe(text);
});
