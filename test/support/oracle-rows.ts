import { expect } from 'vitest';
import { compareRatio, ratioToText } from '../../src/calc/ratio.ts';
import { type Differences, differenceText, exactOf } from './differences.ts';
import { readPage, tableRowsOf } from './markdown.ts';

/** A row of `docs/oracles.md`: `| name | file | what | numbers | largest difference | test |`. */
export interface OracleRow {
  readonly name: string;
  readonly file: string;
  readonly what: string;
  /** How many numbers are compared, and the largest difference between them, as the page says. */
  readonly numbers: string;
  readonly largest: string;
  readonly test: string;
}

const bare = (cell: string): string => cell.replaceAll('`', '');

export function oracleRows(): readonly OracleRow[] {
  return tableRowsOf(readPage('docs/oracles.md'))
    .filter((cells) => cells.length === 6 && /^`[a-z0-9-]+`$/u.test(cells[0] ?? ''))
    .map(([name = '', file = '', what = '', numbers = '', largest = '', test = '']) => ({
      name: bare(name),
      file: bare(file),
      what,
      numbers,
      largest,
      test: bare(test),
    }));
}

/** Asserts that every number of an oracle was compared, within its bound, and that the page says the count and the largest difference. */
export function checkOracle(name: string, differences: Differences, bound: string): void {
  const largest = differences.largest();
  expect(differences.count(), `numbers of '${name}'`).toBeGreaterThan(0);
  expect(
    compareRatio(largest, exactOf(bound)),
    `'${name}' differs by ${ratioToText(largest)}, at most ${bound}`,
  ).toBeLessThan(1);
  const row = oracleRows().find((one) => one.name === name);
  expect(`${name}: ${row?.numbers} numbers, largest difference ${row?.largest}`).toBe(
    `${name}: ${differences.count()} numbers, largest difference ${differenceText(largest)}`,
  );
}
