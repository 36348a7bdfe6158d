import { expect, test } from 'vitest';
import { FINDING_LEVELS } from '../../../src/ledger/finding.ts';
import { LANGUAGE_NAMES, LANGUAGES, PAGE_TEXT, type PageKey } from '../../../src/report/page-text.ts';
import { readSources } from '../../support/sources.ts';

const keys = Object.keys(PAGE_TEXT.en) as PageKey[];
const placesOf = (text: string): readonly string[] => (text.match(/\{\w+\}/gu) ?? []).toSorted();

test('every language has every text, in the same order, with the same places', () => {
  for (const language of LANGUAGES) {
    const text = PAGE_TEXT[language];
    expect(Object.keys(text)).toEqual(keys);
    expect(keys.filter((key) => text[key].trim() === '')).toEqual([]);
    expect(keys.filter((key) => placesOf(text[key]).join() !== placesOf(PAGE_TEXT.en[key]).join())).toEqual([]);
    expect(LANGUAGE_NAMES[language].tag.startsWith(language)).toBe(true);
  }
});

test('Chinese is in Chinese', () => {
  expect(keys.filter((key) => !key.startsWith('list.') && !/\p{Script=Han}/u.test(PAGE_TEXT.zh[key]))).toEqual([]);
  expect(keys.filter((key) => /\p{Script=Han}/u.test(PAGE_TEXT.en[key]))).toEqual([]);
});

test('every finding has words', () => {
  expect(Object.keys(FINDING_LEVELS).filter((code) => !(`finding.${code}` in PAGE_TEXT.en))).toEqual([]);
});

test('no text is left over', () => {
  const source = readSources('src/page')
    .map(({ text }) => text)
    .join('');
  // closed lists are looked up by their group: word('kind', value)
  const groups = new Set([...source.matchAll(/word\(\s*'(\w+)'/gu)].map(([, group]) => group));
  const said = new Set([...source.matchAll(/[`']([a-z]+(?:\.[\w.]+)?)[`']/gu)].map(([, key]) => key));
  const built = [...source.matchAll(/say\(`(\w+)\.\$\{/gu)].map(([, group]) => group);
  const isUsed = (key: string): boolean => {
    const group = key.split('.')[0] ?? '';
    return said.has(key) || groups.has(group) || built.includes(group);
  };
  expect(keys.filter((key) => !isUsed(key))).toEqual([]);
});
