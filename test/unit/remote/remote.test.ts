import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { initRemoteDirectory } from '../../../src/ledger/remote/directory.ts';
import { fetchVerified } from '../../../src/ledger/remote/fetch-verified.ts';
import type { FetchResult } from '../../../src/ledger/remote/fetch-verified.ts';
import { withQuarantine } from '../../../src/ledger/remote/quarantine.ts';
import { openTransport, parseRemoteUrl } from '../../../src/ledger/remote/remote.ts';
import type { Transport } from '../../../src/ledger/remote/remote.ts';
import { initGitStore, openGitStore } from '../../../src/ledger/store/git-store.ts';
import type { GitStore } from '../../../src/ledger/store/git-store.ts';
import { processIdentity } from '../../../src/ledger/store/process-identity.ts';
import { chainBytes, expectedBytes, grow, organisationRef, PROGRAMME, record } from '../../support/chain.ts';
import { fsck, git, hasGit, withScratch } from '../../support/git.ts';
import { startGitHttpServer } from '../../support/git-http-server.ts';
import type { GitHttpServer } from '../../support/git-http-server.ts';
import { hasSshd, startSshServer } from '../../support/ssh-server.ts';

const ORGANISATION = organisationRef(1);

let server: GitHttpServer | null = null;
let close: (() => Promise<void>) | null = null;
afterEach(async () => {
  await server?.close();
  await close?.();
  server = null;
  close = null;
});

/** Everything accepted. */
const takeAll = (_: GitStore, refs: ReadonlyMap<string, string>): ReadonlyMap<string, string> => refs;

/** Takes over what a remote has into the home `name` below `scratch`. */
async function fetchInto(
  scratch: string,
  name: string,
  transport: Transport,
  verify: Parameters<typeof fetchVerified>[0]['verify'] = takeAll,
): Promise<FetchResult & { readonly main: GitStore }> {
  const home = join(scratch, name);
  mkdirSync(home, { recursive: true });
  const main = initGitStore(join(home, 'ledger.git'));
  return { ...(await fetchVerified({ transport, main, home, lockPath: join(home, 'lock'), verify })), main };
}

/** Pushes branches of `store`, from where the remote has them. */
async function pushAll(store: GitStore, transport: Transport): Promise<void> {
  const there = await transport.listRefs();
  const updates = [...store.listRefs()]
    .map(([ref, oid]) => ({ ref, oid, expected: there.get(ref) ?? null }))
    .filter(({ oid, expected }) => oid !== expected);
  await transport.push(updates, store);
}

describe('URLs', () => {
  test('say which transport is meant', () => {
    expect(parseRemoteUrl('https://example.org/a.git/')).toEqual({ kind: 'http', url: 'https://example.org/a.git' });
    expect(parseRemoteUrl('http://[::1]:8080/a.git')).toEqual({ kind: 'http', url: 'http://[::1]:8080/a.git' });
    for (const path of ['/srv/a.git', './a:b', '../x', 'stick', '/a:b'])
      expect(parseRemoteUrl(path)).toEqual({ kind: 'directory', path });
    expect(parseRemoteUrl('file:///srv/a%20b.git')).toEqual({ kind: 'directory', path: '/srv/a b.git' });
    expect(parseRemoteUrl('/media/stick/a.bundle')).toEqual({ kind: 'bundle', path: '/media/stick/a.bundle' });
    for (const url of [
      'ssh://git@example.org/a.git',
      'ssh://example.org:2222/~me/a.git',
      'ssh://[::1]/a.git',
      'git@example.org:a.git',
      'example.org:a',
      'git@[::1]:a.git',
    ])
      expect(parseRemoteUrl(url)).toEqual({ kind: 'system', url, scheme: 'ssh' });
    expect(parseRemoteUrl('git://example.org/a')).toEqual({
      kind: 'system',
      url: 'git://example.org/a',
      scheme: 'git',
    });
  });

  test('that ssh or git could take for an option or a program are refused', () => {
    for (const url of [
      'ssh://-oProxyCommand=evil/a',
      'ssh://-oProxyCommand=evil@host/a',
      'ssh://host/-a',
      'ssh://host',
      'git://-x/a',
      '-oProxyCommand=evil:a',
      'host:-a',
      'me@-oProxyCommand=evil:a',
      'ho st:a',
      '$(evil):a',
    ])
      expect(() => openTransport(url), url).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringMatching(/malformed/) }),
      );
  });

  test('with credentials are refused without repeating them', () => {
    for (const url of [
      'https://user:hunter2@example.org/a.git',
      'https://hunter2@example.org/a.git',
      'http://:hunter2@example.org/',
      'ssh://git:hunter2@example.org/a',
    ]) {
      expect(() => openTransport(url)).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('hunter2') }),
      );
    }
  });

  test('of other schemes say what is supported', () => {
    for (const url of ['ext::sh -c evil', 'ftp://example.org/a', 'fd::7', 'git+ssh://example.org/a']) {
      expect(() => openTransport(url)).toThrow(
        expect.objectContaining({
          code: 'FAILED',
          message: expect.stringContaining('supported are https, http, ssh, git, folders and bundle files'),
        }),
      );
    }
    for (const url of ['', 'https://', 'http://example.org/a\nb', 'https://example.org/a?x=1', 'file://elsewhere/a']) {
      expect(() => openTransport(url)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    }
  });
});

const kinds = ['directory', ...(hasGit ? ['http'] : []), ...(hasGit && hasSshd ? ['ssh'] : [])] as const;

describe.each(kinds)('a remote over %s', (kind) => {
  /** A new empty remote; `transport()` opens it. */
  const startRemote = async (
    scratch: string,
  ): Promise<{ readonly path: string; readonly transport: () => Transport }> => {
    const path = join(scratch, 'hub', 'ledger.git');
    initRemoteDirectory(path);
    if (kind === 'directory') return { path, transport: () => openTransport(pathToFileURL(path).href) };
    if (kind === 'ssh') {
      const host = await startSshServer(join(scratch, 'ssh'));
      close = host.close;
      return { path, transport: () => openTransport(`${host.url}${path}`, { environment: host.environment }) };
    }
    server = await startGitHttpServer(join(scratch, 'hub'));
    const url = `${server.url}/ledger.git`;
    return { path, transport: () => openTransport(url) };
  };

  test('what one home pushes another takes over, first the heads only, then the rest', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      expect((await transport().listRefs()).size).toBe(0);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 20);
      grow(writer, ORGANISATION, 0, 70);
      await pushAll(writer, transport());
      if (hasGit) expect(fsck(path)).toBe('');

      const first = await fetchInto(scratch, 'reader', transport());
      expect([...first.taken]).toEqual([...writer.listRefs()]);
      expect(chainBytes(first.main, PROGRAMME).equals(expectedBytes(20))).toBe(true);
      expect(chainBytes(first.main, ORGANISATION).equals(expectedBytes(70))).toBe(true);
      expect(first.main.shallowCommits().size).toBe(2);
      if (hasGit) expect(fsck(first.main.directory)).toBe('');

      expect((await fetchInto(scratch, 'reader', transport())).taken.size).toBe(0);

      grow(writer, ORGANISATION, 70, 10);
      grow(writer, organisationRef(2), 0, 5);
      await pushAll(writer, transport());
      const second = await fetchInto(scratch, 'reader', transport());
      expect([...second.taken.keys()].sort()).toEqual([ORGANISATION, organisationRef(2)].sort());
      expect(chainBytes(second.main, ORGANISATION).equals(expectedBytes(80))).toBe(true);
      expect(chainBytes(second.main, organisationRef(2)).equals(expectedBytes(5))).toBe(true);
      if (!hasGit) return;
      expect(git(second.main.directory, 'rev-list', '--count', ORGANISATION).trim()).toBe('11');
      expect(fsck(second.main.directory)).toBe('');
      git(second.main.directory, 'gc', '-q');
      expect(chainBytes(openGitStore(second.main.directory), ORGANISATION).equals(expectedBytes(80))).toBe(true);
    }));

  test('a shallow copy goes on appending and pushes', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 20);
      await pushAll(writer, transport());
      const { main } = await fetchInto(scratch, 'second', transport());
      grow(main, PROGRAMME, 20, 10);
      await pushAll(main, transport());
      expect(chainBytes(openGitStore(path), PROGRAMME).equals(expectedBytes(30))).toBe(true);
      if (hasGit) expect(fsck(path)).toBe('');
    }));

  test('a push from a stale copy is refused, and changes nothing', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      const start = grow(writer, PROGRAMME, 0, 3);
      await pushAll(writer, transport());
      const { main: other } = await fetchInto(scratch, 'other', transport());
      const ahead = grow(writer, PROGRAMME, 3, 1);
      await pushAll(writer, transport());
      other.appendRecords({ ref: PROGRAMME, expectedHead: start, nextSeq: 3, records: [record(99)], time: 1 });
      const stale = { ref: PROGRAMME, oid: other.readRef(PROGRAMME) as string, expected: start };
      await expect(transport().push([stale], other)).rejects.toThrow(
        expect.objectContaining({
          code: 'FAILED',
          message: expect.stringMatching(/branch 'refs\/heads\/programme' moved/),
          details: { ref: PROGRAMME, expected: start, actual: ahead },
        }),
      );
      // Nor does claiming to have seen the newer head help: it is not in the history of what is pushed.
      await expect(transport().push([{ ...stale, expected: ahead }], other)).rejects.toThrow(/moved/);
      await expect(transport().push([{ ...stale, expected: null }], other)).rejects.toThrow(/moved/);
      expect(openGitStore(path).readRef(PROGRAMME)).toBe(ahead);
    }));

  test('what is not accepted stays outside: nothing visible, nothing left behind', () =>
    withScratch(async (scratch) => {
      const { transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 5);
      grow(writer, ORGANISATION, 0, 6);
      await pushAll(writer, transport());
      await expect(
        fetchInto(scratch, 'reader', transport(), (quarantine, refs) => {
          expect(chainBytes(quarantine, PROGRAMME, refs.get(PROGRAMME) as string).equals(expectedBytes(5))).toBe(true);
          throw new Error('evidence against the source');
        }),
      ).rejects.toThrow('evidence against the source');
      const reader = openGitStore(join(scratch, 'reader/ledger.git'));
      expect(reader.listRefs().size).toBe(0);
      expect(reader.has(writer.readRef(PROGRAMME) as string)).toBe(false);
      expect(readdirSync(join(scratch, 'reader/quarantine'))).toEqual([]);
      const partly = await fetchInto(
        scratch,
        'reader',
        transport(),
        (_, refs) => new Map([...refs].filter(([name]) => name === PROGRAMME)),
      );
      expect([...partly.main.listRefs().keys()]).toEqual([PROGRAMME]);
      expect(partly.main.has(writer.readRef(ORGANISATION) as string)).toBe(false);
    }));

  test('a rewound remote shows: the judge sees the older head', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      const old = grow(writer, PROGRAMME, 0, 5);
      const now = grow(writer, PROGRAMME, 5, 5);
      await pushAll(writer, transport());
      await fetchInto(scratch, 'reader', transport());
      writeFileSync(join(path, PROGRAMME), `${old}\n`);
      const seen: string[] = [];
      const { main } = await fetchInto(scratch, 'reader', transport(), (_, refs) => {
        seen.push(...refs.values());
        return new Map();
      });
      expect(seen).toEqual([old]);
      expect(main.readRef(PROGRAMME)).toBe(now);
    }));

  test.skipIf(!hasGit)('reads what stock git packed there, and stock git reads what we push', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 100);
      await pushAll(writer, transport());
      git(path, 'gc', '-q', '--aggressive', '--prune=now');
      grow(writer, PROGRAMME, 100, 1);
      await pushAll(writer, transport());
      const { main } = await fetchInto(scratch, 'reader', transport());
      expect(chainBytes(main, PROGRAMME).equals(expectedBytes(101))).toBe(true);
      git(scratch, 'clone', '-q', path, 'clone');
      expect(
        execFileSync('sh', ['-c', 'cat blocks/*.cbs'], { cwd: join(scratch, 'clone') }).equals(expectedBytes(101)),
      ).toBe(true);
      writeFileSync(join(scratch, 'clone/blocks/00000101.cbs'), record(101));
      git(join(scratch, 'clone'), 'add', '-A');
      git(join(scratch, 'clone'), 'commit', '-q', '-m', 'by hand');
      git(join(scratch, 'clone'), 'push', '-q', 'origin', 'HEAD:programme');
      expect(
        chainBytes((await fetchInto(scratch, 'reader', transport())).main, PROGRAMME).equals(expectedBytes(102)),
      ).toBe(true);
    }),
  );

  test.skipIf(!hasGit)('branches that are no ledger branches are neither listed nor taken', () =>
    withScratch(async (scratch) => {
      const { path, transport } = await startRemote(scratch);
      const writer = initGitStore(join(scratch, 'writer.git'));
      const head = grow(writer, PROGRAMME, 0, 1);
      await pushAll(writer, transport());
      git(path, 'update-ref', 'refs/heads/main', head);
      git(path, 'update-ref', 'refs/tags/v1', head);
      git(path, 'update-ref', 'refs/heads/org/UPPER', head);
      expect([...(await transport().listRefs())]).toEqual([[PROGRAMME, head]]);
      expect([...(await fetchInto(scratch, 'reader', transport())).main.listRefs().keys()]).toEqual([PROGRAMME]);
    }),
  );
});

describe('directories', () => {
  test('git is never run there and nothing in it is obeyed: hooks, configuration, alternates', () =>
    withScratch(async (scratch) => {
      const path = join(scratch, 'stick.git');
      initRemoteDirectory(path);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 5);
      await pushAll(writer, openTransport(path));
      const trap = join(scratch, 'sprung');
      mkdirSync(join(path, 'hooks'));
      for (const hook of ['post-receive', 'pre-receive', 'update', 'reference-transaction', 'post-checkout']) {
        writeFileSync(join(path, 'hooks', hook), `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
      }
      writeFileSync(
        join(path, 'config'),
        `[core]\n\tbare = true\n\tfsmonitor = touch ${trap}\n\tsshCommand = touch ${trap}\n`,
      );
      mkdirSync(join(path, 'objects/info'), { recursive: true });
      writeFileSync(join(path, 'objects/info/alternates'), `${join(scratch, 'writer.git/objects')}\n`);
      grow(writer, PROGRAMME, 5, 5);
      await pushAll(writer, openTransport(path));
      await fetchInto(scratch, 'reader', openTransport(path));
      expect(existsSync(trap)).toBe(false);
    }));

  test('a damaged object there is refused, whichever and wherever', () =>
    withScratch(async (scratch) => {
      const path = join(scratch, 'stick.git');
      initRemoteDirectory(path);
      const writer = initGitStore(join(scratch, 'writer.git'));
      // Loose files for one branch (few objects), a pack for the other.
      grow(writer, PROGRAMME, 0, 10, 10);
      await pushAll(writer, openTransport(path));
      grow(writer, ORGANISATION, 0, 1500, 1500);
      await pushAll(writer, openTransport(path));
      const files = readdirSync(join(path, 'objects'), { recursive: true, encoding: 'utf8' }).filter((name) =>
        /[0-9a-f]{38}(\.pack)?$/.test(name),
      );
      expect(files.filter((name) => name.endsWith('.pack')).length).toBe(1);
      expect(files.length).toBeGreaterThan(5);
      for (const name of files) {
        const file = join(path, 'objects', name);
        const bytes = readFileSync(file);
        chmodSync(file, 0o644);
        for (const position of name.endsWith('.pack') ? [0.01, 0.2, 0.5, 0.9] : [0, 0.5]) {
          const damaged = Buffer.from(bytes);
          const at = Math.floor(bytes.length * position);
          damaged[at] = (damaged[at] as number) ^ 0x20;
          writeFileSync(file, damaged);
          await expect(fetchInto(scratch, 'reader', openTransport(path)), `${name} ${at}`).rejects.toThrow(
            expect.objectContaining({ code: 'VERIFY_FAILED' }),
          );
        }
        writeFileSync(file, bytes);
      }
      expect(openGitStore(join(scratch, 'reader/ledger.git')).listRefs().size).toBe(0);
      expect((await fetchInto(scratch, 'reader', openTransport(path))).taken.size).toBe(2);
    }));

  test('an empty stick is seeded from a shallow copy', () =>
    withScratch(async (scratch) => {
      const [hub, stick] = [join(scratch, 'hub.git'), join(scratch, 'stick.git')];
      initRemoteDirectory(hub);
      initRemoteDirectory(stick);
      const writer = initGitStore(join(scratch, 'writer.git'));
      grow(writer, PROGRAMME, 0, 20);
      await pushAll(writer, openTransport(hub));
      const { main } = await fetchInto(scratch, 'reader', openTransport(hub));
      await pushAll(main, openTransport(stick));
      const { main: third } = await fetchInto(scratch, 'third', openTransport(stick));
      expect(chainBytes(third, PROGRAMME).equals(expectedBytes(20))).toBe(true);
      if (hasGit) expect(fsck(stick)).toBe('');
    }));

  test('what is no repository is named', () =>
    withScratch(async (scratch) => {
      await expect(openTransport(join(scratch, 'nothing')).listRefs()).rejects.toThrow(/no bare git repository at/);
      writeFileSync(join(scratch, 'letter'), '');
      expect(() => initRemoteDirectory(scratch)).toThrow(/not empty/);
    }));
});

describe.skipIf(!hasGit)('http', () => {
  const seeded = async (scratch: string): Promise<GitStore> => {
    initRemoteDirectory(join(scratch, 'hub/ledger.git'));
    const writer = initGitStore(join(scratch, 'writer.git'));
    grow(writer, PROGRAMME, 0, 30);
    await pushAll(writer, openTransport(join(scratch, 'hub/ledger.git')));
    return writer;
  };

  test('asks for credentials when the remote does, and says so when they are wrong', () =>
    withScratch(async (scratch) => {
      const writer = await seeded(scratch);
      server = await startGitHttpServer(join(scratch, 'hub'), {
        credentials: { username: 'meter', password: 'secret' },
      });
      const url = `${server.url}/ledger.git`;
      const right = openTransport(url, { credentials: async () => ({ username: 'meter', password: 'secret' }) });
      expect((await right.listRefs()).size).toBe(1);
      expect((await fetchInto(scratch, 'reader', right)).taken.size).toBe(1);
      grow(writer, PROGRAMME, 30, 1);
      await pushAll(writer, right);
      const wrong = openTransport(url, { credentials: async () => ({ username: 'meter', password: 'guess' }) });
      await expect(wrong.listRefs()).rejects.toThrow(/refuses access \(status 401\)/);
      await expect(openTransport(url, { credentials: async () => null }).listRefs()).rejects.toThrow(
        expect.objectContaining({ code: 'FAILED' }),
      );
      await expect(openTransport(url).listRefs()).rejects.toThrow(expect.objectContaining({ code: 'FAILED' }));
    }));

  test('names a remote that is not there, has no repository, or is no git host', () =>
    withScratch(async (scratch) => {
      await seeded(scratch);
      server = await startGitHttpServer(join(scratch, 'hub'));
      await expect(openTransport(`${server.url}/other.git`).listRefs()).rejects.toThrow(
        /no repository at 'http.*other.git' \(status 404\)/,
      );
      const gone = server.url;
      await server.close();
      server = null;
      await expect(openTransport(`${gone}/ledger.git`).listRefs()).rejects.toThrow(
        /cannot talk to the remote 'http.*': connection (refused|lost)$/,
      );
      await expect(openTransport('http://nowhere.invalid/ledger.git').listRefs()).rejects.toThrow(
        /cannot talk to the remote 'http.*': (no such host|the name of the host cannot be looked up now)$/,
      );
    }));

  test.skipIf(spawnSync('openssl', ['version']).status !== 0)(
    'of a host whose certificate nobody vouches for nothing is taken, and how to vouch for it is said',
    () =>
      withScratch(async (scratch) => {
        const [key, cert] = [join(scratch, 'key.pem'), join(scratch, 'cert.pem')];
        const make = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=127.0.0.1', '-days', '1'];
        execFileSync('openssl', [...make, '-keyout', key, '-out', cert], { stdio: 'ignore' });
        let asked = 0;
        const host = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
          asked += 1;
          response.end();
        });
        await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
        const { port } = host.address() as AddressInfo;
        await expect(openTransport(`https://127.0.0.1:${port}/ledger.git`).listRefs()).rejects.toThrow(
          expect.objectContaining({ code: 'FAILED', hints: [expect.stringContaining('NODE_EXTRA_CA_CERTS')] }),
        );
        expect(asked).toBe(0);
        await new Promise((resolve) => host.close(resolve));
      }),
  );

  test('a pack damaged on the way is refused at any byte', () =>
    withScratch(async (scratch) => {
      await seeded(scratch);
      for (const position of [0.1, 0.35, 0.6, 0.95]) {
        server = await startGitHttpServer(join(scratch, 'hub'), {
          tamper: (chunk, request) => {
            if (request.method !== 'POST' || !chunk.includes('PACK')) return chunk;
            const damaged = Buffer.from(chunk);
            const start = chunk.indexOf('PACK') + 12;
            const at = start + Math.floor((damaged.length - start - 8) * position);
            damaged[at] = (damaged[at] as number) ^ 0x10;
            return damaged;
          },
        });
        await expect(fetchInto(scratch, 'reader', openTransport(`${server.url}/ledger.git`))).rejects.toThrow(
          expect.objectContaining({ code: expect.stringMatching(/VERIFY_FAILED|FAILED/) }),
        );
        expect(openGitStore(join(scratch, 'reader/ledger.git')).listRefs().size).toBe(0);
        await server.close();
      }
      server = null;
    }));

  test('a fetch without news asks once; one with news sends little', () =>
    withScratch(async (scratch) => {
      const writer = await seeded(scratch);
      server = await startGitHttpServer(join(scratch, 'hub'));
      const transport = openTransport(`${server.url}/ledger.git`);
      await fetchInto(scratch, 'reader', transport);
      const requests = server.requests.length;
      await fetchInto(scratch, 'reader', transport);
      expect(server.requests.slice(requests).filter((line) => line.startsWith('POST')).length).toBe(1);
      grow(writer, PROGRAMME, 30, 1);
      const before = server.traffic();
      await pushAll(writer, transport);
      await fetchInto(scratch, 'reader', transport);
      const after = server.traffic();
      expect(after.sent - before.sent).toBeLessThan(6000);
      expect(after.received - before.received).toBeLessThan(6000);
    }));

  test('a transfer says how many bytes have come', () =>
    withScratch(async (scratch) => {
      await seeded(scratch);
      server = await startGitHttpServer(join(scratch, 'hub'));
      const told: number[] = [];
      const transport = openTransport(`${server.url}/ledger.git`, { progress: (bytes) => told.push(bytes) });
      await fetchInto(scratch, 'reader', transport);
      expect(Math.max(...told)).toBeGreaterThan(expectedBytes(30).length / 2);
    }));

  test('a copy without history does not seed an empty host, and is told why', () =>
    withScratch(async (scratch) => {
      await seeded(scratch);
      const { main } = await fetchInto(scratch, 'reader', openTransport(join(scratch, 'hub/ledger.git')));
      initRemoteDirectory(join(scratch, 'hub/empty.git'));
      server = await startGitHttpServer(join(scratch, 'hub'));
      await expect(pushAll(main, openTransport(`${server.url}/empty.git`))).rejects.toThrow(/no full history/);
    }));

  test('the refusal of a host is told in its words', () =>
    withScratch(async (scratch) => {
      const writer = await seeded(scratch);
      const path = join(scratch, 'hub/ledger.git');
      mkdirSync(join(path, 'hooks'), { recursive: true });
      writeFileSync(join(path, 'hooks/update'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
      server = await startGitHttpServer(join(scratch, 'hub'));
      grow(writer, PROGRAMME, 30, 1);
      await expect(pushAll(writer, openTransport(`${server.url}/ledger.git`))).rejects.toThrow(
        /refuses the push of 'refs\/heads\/programme'.*hook declined/,
      );
    }));
});

describe('quarantine', () => {
  test('is gone in every outcome, and what a killed process left goes with the next', () =>
    withScratch(async (scratch) => {
      const main = initGitStore(join(scratch, 'ledger.git'));
      const parent = join(scratch, 'quarantine');
      await expect(
        withQuarantine(scratch, main, () => {
          expect(readdirSync(parent).length).toBe(1);
          throw new Error('no');
        }),
      ).rejects.toThrow('no');
      expect(readdirSync(parent)).toEqual([]);
      const dead = processIdentity().replace(/^\d+\.\d*/, '4194303.1');
      mkdirSync(join(parent, `${dead}~1-x`, 'objects/pack'), { recursive: true });
      mkdirSync(join(parent, 'rubbish'));
      mkdirSync(join(parent, `${processIdentity()}~99-x`));
      await withQuarantine(scratch, main, () => undefined);
      expect(readdirSync(parent)).toEqual([`${processIdentity()}~99-x`]);
    }));

  test("shows the main store's objects and keeps its own", () =>
    withScratch(async (scratch) => {
      const main = initGitStore(join(scratch, 'ledger.git'));
      const head = grow(main, PROGRAMME, 0, 1);
      await withQuarantine(scratch, main, (quarantine) => {
        expect(quarantine.has(head)).toBe(true);
        expect(quarantine.hasOwn(head)).toBe(false);
        const again = openGitStore(quarantine.directory, { alsoRead: main });
        expect(again.has(head)).toBe(true);
        expect(again.listRefs().size).toBe(0);
        again.close();
        expect(chainBytes(quarantine, PROGRAMME, head).equals(expectedBytes(1))).toBe(true);
        const content = Buffer.from('new');
        quarantine.writeObjects([{ type: 'blob', content, oid: gitBytesOid(content) }]);
        expect(main.has(gitBytesOid(content))).toBe(false);
      });
    }));
});

function gitBytesOid(content: Buffer): string {
  return execFileSync('sha1sum', { input: Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]) })
    .toString()
    .slice(0, 40);
}

test('a password is neither asked for nor sent over unencrypted http, but to this machine', async () => {
  const seen: (string | undefined)[] = [];
  const host = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  await new Promise<void>((resolve) => host.listen(0, '0.0.0.0', resolve));
  try {
    const { port } = host.address() as AddressInfo;
    const reach = async (url: string): Promise<void> =>
      expect(
        openTransport(url, { credentials: async () => ({ username: 'meter', password: 'secret' }) }).listRefs(),
      ).rejects.toThrow(/asks for a password over an unencrypted connection/);
    // 127.1.2.3 stands for another machine
    for (const scheme of ['http', 'HTTP']) await reach(`${scheme}://127.1.2.3:${port}/ledger.git`);
    expect(seen).toEqual([undefined, undefined]);
  } finally {
    host.closeAllConnections();
    host.close();
  }
});
