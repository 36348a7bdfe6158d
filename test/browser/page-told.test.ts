/** What the reader was told by another way: the programme block that says which of two histories is meant. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Id, showId } from '../../src/ledger/codec/id.ts';
import { type Language, PAGE_TEXT } from '../../src/report/page-text.ts';
import {
  buildVerifyPage,
  forgetVerdict,
  giveBundle,
  hasChromium,
  openVerifyPage,
  startBrowser,
  verdictJson,
  verdictWord,
} from '../support/browser.ts';
import { createForkedScene, type ForkedScene } from '../support/forked-scene.ts';
import { createScene } from '../support/scene.ts';
import { createTown, type Town } from '../support/town.ts';
import { bundleWorld, type WorldBundle } from '../support/world-bundle.ts';

describe.skipIf(!hasChromium)('verify.html, told a programme block', () => {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-told-'));
  let browser: Browser;
  let path: string;
  let scene: ForkedScene;
  let copy: WorldBundle;
  let town: Town;

  beforeAll(async () => {
    path = buildVerifyPage(folder);
    scene = createForkedScene();
    copy = bundleWorld(scene.world, join(folder, 'ledger.git'));
    town = createTown(scene.world.time + 86_400);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    town?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function tell(page: Page, block: string): Promise<string> {
    await forgetVerdict(page);
    await page.fill('#told-block', block);
    await page.press('#told-block', 'Enter');
    return verdictWord(page);
  }

  const ofCommand = async (status: number, ...more: readonly string[]) => {
    const run = await town.run('stranger', 'verify', copy.directory, '--json', ...more);
    expect(run.status, run.stderr).toBe(status);
    return run;
  };

  test('gives no verdict past two histories, and one along the history that it is told', async () => {
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, copy.bundle)).toBe('DIVERGED');
    const without = await verdictJson(page);
    expect(without).toMatchObject({ twoHistoriesAt: scene.seq, decisions: { recomputed: 0 } });
    expect(JSON.parse((await ofCommand(13)).stdout)).toMatchObject(without);
    expect(await page.textContent('.alarm')).toContain(`From programme block ${scene.seq} on`);
    expect(await page.locator('.decision').count()).toBe(0);
    // the next step is one key away
    await page.click('.alarm a');
    expect(await page.evaluate('document.activeElement.id')).toBe('told-block');

    expect(await tell(page, ` ${scene.seq}:${showId(scene.id as Id)} `)).toBe('CHECKED');
    const told = await verdictJson(page);
    expect(told).toMatchObject({ twoHistoriesAt: null, decisions: { recomputed: 1, different: 0 } });
    expect(JSON.parse((await ofCommand(0, '--at', `${scene.seq}:${scene.id}`)).stdout)).toMatchObject(told);
    expect(await page.locator('.decision').count()).toBe(1);
    expect(await page.locator('.facts .fine').textContent()).toBe(
      PAGE_TEXT.en['fact.toldSame'].replace('{seq}', String(scene.seq)),
    );
    await page.context().close();
  });

  test('leaves the doubt where it is told a block from before them', async () => {
    const { page } = await openVerifyPage(browser, path);
    await giveBundle(page, copy.bundle);
    const before = `1:${scene.world.body.blocks[1]!.id}`;
    expect(await tell(page, before)).toBe('DIVERGED');
    expect(JSON.parse((await ofCommand(13, '--at', before)).stdout)).toMatchObject(await verdictJson(page));
    await page.context().close();
  });

  test('refuses a copy with another block in that place, in words, in both languages', async () => {
    const { page } = await openVerifyPage(browser, path);
    await giveBundle(page, copy.bundle);
    const wrong = `${scene.seq}:${scene.otherId}`;
    expect(await tell(page, wrong)).toBe('DIVERGED');
    expect(await page.locator('.decision').count()).toBe(0);
    const { stderr } = await ofCommand(13, '--at', wrong);
    expect((JSON.parse(stderr) as { error: { message: string } }).error.message).toBe(
      await page.textContent('.failure li'),
    );
    const compared = await page.locator('.held .digits').allTextContents();
    expect(compared.map((text) => text.replaceAll(' ', ''))).toEqual([scene.id, scene.otherId]);
    const says = (language: Language): string => PAGE_TEXT[language]['why.told'].replace('{seq}', String(scene.seq));
    expect(await page.textContent('.why')).toBe(says('en'));
    await page.click('[data-language="zh"]');
    expect(await page.textContent('.why')).toBe(says('zh'));
    expect(await page.inputValue('#told-block')).toBe(wrong);
    await page.context().close();
  });

  test('says that a copy ends before the block that it is told', async () => {
    const { page } = await openVerifyPage(browser, path);
    const { world } = createScene();
    const early = bundleWorld(world, join(folder, 'early.git'));
    expect(await giveBundle(page, early.bundle)).toBe('CHECKED');
    const beyond = `${scene.seq}:${scene.id}`;
    expect(await tell(page, beyond)).toBe('STALE');
    const run = await town.run('stranger', 'verify', early.directory, '--json', '--at', beyond);
    expect(run.status).toBe(14);
    expect(JSON.parse(run.stdout)).toMatchObject(await verdictJson(page));
    const head = String(world.body.blocks.length - 1);
    expect(await page.locator('.facts').textContent()).toContain(
      PAGE_TEXT.en['fact.toldBeyond'].replace('{head}', head).replace('{seq}', String(scene.seq)),
    );
    await page.context().close();
  });

  test('compares nothing with what is no block, and keeps what was typed before a file came', async () => {
    const { page } = await openVerifyPage(browser, path);
    await page.fill('#told-block', `${scene.seq}:cafe`);
    await page.fill('#ledger-id', scene.world.ledger);
    await page.setInputFiles('#file', {
      name: 'ledger.bundle',
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(copy.bundle),
    });
    await page.locator('#told-block-problem', { hasText: 'That is no programme block' }).waitFor();
    expect(await page.getAttribute('#told-block', 'aria-invalid')).toBe('true');
    expect(await page.evaluate('document.activeElement.id')).toBe('told-block');
    expect(await page.locator('#verdict-word').count()).toBe(0);
    expect(await tell(page, `${scene.seq}:${scene.id}`)).toBe('CHECKED');
    expect((await verdictJson(page)).compared).toBe('with the id entered');
    // an answer does not outlive what it was compared with
    await page.fill('#ledger-id', 'cafe');
    await page.press('#ledger-id', 'Enter');
    await page.locator('#ledger-id-problem', { hasText: '64 hex digits' }).waitFor();
    expect(await page.locator('#verdict-word').count()).toBe(0);
    await page.context().close();
  });
});
