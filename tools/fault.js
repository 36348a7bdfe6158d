// Runs whole commands of the built program, a file system call failing or the process killed at each in turn, and says what was lost.
// `npm run fault -- submit sync export --all`; without --all a tenth of the calls, with --part 1/2 and --part 2/2 all of them in
// two processes. Needs strace.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

if (spawnSync('strace', ['-V']).status !== 0) {
  console.error('not here: strace (apt-get install strace)');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'joulemark-fault-'));
// inside node_modules, so that packages are found
const outfile = `${ROOT}node_modules/.cache/joulemark/fault-${process.pid}.mjs`;
try {
  cpSync(`${ROOT}bin`, join(folder, 'bin'), { recursive: true });
  cpSync(`${ROOT}package.json`, join(folder, 'package.json'));
  const built = spawnSync(process.execPath, [`${ROOT}tools/build.js`, join(folder, 'dist')], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(1);
  await build({
    entryPoints: [`${ROOT}tools/fault/run.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  });
  const { run } = await import(pathToFileURL(outfile).href);
  process.exitCode = await run(join(folder, 'bin/joulemark.js'), process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outfile, { force: true });
}
