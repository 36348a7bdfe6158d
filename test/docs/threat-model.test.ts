import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPage, tableRowsOf } from '../support/markdown.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

const rows = tableRowsOf(readPage('docs/threat-model.md'));
const named = rows.flatMap(([attack = '', , shown = '']) =>
  shown === '-' ? [] : shown.split('<br>').map((cell) => [attack, cell] as const),
);

/** A quoted name as it stands in a source file. */
const isQuoted = (source: string, name: string): boolean =>
  [`'${name.replaceAll("'", "\\'")}'`, `"${name}"`, `\`${name}\``].some((quoted) => source.includes(quoted));

describe('each attack of the threat model is shown by a test that exists', () => {
  test.each(named)('%s: %s', (_, cell) => {
    const [, path = '', names = ''] = /^`(test\/[\w/.-]+\.test\.ts)`: \*(.+)\*$/u.exec(cell) ?? [];
    expect(existsSync(`${PROJECT_ROOT}${path}`), path).toBe(true);
    const source = readFileSync(`${PROJECT_ROOT}${path}`, 'utf8');
    expect(names.split(' > ').filter((name) => !isQuoted(source, name))).toEqual([]);
  });

  test('or says that it is not covered', () => {
    const without = rows.filter(([, , shown]) => shown === '-');
    expect(without.filter(([, what = '']) => !what.startsWith('not covered in this version'))).toEqual([]);
    expect(rows.length - without.length).toBeGreaterThan(35);
    expect(rows.filter((row) => row.length !== 3)).toEqual([]);
  });
});
