/** Exports that hold a part: what came later, or what concerns one applicant; and exports taken into a home. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBundle } from '../../src/ledger/git/bundle-source.ts';
import { nodePackTools } from '../../src/ledger/store/git-primitives.ts';
import type { CopyComparison } from '../../src/programme/compare-copies.ts';
import { verifyInProcess } from '../support/export-flips.ts';
import { fsck, git, hasGit } from '../support/git.ts';
import { type AuditTown, createAuditTown } from '../support/audit-town.ts';

let town: AuditTown;
const at = (name: string): string => join(town.root, name);
const status = async (name: string, ...argv: readonly string[]): Promise<number> =>
  (await town.run(name, ...argv)).status;

interface Verified {
  readonly verdict: string;
  readonly blocks: number;
  readonly packages: number;
  readonly audits: number;
  readonly upTo: { readonly broadcast: number } | null;
  readonly export: { readonly holds: string } | null;
}
const verified = async (name: string, ...argv: readonly string[]): Promise<Verified> => {
  const { stdout, stderr } = await town.run(name, 'verify', ...argv, '--json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Verified;
};
const programmeHead = async (): Promise<number> => (await verified('body')).upTo?.broadcast ?? -1;

beforeAll(async () => {
  town = await createAuditTown();
  const roles = ['--role', 'applicant', '--role', 'auditor', '--relation', 'peer:Works:cement'];
  await town.ok('body', 'org', 'admit', 'Peer', ...roles);
  await town.submit('2026-01');
  await town.ok('body', 'sync');
  await town.ok('body', 'ledger', 'export', at('january'));
  await town.submit('2026-02');
  await town.ok('body', 'sync');
  await town.ok('body', 'ledger', 'export', at('february'), '--since', at('january'));
  await town.submit('2026-03');
  await town.ok('body', 'sync');
  await town.ok('body', 'ledger', 'export', at('march'), '--since', at('february'));
  await town.ok('body', 'ledger', 'export', at('whole'));
}, 60_000);
afterAll(() => town?.remove());

describe('an export of what came later', () => {
  test('is small, and says what it builds on', async () => {
    const size = (name: string): number => readFileSync(join(at(name), 'ledger.bundle')).length;
    expect(size('march')).toBeLessThan(size('whole') / 2);
    expect(readFileSync(join(at('march'), 'VERIFY.txt'), 'utf8')).toContain('what came after programme block');
    const { stderr } = await town.run('stranger', 'verify', at('march'));
    expect(stderr).toContain('builds on an earlier export');
    expect(stderr).toContain('--onto');
    expect(await status('stranger', 'verify', at('march'))).toBe(5);
  });

  test('is verified with the earlier ones, by both verifiers alike', async () => {
    const onto = ['--onto', at('january'), '--onto', at('february')];
    expect(await verified('stranger', at('march'), ...onto)).toMatchObject({
      verdict: 'CHECKED',
      export: { holds: 'since' },
    });
    const plain = await town.run('stranger', 'verify', at('march'), ...onto);
    expect(await verifyInProcess(at('march'), town.now, ...onto)).toMatchObject({ status: 0, stdout: plain.stdout });
    expect((await verified('stranger', at('march'), ...onto)).blocks).toBe(
      (await verified('stranger', at('whole'))).blocks,
    );
    expect(await status('stranger', 'verify', at('march'), '--onto', at('january'))).toBe(5);
  });

  test('named by the number of a programme block it is the same bytes', async () => {
    const [, seq] =
      /^up to +programme block (\d+)/m.exec(readFileSync(join(at('february'), 'VERIFY.txt'), 'utf8')) ?? [];
    await town.ok('works', 'ledger', 'export', at('march-again'), '--since', seq ?? '');
    for (const name of readdirSync(at('march')))
      expect(readFileSync(join(at('march-again'), name)).equals(readFileSync(join(at('march'), name))), name).toBe(
        true,
      );
  });

  test.skipIf(!hasGit)('stock git fetches it into a clone of the earlier one', () => {
    git(town.root, 'clone', '-q', join(at('january'), 'ledger.bundle'), at('clone'));
    git(at('clone'), 'bundle', 'verify', join(at('february'), 'ledger.bundle'));
    git(at('clone'), 'fetch', '-q', join(at('february'), 'ledger.bundle'), '+refs/heads/*:refs/remotes/origin/*');
    expect(fsck(at('clone'))).toBe('');
  });

  test('needs an earlier one that can be added to', async () => {
    writeFileSync(at('a.bundle'), readFileSync(join(at('whole'), 'ledger.bundle')));
    for (const [since, says] of [
      [at('absent'), 'no export at'],
      [at('a.bundle'), 'nothing can be added'],
      ['999', 'no programme block 999'],
    ] as const) {
      const { status: refused, stderr } = await town.run('body', 'ledger', 'export', at('never'), '--since', since);
      expect(refused).toBe(2);
      expect(stderr).toContain(says);
    }
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('imported', () => {
  test('into a home that has no ledger yet, one after the other, told the ledger id', async () => {
    await town.ok('auditor', 'init', 'Auditor');
    expect((await town.run('auditor', 'ledger', 'import', at('january'))).stderr).toContain('--ledger');
    expect(await status('auditor', 'ledger', 'import', at('january'), '--ledger', 'ab'.repeat(32))).toBe(3);
    await town.ok('auditor', 'ledger', 'import', at('january'), '--ledger', town.ledger);
    const first = await verified('auditor');
    expect(first).toMatchObject({ verdict: 'CHECKED' });
    const early = await town.run('auditor', 'ledger', 'import', at('march'));
    expect(early.status).toBe(5);
    expect(early.stderr).toContain('import the earlier export first');
    await town.ok('auditor', 'ledger', 'import', at('february'));
    await town.ok('auditor', 'ledger', 'import', at('march'));
    const whole = await verified('stranger', at('whole'));
    expect(await verified('auditor')).toMatchObject({
      blocks: whole.blocks,
      packages: whole.packages,
      verdict: 'CHECKED',
    });
    expect((await town.ok('auditor', 'ledger', 'import', at('march'))).stdout).toContain('nothing new');
    expect((await town.ok('auditor', 'ledger', 'import', at('january'))).stdout).toContain('BEHIND');
    const sync = await town.run('auditor', 'sync');
    expect([sync.status, sync.stderr]).toEqual([10, expect.stringContaining(`reads the ledger '${town.ledger}'`)]);
  });

  test('into a home of an organisation that came by itself, and that signs on', async () => {
    await town.ok('pearl', 'ledger', 'import', at('whole'));
    await town.ok('pearl', 'ledger', 'import', join(at('whole'), 'ledger.bundle'));
    expect((await verified('pearl')).upTo?.broadcast).toBe(await programmeHead());
    await town.ok('pearl', 'sync');
  });

  test('damaged on the way: refused, and nothing of it becomes visible', async () => {
    cpSync(at('whole'), at('damaged'), { recursive: true });
    const bundle = readFileSync(join(at('damaged'), 'ledger.bundle'));
    bundle[bundle.length >> 1] = (bundle[bundle.length >> 1] ?? 0) ^ 1;
    writeFileSync(join(at('damaged'), 'ledger.bundle'), bundle);
    await town.ok('careful', 'init', 'Careful');
    const refused = await town.run('careful', 'ledger', 'import', at('damaged'), '--ledger', town.ledger);
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain("'ledger.bundle'");
    expect(
      await status('careful', 'ledger', 'import', join(at('damaged'), 'ledger.bundle'), '--ledger', town.ledger),
    ).toBe(3);
    expect(await status('careful', 'verify')).toBe(10);
    const told = await town.run(
      'careful',
      'ledger',
      'import',
      at('whole'),
      '--ledger',
      town.ledger,
      '--sums',
      'ab'.repeat(32),
    );
    expect(told.status).toBe(3);
    expect(told.stderr).toContain('SHA256SUMS');
  });
});

describe('cut to an applicant and a period', () => {
  beforeAll(async () => {
    await town.ok('works', 'ledger', 'export', at('cut'), '--applicant', 'Works', '--period', '2026');
  });

  test('the pair of options goes together, and names what the ledger knows', async () => {
    for (const argv of [
      ['--applicant', 'Works'],
      ['--period', '2026'],
      ['--applicant', 'Nobody', '--period', '2026'],
      ['--applicant', 'Grid', '--period', '2026'],
      ['--applicant', 'Works', '--period', '1999'],
      ['--applicant', 'Works', '--period', '2026', '--since', '1'],
    ])
      expect(await status('works', 'ledger', 'export', at('never'), ...argv), argv.join(' ')).toBe(2);
  });

  test('all signatures hold, and of the applicant nothing is missing', async () => {
    const whole = await verified('stranger', at('whole'));
    const cut = await verified('stranger', at('cut'));
    expect(cut).toMatchObject({ packages: whole.packages, audits: whole.audits, export: { holds: 'cut' } });
    expect((await verifyInProcess(at('cut'), town.now)).status).toBe(await status('stranger', 'verify', at('cut')));
  });

  test('of another applicant only the hashes are there, and the answer is pending', async () => {
    await town.ok('grid', 'ledger', 'export', at('of-peer'), '--applicant', 'Peer', '--period', '2026');
    const whole = await verified('stranger', at('whole'));
    const cut = await verified('stranger', at('of-peer'));
    expect(cut).toMatchObject({ verdict: 'PENDING', blocks: whole.blocks });
    expect(cut.packages).toBeLessThan(whole.packages);
    const text = readFileSync(join(at('of-peer'), 'VERIFY.txt'), 'utf8');
    expect(text).toMatch(/^left out +[1-9]\d*$/m);
    expect(text).toContain('the answer is PENDING');
    const bundle = readFileSync(join(at('of-peer'), 'ledger.bundle'));
    expect(openBundle(bundle, nodePackTools).listRefs().size).toBe(5);
  });

  test('held against a whole one, it is not the same: it has only the hashes of what was left out', async () => {
    const [whole, cut] = [at('whole'), at('of-peer')];
    const left = Number(/^left out +(\d+)$/m.exec(readFileSync(join(cut, 'VERIFY.txt'), 'utf8'))?.[1]);
    const compared = async (a: string, b: string): Promise<readonly [number, CopyComparison]> => {
      const { status: ended, stdout } = await town.run('stranger', 'verify', a, '--against', b, '--json');
      return [ended, (JSON.parse(stdout) as { comparison: CopyComparison }).comparison];
    };
    const [ended, { newer, chains }] = await compared(whole, cut);
    expect({ ended, newer }).toEqual({ ended: 5, newer: 'a' });
    expect(chains.reduce((sum, { hashesOnly }) => sum + hashesOnly.b, 0)).toBe(left);
    expect(chains.every(({ relation, hashesOnly }) => relation === 'same' && hashesOnly.a === 0)).toBe(true);
    expect((await compared(cut, whole))[1].newer).toBe('b');
    expect((await compared(cut, cut))[1].newer).toBe('same');
    expect((await compared(at('cut'), cut))[1].newer).toBe('a');
    const { stdout } = await town.run('stranger', 'verify', cut, '--against', whole);
    expect(stdout).toMatch(/: A has only the hashes of \d+ entries that B holds\n/);
    expect(stdout).toContain('NEWER     B: it holds all of A, and more');
  });

  test('imported, nothing that is here is given up for it; and what it lacks is filled by a whole one', async () => {
    const before = await verified('body');
    expect((await town.ok('body', 'ledger', 'import', at('of-peer'))).stdout).toContain('BEHIND');
    expect(await verified('body')).toEqual({ ...before, signaturesCheckedNow: 0, unread: before.blocks });
    await town.ok('reader', 'init', 'Reader');
    await town.ok('reader', 'ledger', 'import', at('of-peer'), '--ledger', town.ledger);
    expect(await verified('reader')).toMatchObject({ verdict: 'PENDING' });
    await town.ok('reader', 'ledger', 'import', at('whole'));
    expect(await verified('reader')).toMatchObject({ verdict: 'CHECKED', packages: before.packages });
  });
});
