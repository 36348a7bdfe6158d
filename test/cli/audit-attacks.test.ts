/** Lies that auditors find, and auditors who lie: a works with two products, two suppliers and a customer, month against month, by the commands. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, DAY, RECEIPTS, townPolicy } from '../support/audit-town.ts';
import { type FolderState, readFolder, restoreFolder } from '../support/folder-state.ts';
import type { Run } from '../support/town.ts';
import { createWorksTown, type WorksTown } from '../support/works-town.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: Works
supply_points:
  grid: {carrier: electricity}
  coal-gate: {carrier: coal}
meters:
  main: {kind: energy, at: grid, counts: import, unit: kWh, accuracy: "0.005"}
  kiln: {kind: energy, at: coal-gate, counts: import, product: cement, unit: GJ}
  cement-mill: {kind: energy, under: main, product: cement, unit: kWh}
  slag-mill: {kind: energy, under: main, product: slag, unit: kWh}
  cement-out: {kind: product, product: cement, unit: t}
  slag-out: {kind: product, product: slag, unit: t}
  cement-sold: {kind: shipment, product: cement, unit: t}
  slag-sold: {kind: shipment, product: slag, unit: t}
`;

const METERS = `joulemark: profile/1
reads: meters
file: {encoding: utf-8}
time: {column: day, format: yyyy-MM-dd, zone: UTC}
shape: wide
columns:
  main: {meter: main, unit: kWh}
  kiln: {meter: kiln, unit: GJ}
  cmill: {meter: cement-mill, unit: kWh}
  smill: {meter: slag-mill, unit: kWh}
  cement: {meter: cement-out, unit: t}
  slag: {meter: slag-out, unit: t}
  pearlc: {meter: cement-sold, unit: t, party: Pearl}
  pearls: {meter: slag-sold, unit: t, party: Pearl}
`;

const deliveries = (label: string, unit: string, accuracy: string): string => `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8}
time: {from: from, to: to, format: yyyy-MM-dd, zone: UTC, stamp: start}
shape: {account: account, value: amount, unit: ${unit}}
account: {"1": ${label}}
accuracy: {${label}: "${accuracy}"}
`;

const month = (name: string): readonly string[] =>
  Array.from(
    { length: new Date(Date.UTC(Number(name.slice(0, 4)), Number(name.slice(5)), 0)).getUTCDate() },
    (_, index) => `${name}-${String(index + 1).padStart(2, '0')}`,
  );

/** A day takes 1,000 kWh, 3.6 GJ of about 51.6: the electricity is 7 % of the energy. Coal comes every day, so the works is alike in both months but for it. */
const rows = (name: string, coal: string): string =>
  [
    'day,main,kiln,cmill,smill,cement,slag,pearlc,pearls',
    ...month(name).map((day) => `${day},1000,${coal},600,400,10,6,5,3`),
  ].join('\n');

interface Certified {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly audits: readonly {
    readonly relation: string;
    readonly passed: boolean;
    readonly reason: string | null;
    readonly sharePercent: { readonly displayed: string } | null;
  }[];
}

let town: WorksTown;
let submitted: { readonly files: FolderState; readonly now: number };

beforeAll(async () => {
  town = await createWorksTown({
    policy: townPolicy({
      length: 'P1M',
      carriers: '{electricity: {unit: kWh, row: kWh}, coal: {unit: GJ, row: GJ}}',
      products: '{cement: {basis: quantity, unit: t}, slag: {basis: quantity, unit: t}}',
      productsRule: 'mix_weighted',
      relations: '{at_least: "2", always: [upstream]}',
    }).replace('solid: "0.02"', 'solid: "0.05"'),
    works: { works: 'Works' },
    auditors: { grid: 'Grid', colliery: 'Colliery', pearl: 'Pearl', stranger: 'Stranger' },
    relations: {
      Grid: ['upstream:Works:grid'],
      Colliery: ['upstream:Works:coal-gate'],
      Pearl: ['downstream:Works:cement,slag'],
    },
    boundary: () => BOUNDARY,
    meters: METERS,
  });
  town.now = at('2026-02-02');
  await town.submit('works', 'january.csv', rows('2026-01', '50'));
  town.now = at('2026-03-02');
  await town.submit('works', 'february.csv', rows('2026-02', '48'));
  await town.turn('works', 'grid', 'colliery', 'pearl', 'stranger');
  town.now = at('2026-03-08');
  await town.turn('works', 'grid', 'colliery', 'pearl', 'stranger');
  town.write('grid', 'profile.yaml', deliveries('grid', 'kWh', '0.002'));
  town.write('colliery', 'profile.yaml', deliveries('coal-gate', 'GJ', '0.005'));
  town.write('pearl', 'profile.yaml', RECEIPTS.replace('{PO42: cement}', '{PO42: cement, S95: slag}'));
  submitted = { files: readFolder(town.root), now: town.now };
}, 120_000);
beforeEach(() => {
  restoreFolder(town.root, submitted.files);
  town.now = submitted.now;
});
afterAll(() => town.remove());

/** A supplier compares February with his books, a day a row, and signs. */
async function supply(who: 'grid' | 'colliery', daily: string, ...judgement: readonly string[]): Promise<string> {
  town.write(
    who,
    'books.csv',
    ['account,from,to,amount', ...month('2026-02').map((day) => `1,${day},${day},${daily}`)].join('\n'),
  );
  return signed(who, ['--all-supply-points', 'yes'], judgement);
}

/** The customer compares what it received, by article. */
async function receive(cement: string, slag: string, ...judgement: readonly string[]): Promise<string> {
  const received = month('2026-02').flatMap((day) => [
    ...(cement === '' ? [] : [`${day},PO42,${cement}`]),
    ...(slag === '' ? [] : [`${day},S95,${slag}`]),
  ]);
  town.write('pearl', 'books.csv', ['day,article,tonnes', ...received].join('\n'));
  return signed('pearl', [], judgement);
}

/** Runs and signs; what the comparison proposed. */
async function signed(who: string, more: readonly string[], judgement: readonly string[]): Promise<string> {
  const run = await town.json<{ audits: { figures: { proposal: string } }[] }>(
    who,
    'audit',
    'run',
    'Works',
    '--window',
    '2026-02',
    '--records',
    'books.csv',
    '--profile',
    'profile.yaml',
    ...more,
  );
  await town.ok(who, 'audit', 'sign', 'Works', ...judgement);
  await town.turn(who);
  return run.audits[0]!.figures.proposal;
}

async function certify(): Promise<{ readonly run: Run; readonly view: Certified }> {
  town.now = at('2026-03-01') + 61 * DAY;
  await town.ok('body', 'broadcast');
  const run = await town.run('body', 'certify', 'run', 'Works', '--period', '2026-02', '--json');
  return { run, view: JSON.parse(run.stdout) as Certified };
}

const BRIBED = ['--verdict', 'pass', '--because', 'looks fine to me'] as const;

describe('honest books', () => {
  test('of everybody certify', async () => {
    expect(await supply('grid', '1000')).toBe('pass');
    expect(await supply('colliery', '48')).toBe('pass');
    expect(await receive('5', '3')).toBe('pass');
    const { run, view } = await certify();
    expect({ status: run.status, view }).toMatchObject({ status: 0, view: { status: 'CERTIFIED', reasons: [] } });
  });
});

describe('the customer', () => {
  test('finds that another product was delivered than is claimed', async () => {
    await supply('grid', '1000');
    await supply('colliery', '48');
    expect(await receive('3', '5')).toBe('fail');
    const { run, view } = await certify();
    expect(run.status).toBe(5);
    expect(view.status).toBe('INCOMPLETE');
    expect(view.reasons).toContain('audit-failed');
  });

  test('finds that less was delivered than is claimed', async () => {
    expect(await receive('4.8', '3')).toBe('fail');
    const { figures } = await town.json<{ figures: { lines: readonly object[] } }>('pearl', 'audit', 'show', 'Pearl/1');
    expect(figures.lines).toMatchObject([
      { label: 'cement', reported: '140', own: '134.4', agrees: false },
      { label: 'slag', agrees: true },
    ]);
  });
});

describe('the supplier', () => {
  test('of 7 % of the energy is not enough, whatever he passes', async () => {
    await supply('grid', '1000');
    await receive('5', '3');
    const { run, view } = await certify();
    expect(run.status).toBe(5);
    expect(view.reasons).toContain('audit-share');
    expect(view.audits.find(({ relation }) => relation === 'upstream')).toMatchObject({
      passed: false,
      reason: 'audit-share',
      sharePercent: { displayed: '7.0' },
    });
  });
});

describe('a bribed auditor', () => {
  test('alone achieves nothing: the other supplier finds what is withheld', async () => {
    expect(await supply('grid', '1050', ...BRIBED)).toBe('fail');
    expect(await supply('colliery', '53')).toBe('fail');
    await receive('5', '3');
    const { run, view } = await certify();
    expect(run.status).toBe(5);
    expect(view.status).toBe('INCOMPLETE');
    expect(view.reasons).toContain('audit-failed');
    // his verdict and what his own books said both stand on the ledger
    expect(await town.json('stranger', 'sync')).toBeDefined();
    expect(await town.json('stranger', 'audit', 'show', 'Grid/1')).toMatchObject({
      verdict: 'pass',
      reason: 'looks fine to me',
      figures: { proposal: 'fail' },
    });
  });

  test('who passes a small lie signs the difference, and it is turned against the claimant', async () => {
    // 50.2 GJ of coal for 48 reported is inside the flat 5 % of solids, and more than the whole saving
    expect(await supply('colliery', '50.2')).toBe('pass');
    await supply('grid', '1000');
    await receive('5', '3');
    const { run, view } = await certify();
    expect(run.status).toBe(4);
    expect(view).toMatchObject({ status: 'NOT_QUALIFIED' });
  });

  test('counts once, however often he signs, and in no relation but his own', async () => {
    for (const because of ['one', 'two', 'three'])
      await supply('grid', '1050', '--verdict', 'pass', '--because', because);
    const { view } = await certify();
    expect(view.audits).toMatchObject([
      { relation: 'upstream', passes: 1, auditors: 1, passed: false, sharePercent: { displayed: '7.0' } },
      { relation: 'peer', passes: 0, passed: false },
      { relation: 'downstream', passes: 0, passed: false },
    ]);
  });

  test('brings no friend: who is not admitted can neither draft nor sign', async () => {
    const run = await town.run('stranger', 'audit', 'run', 'Works', '--window', '2026-02');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('is not admitted to audit');
  });
});
