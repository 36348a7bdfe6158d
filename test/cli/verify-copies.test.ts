/** What an auditor does with copies: compares two, draws packages to hold against paper, takes a report home. */
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CopyComparison } from '../../src/programme/compare-copies.ts';
import type { PackageSample } from '../../src/programme/sample-packages.ts';
import type { VerifyReport } from '../../src/programme/verify-report.ts';
import { type ContractTown, createContractTown } from '../support/contract-town.ts';
import { policyText } from '../support/policy-text.ts';

let town: ContractTown;
let outside: string;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'joulemark-copies-'));
  town = await createContractTown();
});
afterAll(() => {
  town.remove();
  rmSync(outside, { recursive: true });
});
beforeEach(() => town.reset('decided'));

const ledgerOf = (name: string): string => join(town.folder(name), '.joulemark', 'ledger.git');

/** A copy of somebody's ledger as it is now, on a desk. */
function copyOf(name: string, as: string): string {
  const path = join(town.folder('desk'), as);
  cpSync(ledgerOf(name), path, { recursive: true });
  return path;
}

describe('verify --against', () => {
  const compare = async (
    a: string,
    b: string,
  ): Promise<{ readonly status: number; readonly comparison: CopyComparison }> => {
    const { status, stdout } = await town.run('desk', 'verify', a, '--against', b, '--json');
    return { status, comparison: (JSON.parse(stdout) as { comparison: CopyComparison }).comparison };
  };

  test('says that two copies are the same', async () => {
    const a = copyOf('body', 'a.git');
    const { status, comparison } = await compare(a, copyOf('body', 'b.git'));
    expect(status).toBe(0);
    expect(comparison.newer).toBe('same');
    expect(comparison.chains[0]).toMatchObject({ chain: 'programme', relation: 'same', divergedAt: null });
  });

  test('says which is behind, and by how many blocks', async () => {
    const old = copyOf('body', 'old.git');
    town.now += 86_400;
    await town.ok('body', 'broadcast');
    const fresh = copyOf('body', 'new.git');
    const behind = await compare(old, fresh);
    expect(behind).toMatchObject({ status: 0, comparison: { newer: 'b' } });
    expect(behind.comparison.chains[0]).toMatchObject({ relation: 'a-behind' });
    expect(await compare(fresh, old)).toMatchObject({ status: 0, comparison: { newer: 'a' } });
    const { stdout } = await town.ok('desk', 'verify', old, '--against', fresh);
    expect(stdout).toMatch(/programme: A is behind by \d+ blocks? \(\d+ of \d+\)/);
    expect(stdout).toContain('NEWER     B: it holds all of A, and more');
  });

  test('tells two ledgers from two copies of one', async () => {
    const mine = copyOf('body', 'mine.git');
    await town.ok('rival', 'init', 'Rival');
    town.write('rival', 'policy.yaml', policyText());
    await town.ok('rival', 'programme', 'create', 'policy.yaml');
    const run = await town.run('desk', 'verify', mine, '--against', town.folder('rival'));
    expect(run.stdout).toContain('NEWER     neither: they are two ledgers, not two copies of one');
  });

  test('shows where two histories part, with status 13', async () => {
    // outside the town, which is put back in between
    const other = join(outside, 'other.git');
    town.now += 86_400;
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'one story');
    const told = await town.json<{ blocks: readonly { id: string; seq: number }[] }>(
      'body',
      'ledger',
      'log',
      'programme',
      '-n',
      '1',
    );
    cpSync(ledgerOf('body'), other, { recursive: true });
    town.reset('decided');
    town.now += 2 * 86_400;
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'another story');
    const { status, comparison } = await compare(other, copyOf('body', 'two.git'));
    expect(status).toBe(13);
    expect(comparison.newer).toBe('diverged');
    const { seq, id } = told.blocks[0]!;
    expect(comparison.chains[0]).toMatchObject({
      chain: 'programme',
      relation: 'diverged',
      divergedAt: { seq, a: id },
    });
  });
});

describe('verify --sample', () => {
  const draw = async (...more: readonly string[]): Promise<PackageSample> =>
    (await town.json<{ sample: PackageSample }>('desk', 'verify', ledgerOf('body'), ...more)).sample;

  test('is the same again, from a seed that nobody chose; a larger one holds the smaller', async () => {
    const five = await draw('--sample', '5');
    expect(await draw('--sample', '5')).toEqual(five);
    expect(five).toMatchObject({ seedFrom: 'head', packages: { length: 5 } });
    const told = await draw('--sample', '5', '--seed', five.seed);
    expect(told.packages).toEqual(five.packages);
    expect((await draw('--sample', '9')).packages.slice(0, 5)).toEqual(five.packages);
    expect((await draw('--sample', '5', '--seed', 'dice-31442')).packages).not.toEqual(five.packages);
  });

  test('is what anybody gets from the list of commits with sha256sum', async () => {
    const all = await draw('--sample', '10000', '--seed', 'x');
    expect(all.packages.length).toBe(all.of);
    const rank = (commit: string): string => createHash('sha256').update(`joulemark sample x ${commit}`).digest('hex');
    const commits = all.packages.map(({ commit }) => commit);
    expect(commits).toEqual(commits.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)));
    expect((await draw('--sample', '3', '--seed', 'x')).packages.map(({ commit }) => commit)).toEqual(
      commits.slice(0, 3),
    );
  });

  test('names meter, interval, quantity and the place that ledger receipt takes', async () => {
    const { packages } = await draw('--sample', '2');
    for (const { place, commit } of packages) {
      const shown = await town.json<{ entries: readonly { content: { commit: string } }[] }>(
        'body',
        'ledger',
        'show',
        place,
      );
      expect(shown.entries[0]!.content.commit).toBe(commit);
    }
    const { stdout } = await town.ok('desk', 'verify', ledgerOf('body'), '--sample', '2');
    expect(stdout).toMatch(/SAMPLE +2 of \d+ counting packages, \d of \d meters/);
    expect(stdout).toContain(`joulemark ledger receipt ${packages[0]!.place}`);
  });

  test('refuses what is no size, and a seed without a sample', async () => {
    for (const argv of [
      ['--sample', '0'],
      ['--sample', '1e3'],
      ['--seed', 'x'],
      ['--sample', '2', '--seed', 'a b'],
    ])
      expect((await town.run('desk', 'verify', ledgerOf('body'), ...argv)).status, argv.join(' ')).toBe(2);
  });
});

describe('verify --report', () => {
  const file = (name: string): string => join(town.folder('desk'), name);
  const read = (name: string): VerifyReport => JSON.parse(readFileSync(file(name), 'utf8')) as VerifyReport;

  test('holds verdict, copy, decisions with figures and the sample; the same copy gives the same but for the time', async () => {
    const argv = ['verify', ledgerOf('body'), '--ledger', town.ledger, '--sample', '2'];
    await town.ok('desk', ...argv, '--report', 'one.json');
    town.now += 60;
    await town.ok('desk', ...argv, '--report', 'two.json');
    const { time, ...one } = read('one.json');
    const { time: later, ...two } = read('two.json');
    expect(later.epoch).toBe(time.epoch + 60);
    expect(two).toEqual(one);
    expect(one).toMatchObject({
      report: 'joulemark-verify/1',
      tool: { name: 'joulemark' },
      copy: { ledger: town.ledger },
      verdict: { verdict: 'CHECKED', compared: 'with --ledger' },
      decisions: [{ status: 'NOT_APPLICABLE', recomputed: true, revoked: null, products: [{ product: 'cement' }] }],
      sample: { packages: { length: 2 } },
    });
    expect(one.copy.head.seq).toBe(one.decisions[0]!.block);
  });

  test('of a home rests on no memory of it', async () => {
    await town.ok('body', 'verify');
    await town.ok('body', 'verify', '--report', file('home.json'));
    const { verdict } = read('home.json');
    expect(verdict.signaturesCheckedNow).toBe(verdict.blocks);
  });

  test('never overwrites, and says so before it verifies', async () => {
    writeFileSync(file('there.json'), 'mine');
    const run = await town.run('desk', 'verify', ledgerOf('body'), '--report', 'there.json');
    expect(run).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('it exists already') as string,
    });
    expect(readFileSync(file('there.json'), 'utf8')).toBe('mine');
  });

  test('is written where the copy comes to no verdict', async () => {
    const { status } = await town.run(
      'desk',
      'verify',
      ledgerOf('body'),
      '--at',
      `0:${'0f'.repeat(32)}`,
      '--report',
      'no.json',
    );
    expect(status).toBe(13);
    expect(read('no.json')).toMatchObject({ failure: { code: 'DIVERGED' } });
  });
});
