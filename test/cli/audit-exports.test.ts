/** What an applicant feeds into the grid lowers its energy: the grid has it in its books, and says so by the commands. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { at, DAY, townPolicy } from '../support/audit-town.ts';
import { type FolderState, readFolder, restoreFolder } from '../support/folder-state.ts';
import { createWorksTown, type WorksTown } from '../support/works-town.ts';

const BOUNDARY = `joulemark: boundary/1
applicant: Works
supply_points: {grid: {carrier: electricity}}
meters:
  main: {kind: energy, at: grid, counts: import, unit: kWh}
  fed: {kind: energy, at: grid, counts: export, unit: kWh}
  out: {kind: product, product: cement, unit: t}
`;

const METERS = `joulemark: profile/1
reads: meters
file: {encoding: utf-8}
time: {column: day, format: yyyy-MM-dd, zone: UTC}
shape: wide
columns: {main: {meter: main, unit: kWh}, fed: {meter: fed, unit: kWh}, cement: {meter: out, unit: t}}
`;

/** One contract for each way, at the same supply point: the column of the account is that of the direction too. */
const DELIVERIES = `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8}
time: {from: from, to: to, format: yyyy-MM-dd, zone: UTC, stamp: start}
shape: {account: contract, direction: contract, value: amount, unit: kWh}
account: {in-1: grid, out-1: grid}
direction: {in-1: import, out-1: export}
`;

const days = (month: string): readonly string[] =>
  Array.from({ length: month === '2026-02' ? 28 : 31 }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`);
const rows = (month: string, fed: string): string =>
  ['day,main,fed,cement', ...days(month).map((day) => `${day},1000,${fed},10`)].join('\n');

let town: WorksTown;
let founded: { readonly files: FolderState; readonly now: number };

beforeAll(async () => {
  town = await createWorksTown({
    policy: townPolicy({
      length: 'P1M',
      carriers: '{electricity: {unit: kWh, row: kWh}}',
      relations: '{at_least: "1", always: [upstream]}',
    }),
    works: { works: 'Works' },
    auditors: { grid: 'Grid' },
    relations: { Grid: ['upstream:Works:grid'] },
    boundary: () => BOUNDARY,
    meters: METERS,
  });
  town.write('grid', 'profile.yaml', DELIVERIES);
  town.now = at('2026-02-02');
  await town.submit('works', 'january.csv', rows('2026-01', '100'));
  founded = { files: readFolder(town.root), now: town.now };
}, 120_000);
beforeEach(() => {
  restoreFolder(town.root, founded.files);
  town.now = founded.now;
});
afterAll(() => town.remove());

const books = (fed: string | null): string =>
  [
    'contract,from,to,amount',
    ...days('2026-02').flatMap((day) => [
      `in-1,${day},${day},1000`,
      ...(fed === null ? [] : [`out-1,${day},${day},${fed}`]),
    ]),
  ].join('\n');
const RUN = ['audit', 'run', 'Works', '--window', '2026-02', '--records', 'books.csv', '--profile', 'profile.yaml'];

/** February as claimed, against the books of the grid; what it proposed, and what is certified. */
async function february(claimed: string, fed: string | null, ...judgement: readonly string[]) {
  town.now = at('2026-03-02');
  await town.submit('works', 'february.csv', rows('2026-02', claimed));
  await town.turn('works', 'grid');
  town.now = at('2026-03-08');
  await town.turn('works', 'grid');
  town.write('grid', 'books.csv', books(fed));
  const text = (await town.ok('grid', ...RUN, '--all-supply-points', 'yes')).stdout;
  await town.ok('grid', 'audit', 'sign', 'Works', ...judgement);
  await town.turn('grid');
  town.now = at('2026-03-01') + 61 * DAY;
  await town.ok('body', 'broadcast');
  const { status, stdout } = await town.run('body', 'certify', 'run', 'Works', '--period', '2026-02', '--json');
  const { reasons } = JSON.parse(stdout) as { readonly reasons: readonly string[] };
  return { text, status, reasons };
}

test('what was fed in and agrees is certified', async () => {
  const honest = await february('150', '150');
  expect(honest.text).toMatch(/grid, export +kWh +4,200 +4,200 +0 %.*agrees/);
  expect(honest).toMatchObject({ status: 0, reasons: [] });
});

test('what was never fed in is found in the books of the grid', async () => {
  const cheat = await february('150', '100');
  expect(cheat.text).toMatch(/grid, export +kWh +4,200 +2,800 +50 %.*differs[^]*proposes fail/);
  expect(cheat).toMatchObject({ status: 5, reasons: ['audit-failed', 'audit-missing'] });
});

test('what a friendly auditor passes without a record of it certifies nothing', async () => {
  const friendly = await february('150', null, '--verdict', 'pass', '--because', 'what came in agrees');
  expect(friendly.text).toMatch(/grid, export +kWh +4,200 +-[^]*proposes cannot_judge/);
  expect(friendly).toMatchObject({ status: 5, reasons: ['audit-missing', 'export-unaudited'] });
});

test('a direction that the profile does not name is named, with its line', async () => {
  town.write('grid', 'profile.yaml', DELIVERIES.replace(', out-1: export', ''));
  town.write('grid', 'books.csv', books('100'));
  const { status, stderr } = await town.run('grid', ...RUN, '--all-supply-points', 'yes');
  expect(status).toBe(2);
  expect(stderr).toContain("unknown direction 'out-1'");
  expect(stderr).toContain("books.csv:3, column 'contract'");
});
