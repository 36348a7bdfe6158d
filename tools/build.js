// Bundles the program into dist/, or the folder named: one small start-up chunk, and chunks for what is loaded on demand.
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildPage } from './build-page.js';
import { buildSingleFileVerifier } from './build/single-file-verifier.js';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const COMMANDS = `${ROOT}src/commands`;

// CommonJS packages inside the bundle call require() for Node's own modules. A getter would do as well, but
// createRequire costs nothing measurable (0.1 ms).
const REQUIRE =
  "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);";

/** What meters run every day has chunks of its own; all other commands share theirs. */
const ALONE = new Set(['meter-submit.ts']);

/**
 * esbuild makes a chunk for each set of modules that the same dynamic imports lead to, and Node takes 1 to 2 ms for each one.
 * With 50 commands that is 30 chunks for any of them, so commands are loaded together, and so are the two halves of the shell.
 */
const together = {
  name: 'together',
  setup(plugin) {
    plugin.onResolve({ filter: /^\.\/(?:[\w-]+|cli\/(?:program|run-command))\.ts$/ }, ({ kind, importer, path }) => {
      if (kind !== 'dynamic-import') return undefined;
      if (importer === `${COMMANDS}/index.ts` && !ALONE.has(basename(path)))
        return { path: 'commands', namespace: 'together' };
      return importer === `${ROOT}src/main.ts` && path !== './cli/answer.ts'
        ? { path: 'shell', namespace: 'together' }
        : undefined;
    });
    plugin.onLoad({ filter: /^commands$/, namespace: 'together' }, () => ({
      contents: readdirSync(COMMANDS)
        .filter((file) => !ALONE.has(file) && file !== 'index.ts' && file !== 'summaries.ts')
        .map((file) => `export * from './${file}';`)
        .join('\n'),
      resolveDir: COMMANDS,
    }));
    plugin.onLoad({ filter: /^shell$/, namespace: 'together' }, () => ({
      contents: "export * from './program.ts'; export * from './run-command.ts';",
      resolveDir: `${ROOT}src/cli`,
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
  format: 'esm',
  banner: { js: REQUIRE },
  // a third less to read at every start; names stay, for stack traces
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  logLevel: 'warning',
};
// esbuild prints what is wrong itself
const built = await Promise.all([
  build({
    ...options,
    entryPoints: { main: 'src/main.ts' },
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    plugins: [together, leaner],
  }),
  buildSingleFileVerifier(options, [leaner]),
  buildPage(building),
]).then(
  () => true,
  (error) => {
    if (!Array.isArray(error.errors)) console.error(error.message);
    return false;
  },
);
if (!built) process.exit(1);
rmSync(target, { recursive: true, force: true });
renameSync(building, target);
