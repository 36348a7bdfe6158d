import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPage, tableRowsOf } from '../support/markdown.ts';
import { PROJECT_ROOT, readSources } from '../support/sources.ts';

const PAGE = readPage('docs/architecture.md');
const rows = tableRowsOf(PAGE).filter(([folder = '']) => folder.startsWith('`src/'));
const sources = readSources('src').filter(({ path }) => path.split('/').length > 2);
const folderOf = (path: string): string => /^src\/(?:ledger\/[a-z]+(?=\/)|[a-z]+)/u.exec(path)?.[0] ?? '';

test('every folder of src is in the table, and no other', () => {
  const folders = new Set(sources.map(({ path }) => folderOf(path)));
  expect(rows.map(([folder = '']) => folder.replaceAll('`', '')).toSorted()).toEqual([...folders].toSorted());
});

test('every folder of tests is in the table', () => {
  const folders = readdirSync(join(PROJECT_ROOT, 'test'), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'support',
  );
  for (const { name } of folders) expect(PAGE).toContain(`| \`test/${name}\` |`);
});

test('a folder that is said to import nothing of ours does not', () => {
  const alone = rows
    .filter(([, , imports]) => imports === 'nothing')
    .map(([folder = '']) => folder.replaceAll('`', ''));
  expect(alone).toEqual(['src/calc', 'src/crypto']);
  const others = sources
    .filter(({ path }) => alone.includes(folderOf(path)))
    .flatMap(({ path, imports }) =>
      imports
        .filter((name) => name.startsWith('src/') && name !== 'src/errors.ts' && folderOf(name) !== folderOf(path))
        .map((name) => `${path} imports ${name}`),
    );
  expect(others).toEqual([]);
});
