// Bundles the program into dist/, or the folder named: one small start-up chunk, and a chunk for each thing that is
// loaded on demand.
import { existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const WORKER = `${ROOT}src/ledger/verify-worker.ts`;

// CommonJS packages inside the bundle call require() for Node's own modules. A getter would do as well, but
// createRequire costs nothing measurable (0.1 ms).
const REQUIRE =
  "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);";

const target = resolve(process.argv[2] ?? `${ROOT}dist`);
// Built beside and then put in place, so that a running program or a second build never meets half of it.
const building = `${target}.${process.pid}`;
// esbuild prints what is wrong itself
const built = await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'src/main.ts',
    ...(existsSync(WORKER) ? { 'verify-worker': 'src/ledger/verify-worker.ts' } : {}),
  },
  outdir: building,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  banner: { js: REQUIRE },
  legalComments: 'linked',
  logLevel: 'warning',
}).then(
  () => true,
  () => false,
);
if (!built) process.exit(1);
rmSync(target, { recursive: true, force: true });
renameSync(building, target);
