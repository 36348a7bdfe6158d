import { describe, expect, test } from 'vitest';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { findNamed } from '../../../src/programme/find-organisation.ts';
import { parseRelation } from '../../../src/programme/parse-relation.ts';

const id = (digits: string): Id => digits.padEnd(64, '0') as Id;
const WORKS = { id: id('3f9c1a'), name: 'Works' };
const MILL = { id: id('3f9d'), name: 'Mill' };
const ALL = [WORKS, MILL];

describe('an organisation is found', () => {
  test.each([
    ['by its name', 'Works', WORKS],
    ['by its name in another case', 'mILL', MILL],
    ['by a unique prefix', '3f9c', WORKS],
    ['by a prefix in capitals', '3F9D', MILL],
    ['by all digits in groups of four', (WORKS.id.match(/.{4}/g) ?? []).join(' '), WORKS],
  ])('%s', (_, text, expected) => {
    expect(findNamed(ALL, text)).toBe(expected);
  });
});

describe('an organisation is not found', () => {
  test.each([
    [
      'by a prefix of three digits',
      '3f9',
      /no organisation '3f9': known are 'Works' \(3f9c1a00\), 'Mill' \(3f9d0000\)/,
    ],
    ['by a part of its name', 'Work', /no organisation 'Work'/],
    ['by nothing', '', /no organisation ''/],
  ])('%s', (_, text, message) => {
    expect(() => findNamed(ALL, text)).toThrow(message);
  });

  test('when two have its name', () => {
    expect(() => findNamed([WORKS, { id: id('aaaa'), name: 'Works' }], 'Works')).toThrow(/fits 2 organisations/);
  });

  test('when one has chosen the digits of another for a name', () => {
    expect(() => findNamed([WORKS, { id: id('bbbb'), name: '3f9c1a' }], '3f9c1a')).toThrow(/fits 2 organisations/);
  });

  test('when only the case tells two apart, unless it is typed', () => {
    const twins = [WORKS, { id: id('bbbb'), name: 'WORKS' }];
    expect(findNamed(twins, 'WORKS')).toBe(twins[1]);
    expect(() => findNamed(twins, 'works')).toThrow(/fits 2 organisations/);
  });
});

describe('a relation', () => {
  test('is relation, applicant and labels, each label once', () => {
    expect(parseRelation('upstream:works: gate, coal ,gate')).toEqual({
      relation: 'upstream',
      applicant: 'works',
      labels: ['gate', 'coal'],
    });
  });
  test('may have an applicant with colons in its name', () => {
    expect(parseRelation('peer:Works: Yingde:clinker')).toMatchObject({
      applicant: 'Works: Yingde',
      labels: ['clinker'],
    });
  });
  test.each([
    '',
    'upstream',
    'upstream:works',
    'sideways:works:gate',
    'peer::clinker',
    'peer:works:',
    'peer:works:a,,b',
    'upstreamx:works:gate',
  ])("'%s' is refused", (text) => {
    expect(() => parseRelation(text)).toThrow(/is not a relation, expected <upstream\|peer\|downstream>:<applicant>/);
  });
});
