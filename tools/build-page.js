// Builds verify.html: one file with everything in it, which may load nothing and run nothing but what is hashed here.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGE = join(ROOT, 'src/page');

/** The page judges signatures by the browser's own Ed25519 where it can. */
const signatures = {
  name: 'signatures',
  setup(plugin) {
    plugin.onResolve({ filter: /^#primitives$/ }, () => ({ path: join(PAGE, 'primitives-page.ts') }));
  },
};

/** Writes verify.html into a folder. Rejects when it cannot be bundled; esbuild has then said why. */
export async function buildPage(folder) {
  const options = { absWorkingDir: ROOT, bundle: true, minify: true, write: false, logLevel: 'warning' };
  const [script, style] = await Promise.all([
    build({
      ...options,
      entryPoints: ['src/page/main.ts'],
      platform: 'browser',
      conditions: ['browser'],
      format: 'iife',
      target: ['chrome110', 'firefox115', 'safari16'],
      charset: 'ascii',
      // licences have to travel with the code
      legalComments: 'eof',
      plugins: [signatures],
    }),
    build({ ...options, entryPoints: ['src/page/page.css'], target: ['chrome110', 'firefox115', 'safari16'] }),
  ]).then((built) => built.map(({ outputFiles }) => outputFiles[0].text.trim()));
  // inside an element these would end it; in a string `<\/` and `\x3c!--` mean the same
  const safe = script.replaceAll(/<\/(?=script)/gi, '<\\/').replaceAll('<!--', '\\x3c!--');
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(safe)}'`,
    `style-src '${hashOf(style)}'`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = {
    policy: `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    style: `<style>${style}</style>`,
    // empty; `ledger export --embed` puts a bundle there (src/report/embed-bundle.ts)
    ledger: '<script type="text/plain" id="embedded-bundle"></script>',
    script: `<script>${safe}</script>`,
  };
  const html = readFileSync(join(PAGE, 'page.html'), 'utf8').replaceAll(/<!-- (\w+) -->/g, (_, name) => parts[name]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'verify.html'), html);
}

const hashOf = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPage(process.argv[2] ?? join(ROOT, 'dist'));
