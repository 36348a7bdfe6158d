import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { lineBatches } from '../../src/home/line-batches.ts';
import { createMeterHomes, type MeterHomes } from '../support/meter-homes.ts';
import { policyText } from '../support/policy-text.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points: {coal-gate: {carrier: raw_coal}}
meters:
  coal-belt: {kind: energy, at: coal-gate, counts: use, product: clinker, reads: interval, unit: t}
  clinker-out: {kind: product, product: clinker, reads: interval, unit: t}
`;

const profile = (time: string, meter: string): string => `joulemark: profile/1
reads: meters
file: {}
time: {column: time, ${time}, zone: Asia/Shanghai, stamp: start}
shape: wide
columns: {${meter}: {meter: ${meter}, unit: t}}
`;

let homes: MeterHomes | undefined;
afterEach(() => {
  homes?.remove();
  homes = undefined;
});

async function create(): Promise<{
  readonly homes: MeterHomes;
  readonly spool: string;
  put(name: string, text: string): void;
  files(folder: string): readonly string[];
}> {
  homes = await createMeterHomes({
    policy: policyText({
      zone: 'Asia/Shanghai',
      first: '2026-01-01',
      carriers: '{raw_coal: {unit: t, row: raw_coal}}',
      products: '{clinker: {basis: quantity, unit: t}}',
    }),
    boundary: BOUNDARY,
    now: Date.UTC(2025, 11, 1) / 1000,
  });
  homes.now = Date.UTC(2026, 3, 2) / 1000;
  const spool = join(homes.applicant, 'spool');
  mkdirSync(join(spool, 'in'), { recursive: true });
  mkdirSync(join(homes.applicant, 'profiles'));
  writeFileSync(join(homes.applicant, 'profiles/belt.yaml'), profile('format: yyyy-MM-dd', 'coal-belt'));
  writeFileSync(join(spool, 'in/profile.yaml'), profile('format: yyyy-MM-dd HH:mm, every: PT6H', 'clinker-out'));
  return {
    homes,
    spool,
    put: (name, text) => writeFileSync(join(spool, 'in', name), text),
    files: (folder) =>
      existsSync(join(spool, folder)) ? readdirSync(join(spool, folder)).filter((name) => name !== 'profile.yaml') : [],
  };
}

describe('meter collect', () => {
  test('takes complete files in the order of their names and moves them away', async () => {
    const { homes: h, spool, put, files } = await create();
    put('belt--2.csv', 'time,coal-belt\n2026-03-02,702\n');
    put('belt--1.csv', 'time,coal-belt\n2026-03-01,701\n');
    put('belt--3.csv', 'time,coal-belt\n2026-03-02,1\n');
    put('belt--4.csv.part', 'time,coal-belt\n2026-03-04,7');
    put('notes.txt', 'not a meter file');
    put(
      'lab.ndjson',
      '{"meter":"clinker-out","start":"2026-03-01T00:00:00+08:00","end":"2026-03-02T00:00:00+08:00","value":"5000","unit":"t"}\n',
    );
    const before = h.blocks();
    const dry = await h.run('meter', 'collect', '--dry-run');
    expect(dry.stdout).toContain('nothing was written');
    expect([h.blocks(), files('done'), files('refused'), files('in').length]).toEqual([before, [], [], 6]);
    const { status, stdout } = await h.run('meter', 'collect');
    expect(status).toBe(2);
    expect(files('in')).toEqual(['belt--4.csv.part', 'notes.txt']);
    expect(files('done')).toEqual(['belt--1.csv', 'belt--2.csv', 'lab.ndjson']);
    expect(files('refused')).toEqual(['belt--3.csv', 'belt--3.csv.error']);
    expect(readFileSync(join(spool, 'refused/belt--3.csv.error'), 'utf8').split('\n')).toMatchObject({
      0: 'coal-belt 2026-03-02 is on the ledger with another quantity',
      2: 'file    1 t     belt--3.csv line 2',
    });
    expect(stdout).toMatch(/^belt--1.csv +done +1 new$/m);
    expect(h.blocks()).toBe(before + 3);
    // the same names again: repeats go to `done` under another name, nothing is appended or overwritten
    put('belt--1.csv', 'time,coal-belt\n2026-03-01,701\n');
    const again = await h.run('meter', 'collect');
    expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining('already in the ledger') });
    expect(files('done')).toEqual(['belt--1.2.csv', 'belt--1.csv', 'belt--2.csv', 'lab.ndjson']);
    expect(h.blocks()).toBe(before + 3);
    expect((await h.run('meter', 'collect')).stdout).toBe('nothing to append\n');
    expect(JSON.parse((await h.run('meter', 'status', '--json')).stdout).spool).toEqual({ waiting: 0, refused: 1 });
  });

  test('joins a day that is cut over two files, whenever the second comes', async () => {
    const { homes: h, put, files } = await create();
    put(
      'a.csv',
      'time,clinker-out\n2026-03-01 00:00,1\n2026-03-01 06:00,2\n2026-03-01 12:00,3\n2026-03-01 18:00,4\n2026-03-02 00:00,5\n',
    );
    const first = await h.run('meter', 'collect', '--json');
    expect(JSON.parse(first.stdout).files).toMatchObject([{ name: 'a.csv', outcome: 'waiting', packages: 1 }]);
    expect(files('in')).toEqual(['a.csv']);
    put('b.csv', 'time,clinker-out\n2026-03-02 06:00,6\n2026-03-02 12:00,7\n2026-03-02 18:00,8\n');
    const second = await h.run('meter', 'collect', '--json');
    expect(JSON.parse(second.stdout).files).toMatchObject([
      { name: 'a.csv', outcome: 'done', packages: 0, repeats: 1 },
      { name: 'b.csv', outcome: 'done', packages: 1 },
    ]);
    expect([files('in'), files('done')]).toEqual([[], ['a.csv', 'b.csv']]);
    const shown = JSON.parse((await h.run('meter', 'show', 'clinker-out', '--json')).stdout);
    expect(shown.newest.map(({ quantity }: { quantity: string }) => quantity)).toEqual(['10', '26']);
  });

  test('leaves files alone that no profile is for', async () => {
    const { homes: h, put, files, spool } = await create();
    writeFileSync(join(spool, 'in/profile.yaml'), 'joulemark: profile/1\n');
    put('belt--1.csv', 'time,coal-belt\n2026-03-01,701\n');
    put('other.csv', 'x\n');
    const { status, stderr } = await h.run('meter', 'collect');
    expect([status, files('in'), files('refused')]).toEqual([2, ['belt--1.csv', 'other.csv'], []]);
    expect(stderr).toContain('profile.reads');
    expect((await h.run('meter', 'collect', 'folder')).stderr).toContain("unknown source 'folder'");
    expect((await h.run('meter', 'collect', '-', '--profile', 'x.yaml')).status).toBe(2);
  });

  test('appends a stream of lines in batches, days cut by a batch included', async () => {
    const { homes: h } = await create();
    const hour = (day: number, at: number): string =>
      `2026-03-${String(day).padStart(2, '0')}T${String(at).padStart(2, '0')}:00:00+08:00`;
    const lines: string[] = [];
    for (let day = 1; day <= 31; day += 1) {
      for (let quarter = 0; quarter < 24; quarter += 1) {
        const end = quarter === 23 ? `2026-03-${String(day).padStart(2, '0')}T24:00:00+08:00` : hour(day, quarter + 1);
        // long enough lines that a batch is cut in the midst of a day
        lines.push(
          `{"meter":"coal-belt","start":"${hour(day, quarter)}","end":"${end}","value":"${day}.${String(quarter).padStart(2, '0')}","unit":"t"${' '.repeat(1000)}}\n`,
        );
      }
    }
    const before = h.blocks();
    const { status, stdout } = await h.runWith(lines.slice(0, -3).join(''), 'meter', 'collect', '-', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      packages: 30,
      repeats: 0,
      held: [expect.stringContaining('coal-belt 2026-03-31 is not finished')],
    });
    expect(h.blocks()).toBeGreaterThan(before);
    const all = await h.runWith(lines.join(''), 'meter', 'collect', '-', '--json');
    expect(JSON.parse(all.stdout)).toMatchObject({ packages: 1, repeats: 30, held: [] });
    const wrong = await h.runWith(`${lines.join('')}{"meter":"coal-belt"}\n`, 'meter', 'collect', '-');
    expect(wrong.stderr).toContain(`standard input:${lines.length + 1}`);
    const status2 = JSON.parse((await h.run('meter', 'show', 'coal-belt', '--packages', '1', '--json')).stdout);
    // 31.00 + 31.01 + ... + 31.23
    expect(status2.newest).toMatchObject([{ quantity: '746.76' }]);
  });
});

describe('line batches', () => {
  const encoder = new TextEncoder();
  async function* chunks(parts: readonly string[], pause: number): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      yield encoder.encode(part);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  const read = async (
    parts: readonly string[],
    size: { bytes: number; seconds: number },
    pause = 0,
  ): Promise<readonly string[]> => {
    const batches: string[] = [];
    for await (const batch of lineBatches(chunks(parts, pause), size)) batches.push(new TextDecoder().decode(batch));
    return batches;
  };

  test('hold whole lines and lose nothing', async () => {
    expect(await read(['a\nb', 'c\nd\n', 'e'], { bytes: 4, seconds: 60 })).toEqual(['a\nbc\nd\n', 'e']);
    expect(await read([], { bytes: 4, seconds: 60 })).toEqual([]);
    expect(await read(['abcdefgh', 'i\n'], { bytes: 4, seconds: 60 })).toEqual(['abcdefghi\n']);
  });

  test('come when the time is up although there is room', async () => {
    expect(await read(['a\n', 'b\n'], { bytes: 1000, seconds: 0.02 }, 80)).toEqual(['a\n', 'b\n']);
  });
});
