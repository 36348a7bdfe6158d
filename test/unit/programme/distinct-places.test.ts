import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatBytes, parseHex, sha256 } from '../../../src/crypto/hash.ts';
import { commitsRoot } from '../../../src/programme/audit-set.ts';
import { commitRows } from '../../../src/programme/package-view.ts';
import { firstStart, isAnyStartingIn, packagesWithin, rowsStartingIn } from '../../../src/programme/package-ranges.ts';
import { addPackage, allPackages, emptyPackageIndex } from '../../../src/programme/packages.ts';
import { distinctPlaces } from '../../../src/programme/distinct-places.ts';
import { merkleRoot } from '../../../src/crypto/merkle.ts';
import { toId } from '../../../src/ledger/codec/id.ts';

/** Rows of 6 bytes of which many begin alike, and some are the same. */
const rows = fc.array(
  fc.tuple(fc.constantFrom('00000000', '00000001', 'ffffffff', '80000000'), fc.integer({ min: 0, max: 40 })),
  { maxLength: 200 },
);

test('the order of places is that of the bytes, whatever they begin with, and what is the same is there once', () => {
  fc.assert(
    fc.property(rows, (drawn) => {
      const texts = drawn.map(([start, end]) => `${start}00${end.toString(16).padStart(2, '0')}`);
      const places = [...distinctPlaces(concatBytes(...texts.map(parseHex)), 6)];
      expect(places.map((place) => texts[place])).toEqual([...new Set(texts)].sort());
    }),
  );
});

test('hundreds of thousands of rows that begin alike are sorted too', () => {
  const count = 300_000;
  const bytes = new Uint8Array(8 * count);
  const view = new DataView(bytes.buffer);
  for (let place = 0; place < count; place += 1) view.setUint32(8 * place + 4, (place * 7919) % count);
  const places = distinctPlaces(bytes, 8);
  expect(places.every((place, index) => view.getUint32(8 * place + 4) === index)).toBe(true);
});

test('the root of packages is that over their commits as texts in order', () => {
  const index = emptyPackageIndex();
  const commits = Array.from({ length: 50 }, (_, number) => toId(sha256(Uint8Array.of(number))));
  for (const [number, commit] of commits.entries())
    addPackage(index, {
      commit,
      meter: 'm',
      kind: 'energy',
      start: number,
      end: number + 1,
      encoded: Uint8Array.of(0xa0),
      time: 0,
      standing: 'on_time',
      place: { seq: 1, entry: number },
    });
  expect(commitsRoot([...allPackages(index)])).toBe(toId(merkleRoot([...commits].sort().map(parseHex))));
  // by the columns alone, what starts in a window and nothing else
  for (const [start, end] of [
    [0, 50],
    [-5, 3],
    [7, 7],
    [7, 8],
    [49, 60],
    [50, 60],
  ] as const) {
    const inside = packagesWithin(index, 'm', 'energy', start, end).filter((counted) => counted.start >= start);
    expect(rowsStartingIn(index, 'm', 'energy', start, end)).toEqual(commitRows(inside));
  }
  expect([firstStart(index), firstStart(emptyPackageIndex())]).toEqual([0, null]);
  expect(
    [
      [-5, 0],
      [-5, 1],
      [49, 60],
      [50, 60],
      [7, 7],
    ].map(([start, end]) => isAnyStartingIn(index, start as number, end as number)),
  ).toEqual([false, true, true, false, false]);
  expect(rowsStartingIn(index, 'm', 'product', 0, 50)).toEqual({
    commits: new Uint8Array(0),
    leaves: new Uint8Array(0),
  });
});
