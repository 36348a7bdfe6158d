import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPage, tableRowsOf } from '../support/markdown.ts';
import { oracleRows } from '../support/oracle-rows.ts';
import { hasShared, sharedPath } from '../support/shared.ts';
import { PROJECT_ROOT, readSources } from '../support/sources.ts';

const PAGE = readPage('docs/oracles.md');
const bare = (cell: string): string => cell.replaceAll('`', '');

/** Each row of either table: the file of test data and the test that reads it. */
const rows = tableRowsOf(PAGE).map((cells) => ({
  file: bare(cells.length === 6 ? (cells[1] ?? '') : (cells[0] ?? '')),
  test: bare(cells.at(-1) ?? ''),
}));

describe('the page of oracles', () => {
  test('has rows in both tables', () => {
    expect(oracleRows().length).toBeGreaterThan(10);
    expect(rows.length).toBeGreaterThan(oracleRows().length);
  });

  test('names tests that exist and read the file that they are said to read', () => {
    const strangers = rows.filter(({ file, test: path }) => {
      if (!existsSync(`${PROJECT_ROOT}${path}`)) return true;
      return ![path, ...importsOf(path)].some((one) => readFileSync(`${PROJECT_ROOT}${one}`, 'utf8').includes(file));
    });
    expect(strangers).toEqual([]);
  });

  test('states the difference of every comparison that a test makes, and no other', () => {
    const compared = [...readSources('test/conformance'), ...readSources('test/real')].flatMap(({ text }) =>
      [...text.matchAll(/\bcheckOracle\(\s*'([a-z0-9-]+)'/gu)].map(([, name = '']) => name),
    );
    expect(
      oracleRows()
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(compared.toSorted());
  });

  test.skipIf(!hasShared)('names files that are there', () => {
    expect(rows.filter(({ file }) => !existsSync(sharedPath(file)))).toEqual([]);
  });
});

/** The helpers of tests that a test imports. */
function importsOf(path: string): readonly string[] {
  const text = readFileSync(`${PROJECT_ROOT}${path}`, 'utf8');
  return [...text.matchAll(/'(?:\.\.\/)+support\/([a-z0-9-]+\.ts)'/gu)].map(([, name = '']) => `test/support/${name}`);
}
