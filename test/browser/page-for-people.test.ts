/** That the page can be used: by keyboard alone, by ear, in both languages, on paper, in the dark. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBundle, encodeBundleHead } from '../../src/ledger/git/bundle.ts';
import { PAGE_TEXT } from '../../src/report/page-text.ts';
import {
  buildVerifyPage,
  giveBundle,
  hasChromium,
  openVerifyPage,
  startBrowser,
  verdictWord,
} from '../support/browser.ts';
import { createPageScene } from '../support/page-scene.ts';
import { bundleWorld } from '../support/world-bundle.ts';

/** What a reader who does not see, or has no mouse, would stumble over; run inside the page. Each finding is one line. */
const AUDIT = `(() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const say = (why, one) => wrong.push(why + ': ' + one.outerHTML.slice(0, 120));
  if (document.documentElement.lang === '') wrong.push('the page has no language');
  for (const [selector, count] of [['h1', 1], ['main', 1], ['header.top', 1], ['footer', 1], ['nav[aria-label]', 1], ['[role=status]', 1]])
    if (document.querySelectorAll(selector).length !== count) wrong.push(selector + ' is not there ' + count + ' times');
  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) say('a heading skips a level', heading);
    level = next;
  }
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id is there twice');
  for (const one of document.querySelectorAll('[aria-labelledby], [aria-describedby], label[for]'))
    for (const name of ['aria-labelledby', 'aria-describedby', 'for'])
      if ((one.getAttribute(name)?.split(' ') ?? []).some((id) => document.getElementById(id) === null)) say('a label leads nowhere', one);
  for (const one of all('button, a, summary')) if (one.textContent.trim() === '') say('nothing to read aloud', one);
  for (const one of all('input:not([aria-hidden])')) if (one.labels.length === 0) say('an input without a label', one);
  for (const one of all('svg')) if (one.getAttribute('aria-hidden') !== 'true' && one.getAttribute('aria-label') === null) say('a picture without words', one);
  for (const one of all('table')) {
    if (one.caption === null) say('a table without a caption', one);
    if (one.querySelectorAll('thead th[scope=col]').length !== one.rows[0].cells.length) say('a table without heads', one);
    if ([...one.tBodies[0].rows].some((row) => row.cells[0].scope !== 'row')) say('a row without a head', one);
  }
  for (const one of all('[tabindex="0"]')) if (one.getAttribute('aria-label') === null) say('focus on something without a name', one);
  if (document.querySelector('[tabindex]:not([tabindex="0"]):not([tabindex="-1"])') !== null) wrong.push('an order of focus of its own');
  const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const ground = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const one = node.parentElement;
    if (node.data.trim() === '' || !one.checkVisibility() || one.closest('.unseen, script') !== null) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(parse(one.closest('svg') === null ? style.color : style.fill)), light(ground(one))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) say('contrast ' + contrast.toFixed(2), one);
  }
  return [...new Set(wrong)];
})()`;

describe.skipIf(!hasChromium)('verify.html for people', () => {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-people-'));
  const bundlePath = join(folder, 'ledger.bundle');
  let browser: Browser;
  let path: string;
  let bundle: Uint8Array;
  let ledger: string;

  beforeAll(async () => {
    path = buildVerifyPage(folder);
    const { world } = createPageScene();
    ({ bundle } = bundleWorld(world, join(folder, 'ledger.git')));
    ({ ledger } = world);
    writeFileSync(bundlePath, bundle);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const openAll = (page: Page): Promise<unknown> =>
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");

  test.each(['light', 'dark'] as const)('reads well aloud and by eye, %s', async (colorScheme) => {
    const { page } = await openVerifyPage(browser, path, { colorScheme });
    expect(await page.evaluate(AUDIT)).toEqual([]);
    await giveBundle(page, bundle);
    await openAll(page);
    await page.locator('.packages table').first().waitFor();
    expect(await page.evaluate(AUDIT)).toEqual([]);
    const broken = new Uint8Array(bundle);
    broken[bundle.length >> 1]! ^= 1;
    await giveBundle(page, broken);
    expect(await page.evaluate(AUDIT)).toEqual([]);
    // one that waits for an earlier one, and then what cannot be compared
    const { refs, pack } = decodeBundle(bundle);
    const later = Buffer.concat([encodeBundleHead(refs, new Set(['0'.repeat(40)])), pack]);
    expect(await giveBundle(page, later, 'later.bundle')).toBe('PENDING');
    expect(await page.evaluate(AUDIT)).toEqual([]);
    expect(await page.textContent('.why')).toBe(PAGE_TEXT.en['why.earlier'].replace('{export}', 'later.bundle'));
    await page.fill('#told-block', '7');
    await page.press('#told-block', 'Enter');
    await page.locator('#told-block-problem:not(:empty)').waitFor();
    expect(await page.evaluate(AUDIT)).toEqual([]);
    await page.context().close();
  });

  test('is used by keyboard alone, and says when it is done', async () => {
    const { page } = await openVerifyPage(browser, path);
    // choosers are asked for from the start: the browser is told so in its own time, and the key may come first
    page.on('filechooser', () => undefined);
    const focused = (): Promise<string> =>
      page.evaluate(
        'document.activeElement.id || document.activeElement.dataset.for || document.activeElement.textContent.trim()',
      );
    const order: string[] = [];
    for (let press = 0; press < 10; press += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one key after another
      await page.keyboard.press('Tab');
      // oxlint-disable-next-line no-await-in-loop
      order.push(await focused());
    }
    const fields = ['ledger-id', 'told-sums', 'told-block', 'Compare'];
    expect(order).toEqual([PAGE_TEXT.en.skip, 'English', '中文', 'Print', 'folder', 'file', ...fields]);
    for (const _ of fields.slice(1))
      // oxlint-disable-next-line no-await-in-loop -- one key after another
      await page.keyboard.press('Shift+Tab');
    await page.keyboard.type(ledger);
    await page.keyboard.press('Enter');
    expect(await page.textContent('#ledger-id-problem')).toBe(PAGE_TEXT.en['input.waiting']);
    await page.keyboard.press('Shift+Tab');
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(bundlePath);
    expect(await verdictWord(page)).toBe('CHECKED');
    expect(await page.locator('.facts .fine').textContent()).toBe(PAGE_TEXT.en['id.compared']);
    expect(await focused()).toBe('verdict-word');
    expect(await page.textContent('[role=status]#status')).toBe('Done: Checked.');
    // on from there: into the first decision, and open where its figures come from
    for (let press = 0; press < 30; press += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one key after another
      await page.keyboard.press('Tab');
      // oxlint-disable-next-line no-await-in-loop
      if ((await focused()) === PAGE_TEXT.en['trace.heading']) break;
    }
    await page.keyboard.press('Space');
    await page.locator('details[data-key^="trace"] h5').first().waitFor();
    await page.context().close();
  });

  test('says the same in English and Chinese, and keeps what was opened', async () => {
    const { page } = await openVerifyPage(browser, path, { locale: 'zh-CN' });
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await giveBundle(page, bundle);
    await page.locator('details[data-key^="trace"] > summary').first().click();
    const shown = async (): Promise<string> => {
      const text = await page.locator('body').innerText();
      expect(text).not.toMatch(/(?<!\\u)\{\w+\}|undefined|\[object/u);
      return text;
    };
    const chinese = await shown();
    for (const key of ['title', 'input.heading', 'verdict.CHECKED', 'decisions.heading', 'limits.heading'] as const)
      expect(chinese).toContain(PAGE_TEXT.zh[key]);
    await page.click('[data-language="en"]');
    const english = await shown();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.locator('details[data-key^="trace"]').first().getAttribute('open')).not.toBeNull();
    for (const key of ['title', 'input.heading', 'verdict.CHECKED', 'decisions.heading', 'limits.heading'] as const)
      expect(english).toContain(PAGE_TEXT.en[key]);
    // what is left in Chinese is how the language calls itself
    expect(english.replace('中文', '')).not.toMatch(/\p{Script=Han}/u);
    // every figure is in both
    const figures = (text: string): readonly string[] => (text.match(/\d[\d,]*\.\d{2,}/gu) ?? []).toSorted();
    expect(figures(english)).toEqual(figures(chinese));
    await page.context().close();
  });

  test('is printed without its controls, with what belongs to the record', async () => {
    const { page } = await openVerifyPage(browser, path);
    await giveBundle(page, bundle);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    for (const hidden of ['.input', '.top nav', '.progress', 'button'])
      // oxlint-disable-next-line no-await-in-loop -- a handful
      expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
    for (const there of [
      '#verdict-word',
      '.decision',
      '.bars',
      'details[data-key^="trace"] table',
      '.terminal',
      '.limits',
    ])
      // oxlint-disable-next-line no-await-in-loop -- a handful
      expect(await page.locator(there).first().isVisible(), there).toBe(true);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await page.locator('details[data-print][open]').count()).toBe(0);
    const pdf = await page.pdf({ format: 'A4' });
    const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/gu) ?? [];
    expect(sheets.length).toBeGreaterThan(0);
    expect(sheets.length).toBeLessThan(12);
    await page.context().close();
  });

  test('fits a narrow screen, with bars that can be read', async () => {
    const { page } = await openVerifyPage(browser, path, { viewport: { width: 375, height: 700 } });
    await giveBundle(page, bundle);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    for (const part of ['.bar-label', '.bar-value'] as const)
      // oxlint-disable-next-line no-await-in-loop -- two
      expect((await page.locator(part).first().boundingBox())!.height, part).toBeGreaterThanOrEqual(14);
    const drawn = await page
      .locator('.bars rect.bar')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().width));
    // 9 to 10, as the figures are
    expect(drawn[1]! / drawn[0]!).toBeCloseTo(0.9, 3);
    await page.context().close();
  });
});
