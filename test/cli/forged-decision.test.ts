/** A decision that the signed packages do not give, signed by the key of the certification body: by a thief of it, or by a body that lies. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSession, toEntry, withWriter } from '../../src/home/session.ts';
import { type DecisionContent, decisionContent } from '../../src/programme/entries.ts';
import { runVerifier } from '../../src/verifier/run-verifier.ts';
import { at } from '../support/audit-town.ts';
import type { Verdict } from '../../src/programme/verdict.ts';
import { type ContractTown, createContractTown } from '../support/contract-town.ts';

let town: ContractTown;
let honest: DecisionContent;
beforeAll(async () => {
  town = await createContractTown();
  town.reset('decided');
  honest = openSession({ home: join(town.root, 'body', '.joulemark') }).state.decisions[0]!.content;
});
afterAll(() => town.remove());

const NUMBER = 'JM-2026-0001';

/** Puts a certificate on the ledger that nothing gives; its place. */
async function forge(): Promise<string> {
  const surroundings = {
    home: join(town.root, 'body', '.joulemark'),
    dryRun: false,
    wait: 0,
    now: () => town.now,
    passphrase: () => Promise.reject(new Error('no passphrase is asked for')),
  };
  const forged: DecisionContent = { ...honest, status: 'CERTIFIED', number: NUMBER, reasons: [] };
  const [block] = await withWriter(surroundings, ({ append }) =>
    append([toEntry('decision', decisionContent, forged)]),
  );
  return `${block?.seq}:0`;
}

const tasks = async (who: string): Promise<readonly { readonly what: string }[]> =>
  (await town.json<{ readonly tasks: readonly { readonly what: string }[] }>(who, 'status')).tasks;

interface Announced {
  readonly heads: readonly { readonly name: string }[];
  readonly asks: readonly object[];
}

/** What a broadcast would put on the ledger now. */
async function announced(): Promise<Announced> {
  const { heads, asks } = await town.json<Announced>('body', 'broadcast', '--dry-run');
  return { heads, asks };
}

interface Rows {
  readonly rows: readonly { readonly period: string; readonly standing: string; readonly number: string | null }[];
  readonly different: number;
}

describe('a forged certificate', () => {
  test('is shown by no command as one that stands, in no home', async () => {
    town.reset('decided');
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
    const place = await forge();
    await town.ok('body', 'sync');
    await town.ok('works', 'sync');
    for (const who of ['body', 'works']) {
      for (const argv of [
        ['certify', 'show', NUMBER],
        ['certify', 'show', place],
        ['certify', 'explain', NUMBER],
        ['certify', 'explain', NUMBER, '--monthly'],
        ['certify', 'diff', NUMBER],
        ['certify', 'diff', town.decision, NUMBER],
      ]) {
        const { status, stdout, stderr } = await town.run(who, ...argv);
        expect({ who, argv, status, stdout }).toEqual({ who, argv, status: 3, stdout: '' });
        expect(stderr).toContain(`the decision '${NUMBER}' of block ${place.split(':')[0]} has no effect`);
      }
      const { rows, different } = await town.json<Rows>(who, 'certify', 'list');
      expect(rows.find(({ period }) => period === '2026')).toMatchObject({ standing: 'overdue', number: null });
      expect(different).toBe(1);
      expect((await town.ok(who, 'certify', 'list')).stdout).toMatch(/1 decision differs .*joulemark certify verify/);
      expect(await town.run(who, 'certify', 'verify', NUMBER)).toMatchObject({ status: 3 });
      expect(await town.run(who, 'verify')).toMatchObject({ status: 3 });
    }
  });

  test('hides no period that is to be decided, and is a finding in what status says', async () => {
    town.reset('decided');
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
    const waits = expect.objectContaining({ what: "'Works' 2026 is to be decided", urgency: 'late' });
    const broken = expect.objectContaining({
      what: '1 finding that the ledger is broken or incomplete here',
      next: 'joulemark verify',
    });
    expect((await tasks('body')).filter(({ what }) => /2026 is to be decided|broken/.test(what))).toEqual([waits]);
    await forge();
    expect(await tasks('body')).toEqual(expect.arrayContaining([waits, broken]));
  });

  test('changes nothing that a broadcast lists or asks', async () => {
    town.reset('running');
    town.now = at('2026-03-07');
    await town.ok('works', 'meter', 'submit', 'february.csv', '--profile', 'meters.yaml');
    await town.ok('works', 'sync');
    const before = await announced();
    expect(before).toMatchObject({ heads: [{ name: 'Works' }], asks: [{ relation: 'upstream' }, {}, {}] });
    await forge();
    expect(await announced()).toEqual(before);
  });

  test('takes no number and no place: the body decides as if it were not there', async () => {
    town.reset('decided');
    await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
    await forge();
    expect(await town.run('body', 'certify', 'run', 'Works', '--period', '2026')).toMatchObject({ status: 4 });
    const { rows } = await town.json<Rows>('body', 'certify', 'list');
    expect(rows.find(({ period }) => period === '2026')).toMatchObject({ standing: 'decided', number: null });
  });
});

test('a decision that was revoked says so, and is no longer answered with the status of one that stands', async () => {
  town.reset('decided');
  await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
  const { status, stdout } = await town.run('body', 'certify', 'show', town.decision);
  expect({ status, says: /^REVOKED .*a mistake$/mu.test(stdout) }).toEqual({ status: 4, says: true });
  expect((await town.ok('body', 'certify', 'verify', town.decision)).stdout).toContain('(revoked)');
});

const REVOKED = /, 1 decision recomputed, 1 of them revoked: all as signed$/mu;

test('verify says how many of the decisions are revoked, where one is', async () => {
  town.reset('decided');
  const line = async (...argv: readonly string[]): Promise<string | undefined> =>
    /^CHECKED.*$/mu.exec((await town.ok('body', 'verify', ...argv)).stdout)?.[0];
  expect(await line()).toMatch(/, 1 decision recomputed: all as signed$/u);
  expect(await town.json('body', 'verify')).toMatchObject({ decisions: { recomputed: 1, different: 0, revoked: 0 } });
  await town.ok('body', 'certify', 'revoke', town.decision, '--because', 'a mistake');
  await town.ok('body', 'broadcast', '--offline');
  await town.ok('body', 'ledger', 'export', 'stick');
  const { decisions } = await town.json<Verdict>('body', 'verify');
  expect(decisions).toEqual({ recomputed: 1, different: 0, revoked: 1 });
  for (const argv of [[], ['--full'], ['stick']]) expect(await line(...argv)).toMatch(REVOKED);
  const ownFolder = join(town.root, 'body', 'stick');
  const { stdout } = await runVerifier([], { ownFolder, resolve: (path) => path, now: town.now });
  expect(stdout).toMatch(REVOKED);
});
