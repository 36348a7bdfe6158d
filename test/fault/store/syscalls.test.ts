import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import { readJournal } from '../../../src/ledger/store/journal.ts';
import { bundleScript } from '../../support/bundled-script.ts';
import { grow, PROGRAMME, record } from '../../support/chain.ts';
import { fsck, hasGit } from '../../support/git.ts';

const STRACE = 'strace';
const hasStrace = spawnSync(STRACE, ['-V']).status === 0;

/** The calls by which an append changes the disk. All are made by the main thread. */
const CALLS = ['pwrite64', 'fsync', 'rename', 'link', 'symlink', 'mkdir', 'unlink'] as const;

// Bytes by which the runs are told apart. Given, not drawn: which folders of objects exist, and so how many calls are made, hangs on them.
const FIRST_RUN = '1';
const SECOND_RUN = '2';

// What a command does: resume what is in the journal, sign (here: make up) one record, raise the mark, append, clear the journal.
const APPEND = `
import { openGitStore } from './src/ledger/store/git-store.ts';
import { withLock } from './src/ledger/store/lock.ts';
import { clearJournal, readJournal, writeJournal } from './src/ledger/store/journal.ts';
import { checkHighWaterMark, raiseHighWaterMark } from './src/ledger/store/high-water-mark.ts';
const [home, fill] = process.argv.slice(2);
const ref = 'refs/heads/programme';
const keyId = 'a'.repeat(64);
const mark = home + '/key.mark';
await withLock(home + '/lock', {}, () => {
  const store = openGitStore(home + '/ledger.git');
  const lengthOf = () => [...store.readSegments(ref)].reduce((sum, segment) => sum + segment.bytes.length, 0) / 300;
  const append = (entry) => store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq: entry.firstSeq, records: entry.records, time: entry.time });
  const left = readJournal(home);
  if (left !== null) {
    raiseHighWaterMark(mark, { keyId, seq: left.firstSeq });
    if (left.firstSeq === lengthOf()) append(left);
    clearJournal(home);
  }
  const firstSeq = lengthOf();
  if (firstSeq >= 8) return;
  checkHighWaterMark(mark, keyId, firstSeq);
  const record = Buffer.alloc(300, Number(fill));
  const entry = { ref, firstSeq, time: 1700000000, records: [record] };
  writeJournal(home, entry);
  raiseHighWaterMark(mark, { keyId, seq: firstSeq });
  append(entry);
  clearJournal(home);
});
`;

let scratch = '';
let script = '';

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'joulemark-syscalls-'));
  script = await bundleScript(APPEND, join(scratch, 'append.mjs'));
  mkdirSync(join(scratch, 'before'));
  const store = initGitStore(join(scratch, 'before/ledger.git'));
  // The eighth record makes seven files and itself one: an append with a merge.
  grow(store, PROGRAMME, 0, 7);
  store.close();
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function freshHome(): string {
  const home = mkdtempSync(join(scratch, 'home-'));
  cpSync(join(scratch, 'before'), home, { recursive: true });
  return home;
}

/** How often an undisturbed append makes each call. */
function countCalls(): ReadonlyMap<string, number> {
  const log = join(scratch, 'strace.log');
  execFileSync(STRACE, [
    '-qq',
    '-o',
    log,
    '-e',
    `trace=${CALLS.join(',')}`,
    process.execPath,
    script,
    freshHome(),
    FIRST_RUN,
  ]);
  const counts = new Map<string, number>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const call = /^(\w+)\(/.exec(line)?.[1];
    if (call !== undefined) counts.set(call, (counts.get(call) ?? 0) + 1);
  }
  return counts;
}

/** What must hold after any accident: the seven records, perhaps an eighth; then a plain run completes, with the same eighth if it was there or journalled. */
function checkHome(home: string, what: string): void {
  const read = (): Buffer => {
    const store = openGitStore(join(home, 'ledger.git'));
    const bytes = Buffer.concat([...store.readSegments(PROGRAMME)].map((segment) => segment.bytes));
    store.close();
    return bytes;
  };
  const seven = Buffer.concat(Array.from({ length: 7 }, (_, index) => record(index)));
  const after = read();
  expect([2100, 2400], what).toContain(after.length);
  expect(after.subarray(0, 2100).equals(seven), what).toBe(true);
  const journal = readJournal(home);
  const again = spawnSync(process.execPath, [script, home, SECOND_RUN], { encoding: 'utf8' });
  expect(again, what).toMatchObject({ status: 0, stderr: '' });
  const complete = read();
  expect(complete.length, what).toBe(2400);
  expect(complete.subarray(0, after.length).equals(after), what).toBe(true);
  // A block that was signed is the block that is appended.
  if (journal !== null) expect(complete.subarray(2100).equals(journal.records[0] as Uint8Array), what).toBe(true);
  if (hasGit) expect(fsck(join(home, 'ledger.git')), what).toBe('');
  rmSync(home, { recursive: true, force: true });
}

describe.skipIf(!hasStrace)('an append, each of whose system calls goes wrong in turn', () => {
  const run = (call: string, index: number, how: string): string => {
    const home = freshHome();
    const result = spawnSync(STRACE, [
      '-qq',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:${how}:when=${index}`,
      process.execPath,
      script,
      home,
      FIRST_RUN,
    ]);
    if (how === 'signal=KILL') expect(result.signal, `${call} ${index}`).toBe('SIGKILL');
    return home;
  };

  test('killed at each call: nothing is lost, the next run completes', () => {
    const counts = countCalls();
    expect([...counts.keys()]).toEqual(expect.arrayContaining(['pwrite64', 'fsync', 'rename', 'link', 'symlink']));
    for (const [call, count] of counts) {
      for (let index = 1; index <= count; index++)
        checkHome(run(call, index, 'signal=KILL'), `${call} ${index} killed`);
    }
  }, 240_000);

  test('failing at each call: the disk is full, or broken', () => {
    for (const [call, count] of countCalls()) {
      const error = call === 'fsync' ? 'EIO' : 'ENOSPC';
      for (let index = 1; index <= count; index++)
        checkHome(run(call, index, `error=${error}`), `${call} ${index} ${error}`);
    }
  }, 240_000);
});
