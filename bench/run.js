// Runs a benchmark by name: `node bench/run.js verify`. Node 20 does not run TypeScript, so it is bundled first, as the
// program itself is, and has as many threads for signatures (bin/joulemark.js). Each figure is one line of JSON on standard output.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const [name = '', ...rest] = process.argv.slice(2);
const source = join(ROOT, 'bench', `${name}.ts`);
if (!/^[a-z]+$/.test(name) || !existsSync(source)) {
  process.stderr.write(
    'usage: node bench/run.js verify|incremental|clone|submit|size|ingest|certify|page [--option value]\n',
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'joulemark-bench-'));
try {
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}\n');
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      bench: source,
      'native-worker': 'bench/support/native-worker.ts',
      'clone-client': 'bench/support/clone-client.ts',
      'verify-client': 'bench/support/verify-client.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: {
      js: "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const { status } = spawnSync(process.execPath, [...process.execArgv, join(folder, 'bench.js'), ...rest], {
    stdio: 'inherit',
    env: {
      UV_THREADPOOL_SIZE: String(availableParallelism()),
      ...process.env,
      JOULEMARK_BENCH_ROOT: ROOT,
      JOULEMARK_BENCH_FOLDER: folder,
    },
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
