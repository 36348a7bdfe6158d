/** The four EPA plants by the commands that people type: real homes, a hub, one clock. Baseline 2013-2015 as history, 2022 month by month. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addRatio, ratioOfText, ratioToText, ZERO } from '../../src/calc/ratio.ts';
import { COSEKey, Sign1 } from '@auth0/cose';
import { decodeRecord } from '../../src/ledger/block.ts';
import { entryAt } from '../../src/ledger/entry.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { hasChromium, openVerifyPage, pageVerifier, startBrowser } from '../support/browser.ts';
import { chooseFlips, exportVerifiers, withFlip } from '../support/export-flips.ts';
import { fsck, git, hasGit } from '../support/git.ts';
import { type Plant, PLANTS, readPlant } from '../support/epa.ts';
import { midnight } from '../support/epa-ledger.ts';
import { policyText } from '../support/policy-text.ts';
import { hasShared, sharedPath } from '../support/shared.ts';
import { createTown, type Town } from '../support/town.ts';

const DAY = 86_400;
const NORTHAMPTON = '50888';
const MONTHS = Array.from({ length: 12 }, (_, index) => `2022-${String(index + 1).padStart(2, '0')}`);

const boundary = (plant: Plant): string => `joulemark: boundary/1
applicant: ${plant.name}
supply_points: {coal-gate: {carrier: waste_coal}}
meters:
  heat: {kind: energy, at: coal-gate, counts: import, unit: mmBtu}
  out: {kind: product, product: ${plant.productType}, unit: ${plant.productUnit}}
`;

/** The published file as it is: a blank is a unit that did not run. */
const profile = (plant: Plant): string => `joulemark: profile/1
reads: meters
file: {encoding: utf-8}
time: {column: date, format: yyyy-MM-dd, zone: UTC}
cells: {blank: idle}
shape: wide
columns:
  heat_input_mmbtu: {meter: heat, unit: mmBtu}
  product_qty: {meter: out, unit: ${plant.productUnit}}
`;

const DELIVERIES = `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8}
time: {from: from, to: to, format: yyyy-MM-dd, zone: UTC, stamp: start}
shape: {account: gate, value: mmbtu, unit: mmBtu}
account: {"1": coal-gate}
`;

/** The rows of the published file whose date begins so. */
function rowsOf(id: string, ...dates: readonly string[]): string {
  const [header = '', ...lines] = readFileSync(sharedPath(`data/epa-campd-daily/plant-${id}.csv`), 'utf8')
    .trimEnd()
    .split(/\r?\n/);
  const column = header.split(',').indexOf('date');
  return [header, ...lines.filter((line) => dates.some((date) => line.split(',')[column]?.startsWith(date)))].join(
    '\n',
  );
}

/** What the supplier's books say of a plant: a row a month, from the published heat input. */
function deliveries(plant: Plant): string {
  const rows = MONTHS.map((month) => {
    const days = plant.days.filter((day) => day.date.startsWith(month));
    const sum = days.reduce(
      (total, day) => (day.energy === undefined ? total : addRatio(total, ratioOfText(day.energy))),
      ZERO,
    );
    return `1,${month}-01,${new Date(Date.UTC(2022, Number(month.slice(5)), 0)).toISOString().slice(0, 10)},${decimalText(sum)}`;
  });
  return ['gate,from,to,mmbtu', ...rows].join('\n');
}

/** A sum of figures with three places as it is written. */
function decimalText(value: Parameters<typeof ratioToText>[0]): string {
  const thousandths = String((value.n * 1000n) / value.d).padStart(4, '0');
  return `${thousandths.slice(0, -3)}.${thousandths.slice(-3)}`;
}

/** Every block of a chain in the files of a clone, by a stock COSE library: how many there are. Nobody rotates here. */
async function stockCoseChecks(folder: string): Promise<number> {
  const chain = Buffer.concat(
    readdirSync(folder)
      .toSorted()
      .map((name) => readFileSync(join(folder, name))),
  );
  const blocks = splitRecords(chain).map(decodeRecord);
  const x = Buffer.from(entryAt(blocks[0]!, 0)!.content.get('key') as Uint8Array).toString('base64url');
  const key = await COSEKey.fromJWK({ kty: 'OKP', crv: 'Ed25519', x }).toKeyLike();
  for (const { bytes } of blocks) await Sign1.decode(bytes).verify(key);
  return blocks.length;
}

describe.skipIf(!hasShared)('the EPA plants by commands', () => {
  let town: Town;
  let hub: string;
  let ledger: string;
  const plants = hasShared ? PLANTS.map(readPlant) : [];
  const folderOf = (plant: Plant): string => `plant-${plant.id}`;
  const peerOf = (plant: Plant): Plant =>
    plants.find((other) => other !== plant && other.productType === plant.productType)!;

  /** Everybody publishes, the body broadcasts. */
  async function turn(...folders: readonly string[]): Promise<void> {
    for (const folder of folders) await town.ok(folder, 'sync');
    await town.ok('body', 'broadcast');
  }

  beforeAll(async () => {
    town = createTown(midnight('2021-12-10'));
    hub = join(town.root, 'hub.git');
    town.write(
      'body',
      'policy.yaml',
      policyText({ baseline: '{from: 2013-01-01, to: 2016-01-01}', first: '2013-01-01' }),
    );
    await town.ok('body', 'init', 'Body');
    ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
    await town.ok('body', 'remote', 'init', hub);
    await town.ok('body', 'remote', 'add', 'hub', hub);
    await town.ok('body', 'sync');
    const joined = [['supplier', 'Coal supplier'], ...plants.map((plant) => [folderOf(plant), plant.name])] as const;
    for (const [folder, name] of joined) {
      await town.ok(folder, 'init', name);
      await town.ok(folder, 'join', hub, '--ledger', ledger);
    }
    for (const plant of plants) {
      town.write(folderOf(plant), 'boundary.yaml', boundary(plant));
      town.write(folderOf(plant), 'meters.yaml', profile(plant));
      await town.ok(folderOf(plant), 'boundary', 'set', 'boundary.yaml');
    }
    await turn('supplier', ...plants.map(folderOf));
    for (const plant of plants) {
      await town.ok('body', 'boundary', 'accept', plant.name);
      await town.ok(
        'body',
        'org',
        'admit',
        plant.name,
        '--role',
        'applicant',
        '--role',
        'auditor',
        '--relation',
        `peer:${peerOf(plant).name}:${plant.productType}`,
      );
    }
    const relations = plants.flatMap((plant) => ['--relation', `upstream:${plant.name}:coal-gate`]);
    await town.ok('body', 'org', 'admit', 'Coal supplier', '--role', 'auditor', ...relations);
    await turn();
    for (const plant of plants) {
      await town.ok(folderOf(plant), 'sync');
      town.write(folderOf(plant), 'history.csv', rowsOf(plant.id, '2013', '2014', '2015'));
      await town.ok(folderOf(plant), 'meter', 'submit', 'history.csv', '--profile', 'meters.yaml');
    }
    await turn(...plants.map(folderOf));
    for (const month of MONTHS) {
      town.now = midnight(`${month}-01`) + 33 * DAY;
      for (const plant of plants) {
        town.write(folderOf(plant), 'month.csv', rowsOf(plant.id, month));
        await town.ok(folderOf(plant), 'meter', 'submit', 'month.csv', '--profile', 'meters.yaml');
      }
      await turn(...plants.map(folderOf));
    }
    town.now = midnight('2023-01-10');
    town.write('supplier', 'deliveries.yaml', DELIVERIES);
    await turn();
    await town.ok('supplier', 'sync');
    for (const plant of plants) {
      town.write('supplier', `${plant.id}.csv`, deliveries(plant));
      await town.ok(
        'supplier',
        'audit',
        'run',
        plant.name,
        '--period',
        '2022',
        '--records',
        `${plant.id}.csv`,
        '--profile',
        'deliveries.yaml',
        '--all-supply-points',
        'yes',
      );
      await town.ok('supplier', 'audit', 'sign', plant.name);
      await town.ok(folderOf(plant), 'sync');
      await town.ok(folderOf(plant), 'audit', 'run', peerOf(plant).name, '--period', '2022');
      await town.ok(folderOf(plant), 'audit', 'sign', peerOf(plant).name);
    }
    await turn('supplier', ...plants.map(folderOf));
    town.now = midnight('2023-03-05');
    await turn();
  }, 400_000);

  afterAll(() => town?.remove());

  it('certify Northampton, refuse the others, and say the same when asked again', async () => {
    const answers = new Map<string, { readonly status: number; readonly view: Certified }>();
    for (const plant of plants) {
      const run = await town.run('body', 'certify', 'run', plant.name, '--period', '2022', '--json');
      answers.set(plant.id, { status: run.status, view: JSON.parse(run.stdout) as Certified });
      expect((await town.run('body', 'certify', 'run', plant.name, '--period', '2022')).status).toBe(run.status);
    }
    expect(
      [...answers].map(([id, { status, view }]) => [id, status, view.status, view.products[0]?.ratePercent?.displayed]),
    ).toEqual([
      ['10113', 4, 'NOT_QUALIFIED', '-1.565'],
      ['10143', 4, 'NOT_QUALIFIED', '-8.089'],
      [NORTHAMPTON, 0, 'CERTIFIED', '1.724'],
      ['54634', 4, 'NOT_QUALIFIED', '-7.785'],
    ]);
    const { view } = answers.get(NORTHAMPTON)!;
    expect(view).toMatchObject({ number: 'JM-2022-0001', baseline: '2013-2015', period: '2022' });
    expect(view.products[0]).toMatchObject({
      baseline: { displayed: '10.8973454' },
      reporting: { displayed: '10.7094930' },
      idleDays: { idle: 138, of: 365 },
      gapsFilled: 0,
    });
    expect(view.audits.find(({ relation }) => relation === 'upstream')).toMatchObject({
      passed: true,
      passes: 12,
      sharePercent: { displayed: '100.0' },
    });
    // two plants make each product, and one peer cannot judge what was made: only where nothing was made there is nothing to judge
    const northampton = plants.find(({ id }) => id === NORTHAMPTON)!;
    const stood = MONTHS.filter((month) =>
      northampton.days.every((day) => !day.date.startsWith(month) || Number(day.product ?? 0) === 0),
    );
    expect(stood.length).toBeLessThan(6);
    expect(view.audits.find(({ relation }) => relation === 'peer')).toMatchObject({
      passed: false,
      passes: stood.length,
      fails: 0,
      auditors: 1,
    });
  }, 200_000);

  it('and shows the certificate with where it comes from and how to check it', async () => {
    const { status, stdout } = await town.run('body', 'certify', 'show', 'JM-2022-0001');
    expect(status).toBe(0);
    expect(stdout).toContain('1.724 % less energy per MWh');
    // 365 days of heat and of output
    expect(stdout).toMatch(/\n {12}period: {3}730 counted, 0 late, 0 given as history, 0 corrected\n/u);
    expect(stdout).toContain('covered in the period:   100.0 % by all meters together, 100.0 % by the least, 0 gaps');
    expect(stdout).toMatch(/\nvalid {7}2023-03-\d\d to 2024-03-\d\d\n/u);
    expect(stdout).toContain('check it    joulemark verify <copy> --ledger ');
    expect(stdout).toContain('            joulemark certify explain JM-2022-0001');
  });

  it('are verified by a stranger from a copy of the hub, every decision the same bytes', async () => {
    await town.ok('body', 'sync');
    const verified = await town.json<Verified>('stranger', 'verify', hub, '--ledger', ledger);
    expect(verified).toMatchObject({
      verdict: 'CHECKED',
      errors: [],
      sealed: 0,
      decisions: { recomputed: 4, different: 0 },
    });
    expect(verified.notes.filter(({ code }) => code !== 'package-late')).toEqual([]);
    expect(verified.packages).toBe(plants.length * 2 * (1095 + 365));
  }, 100_000);

  it('are exported, and every verifier of the folder says the same', async () => {
    const folder = join(town.root, 'export');
    await town.ok('body', 'ledger', 'export', folder);
    const stranger = town.folder('stranger');
    const command = await town.run('stranger', 'verify', folder, '--ledger', ledger);
    expect(command.status).toBe(0);
    expect(command.stdout).toMatch(/^CHECKED .* 4 decisions recomputed: all as signed$/m);
    const single = spawnSync(process.execPath, [join(folder, 'verify.mjs'), '--ledger', ledger], {
      cwd: town.folder('empty'),
      env: {},
      encoding: 'utf8',
    });
    expect(single).toMatchObject({ status: 0, stderr: '', stdout: command.stdout });
    if (hasGit) {
      git(stranger, 'clone', '-q', join(folder, 'ledger.bundle'), 'clone');
      expect(fsck(join(stranger, 'clone'))).toBe('');
      expect(await stockCoseChecks(join(stranger, 'clone', 'blocks'))).toBeGreaterThan(10);
    }
  }, 100_000);

  it('show any of 1,000 flipped bits of the export, with the file', async () => {
    const folder = join(town.root, 'export');
    const browser = hasChromium ? await startBrowser() : null;
    const opened = browser === null ? null : await openVerifyPage(browser, join(folder, 'verify.html'));
    const verifiers = [...exportVerifiers(town), ...(opened === null ? [] : [pageVerifier(opened.page)])];
    try {
      for (const { name, verify } of verifiers) expect(await verify(folder), name).toMatchObject({ status: 0 });
      for (const flip of chooseFlips(folder, 1000, 'real flips')) {
        await withFlip(folder, flip, async () => {
          for (const { name, verify } of verifiers) {
            const { status, text } = await verify(folder);
            const where = `${name}, ${flip.file} bit ${flip.bit}`;
            expect(status, where).toBe(3);
            if (flip.file !== 'SHA256SUMS') expect(text, where).toContain(`'${flip.file}'`);
          }
        });
      }
    } finally {
      await browser?.close();
    }
  }, 900_000);

  it('are cut to one plant: its certificate is recomputed, of the others only the hashes are there', async () => {
    const cut = join(town.root, 'cut');
    const [whole, part] = [join(town.root, 'export', 'ledger.bundle'), join(cut, 'ledger.bundle')];
    const northampton = plants.find(({ id }) => id === NORTHAMPTON)!;
    await town.ok('body', 'ledger', 'export', cut, '--applicant', northampton.name, '--period', '2022');
    // a hash in place of an entry is half of it, as compressed
    expect(statSync(part).size).toBeLessThan(0.7 * statSync(whole).size);
    const run = await town.run('stranger', 'verify', cut, '--ledger', ledger, '--json');
    expect(run.status).toBe(5);
    const verified = JSON.parse(run.stdout) as Verified;
    expect(verified).toMatchObject({ verdict: 'PENDING', errors: [], decisions: { recomputed: 1, different: 0 } });
    // of every block of the others the first entry stays
    expect(verified.packages).toBeGreaterThanOrEqual(2 * (1095 + 365));
    expect(verified.packages).toBeLessThan(2 * (1095 + 365) + 100);
  }, 100_000);

  it('are exported bit by bit: what came after an earlier broadcast', async () => {
    const late = join(town.root, 'late');
    await town.ok('body', 'ledger', 'export', late, '--since', '12');
    expect((await town.run('stranger', 'verify', late)).status).toBe(5);
    expect(statSync(join(late, 'ledger.bundle')).size).toBeLessThan(
      statSync(join(town.root, 'export', 'ledger.bundle')).size,
    );
    await town.ok(folderOf(plants[0]!), 'ledger', 'import', late);
    expect(await town.json(folderOf(plants[0]!), 'verify')).toMatchObject({ verdict: 'CHECKED' });
  }, 100_000);

  it('find nothing to add when the files are submitted again', async () => {
    const [plant] = plants;
    const { blocks } = await town.json<{ blocks: number }>(folderOf(plant!), 'verify');
    await town.ok(folderOf(plant!), 'meter', 'submit', 'history.csv', '--profile', 'meters.yaml');
    expect((await town.json<{ blocks: number }>(folderOf(plant!), 'verify')).blocks).toBe(blocks);
  });
});

interface Certified {
  readonly status: string;
  readonly number: string | null;
  readonly products: readonly { readonly ratePercent: { readonly displayed: string } | null }[];
  readonly audits: readonly { readonly relation: string }[];
}

interface Verified {
  readonly packages: number;
  readonly notes: readonly { readonly code: string }[];
}
