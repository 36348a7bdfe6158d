import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { loadChain } from '../../src/home/chain-reader.ts';
import { openHome } from '../../src/home/home.ts';
import { readJournal } from '../../src/ledger/store/journal.ts';
import { entryAt } from '../../src/ledger/block.ts';
import { packageContent } from '../../src/programme/entries.ts';
import { createMeterHomes, type MeterHomes } from '../support/meter-homes.ts';
import { policyText } from '../support/policy-text.ts';
import { PROJECT_ROOT } from '../support/sources.ts';

// The built program as processes of their own: killed, in each other's way, and on a repository from a backup.

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points: {coal-gate: {carrier: raw_coal}}
meters:
  coal-belt: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: interval, unit: t}
  clinker-out: {kind: product, product: clinker, reads: interval, unit: t}
`;
const PROFILE = `joulemark: profile/1
reads: meters
file: {}
time: {column: day, format: yyyy-MM-dd, zone: "+08:00", stamp: start}
shape: {meter: meter, value: value}
columns: {coal-belt: {meter: coal-belt, unit: t}, clinker-out: {meter: clinker-out, unit: t}}
`;

let root = '';
let program = '';
let homes: MeterHomes | undefined;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'joulemark-submit-'));
  mkdirSync(join(root, 'bin'));
  cpSync(`${PROJECT_ROOT}bin/joulemark.js`, join(root, 'bin/joulemark.js'));
  cpSync(`${PROJECT_ROOT}package.json`, join(root, 'package.json'));
  const built = spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(root, 'dist')], {
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  program = join(root, 'bin/joulemark.js');
}, 60_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));
afterEach(() => {
  homes?.remove();
  homes = undefined;
});

async function create(): Promise<MeterHomes> {
  homes = await createMeterHomes({
    policy: policyText({
      zone: '"+08:00"',
      first: '2024-01-01',
      carriers: '{raw_coal: {unit: t, row: raw_coal}}',
      products: '{clinker: {basis: quantity, unit: t}}',
    }),
    boundary: BOUNDARY,
    now: Date.UTC(2023, 11, 1) / 1000,
  });
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
  const child = spawn(process.execPath, [program, ...argv], {
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
