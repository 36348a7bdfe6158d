// Bundles the program into dist/, or the folder named: joulemark.cjs, with what is loaded on demand as functions not called yet.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from './build-page.js';
import { makeCode } from './build/make-code.js';
import { buildSingleFileVerifier } from './build/single-file-verifier.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** Few commands need them, and they are large: each is a file of its own. */
const LIBRARIES = ['age-encryption', 'cli-table3', 'inquirer', 'isomorphic-git'];

const apart = {
  name: 'apart',
  setup(plugin) {
    plugin.onResolve({ filter: new RegExp(`^(?:${LIBRARIES.join('|')})$`) }, ({ path }) => ({
      path: `./libraries/${path}.cjs`,
      external: true,
    }));
  },
};

/**
 * What packages bring for other uses: `yaml` in the form in which what is not used can be left out (its own form for browsers), and
 * nothing for the programs that commander could start.
 */
const leaner = {
  name: 'leaner',
  setup(plugin) {
    plugin.onResolve({ filter: /^yaml$/ }, () => ({
      path: `${ROOT}node_modules/yaml/browser/dist/index.js`,
      sideEffects: false,
    }));
    plugin.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'nothing', namespace: 'leaner' } : undefined,
    );
    plugin.onLoad({ filter: /^nothing$/, namespace: 'leaner' }, () => ({ contents: 'export {}' }));
  },
};

const target = resolve(process.argv[2] ?? `${ROOT}dist`);
// Built beside and then put in place, so that a running program or a second build never meets half of it.
const building = `${target}.${process.pid}`;
const options = {
  absWorkingDir: ROOT,
  outdir: building,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // a third less to read at every start; names stay, for stack traces
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
};
const commonJs = {
  ...options,
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  // import() of a bundled module is a call
  supported: { 'dynamic-import': false },
};

async function buildProgram() {
  const { outputFiles } = await build({
    ...commonJs,
    entryPoints: { joulemark: 'src/main.ts' },
    banner: { js: "const ownUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': 'ownUrl' },
    plugins: [apart, leaner],
    write: false,
  });
  for (const { path, text, hash } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, path.endsWith('.cjs') ? named(toAscii(text), hash) : text);
  }
}

/** With the name of this build in the place of that of the sources (src/home/build.ts). */
function named(text, hash) {
  const parts = text.split('joulemark run from its sources');
  if (parts.length !== 2)
    throw new Error(`the name of the build stands in it ${parts.length - 1} times, expected once`);
  return parts.join(hash);
}

const buildLibraries = () =>
  build({ ...commonJs, entryPoints: Object.fromEntries(LIBRARIES.map((name) => [`libraries/${name}`, name])) });

/** What esbuild leaves as it is: characters in regular expressions. */
const toAscii = (text) =>
  text.replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

// esbuild prints what is wrong itself
const built = await Promise.all([
  buildProgram(),
  buildLibraries(),
  buildSingleFileVerifier(options, [leaner]),
  buildPage(building),
])
  .then(() => makeCode(`${building}/joulemark.cjs`))
  .then(
    () => true,
    (error) => {
      if (!Array.isArray(error.errors)) console.error(error.message);
      return false;
    },
  );
if (!built) {
  rmSync(building, { recursive: true, force: true });
  process.exit(1);
}
rmSync(target, { recursive: true, force: true });
renameSync(building, target);
