import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Sign1 } from '@auth0/cose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decodeRecord } from '../../src/ledger/block.ts';
import { decodeEntry } from '../../src/ledger/entry.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';
import { startOfDay } from '../../src/programme/calendar.ts';
import { git, hasGit } from '../support/git.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-http-server.ts';
import { policyText } from '../support/policy-text.ts';
import { createTown, type Town } from '../support/town.ts';

let town: Town;
let ledger: string;

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
});
afterEach(() => town.remove());

const BOUNDARY =
  'joulemark: boundary/1\napplicant: Works\nsupply_points: {gate: {carrier: waste_coal}}\nmeters:\n  heat: {kind: energy, at: gate, unit: mmBtu}\n';

async function joinWorks(hub: string): Promise<void> {
  await town.ok('works', 'init', 'Works');
  await town.ok('works', 'join', hub, '--ledger', ledger);
}

describe.skipIf(!hasGit)('over http, against a real git http-backend', () => {
  let server: GitHttpServer;
  beforeEach(async () => {
    mkdirSync(join(town.root, 'srv'));
    server = await startGitHttpServer(join(town.root, 'srv'));
  });
  afterEach(() => server.close());

  test('a programme is founded, joined, covered and verified; each pushes only its own branch', async () => {
    await town.ok('body', 'remote', 'init', join(town.root, 'srv', 'hub.git'));
    const hub = `${server.url}/hub.git`;
    await town.ok('body', 'remote', 'add', 'hub', hub);
    await town.ok('body', 'sync');
    await joinWorks(hub);
    town.write('works', 'boundary.yaml', BOUNDARY);
    await town.ok('works', 'boundary', 'set', 'boundary.yaml');
    await town.ok('works', 'sync');
    await town.ok('body', 'broadcast');
    await town.ok('works', 'sync');
    expect((await town.ok('works', 'verify', '--full')).stdout).toContain('CHECKED');
    const bare = join(town.root, 'srv', 'hub.git');
    expect(git(bare, 'for-each-ref', '--format=%(refname)').trim().split('\n')).toHaveLength(2);
    expect(git(bare, 'fsck', '--full', '--strict')).not.toMatch(/error|missing|dangling/);
    const stranger = await town.ok('stranger', 'verify', bare, '--ledger', ledger);
    expect(stranger.stdout).toMatch(/CHECKED {3}\d+ blocks in 2 chains/);
    expect(stranger.stdout).toContain('compared with --ledger');
  });

  test('sync again is harmless, and says that nothing is new', async () => {
    await town.ok('body', 'remote', 'init', join(town.root, 'srv', 'hub.git'));
    await town.ok('body', 'remote', 'add', 'hub', `${server.url}/hub.git`);
    await town.ok('body', 'sync');
    const { remotes } = await town.json<{ remotes: { published: boolean; taken: unknown[] }[] }>('body', 'sync');
    expect(remotes).toMatchObject([{ published: false }]);
  });
});

describe.skipIf(!hasGit)('a bare repository on a path', () => {
  let hub: string;
  beforeEach(async () => {
    hub = join(town.root, 'hub.git');
    await town.ok('body', 'remote', 'init', hub);
    await town.ok('body', 'remote', 'add', 'hub', hub);
    await town.ok('body', 'sync');
  });

  test('stock git clones and checks it, and a block of the clone is what its id says', async () => {
    await joinWorks(hub);
    await town.ok('body', 'broadcast');
    const clone = join(town.root, 'clone');
    git(town.root, 'clone', '-q', hub, clone);
    git(clone, 'fsck', '--full', '--strict');
    const files = readdirSync(join(clone, 'blocks'));
    expect(files[0]).toBe('00000000.cbs');
    const store = openGitStore(join(town.root, 'body', '.joulemark', 'ledger.git'));
    const [genesis] = splitRecords([...store.readSegments('refs/heads/programme')][0]!.bytes).map((record) =>
      decodeRecord(record),
    );
    expect(createHash('sha256').update(genesis!.bytes).digest('hex')).toBe(ledger);
    expect(execFileSync('sha256sum', { input: genesis!.bytes }).toString().slice(0, 64)).toBe(ledger);
    store.close();
  });

  test('a stock COSE library verifies a block of the store', async () => {
    const store = openGitStore(join(town.root, 'body', '.joulemark', 'ledger.git'));
    const [segment] = [...store.readSegments('refs/heads/programme')];
    const block = decodeRecord(splitRecords(segment!.bytes)[0]!);
    const [item] = block.items;
    const found = decodeEntry((item as { bytes: Uint8Array }).bytes);
    const key = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), found.content.get('key') as Uint8Array]),
      format: 'der',
      type: 'spki',
    });
    await expect(Sign1.decode(block.bytes).verify(key as never)).resolves.toBeUndefined();
    const forged = Uint8Array.from(block.bytes);
    forged[forged.length - 100] = (forged[forged.length - 100] ?? 0) ^ 1;
    await expect(Sign1.decode(forged).verify(key as never)).rejects.toThrow();
    store.close();
  });

  test('a remote that lags behind is normal and no failure', async () => {
    const stick = join(town.root, 'stick.git');
    cpSync(hub, stick, { recursive: true });
    await town.ok('body', 'remote', 'add', 'stick', stick);
    await joinWorks(hub);
    await town.ok('body', 'sync');
    town.now += 7200;
    await town.ok('body', 'broadcast', '--offline');
    rmSync(stick, { recursive: true });
    cpSync(hub, stick, { recursive: true });
    const { status, stdout } = await town.run('body', 'sync');
    expect({ status, behind: stdout.includes('behind') }).toEqual({ status: 0, behind: true });
  });

  test('a remote of another ledger is refused, and nothing of it becomes visible', async () => {
    const other = join(town.root, 'other.git');
    await town.ok('rival', 'init', 'Rival body');
    town.write('rival', 'policy.yaml', policyText({ edition: '2' }));
    await town.ok('rival', 'programme', 'create', 'policy.yaml');
    await town.ok('rival', 'remote', 'init', other);
    await town.ok('rival', 'remote', 'add', 'hub', other);
    await town.ok('rival', 'sync');
    await joinWorks(hub);
    await town.ok('works', 'remote', 'add', 'bad', other);
    const before = [...openGitStore(join(town.root, 'works', '.joulemark', 'ledger.git')).listRefs()];
    const { status } = await town.run('works', 'sync');
    expect(status).toBe(3);
    expect([...openGitStore(join(town.root, 'works', '.joulemark', 'ledger.git')).listRefs()]).toEqual(before);
  });

  test('two histories of the certification body: the second is refused with status 13 and kept as evidence', async () => {
    await joinWorks(hub);
    cpSync(join(town.root, 'body', '.joulemark'), join(town.root, 'twin', '.joulemark'), { recursive: true });
    await town.ok('body', 'broadcast');
    await town.ok('works', 'sync');
    const second = join(town.root, 'second.git');
    await town.ok('twin', 'remote', 'remove', 'hub');
    await town.ok('twin', 'remote', 'init', second);
    await town.ok('twin', 'remote', 'add', 'hub', second);
    town.now += 5;
    await town.ok('twin', 'broadcast');
    await town.ok('works', 'remote', 'add', 'second', second);
    const { status, stdout } = await town.run('works', 'sync');
    expect(status).toBe(13);
    expect(stdout).toContain('evidence');
    expect(existsSync(join(town.root, 'works', '.joulemark', 'evidence'))).toBe(true);
    expect((await town.run('works', 'verify')).status).toBe(0);
  });

  test('a wrong ledger id is refused before anything is joined', async () => {
    await town.ok('works', 'init', 'Works');
    const { status } = await town.run('works', 'join', hub, '--ledger', '00'.repeat(32));
    expect(status).toBe(3);
    expect((await town.run('works', 'verify')).status).toBe(10);
  });
});
