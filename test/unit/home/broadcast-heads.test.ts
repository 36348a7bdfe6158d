import { expect, test } from 'vitest';
import { fitHeads, type ListedHead } from '../../../src/home/broadcast.ts';
import { LIMITS } from '../../../src/ledger/block.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { broadcastContent } from '../../../src/ledger/entries.ts';
import { entryOf } from '../../support/world.ts';

const idOfNumber = (number: number): Id => number.toString(16).padStart(64, '0') as Id;
const head = (number: number): ListedHead => ({
  org: idOfNumber(number),
  name: 'x',
  seq: Number.MAX_SAFE_INTEGER - number,
  block: idOfNumber(number),
  blocks: 1,
});
const sorted = (heads: readonly ListedHead[]): readonly ListedHead[] =>
  heads.toSorted((a, b) => (a.org < b.org ? -1 : 1));

test('more chains than a broadcast can list: those of the programme first, and what is listed fits', () => {
  const heads = sorted(Array.from({ length: 9000 }, (_, index) => head(index)));
  const admitted = new Set([idOfNumber(8999), idOfNumber(4500), idOfNumber(0)]);
  const listed = fitHeads(heads, (org) => admitted.has(org));
  expect(listed.length).toBe(3000);
  expect(listed).toEqual(sorted(listed));
  expect(listed.filter(({ org }) => admitted.has(org)).length).toBe(3);
  const bytes = entryOf('broadcast', broadcastContent, {
    heads: listed.map(({ org, seq, block }) => ({ org, seq, block })),
  });
  expect(bytes.length).toBeLessThan(LIMITS.entryBytes);
  expect(fitHeads(heads.slice(0, 20), () => false)).toEqual(heads.slice(0, 20));
});
