import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import { withLock } from '../../../src/ledger/store/lock.ts';
import { bundleScript, startScript } from '../../support/bundled-script.ts';
import { PROGRAMME } from '../../support/chain.ts';
import { fsck, git, hasGit, withScratch } from '../../support/git.ts';

let scripts = '';
let appender = '';
let incrementer = '';

// Appends `count` 64-byte records whose text says who wrote them; the number of records is the chain's length in bytes / 64.
const APPENDER = `
import { openGitStore } from './src/ledger/store/git-store.ts';
import { withLock } from './src/ledger/store/lock.ts';
import { clearJournal, readJournal, writeJournal } from './src/ledger/store/journal.ts';
const [home, who, count] = process.argv.slice(2);
const ref = 'refs/heads/programme';
process.stdout.write('ready\\n');
const lengthOf = (store) => [...store.readSegments(ref)].reduce((sum, segment) => sum + segment.bytes.length, 0) / 64;
for (let index = 0; index < Number(count); index++) {
  await withLock(home + '/lock', { wait: 60000 }, () => {
    const store = openGitStore(home + '/ledger.git');
    const left = readJournal(home);
    if (left !== null && left.firstSeq === lengthOf(store)) {
      store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq: left.firstSeq, records: left.records, time: left.time });
    }
    clearJournal(home);
    const nextSeq = lengthOf(store);
    const records = [Buffer.from((who + ' ' + index + ' ' + nextSeq).padEnd(63) + '\\n')];
    writeJournal(home, { ref, firstSeq: nextSeq, time: 1700000000, records });
    store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq, records, time: 1700000000 });
    clearJournal(home);
    store.close();
  });
  process.stdout.write('appended\\n');
}
`;

// A counter in a file, read and written without any care: only mutual exclusion makes the sum right.
const INCREMENTER = `
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { withLock } from './src/ledger/store/lock.ts';
const [directory, count] = process.argv.slice(2);
process.stdout.write('ready\\n');
const isAlive = (pid) => {
  // Killed between creating the file and writing into it.
  if (pid === '') return false;
  try {
    return !/\\) [ZX] /.test(readFileSync('/proc/' + pid + '/stat', 'utf8'));
  } catch {
    return false;
  }
};
for (let index = 0; index < Number(count); index++) {
  await withLock(directory + '/lock', { wait: 60000 }, async () => {
    const value = existsSync(directory + '/counter') ? Number(readFileSync(directory + '/counter', 'utf8')) : 0;
    if (existsSync(directory + '/inside') && isAlive(readFileSync(directory + '/inside', 'utf8'))) throw new Error('two at once');
    writeFileSync(directory + '/inside', String(process.pid));
    await new Promise((resolve) => setTimeout(resolve, 1));
    writeFileSync(directory + '/counter', String(value + 1));
    const { unlinkSync } = await import('node:fs');
    unlinkSync(directory + '/inside');
  });
}
`;

beforeAll(async () => {
  scripts = mkdtempSync(join(tmpdir(), 'joulemark-scripts-'));
  appender = await bundleScript(APPENDER, join(scripts, 'appender.mjs'));
  incrementer = await bundleScript(INCREMENTER, join(scripts, 'incrementer.mjs'));
});

afterAll(() => rmSync(scripts, { recursive: true, force: true }));

/** Resolves when the process has started to work, or has printed `text`. */
async function ready(child: ChildProcess, text = 'ready'): Promise<void> {
  let seen = '';
  while (!seen.includes(text)) seen += String((await once(child.stdout as Readable, 'data'))[0]);
}

function lines(home: string): readonly string[] {
  const store = openGitStore(join(home, 'ledger.git'));
  const bytes = Buffer.concat([...store.readSegments(PROGRAMME)].map((segment) => segment.bytes));
  store.close();
  return bytes
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim());
}

describe('several processes', () => {
  test('two processes x 100 appends are 200 records, each once, in one history', () =>
    withScratch(async (scratch) => {
      initGitStore(join(scratch, 'ledger.git')).close();
      const finished = await Promise.all(['a', 'b'].map((who) => startScript(appender, scratch, who, '100').done));
      expect(finished.map((process) => process.stderr)).toEqual(['', '']);
      const written = lines(scratch);
      expect(written.map((line) => Number(line.split(' ')[2]))).toEqual(
        Array.from({ length: 200 }, (_, index) => index),
      );
      for (const who of ['a', 'b']) {
        expect(written.filter((line) => line.startsWith(`${who} `)).map((line) => Number(line.split(' ')[1]))).toEqual(
          Array.from({ length: 100 }, (_, index) => index),
        );
      }
      if (!hasGit) return;
      expect(git(join(scratch, 'ledger.git'), 'rev-list', '--count', 'programme').trim()).toBe('200');
      expect(fsck(join(scratch, 'ledger.git'))).toBe('');
    }));

  test('four processes that fight for a lock are never inside together', () =>
    withScratch(async (scratch) => {
      const finished = await Promise.all([1, 2, 3, 4].map(() => startScript(incrementer, scratch, '50').done));
      expect(finished.map((process) => process.stderr)).toEqual(['', '', '', '']);
      expect(readdirSync(scratch).sort()).toEqual(['counter']);
    }));

  test.skipIf(!hasGit)('a stock git gc in the middle of appends loses nothing', () =>
    withScratch(async (scratch) => {
      initGitStore(join(scratch, 'ledger.git')).close();
      const running = startScript(appender, scratch, 'a', '60');
      for (let round = 0; running.child.exitCode === null && round < 40; round++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        git(join(scratch, 'ledger.git'), 'pack-refs', '--all');
        if (round % 3 === 0) git(join(scratch, 'ledger.git'), 'repack', '-adq');
      }
      expect((await running.done).stderr).toBe('');
      expect(lines(scratch).length).toBe(60);
      expect(fsck(join(scratch, 'ledger.git'))).toBe('');
    }),
  );
});

describe('kill -9', () => {
  test('at any moment leaves a whole chain; the next run goes on without help', () =>
    withScratch(async (scratch) => {
      initGitStore(join(scratch, 'ledger.git')).close();
      let length = 0;
      let killed = 0;
      for (let round = 0; round < 25; round++) {
        const { child, done } = startScript(appender, scratch, `r${round}`, '100000');
        // Some are killed while they resume what the last one left, others later.
        await ready(child, round % 3 === 0 ? 'appended' : 'ready');
        await new Promise((resolve) => setTimeout(resolve, (round * 37) % 60));
        child.kill('SIGKILL');
        const finished = await done;
        expect(finished.stderr).toBe('');
        killed += Number(finished.signal === 'SIGKILL');
        const written = lines(scratch);
        expect(written.map((line) => Number(line.split(' ')[2]))).toEqual(
          Array.from({ length: written.length }, (_, index) => index),
        );
        expect(written.length).toBeGreaterThanOrEqual(length);
        length = written.length;
      }
      expect(killed).toBe(25);
      expect(length).toBeGreaterThanOrEqual(9);
      const last = await startScript(appender, scratch, 'last', '3').done;
      expect(last).toMatchObject({ status: 0, stderr: '' });
      expect(existsSync(join(scratch, 'journal'))).toBe(false);
      if (hasGit) expect(fsck(join(scratch, 'ledger.git'))).toBe('');
    }));

  test('recoverers that are killed themselves leave a lock that the next one takes', () =>
    withScratch(async (scratch) => {
      for (let round = 0; round < 12; round++) {
        const running = [1, 2, 3].map(() => startScript(incrementer, scratch, '100000'));
        await Promise.all(running.map(({ child }) => ready(child)));
        await new Promise((resolve) => setTimeout(resolve, 5 + round * 3));
        for (const { child } of running) child.kill('SIGKILL');
        for (const { done } of running) expect((await done).stderr).toBe('');
      }
      expect(await withLock(join(scratch, 'lock'), {}, () => 'ours')).toBe('ours');
    }));
});
