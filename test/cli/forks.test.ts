import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOfDay } from '../../src/programme/calendar.ts';
import { policyText } from '../support/policy-text.ts';
import { keepFork } from '../support/kept-fork.ts';
import { createTown, type Town } from '../support/town.ts';

let town: Town;
let hub: string;
let ledger: string;

interface Verdict {
  readonly verdict: string;
  readonly twoHistoriesAt: number | null;
  readonly upTo: { readonly broadcast: number } | null;
  readonly notes: readonly {
    readonly code: string;
    readonly chain: string;
    readonly seq: number;
    readonly message: string;
  }[];
}

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  hub = join(town.root, 'hub.git');
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  await town.ok('body', 'sync');
  for (const name of ['works', 'grid']) {
    await town.ok(name, 'init', name);
    await town.ok(name, 'join', hub, '--ledger', ledger);
  }
  await town.ok('body', 'broadcast');
  await town.ok('works', 'sync');
  await town.ok('grid', 'sync');
});
afterEach(() => town.remove());

const verdict = async (status: number, ...argv: readonly string[]): Promise<Verdict> => {
  const run = await town.run('stranger', 'verify', hub, '--ledger', ledger, '--json', ...argv);
  expect(run.status, run.stderr).toBe(status);
  return JSON.parse(run.stdout) as Verdict;
};

describe('evidence of a fork', () => {
  test('goes on the own chain, is copied with it, and a stranger checks it; nothing else changes', async () => {
    await keepFork(town.root, 'works', 'grid');
    expect((await town.ok('works', 'status')).stdout).toContain('joulemark org report-fork');
    const { reported } = await town.json<{ reported: readonly { name: string; seq: number }[] }>(
      'works',
      'org',
      'report-fork',
    );
    expect(reported).toMatchObject([{ name: 'grid', seq: 1 }]);
    expect((await town.ok('works', 'status')).stdout).not.toContain('report-fork');
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    const found = await verdict(0);
    expect(found).toMatchObject({ verdict: 'CHECKED', notes: [{ code: 'fork', seq: 1 }] });
    // seen by a second home, it is known already
    await town.ok('grid', 'sync');
    await keepFork(town.root, 'body', 'grid');
    const again = await town.ok('body', 'org', 'report-fork');
    expect(again.stdout).toContain('already in the ledger');
  });

  test('of the certification body, by its own home too, which answers to others with a suspension', async () => {
    await keepFork(town.root, 'body', 'grid');
    await town.ok('body', 'org', 'report-fork');
    await town.ok('body', 'org', 'suspend', 'grid', '--because', 'two histories');
    await town.ok('body', 'sync');
    expect((await verdict(0)).notes).toMatchObject([{ code: 'fork' }]);
  });

  test('that was tampered with is not appended, and without any nothing is said', async () => {
    expect((await town.ok('works', 'org', 'report-fork')).stdout).toContain('no evidence of a fork is kept here');
    await keepFork(town.root, 'works', 'grid');
    const folder = join(town.folder('works'), '.joulemark', 'evidence');
    writeFileSync(join(folder, 'note.cose'), 'not in a folder');
    cpSync(join(folder, 'note.cose'), join(folder, 'fork-x', 'none.cose'), { recursive: true });
    const { reported } = await town.json<{ reported: readonly unknown[] }>('works', 'org', 'report-fork');
    expect(reported).toHaveLength(1);
  });
});

describe('two histories of the programme', () => {
  /** The body's home was copied: another broadcast in the place of one, seen by the works, which reports it. */
  beforeEach(async () => {
    cpSync(town.folder('body'), town.folder('twin'), { recursive: true });
    town.now += 7200;
    await town.ok('body', 'broadcast');
    town.now += 60;
    await town.ok('twin', 'remote', 'remove', 'hub');
    await town.ok('twin', 'broadcast', '--offline');
    const second = join(town.root, 'second.git');
    await town.ok('twin', 'remote', 'init', second);
    await town.ok('twin', 'remote', 'add', 'second', second);
    await town.ok('twin', 'sync');
    await town.ok('works', 'sync');
    await town.ok('works', 'remote', 'add', 'second', second);
    expect((await town.run('works', 'sync')).status).toBe(13);
    await town.ok('works', 'remote', 'remove', 'second');
    await town.ok('works', 'org', 'report-fork');
    await town.ok('works', 'sync');
  });

  test('a stranger without a pin gets no verdict past them, until he is told which is meant', async () => {
    const found = await verdict(13);
    expect(found).toMatchObject({ verdict: 'DIVERGED', twoHistoriesAt: 2, upTo: { broadcast: 1 } });
    const said = await town.run('stranger', 'verify', hub, '--ledger', ledger);
    expect(said.stdout).toContain('--at SEQ:ID');
    const { blocks } = await town.json<{ blocks: readonly { seq: number; id: string }[] }>(
      'body',
      'ledger',
      'log',
      'programme',
    );
    const told = blocks.find(({ seq }) => seq === 2)!;
    expect(await verdict(0, '--at', `2:${told.id}`)).toMatchObject({ verdict: 'CHECKED', twoHistoriesAt: null });
    const other = await town.run('stranger', 'verify', hub, '--ledger', ledger, '--at', `2:${ledger}`);
    expect(other.status).toBe(13);
    expect(other.stderr).toContain('two histories');
  });

  test('a home has its pin, and goes on', async () => {
    await town.ok('body', 'sync');
    await town.ok('works', 'verify', '--full');
    await town.ok('body', 'verify');
    expect((await town.run('twin', 'verify')).status).toBe(0);
  });

  test('evidence that is gone changes nothing that is on the ledger', async () => {
    rmSync(join(town.folder('works'), '.joulemark', 'evidence'), { recursive: true });
    expect((await town.ok('works', 'org', 'report-fork')).stdout).toContain('no evidence');
    await verdict(13);
  });
});
