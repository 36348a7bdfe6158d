/**
 * A hub to which anybody may push holds branches of organisations that nobody knows. What the order does not need is not fetched: it costs an
 * ordinary member a line in the list of branches, and the certification body no more than a bounded part at a time.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadChain } from '../../src/home/chain-reader.ts';
import { fetchNewcomers, newcomerBounds } from '../../src/home/newcomers.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { organisationRef } from '../../src/ledger/git/ref-name.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
import { hasGit } from '../support/git.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-http-server.ts';
import { joinLedger } from '../support/ledger.ts';
import { branchOf } from '../support/made-branch.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

const JOINS = 200;
const BROKEN = 100;

let town: Town;
let ledger: Id;
let hub: string;
let server: GitHttpServer;
let url: string;

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  hub = join(town.root, 'srv', 'hub.git');
  mkdirSync(join(town.root, 'srv'));
  server = await startGitHttpServer(join(town.root, 'srv'));
  url = `${server.url}/hub.git`;
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: Id }>('body', 'programme', 'create', 'policy.yaml'));
  await town.ok('body', 'remote', 'init', hub);
  await town.ok('body', 'remote', 'add', 'hub', url);
  await town.ok('body', 'sync');
  await joinAs('works');
  await town.ok('body', 'broadcast');
  await town.ok('works', 'sync');
});
afterEach(async () => {
  await server.close();
  town.remove();
});

/** Makes a home that joins over http; its id. */
async function joinAs(name: string): Promise<Id> {
  await town.ok(name, 'init', name);
  return (await town.json<{ org: Id }>(name, 'join', url, '--ledger', ledger)).org;
}

const storeOf = (name: string): string => join(town.root, name, '.joulemark', 'ledger.git');

/** The organisations of which the repository at `path` has a branch. */
function branchesIn(path: string): readonly string[] {
  const store = openGitStore(path);
  const names = [...store.listRefs().keys()];
  store.close();
  return names;
}

/** Puts branches into the hub: of `joins` organisations that have joined and mean nothing by it, and of `broken` that are no chains. */
function spoil(joins: number, broken: number): readonly Id[] {
  const body = openGitStore(storeOf('body'));
  const programme = loadChain(body, { kind: 'programme', ledger }, null);
  body.close();
  if (programme === null) throw new Error('the body has no programme chain');
  const branches: [Id, Uint8Array][] = [];
  for (let number = 0; number < joins; number += 1) {
    const { state, records } = joinLedger(
      { ...programme, name: 'body', records: [], key: 0 },
      `junk ${number}`,
      programme.state.time,
    );
    branches.push([state.id, Buffer.concat(records)]);
  }
  for (let number = 0; number < broken; number += 1)
    branches.push([
      (number + 1).toString(16).padStart(64, '0') as Id,
      Uint8Array.of(0x82, 0x41, number, 0x81, 0x41, 2),
    ]);
  putBranches(branches);
  return branches.slice(0, joins).map(([org]) => org);
}

/** Puts branches of one file each into the hub, all at once. */
function putBranches(branches: readonly (readonly [Id, Uint8Array])[]): void {
  const made = branches.map(([org, bytes]) => [organisationRef(org), branchOf(bytes)] as const);
  const store = openGitStore(hub);
  store.writeObjects(made.flatMap(([, objects]) => objects));
  store.close();
  const lines = made
    .map(([ref, [commit]]) => `${commit!.oid} ${ref}\n`)
    .toSorted((x, y) => (x.slice(41) < y.slice(41) ? -1 : 1));
  writeFileSync(join(hub, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`, {
    flag: 'wx',
  });
}

interface Synced {
  readonly remotes: readonly {
    readonly taken: readonly unknown[];
    readonly refused: readonly unknown[];
    readonly left: { readonly branches: number; readonly because: string } | null;
  }[];
}

/** What a sync of `name` cost at the host, and what came of it. */
async function costOf(name: string) {
  const before = { asked: server.requests.length, ...server.traffic() };
  const [remote] = (await town.json<Synced>(name, 'sync')).remotes;
  const after = server.traffic();
  return {
    requests: server.requests.slice(before.asked),
    bytes: after.sent - before.sent + after.received - before.received,
    remote,
  };
}

describe.skipIf(!hasGit)('a hub with 300 branches of unknown organisations', () => {
  test('costs a member their lines in the list: no request more, nothing fetched, nothing kept', async () => {
    const clean = await costOf('works');
    spoil(JOINS, BROKEN);
    const spoilt = await costOf('works');
    expect(spoilt.requests).toEqual(clean.requests);
    // the list, for fetching and for publishing: about 120 bytes a branch each time
    expect(spoilt.bytes - clean.bytes).toBeLessThan((JOINS + BROKEN) * 130 * 2);
    expect(spoilt.remote).toMatchObject({ taken: [], refused: [], left: { branches: 300, because: 'not-listed' } });
    expect(branchesIn(storeOf('works'))).toHaveLength(2);
    expect((await town.ok('works', 'sync')).stdout).toContain(
      'left      300 branches of organisations that were never',
    );
  });

  test('what a broadcast lists arrives still, and nothing else', async () => {
    spoil(JOINS, BROKEN);
    town.now += 60;
    town.write('works', 'boundary.yaml', BOUNDARY);
    await town.ok('works', 'boundary', 'set', 'boundary.yaml');
    await town.ok('works', 'sync');
    const grid = await joinAs('grid');
    expect(branchesIn(storeOf('grid')).toSorted()).toEqual(
      ['refs/heads/programme', organisationRef(grid), organisationRef(await idOf('works'))].toSorted(),
    );
    // the last word of the programme before the junk is listed: named, for there are more than are taken at a time
    const { stdout } = await town.ok('body', 'sync', '--newcomer', grid);
    expect(stdout).toMatch(/left +\d+ branches of organisations that were never admitted: too many at a time/);
    expect(stdout.match(/refused/g)!.length).toBeLessThanOrEqual(11);
    await town.ok('body', 'org', 'admit', grid, '--role', 'applicant');
    await town.ok('body', 'broadcast');
    await town.ok('works', 'sync');
    const here = branchesIn(storeOf('works'));
    expect(here).toContain(organisationRef(grid));
    expect(here).not.toContain(organisationRef('1'.padStart(64, '0') as Id));
    expect((await town.ok('works', 'verify', '--full')).stdout).toContain('CHECKED');
  });

  test('the body is told of them, takes a part at a time, and sees who else has joined', async () => {
    spoil(JOINS, BROKEN);
    const grid = await joinAs('grid');
    let before = branchesIn(storeOf('body')).length;
    for (let round = 0; !branchesIn(storeOf('body')).includes(organisationRef(grid)); round += 1) {
      expect(round).toBeLessThan(8);
      town.now += 61;
      const { remote } = await costOf('body');
      const here = branchesIn(storeOf('body')).length;
      expect(here - before + remote!.refused.length).toBeLessThanOrEqual(256);
      before = here;
    }
    for (let round = 0; round < 4; round += 1) {
      town.now += 61;
      await town.ok('body', 'sync');
    }
    expect(branchesIn(storeOf('body'))).toHaveLength(3 + JOINS);
  });

  test('one of an enormous size keeps no other away for ever', async () => {
    const bytes = randomBytes(2 ** 24 + 2 ** 22);
    putBranches([['f'.repeat(64) as Id, bytes]]);
    const grid = await joinAs('grid');
    const told: string[] = [];
    for (let round = 0; !branchesIn(storeOf('body')).includes(organisationRef(grid)); round += 1) {
      expect(round).toBeLessThan(12);
      town.now += 61;
      told.push((await town.ok('body', 'sync')).stdout);
    }
    expect(branchesIn(storeOf('body'))).not.toContain(organisationRef('f'.repeat(64) as Id));
    expect(told.at(-1)).toContain('left      1 branch of organisations that were never admitted: too many at a time');
  });

  test('a member fetches one by its id, and is told of one that is nowhere', async () => {
    const [, wanted] = spoil(3, 0);
    await town.ok('works', 'sync', '--newcomer', wanted!);
    expect(branchesIn(storeOf('works'))).toEqual(
      [
        'refs/heads/programme',
        ...[organisationRef(wanted!), organisationRef(await idOf('works'))].toSorted(),
      ].toSorted(),
    );
    const nowhere = await town.run('works', 'sync', '--newcomer', 'a'.repeat(64));
    expect(nowhere).toMatchObject({ status: 1 });
    expect(nowhere.stderr).toContain(`no remote has a branch of the organisation ${'a'.repeat(64)}`);
  });

  test('who joins again with the keys of a home that is lost finds the chain that he began, before anybody lists it', async () => {
    spoil(JOINS + BROKEN, 0);
    const grid = await joinAs('grid');
    await town.ok('grid2', 'init', 'grid');
    cpSync(join(town.root, 'grid', '.joulemark', 'keys'), join(town.root, 'grid2', '.joulemark', 'keys'), {
      recursive: true,
    });
    const again = await town.json<{ org: Id; already: boolean }>('grid2', 'join', url, '--ledger', ledger);
    expect(again).toMatchObject({ org: grid, already: true });
    expect(branchesIn(storeOf('grid2')).toSorted()).toEqual(branchesIn(storeOf('grid')).toSorted());
  });
});

test('where a thousand of them are kept already, no more are asked for', async () => {
  const refs = Array.from({ length: 1030 }, (_, at) => organisationRef(at.toString(16).padStart(64, '0') as Id));
  const { taken, left } = await fetchNewcomers(
    { newcomers: refs.slice(1024), kept: new Set(refs.slice(0, 1024)) },
    newcomerBounds({ org: ledger, ledger })!,
    { url, options: { now: town.now, wait: 0 }, progress: undefined },
    () => Promise.reject(new Error('asked for')),
  );
  expect(taken).toEqual([]);
  expect(left).toEqual({ branches: 6, because: 'too-many' });
});

const BOUNDARY =
  'joulemark: boundary/1\napplicant: works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  heat: {kind: energy, at: gate, unit: mmBtu}\n';

const idOf = async (name: string): Promise<Id> => (await town.json<{ org: Id }>(name, 'status')).org;
