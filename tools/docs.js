// Writes everything that is generated from the commands: their index, their summaries, the reference pages.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeCommandIndex, writeIfChanged } from './command-index.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const BUNDLE = `${ROOT}node_modules/.cache/joulemark/generate.mjs`;
const REFERENCE = `${ROOT}docs/reference/`;

writeCommandIndex();
// The completion command imports the summaries that are about to be made.
mkdirSync(dirname(BUNDLE), { recursive: true });
mkdirSync(REFERENCE, { recursive: true });
await build({
  entryPoints: [`${ROOT}tools/docs/generate.ts`],
  outfile: BUNDLE,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const { generate } = await import(pathToFileURL(BUNDLE).href);
const pages = await generate();
for (const [path, text] of pages) writeIfChanged(`${ROOT}${path}`, text);
for (const name of readdirSync(REFERENCE)) {
  if (!pages.has(`docs/reference/${name}`)) rmSync(`${REFERENCE}${name}`);
}
