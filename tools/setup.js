// Makes a fresh clone ready to run with only node, npm and git: installs when the lock file is newer than what is
// installed, builds when a source is newer than what is built. Says nothing when there is nothing to do.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const { codeOf } = createRequire(import.meta.url)('../bin/load.js');
const INSTALLED = `${ROOT}node_modules/.package-lock.json`;
const BUILT = `${ROOT}dist/joulemark.cjs`;

if (modifiedAt(INSTALLED) < modifiedAt(`${ROOT}package-lock.json`)) {
  run('npm', ['ci', '--no-audit', '--no-fund']);
  // npm keeps the time of an unchanged tree, and a checkout may be newer than it
  utimesSync(INSTALLED, new Date(), new Date());
}
const sources = [
  'src/',
  'tools/build.js',
  'tools/build-page.js',
  'tools/build/',
  'bin/load.js',
  'package-lock.json',
].map((path) => newestIn(`${ROOT}${path}`));
if (modifiedAt(BUILT) <= Math.max(...sources)) run(process.execPath, [`${ROOT}tools/build.js`]);
// another Node takes other code, and runs without where none can be written
else if (modifiedAt(codeOf(BUILT)) === 0)
  spawnSync(process.execPath, [`${ROOT}tools/build/make-code.js`, BUILT], { stdio: 'ignore' });

/** Runs a step with its output on stderr, so that stdout belongs to what is run afterwards; ends with its status if it fails. */
function run(command, args) {
  process.stderr.write(
    `setup: ${command === process.execPath ? 'node tools/build.js' : [command, ...args].join(' ')}\n`,
  );
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Milliseconds since 1970; 0 for what is not there. */
function modifiedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The newest change of a file, or of everything in a folder, the folders themselves included: a removal changes those. */
function newestIn(path) {
  const own = modifiedAt(path);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return own;
  return Math.max(own, ...readdirSync(path).map((name) => newestIn(`${path.replace(/\/$/, '')}/${name}`)));
}
