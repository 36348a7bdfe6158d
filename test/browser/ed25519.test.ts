import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toHex } from '../../src/crypto/hash.ts';
import { checkPublicKey } from '../../src/crypto/key-enrolment.ts';
import { verifyEd25519 } from '../../src/crypto/primitives-native.ts';
import { hasChromium, startBrowser } from '../support/browser.ts';
import {
  cctvCases,
  rfc8032Cases,
  type SignatureCase,
  speccheckCases,
  torsionCase,
  wycheproofCases,
  zip215Cases,
} from '../support/ed25519-vectors.ts';
import { hasShared } from '../support/shared.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

/** Puts the page's own judge of signatures into a page from disk. */
const PROBE = `
import { findSubtle, trickyQuestions } from './src/page/subtle-verdict.ts';
import { askEd25519, verifyEd25519 } from './src/page/primitives-page.ts';
import { parseHex } from './src/crypto/hash.ts';
const ask = (...triple) => new Promise((resolve) => askEd25519(...triple, resolve));
globalThis.probe = { ask, findSubtle, trickyQuestions, verifyEd25519, parseHex };
`;

describe.skipIf(!hasChromium)("the browser's own Ed25519", () => {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-ed25519-'));
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: PROBE, resolveDir: PROJECT_ROOT, loader: 'ts' },
      bundle: true,
      write: false,
      platform: 'browser',
      conditions: ['browser'],
      format: 'iife',
      logLevel: 'silent',
      plugins: [
        {
          name: 'signatures',
          setup: (plugin) =>
            plugin.onResolve({ filter: /^#primitives$/ }, () => ({
              path: join(PROJECT_ROOT, 'src/page/primitives-page.ts'),
            })),
        },
      ],
    });
    writeFileSync(join(folder, 'probe.html'), '<!doctype html><title>probe</title>');
    browser = await startBrowser();
    page = await browser.newPage();
    await page.goto(`file://${join(folder, 'probe.html')}`);
    await page.addScriptTag({ content: outputFiles[0]?.text ?? '' });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is there for pages from disk, and is taken because it gives the one verdict on tricky signatures', async () => {
    expect(await page.evaluate('probe.findSubtle().then((ask) => ask !== null)')).toBe(true);
    // one honest, one with R = identity: both hold; the others do not
    expect(await page.evaluate('probe.trickyQuestions().map(({ expected }) => expected)')).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });

  test('is not taken where it judges one of them otherwise, or is not there', async () => {
    const found = await page.evaluate(`(async () => {
      const { verify, importKey } = SubtleCrypto.prototype;
      const outcomes = [];
      for (const wrong of [async () => true, async () => false, async () => { throw new Error('no'); }]) {
        SubtleCrypto.prototype.verify = wrong;
        outcomes.push(await probe.findSubtle());
      }
      SubtleCrypto.prototype.verify = verify;
      SubtleCrypto.prototype.importKey = async () => { throw new DOMException('unknown', 'NotSupportedError'); };
      outcomes.push(await probe.findSubtle());
      SubtleCrypto.prototype.importKey = importKey;
      return outcomes;
    })()`);
    expect(found).toEqual([null, null, null, null]);
  });

  test('answers whoever waits, also on what was changed after it was asked', async () => {
    const verdicts = await page.evaluate(`(() => {
      const questions = probe.trickyQuestions();
      return Promise.all([...questions, ...questions].map(({ question: { signature, message, publicKey } }) => {
        const copy = new Uint8Array(message);
        const answer = probe.ask(signature, copy, publicKey);
        copy.fill(0);
        return answer;
      }));
    })()`);
    const once = [true, false, false, true, false, false];
    expect(verdicts).toEqual([...once, ...once]);
    expect(await page.evaluate('probe.ask(new Uint8Array(63), new Uint8Array(1), new Uint8Array(32))')).toBe(false);
  });

  test.skipIf(!hasShared)(
    'gives the verdict of the ledger on published vectors, under every key that may be enrolled',
    async () => {
      const cases = [
        ...wycheproofCases(),
        ...zip215Cases(),
        ...rfc8032Cases(),
        ...speccheckCases(),
        ...cctvCases(),
        torsionCase(),
      ].filter(({ publicKey }) => checkPublicKey(publicKey) === null);
      const expected = cases.map(({ signature, message, publicKey }) => verifyEd25519(signature, message, publicKey));
      expect(new Set(expected)).toEqual(new Set([true, false]));
      const asHex = ({ signature, message, publicKey }: SignatureCase): readonly string[] =>
        [signature, message, publicKey].map(toHex);
      const script = (judge: string): string => `(cases) =>
        Promise.all(cases.map((one) => probe.${judge}(...one.map(probe.parseHex))))`;
      const call = (source: string): Promise<unknown> =>
        page.evaluate(`(${source})(${JSON.stringify(cases.map(asHex))})`);
      for (const judge of ['ask', 'verifyEd25519']) expect(await call(script(judge)), judge).toEqual(expected);
    },
  );
});
