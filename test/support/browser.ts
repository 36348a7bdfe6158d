/** A real browser without a window, and verify.html in it as it is opened from disk. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Verdict } from '../../src/programme/verdict.ts';
import type { ExportVerifier } from './export-flips.ts';
import { PROJECT_ROOT } from './sources.ts';

const CHROMIUM = '/usr/bin/chromium';
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const hasChromium: boolean = existsSync(CHROMIUM);

export const startBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGS });

/** Builds verify.html into a folder and returns its path. */
export function buildVerifyPage(folder: string): string {
  execFileSync(process.execPath, [join(PROJECT_ROOT, 'tools/build-page.js'), folder]);
  return join(folder, 'verify.html');
}

/** A page, and everything that it asked for or complained of. */
export interface OpenPage {
  readonly page: Page;
  /** Addresses of all requests but the page itself. */
  readonly requests: string[];
  /** Messages on the console, errors, what the policy blocked. */
  readonly complaints: string[];
}

export async function openVerifyPage(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  const address = `file://${path}`;
  context.on('request', (request) => void (request.url() === address || requests.push(request.url())));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(address);
  return { page, requests, complaints };
}

/** Waits for the answer and returns its code: CHECKED, VERIFY_FAILED ... */
export async function verdictWord(page: Page): Promise<string> {
  await page.waitForSelector('#verdict-word', { timeout: 30_000 });
  return (await page.textContent('#verdict-word code')) ?? '';
}

/** Takes the answer away, so that the next one can be waited for. */
export async function forgetVerdict(page: Page): Promise<void> {
  await page.evaluate("document.getElementById('verdict-word')?.remove()");
}

/** Gives the page bytes under a name, and returns the code of the answer. */
export async function giveBundle(page: Page, bytes: Uint8Array, name = 'ledger.bundle'): Promise<string> {
  await forgetVerdict(page);
  await page.setInputFiles('#file', { name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) });
  return verdictWord(page);
}

/** Drops files and folders on an element, as from a file manager. */
export async function dropOn(page: Page, selector: string, paths: readonly string[]): Promise<void> {
  await page.locator(selector).scrollIntoViewIfNeeded();
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`nothing to drop on: ${selector}`);
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await session.send('Input.dispatchDragEvent', { type, x: box.x + box.width / 2, y: box.y + box.height / 2, data });
  await session.detach();
}

/** The verdict as the page gives it to other programs. */
export async function verdictJson(page: Page): Promise<Verdict> {
  return JSON.parse((await page.textContent('#verdict-json')) ?? '') as Verdict;
}

/** The page as a verifier of export folders: one that is open, from wherever it was opened. */
export function pageVerifier(page: Page): ExportVerifier {
  return {
    name: 'verify.html',
    verify: async (folder) => {
      await forgetVerdict(page);
      await page.setInputFiles('#folder', folder);
      const word = await verdictWord(page);
      if (word === 'CHECKED') return { status: 0, text: word };
      const failure = page.locator('.failure');
      return { status: 3, text: `${word} ${(await failure.count()) > 0 ? await failure.textContent() : ''}` };
    },
  };
}

export function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}
