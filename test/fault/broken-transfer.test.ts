/** Transfers that break off: whatever came is nowhere, and the same run again does it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { initRemoteDirectory } from '../../src/ledger/remote/directory.ts';
import { fetchVerified } from '../../src/ledger/remote/fetch-verified.ts';
import { openTransport, type Transport } from '../../src/ledger/remote/remote.ts';
import { type GitStore, initGitStore } from '../../src/ledger/store/git-store.ts';
import { chainBytes, expectedBytes, grow, PROGRAMME } from '../support/chain.ts';
import { bundleScript } from '../support/bundled-script.ts';
import { fsck, hasGit, withScratch } from '../support/git.ts';
import { type GitHttpServer, startGitHttpServer } from '../support/git-http-server.ts';
import { hasSshd, startSshServer } from '../support/ssh-server.ts';

let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

const COUNT = 40;

/** A hub with a programme of 40 blocks below `scratch`, and the store that wrote it. */
async function seed(scratch: string): Promise<{ readonly hub: string; readonly writer: GitStore }> {
  const hub = join(scratch, 'hub', 'ledger.git');
  initRemoteDirectory(hub);
  const writer = initGitStore(join(scratch, 'writer.git'));
  const oid = grow(writer, PROGRAMME, 0, COUNT);
  await openTransport(hub).push([{ ref: PROGRAMME, oid, expected: null }], writer);
  return { hub, writer };
}

async function fetchInto(scratch: string, transport: Transport): Promise<GitStore> {
  const home = join(scratch, 'reader');
  mkdirSync(home, { recursive: true });
  const main = initGitStore(join(home, 'ledger.git'));
  await fetchVerified({ transport, main, home, lockPath: join(home, 'lock'), verify: (_, refs) => refs });
  return main;
}

/** Nothing came in and nothing is left behind. */
function expectUntouched(scratch: string): void {
  expect(initGitStore(join(scratch, 'reader/ledger.git')).listRefs().size).toBe(0);
  const quarantine = join(scratch, 'reader/quarantine');
  expect(existsSync(quarantine) ? readdirSync(quarantine) : []).toEqual([]);
  expect(readdirSync(join(scratch, 'reader/ledger.git/objects/pack'))).toEqual([]);
}

const scratchRepositories = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('joulemark-git-'));

describe.skipIf(!hasGit)('over http', () => {
  const start = async (scratch: string, options: Parameters<typeof startGitHttpServer>[1]): Promise<GitHttpServer> => {
    const server = await startGitHttpServer(join(scratch, 'hub'), options);
    closing.push(server.close);
    return server;
  };

  test('an answer that is cut anywhere is harmless, and the next run takes all', () =>
    withScratch(async (scratch) => {
      await seed(scratch);
      let cut = 0;
      const server = await start(scratch, { cutAfter: () => cut });
      const transport = openTransport(`${server.url}/ledger.git`);
      for (cut of [0, 3, 60, 400, 2000, 5000]) {
        await expect(fetchInto(scratch, transport), `after ${cut} bytes`).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(FAILED|VERIFY_FAILED)$/) }),
        );
        expectUntouched(scratch);
      }
      cut = Infinity;
      expect(chainBytes(await fetchInto(scratch, transport), PROGRAMME).equals(expectedBytes(COUNT))).toBe(true);
    }));

  test('a push whose answer is lost has happened or not, and repeating it settles that', () =>
    withScratch(async (scratch) => {
      const { hub, writer } = await seed(scratch);
      let cut = 0;
      const server = await start(scratch, { cutAfter: () => cut });
      const transport = openTransport(`${server.url}/ledger.git`);
      const expected = writer.readRef(PROGRAMME);
      const oid = grow(writer, PROGRAMME, COUNT, 1);
      await expect(transport.push([{ ref: PROGRAMME, oid, expected }], writer)).rejects.toThrow(
        expect.objectContaining({ code: 'FAILED' }),
      );
      cut = Infinity;
      const there = (await transport.listRefs()).get(PROGRAMME) ?? null;
      if (there !== oid) await transport.push([{ ref: PROGRAMME, oid, expected: there }], writer);
      expect((await transport.listRefs()).get(PROGRAMME)).toBe(oid);
      expect(fsck(hub)).toBe('');
    }));

  test.each([500, 502, 503])('status %s is named, and passes', (status) =>
    withScratch(async (scratch) => {
      await seed(scratch);
      let ill = true;
      const server = await start(scratch, {
        intercept: (request, response) => {
          if (!ill || request.method !== 'POST') return false;
          response.writeHead(status).end('<html>down for maintenance</html>');
          return true;
        },
      });
      const transport = openTransport(`${server.url}/ledger.git`);
      await expect(fetchInto(scratch, transport)).rejects.toThrow(
        expect.objectContaining({ code: 'FAILED', message: expect.stringContaining(String(status)) }),
      );
      expectUntouched(scratch);
      ill = false;
      expect((await fetchInto(scratch, transport)).listRefs().size).toBe(1);
    }),
  );

  test('a host that sends elsewhere is not followed: no password goes where it was not meant to', () =>
    withScratch(async (scratch) => {
      await seed(scratch);
      const seen: (string | undefined)[] = [];
      const thief = await start(scratch, {
        intercept: (request) => {
          seen.push(request.headers.authorization);
          return false;
        },
      });
      const server = await start(scratch, {
        intercept: (request, response) => {
          response.writeHead(302, { location: `${thief.url}${request.url}` }).end();
          return true;
        },
      });
      const asked = openTransport(`${server.url}/ledger.git`, {
        credentials: async () => ({ username: 'works', password: 'secret' }),
      });
      await expect(asked.listRefs()).rejects.toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/sends elsewhere \(status 302\)/),
          hints: [`if that is right, use its new address: ${thief.url}/ledger.git`],
        }),
      );
      expect(seen).toEqual([]);
    }));

  test('a transfer ends with the signal', () =>
    withScratch(async (scratch) => {
      await seed(scratch);
      const server = await start(scratch, { intercept: () => true });
      const transport = openTransport(`${server.url}/ledger.git`, { signal: AbortSignal.timeout(300) });
      await expect(transport.listRefs()).rejects.toThrow(expect.objectContaining({ code: 'FAILED' }));
    }));
});

/** Shell: the sshd of this connection, above whatever shell it started. */
const FIND_SSHD =
  'daemon=$PPID; until grep -q "^sshd" /proc/$daemon/comm; do daemon=$(cut -d" " -f4 /proc/$daemon/stat); done';

describe.skipIf(!hasGit || !hasSshd)('over ssh', () => {
  /** The hub through a program of ours in place of what git asks for. */
  const startForced = async (scratch: string, name: string, script: string) => {
    const path = join(scratch, `${name}.sh`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const server = await startSshServer(join(scratch, name), { forced: path });
    closing.push(server.close);
    return server;
  };

  test('a connection that is cut anywhere is harmless, and the next run takes all', () =>
    withScratch(async (scratch) => {
      const { hub } = await seed(scratch);
      const left = scratchRepositories();
      for (const bytes of [0, 300, 4000]) {
        const server = await startForced(
          scratch,
          `cut-${bytes}`,
          // the listing comes whole, the transfer after it is cut
          `test -e $0.listed || { touch $0.listed; exec sh -c "$SSH_ORIGINAL_COMMAND"; }\n${FIND_SSHD}\nsh -c "$SSH_ORIGINAL_COMMAND" | { dd bs=1 count=${bytes} 2>/dev/null; kill -9 $daemon; }`,
        );
        const transport = openTransport(`${server.url}${hub}`, { environment: server.environment });
        await expect(fetchInto(scratch, transport), `after ${bytes} bytes`).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^(FAILED|VERIFY_FAILED)$/) }),
        );
        expectUntouched(scratch);
      }
      const server = await startForced(scratch, 'whole', 'sh -c "$SSH_ORIGINAL_COMMAND"');
      const transport = openTransport(`${server.url}${hub}`, { environment: server.environment });
      expect(chainBytes(await fetchInto(scratch, transport), PROGRAMME).equals(expectedBytes(COUNT))).toBe(true);
      expect(scratchRepositories().filter((name) => !left.includes(name))).toEqual([]);
    }));

  test('a host that says nothing ends with the signal, and git and ssh with it', () =>
    withScratch(async (scratch) => {
      const { hub } = await seed(scratch);
      const server = await startForced(scratch, 'silent', 'sleep 600');
      const begun = performance.now();
      const transport = openTransport(`${server.url}${hub}`, {
        environment: server.environment,
        signal: AbortSignal.timeout(1500),
      });
      await expect(transport.listRefs()).rejects.toThrow(/'git' was interrupted/);
      expect(performance.now() - begun).toBeLessThan(20_000);
    }));

  test('a command that is interrupted ends at once, takes git and ssh with it, and leaves nothing', () =>
    withScratch(async (scratch) => {
      const { hub } = await seed(scratch);
      const server = await startForced(scratch, 'silent', `echo $$ > ${join(scratch, 'reached')}; exec sleep 600`);
      const temporary = join(scratch, 'tmp');
      mkdirSync(temporary);
      const script = await bundleScript(
        `import { openTransport } from './src/ledger/remote/remote.ts';
        process.on('SIGTERM', () => process.exit(143));
        await openTransport(${JSON.stringify(`${server.url}${hub}`)}).listRefs();`,
        join(scratch, 'list.mjs'),
      );
      const child = spawn(process.execPath, [script], {
        env: { ...server.environment, TMPDIR: temporary },
        stdio: 'ignore',
      });
      for (let tries = 0; !existsSync(join(scratch, 'reached')) && tries < 400; tries++) await delay(50);
      expect(readdirSync(temporary).length).toBe(1);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      expect(await ended).toBe(143);
      expect(readdirSync(temporary)).toEqual([]);
      const clients = (): readonly string[] =>
        readdirSync('/proc').filter((name) => {
          try {
            return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(`-F\0${server.folder}`);
          } catch {
            return false; // it has ended meanwhile
          }
        });
      for (let tries = 0; clients().length > 0 && tries < 100; tries++) await delay(50);
      expect(clients()).toEqual([]);
    }));

  test('an unknown host, a key it does not know and a path that is not there are told apart', () =>
    withScratch(async (scratch) => {
      const { hub } = await seed(scratch);
      const server = await startSshServer(join(scratch, 'ssh'));
      closing.push(server.close);
      const reach = (
        url: string,
        environment: Readonly<Record<string, string>> = server.environment,
      ): Promise<unknown> => openTransport(url, { environment }).listRefs();
      await expect(reach(`hub:${hub}`)).resolves.toMatchObject({ size: 1 });
      await expect(reach(`${server.url}${hub}x`)).rejects.toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/does not appear to be a git repository/),
          hints: ['check the path in the address'],
        }),
      );
      writeFileSync(join(server.folder, 'authorized_keys'), '');
      await expect(reach(`${server.url}${hub}`)).rejects.toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/Permission denied/),
          hints: [expect.stringMatching(/^ssh -o BatchMode=yes ssh:\/\/\S+@127\.0\.0\.1:\d+ /)],
        }),
      );
      writeFileSync(join(server.folder, 'known_hosts'), '');
      await expect(reach(`${server.url}${hub}`)).rejects.toThrow(
        expect.objectContaining({ message: expect.stringMatching(/Host key verification failed/) }),
      );
      await expect(reach(`${server.url}${hub}`, { PATH: '/nonexistent', HOME: scratch })).rejects.toThrow(
        expect.objectContaining({
          message: expect.stringMatching(/'git' is not installed/),
          hints: ['apt install git', 'or use an https address, which needs no git'],
        }),
      );
    }));

  test("neither the user's git configuration nor a hook of the store is obeyed", () =>
    withScratch(async (scratch) => {
      const { hub, writer } = await seed(scratch);
      const server = await startSshServer(join(scratch, 'ssh'));
      closing.push(server.close);
      const trap = join(scratch, 'sprung');
      const config = `[core]\n\tsshCommand = touch ${trap}\n\thooksPath = ${scratch}\n\tfsmonitor = touch ${trap}\n\talternateRefsCommand = touch ${trap}; true\n[gc]\n\tauto = 1\n[url "ext::touch ${trap}"]\n\tinsteadOf = ssh://\n`;
      writeFileSync(join(server.environment['HOME'] as string, '.gitconfig'), config);
      writeFileSync(join(writer.directory, 'config'), `[core]\n\tbare = true\n${config}`);
      mkdirSync(join(writer.directory, 'hooks'));
      for (const hook of ['pre-push', 'reference-transaction', 'post-checkout'])
        writeFileSync(join(writer.directory, 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
      const transport = openTransport(`${server.url}${hub}`, { environment: server.environment });
      const expected = writer.readRef(PROGRAMME);
      const oid = grow(writer, PROGRAMME, COUNT, 1);
      await transport.push([{ ref: PROGRAMME, oid, expected }], writer);
      await fetchInto(scratch, transport);
      expect(existsSync(trap)).toBe(false);
    }));
});
