import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generate } from '../../tools/docs/generate.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

const generated = await generate();

describe('generated from the commands (npm run docs)', () => {
  test.each([...generated])('%s is as committed', (path, text) => {
    expect(readFileSync(`${PROJECT_ROOT}${path}`, 'utf8')).toBe(text);
  });

  test('no page is left over of a command that is gone', () => {
    const pages = readdirSync(`${PROJECT_ROOT}docs/reference`).map((name) => `docs/reference/${name}`);
    expect(pages.filter((page) => !generated.has(page))).toEqual([]);
  });
});
