/** What a home does against a thief, a cheat or a careless owner: the attacks of docs/threat-model.md that need whole homes. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOfDay } from '../../src/programme/calendar.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

const DAY = 86_400;
let town: Town;
let hub: string;
let ledger: string;

const boundary = (meter: string): string =>
  `joulemark: boundary/1\napplicant: Works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  ${meter}: {kind: energy, at: gate, unit: mmBtu}\n`;

/** Declares a boundary, which differs by the name of its meter: the simplest block an organisation can append. */
async function declare(name: string, meter: string): Promise<{ readonly status: number; readonly stderr: string }> {
  town.write(name, `${meter}.yaml`, boundary(meter));
  return town.run(name, 'boundary', 'set', `${meter}.yaml`);
}

/** A copy of an organisation's folder, keys and all: what a thief, a backup or a second machine has. */
const copyHome = (from: string, to: string): void => cpSync(town.folder(from), town.folder(to), { recursive: true });
const evidence = (name: string): readonly string[] => readdirSync(join(town.folder(name), '.joulemark', 'evidence'));
const blocksOf = async (name: string, org: string): Promise<readonly string[]> =>
  (await town.json<{ blocks: readonly { id: string }[] }>(name, 'ledger', 'log', org, '--limit', '50')).blocks.map(
    ({ id }) => id,
  );

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  hub = join(town.root, 'hub.git');
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  await town.ok('body', 'sync');
  await town.ok('works', 'init', 'Works');
  await town.ok('works', 'join', hub, '--ledger', ledger);
});
afterEach(() => town.remove());

describe('a restored backup', () => {
  test('does not sign a position twice: the mark beside the key says so', async () => {
    copyHome('works', 'backup');
    expect((await declare('works', 'heat')).status).toBe(0);
    // everything but the keys comes back from the backup
    for (const name of ['ledger.git', 'checked.json', 'pin.json']) {
      rmSync(join(town.folder('works'), '.joulemark', name), { recursive: true, force: true });
      cpSync(join(town.folder('backup'), '.joulemark', name), join(town.folder('works'), '.joulemark', name), {
        recursive: true,
      });
    }
    const { status, stderr } = await declare('works', 'steam');
    expect(status).toBe(13);
    expect(stderr).toContain('looks like a restored backup');
  });

  test('goes on after a sync has brought back what it had published', async () => {
    copyHome('works', 'backup');
    await declare('works', 'heat');
    await town.ok('works', 'sync');
    rmSync(join(town.folder('works'), '.joulemark', 'ledger.git'), { recursive: true });
    cpSync(
      join(town.folder('backup'), '.joulemark', 'ledger.git'),
      join(town.folder('works'), '.joulemark', 'ledger.git'),
      { recursive: true },
    );
    await town.ok('works', 'sync');
    expect((await declare('works', 'steam')).status).toBe(0);
  });
});

describe('an organisation that signs two blocks in one place', () => {
  test('is known to every home that sees both, which keeps both blocks; what is covered stays', async () => {
    copyHome('works', 'twin');
    await declare('works', 'heat');
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    const covered = await blocksOf('body', 'Works');
    const second = join(town.root, 'second.git');
    cpSync(hub, second, { recursive: true });
    town.now += 60;
    expect((await declare('twin', 'steam')).status).toBe(0);
    await town.ok('twin', 'remote', 'remove', 'origin');
    await town.ok('twin', 'remote', 'init', join(town.root, 'empty.git'));
    await town.ok('twin', 'remote', 'add', 'empty', join(town.root, 'empty.git'));
    await town.run('twin', 'sync');
    await town.ok('body', 'remote', 'add', 'second', join(town.root, 'empty.git'));
    await town.run('body', 'sync');
    expect(evidence('body').some((name) => name.startsWith('fork-'))).toBe(true);
    expect(await blocksOf('body', 'Works')).toEqual(covered);
    expect((await town.run('body', 'verify')).status).toBe(0);
  });
});

describe('a stolen signing key', () => {
  beforeEach(async () => {
    await town.ok('body', 'broadcast');
    copyHome('works', 'thief');
    rmSync(join(town.folder('thief'), '.joulemark', 'keys', 'next.key'));
    expect((await declare('thief', 'stolen')).status).toBe(0);
    await town.ok('thief', 'sync');
    town.now += 60;
  });

  test('is replaced by a rotation on top of what the thief wrote; he signs nothing more that is taken', async () => {
    await town.ok('works', 'sync');
    await town.ok('works', 'key', 'rotate');
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    const covered = await blocksOf('body', 'Works');
    expect(covered).toEqual(await blocksOf('works', 'Works'));
    expect((await declare('thief', 'again')).status).toBe(0);
    await town.run('thief', 'sync');
    await town.ok('body', 'broadcast');
    expect(await blocksOf('body', 'Works')).toEqual(covered);
    expect((await town.run('body', 'verify', '--full')).status).toBe(0);
  });

  test('is thrown out where the owner rotated before he saw what the thief wrote: of two branches the one with the rotation is taken', async () => {
    await town.ok('body', 'sync');
    const stolen = await blocksOf('body', 'Works');
    await town.ok('works', 'key', 'rotate');
    // a hub takes no branch that leaves out what it has, so the owner publishes at another one
    const second = join(town.root, 'second.git');
    await town.ok('works', 'remote', 'remove', 'origin');
    await town.ok('works', 'remote', 'init', second);
    await town.ok('works', 'remote', 'add', 'second', second);
    await town.run('works', 'sync');
    await town.ok('body', 'remote', 'add', 'second', second);
    await town.run('body', 'broadcast');
    const covered = await blocksOf('body', 'Works');
    expect(covered).toEqual(await blocksOf('works', 'Works'));
    expect(covered).not.toEqual(stolen);
    expect((await town.run('body', 'verify', '--full')).status).toBe(0);
  });
});

describe('a clock that lies', () => {
  test("a programme block more than an hour ahead of one's own clock is not taken yet", async () => {
    town.now += 2 * 3600;
    await town.ok('body', 'broadcast');
    town.now -= 2 * 3600;
    const early = await town.run('works', 'sync');
    expect(early.stdout + early.stderr).toContain('more than an hour ahead');
    town.now += 2 * 3600;
    await town.ok('works', 'sync');
    expect((await town.ok('works', 'verify')).stdout).toContain('broadcast 1');
  });
});

describe('an old copy', () => {
  test('says up to which broadcast it goes, and fails where a newer one was wanted', async () => {
    await town.ok('body', 'broadcast');
    town.now += 3 * DAY;
    const copy = await town.run('stranger', 'verify', hub, '--ledger', ledger, '--max-age', 'P2D');
    expect(copy.status).toBe(14);
    expect(copy.stdout).toContain('UP TO     broadcast 1, ');
    expect((await town.run('stranger', 'verify', hub, '--ledger', ledger)).status).toBe(0);
  });
});
