import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startOfDay } from '../../src/programme/calendar.ts';
import { changedFiles, readFolder } from './folder-state.ts';
import { policyText } from './policy-text.ts';
import { createTown, type Run, type Town } from './town.ts';

/** A body, works and grid whose chains are covered, and a hub with one broadcast more than the works have seen. */
export interface VictimTown extends Town {
  readonly ledger: string;
  readonly worksId: string;
  readonly gridId: string;
  /** Where the honest hub lies. */
  readonly hub: string;
  /** A copy of the hub to do evil to. */
  evilHub(): string;
  /** Syncs the works with one remote only and expects that their home is as it was, byte for byte, with nothing in quarantine. */
  expectUnharmed(url: string): Promise<Run>;
}

const boundary = (meter: string): string =>
  `joulemark: boundary/1\napplicant: Works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  ${meter}: {kind: energy, at: gate, unit: mmBtu}\n`;

export async function createVictimTown(): Promise<VictimTown> {
  const town = createTown(startOfDay('2012-12-20', 'UTC'));
  const hub = join(town.root, 'hub', 'ledger.git');
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  const { ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml');
  town.folder('hub');
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', hub);
  await town.ok('body', 'sync');
  const ids: string[] = [];
  for (const name of ['works', 'grid']) {
    await town.ok(name, 'init', name);
    await town.ok(name, 'join', hub, '--ledger', ledger);
    for (const meter of ['heat', 'steam', 'air']) {
      town.now += 60;
      town.write(name, `${meter}.yaml`, boundary(meter));
      await town.ok(name, 'boundary', 'set', `${meter}.yaml`);
    }
    await town.ok(name, 'sync');
    ids.push((await town.json<{ org: string }>(name, 'status')).org);
  }
  await town.ok('body', 'broadcast');
  await town.ok('works', 'sync');
  town.now += 7200;
  await town.ok('body', 'broadcast');
  let evil = 0;
  return Object.assign(town, {
    ledger,
    worksId: ids[0] ?? '',
    gridId: ids[1] ?? '',
    hub,
    evilHub: () => {
      evil += 1;
      const path = join(town.root, `evil-${evil}`, 'ledger.git');
      cpSync(hub, path, { recursive: true });
      return path;
    },
    expectUnharmed: async (url: string) => {
      await town.ok('works', 'remote', 'remove', 'origin');
      await town.ok('works', 'remote', 'add', 'origin', url);
      const home = join(town.folder('works'), '.joulemark');
      const before = readFolder(home);
      const run = await town.run('works', 'sync', '--fetch-only');
      expect(changedFiles(before, readFolder(home)), run.stdout + run.stderr).toEqual([]);
      expect([...readFolder(home).keys()].filter((path) => /^quarantine\/./.test(path))).toEqual([]);
      return run;
    },
  });
}
