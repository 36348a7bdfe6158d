import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { embedBundle, EMBEDDED_ID } from '../../../src/report/embed-bundle.ts';
import { PROJECT_ROOT } from '../../support/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'joulemark-embed-'));
let page: Uint8Array;

beforeAll(() => {
  execFileSync(process.execPath, [join(PROJECT_ROOT, 'tools/build-page.js'), folder]);
  page = new Uint8Array(readFileSync(join(folder, 'verify.html')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const textOf = (html: Uint8Array): string => new TextDecoder().decode(html);
const elements = (html: Uint8Array, tag: string): readonly { readonly head: string; readonly content: string }[] =>
  [...textOf(html).matchAll(new RegExp(`<${tag}([^>]*)>(.*?)</${tag}>`, 'gsu'))].map(([, head = '', content = '']) => ({
    head,
    content,
  }));

/** What is run or styled without the policy's leave, by its hash. */
function strangers(html: Uint8Array): readonly string[] {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(textOf(html))?.[1] ?? '';
  expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-\S+'; style-src 'sha256-\S+'; worker-src blob:;/u);
  return [...elements(html, 'script'), ...elements(html, 'style')]
    .filter(({ head }) => !head.includes('text/plain'))
    .map(({ content }) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
    .filter((hash) => !policy.includes(hash));
}

test('the page allows its own script and style by hash, and nothing else', () => {
  expect(strangers(page)).toEqual([]);
  expect(elements(page, 'script')).toHaveLength(2);
  expect(elements(page, 'style')).toHaveLength(1);
  expect(textOf(page)).not.toMatch(/\s(?:src|href)="[^#]|\bstyle="|\bon\w+="/u);
});

test('the page is the same bytes each time it is built', () => {
  execFileSync(process.execPath, [join(PROJECT_ROOT, 'tools/build-page.js'), join(folder, 'again')]);
  expect(Buffer.compare(readFileSync(join(folder, 'again/verify.html')), page)).toBe(0);
});

test.each([
  ['what would end the block', new TextEncoder().encode('</script><script>alert(1)</script>')],
  ['any bytes', new Uint8Array(randomBytes(100_000))],
])('a bundle of %s is data between two quiet marks', (_, bundle) => {
  const embedded = embedBundle(page, bundle);
  expect(strangers(embedded)).toEqual([]);
  const scripts = elements(embedded, 'script');
  expect(scripts).toHaveLength(2);
  const data = scripts.find(({ head }) => head.includes(EMBEDDED_ID));
  expect(Buffer.from(data?.content ?? '', 'base64').equals(bundle)).toBe(true);
  expect(textOf(embedded).replace(data?.content ?? '', '')).toBe(textOf(page));
});

test('a page that holds one already takes no other', () => {
  const once = embedBundle(page, Uint8Array.of(1));
  expect(() => embedBundle(once, Uint8Array.of(2))).toThrow(EMBEDDED_ID);
});
