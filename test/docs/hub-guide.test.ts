/** The guide to hubs, typed word for word by a body and a works: a forge behind a password, a real sshd, a stick, a file. */
import { spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initRemoteDirectory } from '../../src/ledger/remote/directory.ts';
import { fsck, git, hasGit } from '../support/git.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-http-server.ts';
import { codeBlocksOf, readPage, tableRowsOf } from '../support/markdown.ts';
import { policyText } from '../support/policy-text.ts';
import { PROJECT_ROOT } from '../support/sources.ts';
import { hasSshd, type SshServer, startSshServer } from '../support/ssh-server.ts';

const PAGE = readPage('docs/guides/hub.md');
const TOKEN = 'a token of the forge';

/** The blocks below a heading. */
const blocksBelow = (heading: string) =>
  codeBlocksOf(PAGE.split(/^## /mu).find((part) => part.startsWith(heading)) ?? '');

let root = '';
let ledger = '';
let server: GitHttpServer | null = null;
let host: SshServer | null = null;

/** Runs shell lines where `who` stands. The guide's places are here: its forge, its server's disk, its stick. */
async function type(
  who: string,
  lines: readonly string[],
): Promise<{ readonly status: number; readonly printed: string }> {
  const here = lines.map((line) =>
    line
      .replaceAll('https://git.example.org', server?.url ?? '')
      .replaceAll('/srv/git', join(root, 'srv'))
      .replaceAll('/media/stick', join(root, 'media')),
  );
  const script = ['joulemark() { node "$PROJECT/bin/joulemark.js" "$@"; }', `ledger=${ledger}`, ...here].join('\n');
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    XDG_STATE_HOME: join(root, 'state'),
    TMPDIR: join(root, 'tmp'),
    PROJECT: join(root, 'project'),
    GIT_CONFIG_NOSYSTEM: '1',
    ...(host === null ? {} : { GIT_SSH_COMMAND: host.environment['GIT_SSH_COMMAND'] }),
  };
  // not spawnSync: the forge is served by this process
  const child = spawn('bash', ['-e', '-c', script], { cwd: join(root, who), env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const status = await new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  return { status, printed };
}

/** Types the blocks of a section in order; each has to end with status 0. Returns what was printed. */
async function typeSection(heading: string): Promise<string> {
  let all = '';
  const blocks = blocksBelow(heading).filter(({ info }) => info.startsWith('sh '));
  expect(blocks.length).toBeGreaterThanOrEqual(2);
  for (const { info, lines } of blocks) {
    const { status, printed } = await type(info.slice(3), lines);
    expect(status, `${info}: ${lines.join('; ')}\n${printed}`).toBe(0);
    all += printed;
  }
  return all;
}

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'joulemark-hub-guide-')));
  for (const name of ['project', 'body', 'works', 'server', 'srv', 'media', 'tmp']) mkdirSync(join(root, name));
  for (const name of ['bin', 'package.json'])
    cpSync(`${PROJECT_ROOT}${name}`, join(root, 'project', name), { recursive: true });
  symlinkSync(`${PROJECT_ROOT}node_modules`, join(root, 'project', 'node_modules'));
  expect(spawnSync(process.execPath, [`${PROJECT_ROOT}tools/build.js`, join(root, 'project', 'dist')]).status).toBe(0);
  for (const name of ['body', 'works']) writeFileSync(join(root, `${name}.token`), `${TOKEN}\n`, { mode: 0o600 });
  writeFileSync(join(root, 'body', 'policy.yaml'), policyText());
  const founded = await type('body', ['joulemark init --quiet Body', 'joulemark programme create policy.yaml --json']);
  ledger = (JSON.parse(founded.printed) as { ledger: string }).ledger;
  expect((await type('works', ['joulemark init --quiet Works'])).status).toBe(0);
});
afterAll(async () => {
  await server?.close();
  await host?.close();
  rmSync(root, { recursive: true, force: true });
});

describe.skipIf(!hasGit)('docs/guides/hub.md', () => {
  test('a forge over https, behind a token', async () => {
    const path = join(root, 'forge', 'energy', 'ledger.git');
    initRemoteDirectory(path);
    server = await startGitHttpServer(join(root, 'forge'), { credentials: { username: 'git', password: TOKEN } });
    const printed = await typeSection('A git forge');
    expect(printed).toContain('published to hub');
    expect(printed).not.toContain(TOKEN);
    expect(git(path, 'for-each-ref', '--format=%(refname)').trim().split('\n')).toHaveLength(2);
    expect(fsck(path)).toBe('');
    await server.close();
    server = null;
    for (const name of ['body', 'works']) expect((await type(name, ['joulemark remote remove hub'])).status).toBe(0);
  });

  test.skipIf(!hasSshd)('a server with ssh, and git alone behind the key', async () => {
    const ssh = join(root, 'ssh');
    const line = blocksBelow('A server')
      .flatMap(({ lines }) => lines)
      .find((text) => text.startsWith('restrict'));
    const options = /^(?<options>restrict,command=".+") ssh-ed25519 /u.exec(line ?? '')?.groups?.['options'] ?? '';
    expect(options).toContain('git-shell');
    host = await startSshServer(ssh, { options });
    const keys = readFileSync(join(ssh, 'config'), 'utf8');
    writeFileSync(
      join(ssh, 'config'),
      `Host git.example.org\n  HostName 127.0.0.1\n  HostKeyAlias [127.0.0.1]:${host.port}\n  Port ${host.port}\n  User ${userInfo().username}\n${keys}`,
    );
    const printed = await typeSection('A server');
    expect(printed).toContain('published');
    const path = join(root, 'srv', 'ledger.git');
    expect(git(path, 'for-each-ref', '--format=%(refname)').trim().split('\n')).toHaveLength(2);
    expect(git(path, 'symbolic-ref', 'HEAD').trim()).toBe('refs/heads/programme');
    expect(fsck(path)).toBe('');
    const other = spawnSync('ssh', ['-F', join(ssh, 'config'), '-o', 'BatchMode=yes', 'git.example.org', 'id'], {
      encoding: 'utf8',
    });
    expect([other.status === 0, other.stdout]).toEqual([false, '']);
    for (const name of ['body', 'works']) expect((await type(name, ['joulemark remote remove ssh'])).status).toBe(0);
  });

  test('a stick', async () => {
    expect(await typeSection('A stick')).toContain('published');
    expect(fsck(join(root, 'media', 'ledger.git'))).toBe('');
    rmSync(join(root, 'media', 'ledger.git'), { recursive: true });
    expect((await type('body', ['joulemark sync'])).status).toBe(1);
    for (const name of ['body', 'works']) expect((await type(name, ['joulemark remote remove stick'])).status).toBe(0);
  });

  test('a file by mail', async () => {
    expect(await typeSection('A file by mail')).toContain('broadcast');
    git(root, 'clone', '-q', join(root, 'body', 'ledger.bundle'), join(root, 'clone'));
    expect(fsck(join(root, 'clone'))).toBe('');
  });

  test('says the status of every trouble that a remote can make', () => {
    const said = tableRowsOf(PAGE).flatMap((cells) => (/^\d+$/u.test(cells[2] ?? '') ? [Number(cells[2])] : []));
    expect(said).toEqual([0, 1, 3, 13]);
  });
});
