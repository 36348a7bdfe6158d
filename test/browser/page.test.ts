import { setImmediate } from 'node:timers/promises';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { multiplyRatio, type Rational, ratio } from '../../src/calc/ratio.ts';
import { roundPlaces } from '../../src/calc/rounding.ts';
import { encodeRecord, leafOf } from '../../src/ledger/record.ts';
import { openBundle } from '../../src/ledger/git/bundle-source.ts';
import { nodePackTools } from '../../src/ledger/store/git-primitives.ts';
import { revokeContent } from '../../src/programme/entries.ts';
import { verifyCopy } from '../../src/programme/verify-copy.ts';
import { embedBundle } from '../../src/report/embed-bundle.ts';
import { countedFacts } from '../../src/report/export-facts.ts';
import { encodeExport, type ExportFiles } from '../../src/report/export-folder.ts';
import { PAGE_TEXT } from '../../src/report/page-text.ts';
import {
  buildVerifyPage,
  dropOn,
  forgetVerdict,
  giveBundle,
  hasChromium,
  openVerifyPage,
  startBrowser,
  verdictJson,
  verdictWord,
  writeFolder,
} from '../support/browser.ts';
import { createDecidedEpaLedger } from '../support/epa-decided.ts';
import { createPageScene } from '../support/page-scene.ts';
import { busierScene } from '../support/modelled-scene.ts';
import { auditYear, createScene, decideYear, type Scene, submitYear } from '../support/scene.ts';
import { hasShared } from '../support/shared.ts';
import { createTown } from '../support/town.ts';
import { bundleWorld, type WorldBundle } from '../support/world-bundle.ts';
import { entryOf, type World } from '../support/world.ts';

describe.skipIf(!hasChromium)('verify.html', () => {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-page-'));
  let browser: Browser;
  let path: string;
  let scene: Scene;
  let good: WorldBundle;

  beforeAll(async () => {
    path = buildVerifyPage(folder);
    scene = createPageScene();
    good = bundleWorld(scene.world, join(folder, 'ledger.git'));
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the command line says of the same copy: the verdict, and more that only it can do. */
  async function ofCommand(copy: WorldBundle, world: World, ...more: readonly string[]): Promise<unknown> {
    const town = createTown(world.time + 86_400);
    try {
      return JSON.parse((await town.run('stranger', 'verify', copy.directory, '--json', ...more)).stdout) as unknown;
    } finally {
      town.remove();
    }
  }

  const decisionsFact = (page: Page): Promise<string | null> =>
    page
      .locator('dl div', { has: page.locator('dt', { hasText: /^(?:Decisions recomputed|重新计算的认证结果)$/u }) })
      .locator('dd')
      .textContent();

  const flipped = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
    const changed = new Uint8Array(bytes);
    changed[at]! ^= 1 << bit;
    return changed;
  };

  test('gives a good ledger the verdict of the command line, and asks the network for nothing', async () => {
    const { page, requests, complaints } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, good.bundle)).toBe('CHECKED');
    const verdict = await verdictJson(page);
    expect(await ofCommand(good, scene.world)).toMatchObject(verdict);
    expect(verdict).toMatchObject({ blocks: good.blocks, decisions: { recomputed: 1, different: 0 }, compared: null });
    expect(await decisionsFact(page)).toBe('1');
    // the page's own worker is made of the page's own bytes
    expect(requests.filter((address) => !address.startsWith('blob:null/'))).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('says how many decisions are revoked, as the command line does, in both languages', async () => {
    const { world } = createPageScene();
    const { seq } = world.body.state;
    world.append(world.body, entryOf('revoke', revokeContent, { seq, entry: 0, reason: 'a mistake' }));
    const copy = bundleWorld(world, join(folder, 'revoked.git'));
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, copy.bundle)).toBe('CHECKED');
    const verdict = await verdictJson(page);
    expect(verdict).toMatchObject({ decisions: { recomputed: 1, different: 0, revoked: 1 } });
    expect(await ofCommand(copy, world)).toMatchObject(verdict);
    expect(await decisionsFact(page)).toBe('1, of which revoked: 1');
    await page.click('[data-language="zh"]');
    expect(await decisionsFact(page)).toBe('1，其中已撤销 1 项');
    await page.context().close();
  });

  test('counts one gap as one', async () => {
    const gappy = createScene({
      edit: (policy) =>
        policy
          .replace(
            'per_meter: "0.90", joint: "0.90", longest_gap: P10D',
            'per_meter: "0.80", joint: "0.80", longest_gap: P40D',
          )
          .replace('adverse_case: must_hold', 'adverse_case: print'),
    });
    submitYear(gappy, '2024', '1000', '100');
    auditYear(gappy, '2024');
    submitYear(gappy, '2025', '700', '100', ([heat, out], month) => (month === 7 ? [out!] : [heat!, out!]));
    auditYear(gappy, '2025');
    expect(decideYear(gappy, '2025').evaluation).not.toBeNull();
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, bundleWorld(gappy.world, join(folder, 'gappy.git')).bundle)).toBe('CHECKED');
    expect(await page.locator('.asides').textContent()).toContain('one gap filled against the claimant');
    await page.click('[data-language="zh"]');
    expect(await page.locator('.asides').textContent()).toContain('1 处数据缺口按不利于申请方填补');
    await page.context().close();
  });

  test.skipIf(!hasShared)('verifies four EPA plants, and leads from a decision down to the packages', async () => {
    const { world } = createDecidedEpaLedger();
    const epa = bundleWorld(world, join(folder, 'epa.git'));
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, epa.bundle)).toBe('CHECKED');
    expect(await ofCommand(epa, world)).toMatchObject(await verdictJson(page));
    const northampton = page.locator('.decision', { has: page.locator('h3', { hasText: 'Northampton' }) });
    expect(await northampton.locator('.badge').textContent()).toBe('Certified');
    expect(await northampton.locator('h3').textContent()).toContain('JM-2022-0001');
    expect(await northampton.locator('tbody').first().textContent()).toContain('1.724 % less');
    await northampton.locator('details[data-key^="trace"] > summary').click();
    await northampton.locator('details[data-key$=" heat reporting"] > summary').click();
    const rows = northampton.locator('details[data-key$=" heat reporting"] tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(100);
    await northampton.locator('details[data-key$=" heat reporting"] button').click();
    expect(await rows.count()).toBe(365);
    // the row names the block and the entry of that very package
    const [text, block, entry] = await rows.first().evaluate((row) => {
      const cells = [...row.children].map((cell) => cell.textContent ?? '');
      return [cells.at(-1) ?? '', ...(cells.at(-2) ?? '').split(' : ')];
    });
    const northamptonOrg = [...world.actors.values()].find(({ name }) => name.startsWith('Northampton'))!;
    const item = northamptonOrg.blocks[Number(block)]?.items[Number(entry)];
    expect(item !== undefined && 'bytes' in item && Buffer.from(item.bytes).toString('hex')).toContain(text);
    await page.context().close();
  });

  test('shows a model beside the ratio, and where they differ in sign, in both languages', async () => {
    const modelled = busierScene('print');
    const { products } = decideYear(modelled, '2025').evaluation!;
    const model = products[0]!.model!;
    const shown = (rate: Rational | null): string => roundPlaces(multiplyRatio(rate!, ratio(100n, 1n)), 3);
    const [byRatio, byModel] = [shown(products[0]!.headline!.rate), shown(model.comparison.rate)];
    expect([byRatio.startsWith('-'), byModel.startsWith('-')]).toEqual([false, true]);
    const copy = bundleWorld(modelled.world, join(folder, 'modelled.git'));
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, copy.bundle)).toBe('CHECKED');
    const beside = page.locator('.asides .model');
    const english = await beside.textContent();
    expect(english).toContain(`By a model of the baseline: ${byModel.slice(1)} % more`);
    expect(english).toContain('the verdict rests on the ratio');
    expect(english).toContain('output, degree-days, 12 of 12 rows');
    expect(english).toContain(`${byRatio} % less by the ratio, ${byModel.slice(1)} % more by the model`);
    // said once, and not again among the reasons
    expect(await page.locator('.asides .caution').count()).toBe(1);
    await page.click('[data-language="zh"]');
    const chinese = await beside.textContent();
    expect(chinese).toContain(`按基期回归模型：升高 ${byModel.slice(1)} %`);
    expect(chinese).toContain(`按比值降低 ${byRatio} %，按模型升高 ${byModel.slice(1)} %`);
    await page.context().close();
  });

  test('finds flipped bits of a bundle', async () => {
    const { page } = await openVerifyPage(browser, path);
    const size = good.bundle.length;
    for (const at of [0, 20, 300, 1000, size >> 1, size - 30, size - 1])
      // oxlint-disable-next-line no-await-in-loop -- one page
      expect(await giveBundle(page, flipped(good.bundle, at, at % 8)), `byte ${at}`).toBe('VERIFY_FAILED');
    expect(await giveBundle(page, good.bundle)).toBe('CHECKED');
    await page.context().close();
  });

  test('finds a changed signature where every git hash is repaired, and says so as the command line does', async () => {
    const { world, plant } = createPageScene();
    // the last byte of a block's signature stands before the list of its entries
    const { signature } = plant.blocks[7]!;
    const record = Buffer.from(plant.records[7]!);
    record[record.indexOf(signature) + 3]! ^= 4;
    plant.records[7] = new Uint8Array(record);
    const copy = bundleWorld(world, join(folder, 'changed.git'));
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, copy.bundle)).toBe('VERIFY_FAILED');
    const verdict = await verdictJson(page);
    expect(await ofCommand(copy, world)).toMatchObject(verdict);
    expect(verdict.broken).toMatchObject([{ ref: `refs/heads/org/${plant.id}`, seq: 7, rule: 'signature' }]);
    expect(await page.locator('#findings ~ *').allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining(`refs/heads/org/${plant.id} 7`)]),
    );
    await page.context().close();
  });

  test('shows a chain that a partial copy cannot judge, as the command line does', async () => {
    const { world, plant } = createPageScene();
    // entry 0, which may change the key, is here only as its hash
    const { bytes, items } = plant.blocks[7]!;
    plant.records[7] = encodeRecord(
      bytes,
      items.map((item, index) => (index === 0 ? { leaf: leafOf(item) } : item)),
    );
    const copy = bundleWorld(world, join(folder, 'partial.git'));
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, copy.bundle)).toBe('PENDING');
    const verdict = await verdictJson(page);
    expect(await ofCommand(copy, world)).toMatchObject(verdict);
    const [{ ref, message } = { ref: '', message: '' }, ...others] = verdict.unjudged;
    expect([ref, others]).toEqual([`refs/heads/org/${plant.id}`, []]);
    const shown = page.locator('.sheet', { has: page.locator('#findings') });
    expect(await shown.textContent()).toContain(PAGE_TEXT.en['findings.unjudged']);
    expect(await shown.locator('tbody tr').first().textContent()).toBe(`${ref}${message}`);
    await page.context().close();
  });

  test('compares the ledger id that the reader was told', async () => {
    const { page } = await openVerifyPage(browser, path);
    const compare = async (text: string): Promise<string> => {
      await forgetVerdict(page);
      await page.fill('#ledger-id', text);
      await page.press('#ledger-id', 'Enter');
      return verdictWord(page);
    };
    expect(await giveBundle(page, good.bundle)).toBe('CHECKED');
    expect(await page.locator('.facts .caution').count()).toBe(1);
    expect(await compare(` ${scene.world.ledger.toUpperCase()} `)).toBe('CHECKED');
    expect(await page.locator('.facts .caution').count()).toBe(0);
    const { compared, ...verdict } = await verdictJson(page);
    expect(compared).toBe('with the id entered');
    expect(await ofCommand(good, scene.world, '--ledger', scene.world.ledger)).toMatchObject(verdict);
    const other = `${scene.world.ledger.slice(0, 63)}${scene.world.ledger.endsWith('0') ? '1' : '0'}`;
    expect(await compare(other)).toBe('VERIFY_FAILED');
    expect(await page.textContent('.failure')).toContain(other);
    expect(await page.textContent('.why')).toBe(PAGE_TEXT.en['why.otherLedger']);
    const held = await page.locator('.held .digits').allTextContents();
    expect(held.map((text) => text.replaceAll(' ', ''))).toEqual([scene.world.ledger, other]);
    await page.fill('#ledger-id', 'cafe');
    await page.press('#ledger-id', 'Enter');
    await page.locator('#ledger-id-problem', { hasText: '64 hex digits' }).waitFor();
    expect(await page.getAttribute('#ledger-id', 'aria-invalid')).toBe('true');
    await page.context().close();
  });

  test('shows hostile names and obeys nothing in them', async () => {
    const { page, requests, complaints } = await openVerifyPage(browser, path);
    await giveBundle(page, good.bundle);
    const text = await page.locator('#ledger + .scroll').textContent();
    expect(text).toContain('<img src=x onerror=alert(1)></script>\\u{202e}gnp.exe\\u{1b}[31m\\nCHECKED');
    expect(await page.locator('img').count()).toBe(0);
    const all = await page.locator('body').innerText();
    expect(all).not.toMatch(/\p{Cf}/u);
    expect(all).not.toContain('\u001b');
    expect([...complaints, ...requests.filter((address) => !address.startsWith('blob:'))]).toEqual([]);
    await page.context().close();
  });

  describe('given a whole export folder', () => {
    let files: ExportFiles;
    beforeAll(async () => {
      const verification = await verifyCopy(openBundle(good.bundle, nodePackTools), {
        ledger: null,
        pause: setImmediate,
      });
      files = encodeExport(
        { ...countedFacts(verification), scope: { kind: 'whole' }, writtenBy: '0.0.0' },
        {
          bundle: good.bundle,
          verifier: new TextEncoder().encode('// stands for the single file\n'),
          page: readFileSync(path),
        },
      );
    });

    async function giveFolder(page: Page, given: ExportFiles): Promise<string> {
      const target = mkdtempSync(join(folder, 'export-'));
      writeFolder(target, given);
      await forgetVerdict(page);
      await page.setInputFiles('#folder', target);
      return verdictWord(page);
    }

    test('checks every file by SHA256SUMS, and shows the sum of that', async () => {
      const { page } = await openVerifyPage(browser, path);
      expect(await giveFolder(page, files)).toBe('CHECKED');
      const sums = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(files.get('SHA256SUMS')!)));
      const shown = (await page.locator('.facts .digits').allTextContents()).map((text) => text.replaceAll(' ', ''));
      const told = Buffer.from(sums).toString('hex');
      expect(shown).toEqual([scene.world.ledger, told]);
      const compare = async (text: string): Promise<string> => {
        await forgetVerdict(page);
        await page.fill('#told-sums', text);
        await page.press('#told-sums', 'Enter');
        return verdictWord(page);
      };
      expect(await compare(told.toUpperCase())).toBe('CHECKED');
      expect(await page.locator('.facts .fine').allTextContents()).toEqual([PAGE_TEXT.en['fact.folderCompared']]);
      expect(await page.textContent('.terminal')).toContain('compared with --sums');
      expect(await compare(scene.world.ledger)).toBe('VERIFY_FAILED');
      expect(await page.textContent('.why')).toBe(PAGE_TEXT.en['why.otherSums']);
      expect(await page.textContent('.failure li')).toContain(`is '${told}', expected '${scene.world.ledger}'`);
      // of a bundle by itself it says nothing
      expect(await giveBundle(page, good.bundle)).toBe('USAGE');
      expect(await page.textContent('.why')).toBe(PAGE_TEXT.en['why.noFolder'].replace('{export}', 'ledger.bundle'));
      await page.context().close();
    });

    test('finds a flipped bit in any file, itself included, a file too many and one too few', async () => {
      const { page } = await openVerifyPage(browser, path);
      for (const [name, bytes] of files)
        for (const share of [0, 0.37, 0.99]) {
          const at = Math.floor(bytes.length * share);
          const changed = new Map(files).set(name, flipped(bytes, at, at % 8));
          // oxlint-disable-next-line no-await-in-loop -- one page
          expect(await giveFolder(page, changed), `${name} byte ${at}`).toBe('VERIFY_FAILED');
        }
      expect(await giveFolder(page, new Map(files).set('autorun.inf', new Uint8Array(3)))).toBe('VERIFY_FAILED');
      const less = new Map(files);
      less.delete('verify.mjs');
      expect(await giveFolder(page, less)).toBe('VERIFY_FAILED');
      expect(await page.textContent('.failure')).toContain("'verify.mjs' is missing");
      await page.context().close();
    });

    test('takes it dropped on the page', async () => {
      const { page } = await openVerifyPage(browser, path);
      const target = join(folder, 'dropped');
      mkdirSync(target);
      writeFolder(target, files);
      await dropOn(page, '#drop', [target]);
      expect(await verdictWord(page)).toBe('CHECKED');
      expect(await page.textContent('.given')).toContain('SHA256SUMS');
      await page.context().close();
    });
  });

  test('verifies the ledger that an export put inside it, and is still held by its policy', async () => {
    const embedded = join(folder, 'embedded.html');
    writeFileSync(embedded, embedBundle(readFileSync(path), good.bundle));
    const { page, complaints } = await openVerifyPage(browser, embedded);
    expect(await verdictWord(page)).toBe('CHECKED');
    expect(await page.textContent('.given')).toContain(PAGE_TEXT.en['input.embedded']);
    expect(complaints).toEqual([]);
    // nothing else may run or load
    const blocked = await page.evaluate(`(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return [window.ran ?? false, await fetch('data:text/plain,x').then(() => 'fetched', () => 'refused')];
    })()`);
    expect(blocked).toEqual([false, 'refused']);
    await page.context().close();
  });

  test('refuses what holds no ledger', async () => {
    const { page } = await openVerifyPage(browser, path);
    expect(await giveBundle(page, new TextEncoder().encode('hello'))).toBe('VERIFY_FAILED');
    expect(await giveBundle(page, new Uint8Array())).toBe('VERIFY_FAILED');
    await page.setInputFiles(
      '#file',
      ['a.txt', 'b.txt'].map((name) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('x') })),
    );
    await page.locator('#verdict-word code', { hasText: 'NO_LEDGER' }).waitFor();
    await page.context().close();
  });
});
