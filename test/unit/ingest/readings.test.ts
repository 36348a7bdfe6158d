import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal, parseDecimal } from '../../../src/calc/decimal.ts';
import { BY_WEAKNESS, type Reading } from '../../../src/ingest/reading.ts';
import { addReading, eachReading, type Readings, sortReadings, withoutPlaces } from '../../../src/ingest/readings.ts';
import { numberReader } from '../../../src/ingest/number-format.ts';

const figure = fc.option(
  fc.oneof(
    fc.tuple(fc.bigInt(-(2n ** 70n), 2n ** 70n), fc.integer({ min: -200, max: 200 })),
    fc.tuple(
      fc.constantFrom(2n ** 63n, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) - 1n),
      fc.constantFrom(-128, -127, 126, 127),
    ),
  ),
  { nil: undefined },
);
const reading: fc.Arbitrary<Reading> = fc.record({
  meter: fc.constantFrom('kiln', 'sold'),
  party: fc.constantFrom(undefined, 'acme'),
  start: fc.integer({ min: -10, max: 10 }),
  end: fc.integer({ min: -10, max: 10 }),
  value: figure.map((parts) => (parts === undefined ? undefined : decimal(parts[0], parts[1]))),
  open: figure.map((parts) => (parts === undefined ? undefined : decimal(parts[0], parts[1]))),
  provenance: fc.constantFrom(...BY_WEAKNESS),
  line: fc.integer({ min: 1, max: 4_000_000_000 }),
});
const added = (readings: readonly Reading[]): ReadonlyMap<string, Readings> => {
  const groups = new Map<string, Readings>();
  for (const one of readings) addReading(groups, one);
  return groups;
};

describe('readings in columns', () => {
  test('come out as they went in, by meter and customer', () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), (readings) => {
        const groups = added(readings);
        const out = [...groups.values()].flatMap((group) => [...eachReading(group)]);
        const names = [...new Set(readings.map(({ meter, party }) => [meter, party].join()))];
        expect(out).toEqual(
          names.flatMap((name) => readings.filter(({ meter, party }) => [meter, party].join() === name)),
        );
      }),
    );
  });

  test('are sorted by end, start and line where one ends before the one before it', () => {
    fc.assert(
      fc.property(
        fc.array(
          reading.map((one) => ({ ...one, party: undefined, meter: 'kiln' })),
          { minLength: 1 },
        ),
        (list) => {
          const group = added(list).get('kiln')!;
          const isSorted = list.every(({ end }, index) => index === 0 || end >= list[index - 1]!.end);
          const expected = isSorted
            ? list
            : list.toSorted((a, b) => a.end - b.end || a.start - b.start || a.line - b.line);
          expect([...eachReading(sortReadings(group))]).toEqual(expected);
          expect([...eachReading(withoutPlaces(group, new Set([0])))]).toEqual(list.slice(1));
        },
      ),
    );
  });
});

test('short numbers are read as long ones are', () => {
  const marks = [
    { decimal: '.', thousands: '' },
    { decimal: ',', thousands: '.' },
    { decimal: '.', thousands: ' ' },
  ] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...marks),
      fc.boolean(),
      fc.bigInt(0n, 10n ** 17n),
      fc.stringMatching(/^[0-9]{0,6}$/),
      fc.boolean(),
      ({ decimal: point, thousands }, isNegative, whole, part, isGrouped) => {
        const grouped = isGrouped ? String(whole).replaceAll(/\B(?=(\d{3})+$)/g, thousands) : String(whole);
        const sign = isNegative ? '-' : '';
        const written = `${sign}${grouped}${part === '' ? '' : `${point}${part}`}`;
        const plain = `${sign}${whole}${part === '' ? '' : `.${part}`}`;
        expect(numberReader({ decimal: point, thousands })(written)).toEqual(parseDecimal(plain));
      },
    ),
    { numRuns: 2000 },
  );
});
