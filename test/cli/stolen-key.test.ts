/** The ways out for an owner whose key was stolen, or is used twice, when somebody else published first (ledger spec section 6). */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOfDay } from '../../src/programme/calendar.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Run, type Town } from '../support/town.ts';

let town: Town;
let hub: string;

const boundary = (meter: string): string =>
  `joulemark: boundary/1\napplicant: Works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  ${meter}: {kind: energy, at: gate, unit: mmBtu}\n`;

async function declare(name: string, meter: string): Promise<Run> {
  town.now += 60;
  town.write(name, `${meter}.yaml`, boundary(meter));
  return town.run(name, 'boundary', 'set', `${meter}.yaml`);
}

const log = async (name: string): Promise<readonly string[]> =>
  (
    await town.json<{ blocks: readonly { entries: readonly { type: string }[] }[] }>(
      name,
      'ledger',
      'log',
      'Works',
      '--limit',
      '50',
    )
  ).blocks.map(({ entries }) => entries.map(({ type }) => type).join());
const idsOf = async (name: string): Promise<readonly string[]> =>
  (await town.json<{ blocks: readonly { id: string }[] }>(name, 'ledger', 'log', 'Works', '--limit', '50')).blocks.map(
    ({ id }) => id,
  );

/** Both copies of the ledger hold one and the same chain of the works, and a stranger finds nothing broken. */
async function expectOneChain(): Promise<void> {
  await town.ok('body', 'broadcast');
  await town.ok('works', 'sync');
  expect(await idsOf('works')).toEqual(await idsOf('body'));
  for (const name of ['works', 'body']) await town.ok(name, 'verify', '--full');
  await town.ok('stranger', 'verify', hub);
}

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  hub = join(town.root, 'hub.git');
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  const { ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml');
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  await town.ok('body', 'sync');
  await town.ok('works', 'init', 'Works');
  await town.ok('works', 'join', hub, '--ledger', ledger);
  await town.ok('body', 'broadcast');
  await town.ok('works', 'sync');
  cpSync(town.folder('works'), town.folder('thief'), { recursive: true });
  rmSync(join(town.folder('thief'), '.joulemark', 'keys', 'next.key'));
});
afterEach(() => town.remove());

describe('the owner rotated, and the hub holds what the thief published before', () => {
  beforeEach(async () => {
    expect((await declare('thief', 'stolen')).status).toBe(0);
    await town.ok('thief', 'sync');
    await town.ok('works', 'key', 'rotate');
    expect((await declare('works', 'mine')).status).toBe(0);
  });

  test('sync says what it is and names the ways out', async () => {
    const { status, stdout } = await town.run('works', 'sync');
    expect(status).toBe(13);
    expect(stdout).toContain('another block 1 of your chain');
    expect(stdout).toContain('joulemark key rotate --onto origin');
    expect(stdout).toContain('joulemark remote add');
  });

  test('key rotate --onto goes on from there, before it is broadcast; own entries come back, the thief is out', async () => {
    await town.run('works', 'sync');
    const { putBack } = await town.json<{ putBack: number }>('works', 'key', 'rotate', '--onto', 'origin');
    expect(putBack).toBe(1);
    await town.ok('works', 'sync');
    await expectOneChain();
    expect([...(await log('works'))].sort()).toEqual(['boundary', 'boundary', 'join', 'rotate']);
    expect((await declare('thief', 'again')).status).toBe(0);
    expect((await town.run('thief', 'sync')).stdout).toContain('left out');
    expect((await town.run('thief', 'key', 'rotate')).status).toBe(12);
    await expectOneChain();
    expect((await declare('works', 'later')).status).toBe(0);
    await town.ok('works', 'sync');
    await expectOneChain();
  });

  test('once the body has covered it, sync takes it and key rotate goes on from there', async () => {
    await town.ok('body', 'broadcast');
    const { stdout } = await town.ok('works', 'sync');
    expect(stdout).toContain('left out');
    expect((await declare('works', 'early')).status).toBe(12);
    const { putBack } = await town.json<{ putBack: number }>('works', 'key', 'rotate');
    expect(putBack).toBe(1);
    await town.ok('works', 'sync');
    await expectOneChain();
    expect((await declare('works', 'later')).status).toBe(0);
  });

  test('published elsewhere in time the rotation is covered, and the thief is left out; the hub that he reached stays as it is', async () => {
    const second = join(town.root, 'second.git');
    await town.ok('works', 'remote', 'init', second);
    await town.ok('works', 'remote', 'add', 'second', second);
    expect((await town.run('works', 'sync')).status).toBe(13);
    await town.ok('body', 'remote', 'add', 'second', second);
    await town.run('body', 'broadcast');
    await town.ok('works', 'sync', 'second');
    expect(await idsOf('works')).toEqual(await idsOf('body'));
    expect(await log('body')).not.toContain('stolen');
    // decided: no failure for ever after
    await town.ok('body', 'sync');
    const { stdout } = await town.ok('works', 'sync');
    expect(stdout).toContain('which the certification body has not taken');
    const refused = await town.run('works', 'key', 'rotate', '--onto', 'origin');
    expect(refused.status).toBe(13);
    expect(await idsOf('works')).toEqual(await idsOf('body'));
  });

  test('a repository restored from a backup does not make the key sign a place twice', async () => {
    const home = join(town.folder('works'), '.joulemark');
    await town.ok('works', 'key', 'rotate', '--onto', 'origin');
    rmSync(join(home, 'ledger.git'), { recursive: true });
    cpSync(join(town.folder('thief'), '.joulemark', 'ledger.git'), join(home, 'ledger.git'), { recursive: true });
    const { status, stderr } = await town.run('works', 'key', 'rotate');
    expect(status).toBe(13);
    expect(stderr).toContain('restored backup');
  });

  test('a rotation that only a backup has forgotten is not signed again', async () => {
    const home = join(town.folder('works'), '.joulemark');
    rmSync(join(home, 'ledger.git'), { recursive: true });
    cpSync(join(town.root, 'hub.git'), join(home, 'ledger.git'), { recursive: true });
    await town.ok('body', 'sync');
    expect((await town.run('works', 'key', 'rotate')).status).toBe(12);
  });
});

describe('the owner appended, and a copy of the key published first', () => {
  test('sync names the way out, and key rotate --onto takes it', async () => {
    await declare('thief', 'stolen');
    await town.ok('thief', 'sync');
    expect((await declare('works', 'mine')).status).toBe(0);
    const { status, stdout } = await town.run('works', 'sync');
    expect(status).toBe(13);
    expect(stdout).toContain('somebody else has it too');
    await town.ok('works', 'key', 'rotate', '--onto', 'origin');
    await town.ok('works', 'sync');
    await expectOneChain();
    expect([...(await log('works'))].sort()).toEqual(['boundary', 'boundary', 'join', 'rotate']);
    expect(readdirSync(join(town.folder('works'), '.joulemark', 'evidence'))).toHaveLength(1);
  });
});

describe('key rotate --onto', () => {
  test('refuses what it cannot do, and changes nothing', async () => {
    expect((await town.run('works', 'key', 'rotate', '--onto', 'nowhere')).status).toBe(2);
    expect((await town.run('works', 'key', 'rotate', '--onto', 'origin', '--dry-run')).status).toBe(2);
    expect((await town.run('body', 'key', 'rotate', '--onto', 'hub')).status).toBe(2);
    expect(await log('works')).toEqual(['join']);
  });

  test('where nothing differs is an ordinary rotation', async () => {
    await town.ok('works', 'key', 'rotate', '--onto', 'origin');
    await town.ok('works', 'sync');
    await expectOneChain();
  });
});
