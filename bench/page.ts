/** Full verification of a ledger in the page: chromium without a window, verify.html from disk, one bundle given to it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { encodeBundle } from '../src/ledger/remote/bundle.ts';
import { openGitStore } from '../src/ledger/store/git-store.ts';
import { makeBulkLedger } from './support/bulk-ledger.ts';
import { median, numberOption, printFigure, ROOT, secondsOf } from './support/figure.ts';

// it finds its own files by their place, so it cannot be bundled
const load = createRequire(join(ROOT, 'package.json'));
const { chromium } = load('playwright-core') as typeof import('playwright-core');
const CHROMIUM = '/usr/bin/chromium';
const organisations = numberOption('organisations', 10);
const days = numberOption('days', 910);
const runs = numberOption('runs', 3);

if (!existsSync(CHROMIUM)) {
  process.stderr.write('not here: chromium\n');
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), 'joulemark-bench-page-'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const { world, directory, blocks } = makeBulkLedger(folder, organisations, days);
  const store = openGitStore(directory);
  const buffer = Buffer.from(encodeBundle(store, store.listRefs(), world.time));
  store.close();
  execFileSync(process.execPath, [join(ROOT, 'tools/build-page.js'), folder]);
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const page = await browser.newPage();
    await page.goto(`file://${join(folder, 'verify.html')}`);
    await page.fill('#ledger-id', world.ledger);
    await page.press('#ledger-id', 'Enter');
    const { result, seconds } = await secondsOf(async () => {
      await page.setInputFiles('#file', { name: 'ledger.bundle', mimeType: 'application/octet-stream', buffer });
      await page.waitForSelector('#verdict-word', { timeout: 120_000 });
      const failure = await page.locator('.failure').allTextContents();
      if (failure.length > 0) throw new Error(`the page found no ledger: ${failure.join()}`);
      return JSON.parse((await page.textContent('#verdict-json')) ?? '') as {
        readonly verdict: string;
        readonly blocks: number;
      };
    });
    if (result.verdict !== 'CHECKED' || result.blocks !== blocks)
      throw new Error(`the page found another ledger: ${result.verdict}, ${result.blocks} blocks`);
    times.push(seconds);
    await page.close();
  }
  printFigure({
    bench: 'page',
    what: `a ledger of ${blocks.toLocaleString('en-US')} blocks verified in the page`,
    value: median(times),
    unit: 's',
    target: { at: 'most', bound: 10 },
    more: { blocks, megabytes: Number((buffer.length / 1e6).toFixed(1)), runs, browser: browser.version() },
  });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
