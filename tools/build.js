// Bundles the program into dist/: one small start-up chunk, and a chunk for each thing that is loaded on demand.
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const WORKER = `${ROOT}src/ledger/verify-worker.ts`;

// CommonJS packages inside the bundle call require() for Node's own modules. A getter would do as well, but
// createRequire costs nothing measurable (0.1 ms).
const REQUIRE =
  "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);";

rmSync(`${ROOT}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'src/main.ts',
    ...(existsSync(WORKER) ? { 'verify-worker': 'src/ledger/verify-worker.ts' } : {}),
  },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  banner: { js: REQUIRE },
  legalComments: 'linked',
  logLevel: 'warning',
});
