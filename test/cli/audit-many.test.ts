/** An auditor of many: one export of a billing system, every audit that waits, one append. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, DAY, meterRows, townPolicy } from '../support/audit-town.ts';
import { createWorksTown, type WorksTown } from '../support/works-town.ts';

interface Ran {
  readonly applicant: null;
  readonly proposals: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly audits: readonly {
    readonly applicantName: string;
    readonly figures: { readonly lines: readonly { readonly en: string | null }[]; readonly allSupplyPoints: boolean };
  }[];
  readonly left: readonly { readonly applicantName: string; readonly why: string }[];
}

interface Signed {
  readonly signed: Readonly<Record<string, number>>;
  readonly audits: readonly { readonly applicantName: string; readonly standing: string }[];
  readonly left: readonly { readonly applicantName: string; readonly why: string }[];
  readonly blocks: readonly { readonly seq: number }[];
  readonly already: boolean;
}

const PROFILE = `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8}
time: {from: from, to: to, format: yyyy-MM-dd, zone: UTC, stamp: reading}
shape: {account: contract, value: kwh, unit: kWh}
account:
  "1001": {applicant: Works 1, at: grid, accuracy: "0.002"}
  "1002": {applicant: Works 2, at: grid}
  "1003": {applicant: Works 3, at: grid, accuracy: "0.002"}
  "1004": {applicant: Works 4, at: grid}
  "7000": {applicant: Corner shop, at: shop}
accuracy: {grid: "0.001"}
`;
const ALL_DUE = ['audit', 'run', '--all-due', '--records', 'billing.csv', '--profile', 'billing.yaml'] as const;

const names = (rows: readonly { readonly applicantName: string }[]): readonly string[] =>
  rows.map(({ applicantName }) => applicantName).toSorted();

describe('one billing export, four applicants', () => {
  let town: WorksTown;
  const works = { w1: 'Works 1', w2: 'Works 2', w3: 'Works 3', w4: 'Works 4' };

  beforeAll(async () => {
    town = await createWorksTown({
      policy: townPolicy(),
      works,
      auditors: { grid: 'Grid' },
      relations: { Grid: Object.values(works).map((name) => `upstream:${name}:grid`) },
    });
    town.now = at('2026-02-03');
    for (const [folder, kwh] of [
      ['w1', '990'],
      ['w2', '990'],
      ['w3', '940'],
      ['w4', '990'],
    ] as const)
      await town.submit(
        folder,
        'january.csv',
        meterRows('2026-01', () => kwh),
      );
    town.now = at('2026-02-07');
    await town.turn(...Object.keys(works), 'grid');
    town.write('grid', 'billing.yaml', PROFILE);
    const bill = (contract: string, kwh: string): string => `${contract},2025-12-31,2026-01-31,${kwh}`;
    const rows = [bill('1001', '31000'), bill('1002', '31000'), bill('1003', '31000')];
    town.write(
      'grid',
      'billing.csv',
      ['contract,from,to,kwh', ...rows, bill('7000', '900'), bill('9999', '5')].join('\n'),
    );
  }, 120_000);
  afterAll(() => town.remove());

  test('is compared in one run: who is not in it is left, who is no applicant is not read', async () => {
    const run = await town.json<Ran>('grid', ...ALL_DUE, '--all-supply-points', 'from-records');
    expect(run).toMatchObject({ applicant: null, proposals: { pass: 2, fail: 1 } });
    expect(run.left).toEqual([
      expect.objectContaining({ applicantName: 'Works 4', why: 'the file has no row about it' }),
    ]);
    expect(run.notes.join('\n')).toMatch(/1 row with another account, not named by the profile/);
    expect(run.notes.join('\n')).toMatch(/1 row not read: no organisation 'Corner shop'/);
    const failed = run.audits.find(({ applicantName }) => applicantName === 'Works 3');
    expect(Number(failed?.figures.lines[0]?.en)).toBeGreaterThan(1);
    expect(run.audits.every(({ figures }) => figures.allSupplyPoints)).toBe(true);
    const { stdout } = await town.ok('grid', ...ALL_DUE, '--all-supply-points', 'yes');
    // a person sees what does not simply pass
    expect(stdout).toMatch(/Works 3 2026-01 +grid/);
    expect(stdout).not.toContain('Works 1 2026-01');
    expect(stdout).toContain('proposes pass 2, fail 1; 1 left');
    expect(stdout).toContain('next: joulemark audit sign --all-proposed pass');
  });

  test('an account at no supply point of the boundary fails where the records say which are all', async () => {
    town.write('grid', 'billing.yaml', PROFILE.replace('Works 2, at: grid', 'Works 2, at: second-feeder'));
    const run = await town.json<Ran>('grid', ...ALL_DUE, '--all-supply-points', 'from-records');
    expect(run.audits.find(({ applicantName }) => applicantName === 'Works 2')).toMatchObject({
      figures: { allSupplyPoints: false, proposal: 'fail' },
    });
    town.write('grid', 'billing.yaml', PROFILE);
    await town.ok('grid', ...ALL_DUE, '--all-supply-points', 'yes');
  });

  test('every pass is signed in one append, the others are named; again changes nothing', async () => {
    const dry = await town.ok('grid', 'audit', 'sign', '--all-proposed', 'pass', '--dry-run');
    expect(dry.stdout).toContain('2 to be signed');
    const signed = await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass');
    expect(signed).toMatchObject({ signed: { pass: 2 }, already: false });
    expect(signed.blocks).toHaveLength(1);
    expect(names(signed.audits)).toEqual(['Works 1', 'Works 2']);
    expect(signed.left).toEqual([expect.objectContaining({ applicantName: 'Works 3', why: 'proposes fail' })]);
    const again = await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass');
    expect(again).toMatchObject({ signed: {}, already: true });
    expect(again.audits.map(({ standing }) => standing)).toEqual(['already', 'already']);
    expect((await town.ok('grid', 'audit', 'sign', '--all-proposed', 'pass')).stdout).toMatch(
      /2 were signed before, 1 not signed/,
    );
  });

  test('what a person judged with a reason is not taken back in bulk', async () => {
    await town.ok('grid', 'audit', 'sign', 'Works 1', '--verdict', 'cannot_judge', '--because', 'our seal was broken');
    const signed = await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass');
    expect(signed.already).toBe(true);
    expect(signed.left).toContainEqual(
      expect.objectContaining({ applicantName: 'Works 1', why: 'judged cannot_judge by hand' }),
    );
    await town.ok('grid', 'audit', 'sign', 'Works 3');
    expect((await town.ok('grid', 'audit', 'sign', '--all-proposed', 'pass')).stdout).toMatch(
      /0 signed, 1 was signed before/,
    );
    expect(names((await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass')).left)).toEqual([
      'Works 1',
    ]);
  });

  test('broadcast, only the one that is not in the file still waits', async () => {
    await town.turn('grid');
    const { tasks } = await town.json<{ tasks: readonly { readonly applicantName: string }[] }>(
      'grid',
      'audit',
      'list',
    );
    expect(names(tasks)).toEqual(['Works 4']);
    const run = await town.run('grid', ...ALL_DUE, '--all-supply-points', 'yes');
    expect(run).toMatchObject({ status: 2, stdout: '' });
    expect(run.stderr).toContain('the only audit that is due could not be compared: the file has no row about it');
  });

  test('what does not go together is refused with status 2', async () => {
    const wrong: readonly (readonly [argv: readonly string[], message: string])[] = [
      [['audit', 'run'], 'no applicant is named'],
      [['audit', 'run', 'Works 1', '--all-due'], 'all due audits, and an applicant'],
      [['audit', 'sign'], 'no applicant is named'],
      [['audit', 'sign', 'Works 1', '--all-proposed', 'pass'], 'and an applicant, a verdict or a reason'],
      [['audit', 'sign', '--all-proposed', 'pass', '--because', 'x'], 'and an applicant, a verdict or a reason'],
      [['audit', 'sign', '--all-proposed', 'pass', '--window', '2026-05'], 'no draft of an audit'],
    ];
    for (const [argv, message] of wrong) {
      const run = await town.run('grid', ...argv);
      expect({ status: run.status, says: run.stderr.includes(message) }, run.stderr).toEqual({ status: 2, says: true });
    }
  });

  test('a file that does not say whose its rows are is refused', async () => {
    town.write('grid', 'plain.yaml', PROFILE.replace(/account:\n(?: {2}.*\n)+/u, 'account: {"1001": grid}\n'));
    const run = await town.run('grid', ...ALL_DUE.slice(0, 5), '--profile', 'plain.yaml', '--all-supply-points', 'yes');
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('the file does not say which applicant its rows are about');
  });
});

describe('more audits than one block holds', () => {
  const DAYS = 700;

  test('are asked, compared and signed in one go, in several blocks, and all count', async () => {
    const town = await createWorksTown({
      policy: townPolicy().replace('audit_window: P1M', 'audit_window: P1D'),
      works: { w1: 'Works 1' },
      auditors: { grid: 'Grid' },
      relations: { Grid: ['upstream:Works 1:grid'] },
    });
    try {
      const days = Array.from({ length: DAYS }, (_, index) =>
        new Date((at('2026-01-01') + index * DAY) * 1000).toISOString().slice(0, 10),
      );
      town.now = at('2026-01-01') + (DAYS + 10) * DAY;
      await town.submit('w1', 'days.csv', ['day,kwh,cement,pearl', ...days.map((day) => `${day},990,10,5`)].join('\n'));
      await town.turn('w1', 'grid');
      town.write('grid', 'billing.yaml', PROFILE.replace('stamp: reading', 'stamp: start'));
      town.write(
        'grid',
        'billing.csv',
        ['contract,from,to,kwh', ...days.map((day) => `1001,${day},${day},1000`)].join('\n'),
      );
      const run = await town.json<Ran>('grid', ...ALL_DUE, '--all-supply-points', 'yes');
      expect(run.proposals['pass']).toBeGreaterThanOrEqual(DAYS);
      expect(readdirSync(join(town.root, 'grid', '.joulemark', 'drafts')).length).toBe(run.audits.length);
      const signed = await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass');
      expect(signed.signed['pass']).toBe(run.proposals['pass']);
      expect(signed.blocks.length).toBeGreaterThan(1);
      expect(await town.json<Signed>('grid', 'audit', 'sign', '--all-proposed', 'pass')).toMatchObject({
        already: true,
      });
      await town.turn('grid');
      const { tasks } = await town.json<{ tasks: readonly object[] }>('grid', 'audit', 'list');
      expect(tasks.length).toBe(run.audits.length - (run.proposals['pass'] ?? 0));
      expect(await town.json('w1', 'verify')).toMatchObject({ verdict: 'CHECKED' });
    } finally {
      town.remove();
    }
  }, 240_000);
});
