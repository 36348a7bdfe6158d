// Keeps what V8 made of a built program beside it (bin/load.js): the functions of a daily `meter submit`, which many others need too.
// More functions would be more to read at every start.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const fixture = (path) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url));
const { codeOf, load, sealOf } = createRequire(import.meta.url)('../../bin/load.js');

/** Rejects when the program does not do its work, or the code cannot be written. */
export async function makeCode(program) {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-build-'));
  // these homes are nobody's
  process.env.XDG_STATE_HOME = folder;
  try {
    await prepareHome(load(program).exports.main, folder);
    // V8 compiles what is called and nothing else: in a process of its own nothing but the submission is; with no options, whose code V8 would
    // take at starts with the same ones alone
    const { status, stderr } = spawnSync(process.execPath, [SELF, program, folder], {
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    if (status !== 0) throw new Error(stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A works with enrolled meters. */
async function prepareHome(main, folder) {
  const body = (...argv) => type(main, folder, 'body', argv);
  const works = (...argv) => type(main, folder, 'works', argv);
  const hub = join(folder, 'hub.git');
  await body('init', 'body');
  await body('remote', 'init', hub);
  const { ledger } = JSON.parse(await body('programme', 'create', fixture('demo/policy.yaml'), '--json'));
  await body('table', 'publish', fixture('tables/gbt2589-2020.yaml'));
  await body('remote', 'add', 'hub', hub);
  await body('sync');
  await works('init', 'works');
  await works('join', hub, '--ledger', ledger);
  await works('boundary', 'set', fixture('demo/guangnan.boundary.yaml'));
  for (const [meter, reading] of Object.entries({ 'grid-main': '61000', 'cement-mill': '40000', 'slag-mill': '20000' }))
    await works('meter', 'enroll', meter, '--at', '2024-01-01', '--reading', reading);
}

/** Submits, and again, when nothing is appended. */
async function submit(main, folder) {
  const submission = ['submit', fixture('demo/guangnan-2024.csv'), '--profile', fixture('demo/meters.profile.yaml')];
  for (let run = 0; run < 2; run += 1) await type(main, folder, 'works', ['meter', ...submission]);
}

/** Runs a command line in one of the homes; its output. */
async function type(main, folder, home, argv) {
  let told = '';
  const output = { isTerminal: false, write: async (text) => void (told += text) };
  const status = await main(argv, {
    env: { JOULEMARK_HOME: join(folder, home) },
    cwd: folder,
    stdin: (async function* () {})(),
    stdout: output,
    stderr: output,
    terminal: undefined,
    now: () => Date.UTC(2025, 1, 1) / 1000,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    onSignal: () => () => {},
  });
  if (status !== 0) throw new Error(`joulemark ${argv.join(' ')}: ${told}`);
  return told;
}

if (process.argv[1] === SELF) {
  const [, , program, folder] = process.argv;
  if (folder === undefined) await makeCode(program);
  else {
    const { exports, script } = load(program);
    await submit(exports.main, folder);
    const code = script.createCachedData();
    // beside, then in place: a program that starts meanwhile reads none or all of it
    const beside = `${codeOf(program)}.${process.pid}`;
    writeFileSync(beside, Buffer.concat([sealOf(readFileSync(program), code), code]));
    renameSync(beside, codeOf(program));
  }
}
