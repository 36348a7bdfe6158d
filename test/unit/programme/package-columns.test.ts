import { expect, test } from 'vitest';
import { toHex } from '../../../src/crypto/hash.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { addFigures, commitAt, findSlot, newPackageColumns } from '../../../src/programme/package-columns.ts';
import { seedBytes } from '../../support/world.ts';

/** The length of the longest row of taken places: what a search may have to walk. */
function longestRun(table: Int32Array): number {
  let [longest, run] = [0, 0];
  for (const slot of table) {
    run = slot === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

const COUNT = 20_000;
const ends: Readonly<Record<string, (commit: Uint8Array, index: number) => void>> = {
  'as hashes do': () => undefined,
  'in the same four bytes': (commit) => commit.fill(0, 28),
  'one after the other': (commit, index) => new DataView(commit.buffer).setUint32(28, index),
  'in the same twelve bits': (commit) => commit.fill(0, 30),
};

test.each(Object.entries(ends))('commits that end %s are found, and lie apart', (_, end) => {
  const columns = newPackageColumns();
  const commits = Array.from({ length: COUNT }, (__, index) => {
    const commit = Uint8Array.from(seedBytes(String(index)));
    end(commit, index);
    return toHex(commit) as Id;
  });
  for (const [index, commit] of commits.entries())
    addFigures(
      columns,
      { commit, start: index, end: index + 1, encoded: Uint8Array.of(0), time: 0, place: { seq: 0, entry: 0 } },
      undefined,
      0,
    );
  expect(longestRun(columns.table)).toBeLessThan(200);
  for (const [slot, commit] of commits.entries()) {
    expect(findSlot(columns, commit)).toBe(slot);
    expect(commitAt(columns, slot)).toBe(commit);
  }
  expect(findSlot(columns, 'ab'.repeat(32) as Id)).toBe(-1);
});
