/** An export that holds only what is new, given to the page with the earlier ones that it builds on. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PAGE_TEXT } from '../../src/report/page-text.ts';
import { type AuditTown, createAuditTown } from '../support/audit-town.ts';
import {
  buildVerifyPage,
  dropOn,
  forgetVerdict,
  hasChromium,
  openVerifyPage,
  startBrowser,
  verdictJson,
  verdictWord,
} from '../support/browser.ts';

describe.skipIf(!hasChromium)('verify.html, given an export since an earlier one', () => {
  let town: AuditTown;
  let browser: Browser;
  let path: string;
  const at = (...names: readonly string[]): string => join(town.root, ...names);

  beforeAll(async () => {
    town = await createAuditTown();
    const months = ['2026-01', '2026-02', '2026-03'];
    for (const [index, name] of ['first', 'second', 'third'].entries()) {
      await town.submit(months[index]!);
      await town.ok('body', 'sync');
      const since = index === 0 ? [] : ['--since', at(['first', 'second'][index - 1]!)];
      await town.ok('body', 'ledger', 'export', at(name), ...since);
    }
    await town.ok('body', 'ledger', 'export', at('whole'));
    path = buildVerifyPage(at());
    browser = await startBrowser();
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    town?.remove();
  });

  async function after(page: Page, act: () => Promise<unknown>): Promise<string> {
    await forgetVerdict(page);
    await act();
    return verdictWord(page);
  }

  /** The verdict of the page is that of the command line on the newest one, with the others named by --onto. */
  async function isAsCommand(page: Page, newest: string, ...onto: readonly string[]): Promise<void> {
    const options = onto.flatMap((name) => ['--onto', at(name)]);
    const run = await town.run('stranger', 'verify', at(newest), ...options, '--json');
    expect(run.status, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject(await verdictJson(page));
    const text = await town.run('stranger', 'verify', at(newest), ...options, '--findings');
    const lines = page.locator('.terminal').first().locator('div');
    expect(`${(await lines.allTextContents()).join('\n')}\n`).toBe(text.stdout);
  }

  test('by itself says what is missing, and takes it from wherever it is dropped or chosen then', async () => {
    const { page } = await openVerifyPage(browser, path);
    expect(await after(page, () => page.setInputFiles('#folder', at('second')))).toBe('PENDING');
    const seq = /after programme block (\d+)/.exec(readFileSync(at('second', 'VERIFY.txt'), 'utf8'))?.[1];
    const says = (text: string): string => text.replace('{export}', 'second').replace('{seq}', String(seq));
    expect(await page.locator('.why').first().textContent()).toBe(says(PAGE_TEXT.en['why.earlierSince']));
    await page.click('[data-language="zh"]');
    expect(await page.locator('.why').first().textContent()).toBe(says(PAGE_TEXT.zh['why.earlierSince']));
    await page.click('[data-language="en"]');
    expect((await town.run('stranger', 'verify', at('second'))).status).toBe(5);
    expect(await page.textContent('#earlier')).toContain(PAGE_TEXT.en['input.earlierWanted']);

    expect(await after(page, () => dropOn(page, '#earlier', [at('first')]))).toBe('CHECKED');
    await isAsCommand(page, 'second', 'first');
    expect(await page.locator('.facts').textContent()).toContain(`${PAGE_TEXT.en['fact.onto']}first`);

    // a second time, on the page beside the field
    expect(await after(page, () => page.setInputFiles('#folder', at('second')))).toBe('PENDING');
    expect(await after(page, () => dropOn(page, 'footer', [at('first')]))).toBe('CHECKED');
    // and by choosing a bundle
    expect(await after(page, () => page.setInputFiles('#folder', at('second')))).toBe('PENDING');
    expect(await after(page, () => page.setInputFiles('#earlier-file', at('first', 'ledger.bundle')))).toBe('CHECKED');
    await page.context().close();
  });

  test('dropped together, in any order, folders and bundles', async () => {
    const { page, complaints } = await openVerifyPage(browser, path);
    expect(await after(page, () => dropOn(page, '#drop', [at('third'), at('first'), at('second')]))).toBe('CHECKED');
    await isAsCommand(page, 'third', 'first', 'second');
    expect(await page.locator('.given li').count()).toBe(3);
    for (const name of ['first', 'second'])
      writeFileSync(at(`${name}.bundle`), readFileSync(at(name, 'ledger.bundle')));
    const bundles = [at('second.bundle'), at('first.bundle')];
    expect(await after(page, () => page.setInputFiles('#file', bundles))).toBe('CHECKED');
    const ofBundles = await town.run('stranger', 'verify', at('second.bundle'), '--onto', at('first'), '--json');
    expect(JSON.parse(ofBundles.stdout)).toMatchObject(await verdictJson(page));
    expect(await after(page, () => dropOn(page, '#drop', [at('second.bundle'), at('first')]))).toBe('CHECKED');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says which one is missing in the middle, and what does not belong together', async () => {
    const { page } = await openVerifyPage(browser, path);
    expect(await after(page, () => dropOn(page, '#drop', [at('third'), at('first')]))).toBe('PENDING');
    expect(await page.locator('.why').first().textContent()).toContain('third holds only what came after');
    expect(await after(page, () => page.setInputFiles('#earlier-folder', at('second')))).toBe('CHECKED');
    // two that stand alone: which is meant is for the reader to say
    expect(await after(page, () => dropOn(page, '#drop', [at('first'), at('whole')]))).toBe('USAGE');
    expect(await page.locator('.why').textContent()).toContain("'first' and 'whole'");
    expect(await after(page, () => page.click('.given li:first-child button'))).toBe('CHECKED');
    await isAsCommand(page, 'whole');
    await page.click('.given button');
    expect(await page.locator('#verdict-word').count()).toBe(0);
    expect(await page.evaluate('document.activeElement.dataset.for')).toBe('folder');
    await page.context().close();
  });

  test('finds a changed byte in the earlier one, and says in which', async () => {
    const { page } = await openVerifyPage(browser, path);
    const bundle = new Uint8Array(readFileSync(at('first', 'ledger.bundle')));
    bundle[bundle.length >> 1]! ^= 1;
    writeFileSync(at('changed.bundle'), bundle);
    expect(await after(page, () => dropOn(page, '#drop', [at('second'), at('changed.bundle')]))).toBe('VERIFY_FAILED');
    expect(await page.textContent('.failure')).toContain('changed.bundle');
    const refused = await town.run('stranger', 'verify', at('second'), '--onto', at('changed.bundle'));
    expect(refused.status).toBe(3);
    await page.context().close();
  });

  test('a folder with a folder in it is told apart from one that is no export', async () => {
    const { page } = await openVerifyPage(browser, path);
    cpSync(at('first'), at('added'), { recursive: true });
    mkdirSync(at('added', 'blocks'));
    expect(await after(page, () => dropOn(page, '#drop', [at('added')]))).toBe('VERIFY_FAILED');
    expect(await page.textContent('.failure')).toContain("'blocks' does not belong to an export");
    expect((await town.run('stranger', 'verify', at('added'))).status).toBe(3);
    // the folder that all of these lie in
    expect(await after(page, () => dropOn(page, '#drop', [at()]))).toBe('NO_LEDGER');
    expect((await town.run('stranger', 'verify', at())).status).toBe(10);
    await page.context().close();
  });
});
