import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltProgram, buildProgram } from '../support/built-program.ts';
import { createWorks, PROFILE } from '../support/fault/submit-scene.ts';
import { loadChain } from '../../src/home/chain-reader.ts';
import { openHome } from '../../src/home/home.ts';
import { readJournal } from '../../src/ledger/store/journal.ts';
import { entryAt } from '../../src/ledger/entry.ts';
import { packageContent } from '../../src/programme/entries.ts';
import type { MeterHomes } from '../support/meter-homes.ts';

// The built program as processes of their own: killed, in each other's way, and on a repository from a backup.

let built: BuiltProgram;
let homes: MeterHomes | undefined;

beforeAll(() => {
  built = buildProgram('submit');
}, 60_000);

afterAll(() => built?.remove());
afterEach(() => {
  homes?.remove();
  homes = undefined;
});

async function create(): Promise<MeterHomes> {
  homes = await createWorks();
  homes.write('p.yaml', PROFILE);
  return homes;
}

const dateOf = (day: number): string => new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
const csv = (meter: string, from: number, to: number): string =>
  `meter,day,value\n${Array.from({ length: to - from }, (_, index) => `${meter},${dateOf(from + index)},${from + index}.5\n`).join('')}`;

/** Runs the program; with `killAfter` it is killed after so many milliseconds. */
function joulemark(
  h: MeterHomes,
  argv: readonly string[],
  killAfter?: number,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const child = spawn(process.execPath, [built.program, ...argv], {
    cwd: h.folder,
    env: { PATH: process.env['PATH'], JOULEMARK_HOME: h.applicant },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter);
  return new Promise((resolve) => {
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, stderr });
    });
  });
}

/** Every package of the applicant's chain, the chain verified from its first block. */
function packagesOf(h: MeterHomes): { readonly slots: readonly string[]; readonly blocks: number } {
  const { store, ledger, org } = openHome(h.applicant);
  const chain = loadChain(store, { kind: 'organisation', ledger, id: org }, null);
  const slots: string[] = [];
  for (const block of chain?.blocks ?? []) {
    for (let index = 0; index < block.items.length; index += 1) {
      const entry = entryAt(block, index);
      if (entry?.type !== 'package') continue;
      const { meter, interval } = packageContent.read(entry.content, 'package');
      slots.push(`${meter} ${interval.join('..')}`);
    }
  }
  return { slots, blocks: chain?.blocks.length ?? 0 };
}

describe('submitting', () => {
  test('survives being killed at any moment: the next run goes on, nothing twice and nothing lost', async () => {
    const h = await create();
    const spool = join(h.folder, 'spool');
    mkdirSync(spool);
    const files = 40;
    for (let day = 0; day < files; day += 1)
      writeFileSync(join(spool, `d${String(day).padStart(3, '0')}.csv`), csv('coal-belt', day, day + 1));
    let kills = 0;
    let status: number | null = null;
    for (let run = 0; run < 60 && status !== 0; run += 1) {
      const ended = await joulemark(
        h,
        ['meter', 'collect', '--spool', spool, '--profile', 'p.yaml', '--wait', '30'],
        150 + Math.random() * 500,
      );
      status = ended.status;
      if (status === null) kills += 1;
      else expect(ended).toEqual({ status: 0, stderr: '' });
    }
    if (status !== 0)
      expect(
        (await joulemark(h, ['meter', 'collect', '--spool', spool, '--profile', 'p.yaml', '--wait', '30'])).status,
      ).toBe(0);
    expect(kills).toBeGreaterThan(0);
    const { slots } = packagesOf(h);
    expect(slots).toHaveLength(files);
    expect(new Set(slots).size).toBe(files);
    expect(readdirSync(join(spool, 'done'))).toHaveLength(files);
    expect(readdirSync(spool)).toEqual(['done']);
    expect(readJournal(h.applicant)).toBe(null);
  }, 120_000);

  test('by two processes at once makes one chain', async () => {
    const h = await create();
    const [runs, each] = [10, 10];
    const worker = async (meter: string): Promise<void> => {
      for (let run = 0; run < runs; run += 1) {
        const file = `${meter}-${run}.csv`;
        h.write(file, csv(meter, run * each, (run + 1) * each));
        expect(await joulemark(h, ['meter', 'submit', file, '--profile', 'p.yaml', '--wait', '60'])).toEqual({
          status: 0,
          stderr: '',
        });
      }
    };
    const before = packagesOf(h).blocks;
    await Promise.all([worker('coal-belt'), worker('clinker-out')]);
    const { slots, blocks } = packagesOf(h);
    expect(blocks).toBe(before + 2 * runs);
    expect(new Set(slots).size).toBe(2 * runs * each);
    expect(slots).toHaveLength(2 * runs * each);
  }, 120_000);

  test('refuses to sign on a repository that was restored from a backup', async () => {
    const h = await create();
    h.write('a.csv', csv('coal-belt', 0, 1));
    h.write('b.csv', csv('coal-belt', 1, 2));
    const repository = join(h.applicant, 'ledger.git');
    expect((await joulemark(h, ['meter', 'submit', 'a.csv', '--profile', 'p.yaml'])).status).toBe(0);
    cpSync(repository, join(h.folder, 'backup.git'), { recursive: true });
    expect((await joulemark(h, ['meter', 'submit', 'b.csv', '--profile', 'p.yaml'])).status).toBe(0);
    rmSync(repository, { recursive: true });
    cpSync(join(h.folder, 'backup.git'), repository, { recursive: true });
    const refused = await joulemark(h, ['meter', 'submit', 'b.csv', '--profile', 'p.yaml']);
    expect(refused.status).toBe(13);
    expect(refused.stderr).toContain('restored backup');
    expect(packagesOf(h).slots).toHaveLength(1);
  }, 60_000);

  test('fails at once when another process holds the lock', async () => {
    const h = await create();
    h.write('a.csv', csv('coal-belt', 0, 1));
    const { withLock } = await import('../../src/ledger/store/lock.ts');
    await withLock(join(h.applicant, 'lock'), {}, async () => {
      expect((await joulemark(h, ['meter', 'submit', 'a.csv', '--profile', 'p.yaml'])).status).toBe(11);
    });
    expect((await joulemark(h, ['meter', 'submit', 'a.csv', '--profile', 'p.yaml'])).status).toBe(0);
  }, 60_000);
});
