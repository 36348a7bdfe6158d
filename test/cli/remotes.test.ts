/** Remotes of every kind through the commands: passwords, ssh, a bundle by mail, several at once. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOfDay } from '../../src/programme/calendar.ts';
import { git, hasGit } from '../support/git.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-http-server.ts';
import { policyText } from '../support/policy-text.ts';
import { hasSshd, startSshServer } from '../support/ssh-server.ts';
import { createTown, type Run, type Town } from '../support/town.ts';

let town: Town;
let ledger: string;
let closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  town = createTown(startOfDay('2012-12-20', 'UTC'));
  await town.ok('body', 'init', 'Body');
  town.write('body', 'policy.yaml', policyText());
  ({ ledger } = await town.json<{ ledger: string }>('body', 'programme', 'create', 'policy.yaml'));
});
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
  town.remove();
});

interface Synced {
  readonly remotes: readonly {
    readonly name: string;
    readonly published: boolean;
    readonly taken?: readonly { readonly blocks: number }[];
    readonly behind?: readonly string[];
    readonly error: { readonly code: string; readonly message: string; readonly hints: readonly string[] } | null;
  }[];
}

const PASSWORD = 'correct horse';

/** A hub in `srv/hub.git`, behind http with user and password. */
async function startHub(): Promise<GitHttpServer> {
  await town.ok('body', 'remote', 'init', join(town.root, 'srv', 'hub.git'));
  const server = await startGitHttpServer(join(town.root, 'srv'), {
    credentials: { username: 'body', password: PASSWORD },
  });
  closing.push(server.close);
  await town.ok('body', 'remote', 'add', 'hub', `${server.url}/hub.git`);
  return server;
}

/** Everything that a run printed, and every file of the home, without the password. */
function expectSecret(run: Run): Run {
  expect(`${run.stdout}${run.stderr}`).not.toContain(PASSWORD);
  expect(readFileSync(join(town.folder('body'), '.joulemark', 'config.yaml'), 'utf8')).not.toContain(PASSWORD);
  return run;
}

describe.skipIf(!hasGit)('a host that asks for a password', () => {
  test('says what to set when none is known', async () => {
    const server = await startHub();
    const run = expectSecret(await town.run('body', 'sync'));
    expect(run.status).toBe(1);
    expect(run.stdout).toContain(`the remote '${server.url}/hub.git' asks for user and password, and none are known`);
    expect(run.stdout).toMatch(/hint +set JOULEMARK_HTTP_USERNAME, and JOULEMARK_HTTP_PASSWORD_FILE/);
  });

  test('gets it from the environment or a file that it names, in every command that goes there', async () => {
    await startHub();
    town.env['JOULEMARK_HTTP_USERNAME'] = 'body';
    town.env['JOULEMARK_HTTP_PASSWORD'] = PASSWORD;
    expectSecret(await town.ok('body', 'sync'));
    expectSecret(await town.ok('body', 'broadcast'));
    expect(expectSecret(await town.ok('body', 'doctor', '--online')).stdout).toContain('reached, 1 chains');
    delete town.env['JOULEMARK_HTTP_PASSWORD'];
    town.env['JOULEMARK_HTTP_PASSWORD_FILE'] = town.write('body', 'token', `${PASSWORD}\n`);
    expectSecret(await town.ok('body', 'sync'));
    await town.ok('works', 'init', 'Works');
    const { remotes } = JSON.parse((await town.ok('body', 'remote', 'list', '--json')).stdout) as {
      remotes: readonly { readonly url: string }[];
    };
    await town.ok('works', 'join', remotes[0]!.url, '--ledger', ledger);
    town.env['JOULEMARK_HTTP_PASSWORD_FILE'] = town.write('body', 'token', 'wrong\n');
    const wrong = await town.run('body', 'sync');
    expect([wrong.status, wrong.stdout]).toEqual([1, expect.stringContaining('refuses access (status 401)')]);
    town.env['JOULEMARK_HTTP_PASSWORD_FILE'] = join(town.root, 'nothing');
    expect((await town.run('body', 'sync')).stdout).toContain('which JOULEMARK_HTTP_PASSWORD_FILE names');
  });

  test("gets it from git's own credential helpers, which no folder that one stands in can name", async () => {
    await startHub();
    const trap = join(town.root, 'sprung');
    git(town.root, 'init', '-q', town.folder('body'));
    git(town.folder('body'), 'config', 'credential.helper', `!touch ${trap}; true`);
    expect((await town.run('body', 'sync')).status).toBe(1);
    writeFileSync(
      join(town.root, '.user', '.gitconfig'),
      `[credential]\n\thelper = "!f() { test $1 = get && echo username=body && echo 'password=${PASSWORD}'; }; f"\n`,
    );
    expectSecret(await town.ok('body', 'sync'));
    expect(existsSync(trap)).toBe(false);
  });

  test('gets nothing that was meant for another host', async () => {
    const server = await startHub();
    const seen: (string | undefined)[] = [];
    const other = await startGitHttpServer(join(town.root, 'srv'), {
      intercept: (request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
        return true;
      },
    });
    closing.push(other.close);
    await town.ok('body', 'remote', 'add', 'other', `${other.url}/hub.git`);
    town.env['JOULEMARK_HTTP_USERNAME'] = 'body';
    town.env['JOULEMARK_HTTP_PASSWORD'] = PASSWORD;
    const unclear = await town.run('body', 'sync');
    expect(unclear.status).toBe(1);
    expect(unclear.stdout).toContain(`JOULEMARK_HTTP_HOST=${new URL(server.url).host}`);
    town.env['JOULEMARK_HTTP_HOST'] = new URL(server.url).host;
    const { remotes } = JSON.parse((await town.run('body', 'sync', '--json')).stdout) as Synced;
    expect(remotes.map(({ name, published }) => [name, published])).toEqual([
      ['hub', true],
      ['other', false],
    ]);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((authorization) => authorization !== undefined)).toEqual([]);
  });
});

describe.skipIf(!hasGit || !hasSshd)('over a real sshd', () => {
  test('a ledger is joined, published and verified', async () => {
    const server = await startSshServer(join(town.root, 'ssh'));
    closing.push(server.close);
    Object.assign(town.env, { GIT_SSH_COMMAND: server.environment['GIT_SSH_COMMAND'] });
    const path = join(town.root, 'srv', 'hub.git');
    await town.ok('body', 'remote', 'init', path);
    await town.ok('body', 'remote', 'add', 'hub', `hub:${path}`);
    await town.ok('body', 'sync');
    await town.ok('works', 'init', 'Works');
    await town.ok('works', 'join', `${server.url}${path}`, '--ledger', ledger);
    await town.ok('body', 'broadcast');
    await town.ok('works', 'sync');
    expect((await town.ok('works', 'verify', '--full')).stdout).toContain('CHECKED');
    expect(git(path, 'fsck', '--full', '--strict')).not.toMatch(/error|missing|dangling/);
    expect((await town.ok('works', 'doctor', '--online')).stdout).toContain('reached, 2 chains');
  });
});

describe('a bundle file', () => {
  test('goes to and fro by mail: all that one holds, the same bytes each time', async () => {
    const mail = join(town.root, 'mail.bundle');
    await town.ok('body', 'remote', 'add', 'mail', mail);
    expect((await town.json<Synced>('body', 'sync')).remotes[0]).toMatchObject({ published: true, error: null });
    const first = readFileSync(mail);
    expect((await town.json<Synced>('body', 'sync')).remotes[0]).toMatchObject({ published: false, error: null });
    expect(readFileSync(mail).equals(first)).toBe(true);

    await town.ok('works', 'init', 'Works');
    await town.ok('works', 'join', mail, '--ledger', ledger, '--name', 'mail');
    await town.ok('body', 'sync');
    await town.ok('body', 'broadcast');
    await town.ok('works', 'sync');
    expect((await town.ok('works', 'verify', '--full')).stdout).toMatch(/CHECKED {3}\d+ blocks in 2 chains/);
    expect((await town.ok('stranger', 'verify', mail, '--ledger', ledger)).stdout).toMatch(/in 2 chains/);
    if (!hasGit) return;
    git(town.root, 'clone', '-q', mail, join(town.root, 'clone'));
    git(join(town.root, 'clone'), 'bundle', 'verify', mail);
    expect(git(join(town.root, 'clone'), 'fsck', '--full', '--strict')).not.toMatch(/error|missing/);
  });

  test('in the folder of a home does not keep anybody from verifying the home', async () => {
    await town.ok('body', 'remote', 'add', 'mail', join(town.folder('body'), 'ledger.bundle'));
    await town.ok('body', 'sync', 'mail');
    const { blocks } = await town.json<{ blocks: number }>(
      'stranger',
      'verify',
      town.folder('body'),
      '--ledger',
      ledger,
    );
    expect(blocks).toBeGreaterThan(0);
  });

  test('that is damaged or holds another history is refused and not written over', async () => {
    const mail = join(town.root, 'mail.bundle');
    await town.ok('body', 'remote', 'add', 'mail', mail);
    await town.ok('body', 'sync');
    const whole = readFileSync(mail);
    const damaged = Buffer.from(whole);
    damaged[damaged.length - 100] = (damaged[damaged.length - 100] ?? 0) ^ 1;
    writeFileSync(mail, damaged);
    expect((await town.run('body', 'sync')).status).toBe(3);
    expect(readFileSync(mail).equals(damaged)).toBe(true);
    await town.ok('rival', 'init', 'Rival');
    town.write('rival', 'policy.yaml', policyText({ edition: '2' }));
    await town.ok('rival', 'programme', 'create', 'policy.yaml');
    writeFileSync(mail, whole);
    await town.ok('rival', 'remote', 'add', 'mail', mail);
    expect((await town.run('rival', 'sync')).status).toBe(3);
    expect(readFileSync(mail).equals(whole)).toBe(true);
  });

  test('in a folder that is not there is named', async () => {
    await town.ok('body', 'remote', 'add', 'mail', join(town.root, 'no', 'mail.bundle'));
    const run = await town.run('body', 'sync');
    expect([run.status, run.stdout]).toEqual([1, expect.stringContaining('no folder')]);
  });
});

describe('several remotes', () => {
  const hubs = ['first', 'second', 'stick'] as const;
  beforeEach(async () => {
    mkdirSync(join(town.root, 'srv'));
    for (const name of hubs) {
      await town.ok('body', 'remote', 'init', join(town.root, 'srv', `${name}.git`));
      await town.ok('body', 'remote', 'add', name, join(town.root, 'srv', `${name}.git`));
    }
    await town.ok('body', 'sync');
  });

  test('one that is away is reported with status 1, and the others are served; named ones are all that is tried', async () => {
    rmSync(join(town.root, 'srv', 'stick.git'), { recursive: true });
    await town.ok('body', 'broadcast', '--offline');
    const run = await town.run('body', 'sync', '--json');
    expect(run.status).toBe(1);
    const { remotes } = JSON.parse(run.stdout) as Synced;
    expect(remotes.map(({ name, published, error }) => [name, published, error?.code ?? null])).toEqual([
      ['first', true, null],
      ['second', true, null],
      ['stick', false, 'FAILED'],
    ]);
    expect(remotes[2]?.error?.hints.join()).toContain(`joulemark remote init '${join(town.root, 'srv', 'stick.git')}'`);
    expect((await town.json<Synced>('body', 'sync', 'second', 'first')).remotes.map(({ name }) => name)).toEqual([
      'first',
      'second',
    ]);
    const unknown = await town.run('body', 'sync', 'third');
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      expect.stringContaining("no remote 'third', expected first, second, stick"),
    ]);
  });

  test('each with an organisation of its own: the body fetches from all and gives all their place', async () => {
    for (const name of ['first', 'second'] as const) {
      await town.ok(name, 'init', `Works at the ${name}`);
      await town.ok(name, 'join', join(town.root, 'srv', `${name}.git`), '--ledger', ledger);
    }
    const { heads } = await town.json<{ heads: readonly { readonly name: string }[] }>('body', 'broadcast');
    expect(heads.map(({ name }) => name).toSorted()).toEqual(['Works at the first', 'Works at the second']);
    const synced = await town.json<Synced>('body', 'sync');
    expect(synced.remotes.map(({ error }) => error)).toEqual([null, null, null]);
  });
});
