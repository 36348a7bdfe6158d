/**
 * http(s) remotes: isomorphic-git speaks git's smart http protocol, over a virtual git directory (virtual-fs.ts); packs are
 * checked and indexed by our own code. isomorphic-git is loaded on first use: it costs 60 ms.
 */
import type { AuthCallback } from 'isomorphic-git';
import { JoulemarkError } from '../../errors.ts';
import { isSystemError, toReason } from '../../system-error.ts';
import { isHistoryCut } from '../store/copy-objects.ts';
import { importPack } from '../store/pack-import.ts';
import { isOid } from '../git/git-object.ts';
import type { GitStore } from '../store/git-store.ts';
import { isLedgerRef } from '../git/ref-name.ts';
import { fetchApart } from './fetch-apart.ts';
import { watchClient, type WatchedClient } from './http-client.ts';
import { remoteMovedError } from './moved.ts';
import { noHistoryError } from './no-history.ts';
import { quoteForeign } from './quote-foreign.ts';
import { keepAdvertisement } from './ref-advertisement.ts';
import type { Transport, TransportOptions } from './remote.ts';
import { createTransferBudget } from './transfer-budget.ts';
import { toTransferLimits } from './transfer-limits.ts';
import { openVirtualGitDirectory, PackArrived, VIRTUAL_GIT_DIRECTORY } from './virtual-fs.ts';

/** What Node calls a certificate that nobody it knows vouches for. */
const UNKNOWN_AUTHORITY = /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)/;

function toFailure(url: string, error: unknown): JoulemarkError {
  if (error instanceof JoulemarkError) return error;
  const { code, data, message } = error as { code?: unknown; data?: { statusCode?: unknown }; message?: unknown };
  const status = data?.statusCode;
  const details = { url, status: typeof status === 'number' ? status : null };
  if (status === 401 || status === 403) {
    return new JoulemarkError('FAILED', `the remote '${url}' refuses access (status ${status})`, {
      hints: ['check user name, password or token'],
      details,
      cause: error,
    });
  }
  if (status === 404)
    return new JoulemarkError('FAILED', `no repository at '${url}' (status 404)`, { details, cause: error });
  return new JoulemarkError(
    'FAILED',
    `cannot talk to the remote '${url}': ${isSystemError(error) ? toReason(error) : quoteForeign(`${typeof code === 'string' ? code : ''} ${String(message)}`)}`,
    {
      hints: UNKNOWN_AUTHORITY.test(String(code))
        ? ['a host with a certificate of its own authority: set NODE_EXTRA_CA_CERTS to the file with it']
        : [],
      details,
      cause: error,
    },
  );
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

/** A transport for the repository at an http or https URL without credentials. */
export function openHttpTransport(url: string, options: TransportOptions): Transport {
  const limits = toTransferLimits(options.limits);
  const budget = createTransferBudget(url, limits);
  const advertisement = keepAdvertisement();
  const load = async (): Promise<typeof import('isomorphic-git')> => {
    const git = await import('isomorphic-git');
    // isomorphic-git is CommonJS: a bundler may put it under `default`.
    return 'fetch' in git ? git : (git as { default: typeof import('isomorphic-git') }).default;
  };
  const onAuth: AuthCallback = async () => {
    if (new URL(url).protocol === 'http:' && !isLoopback(url)) {
      throw new JoulemarkError('FAILED', `the remote '${url}' asks for a password over an unencrypted connection`, {
        hints: ['use its https address'],
      });
    }
    const credentials = await options.credentials?.(url);
    if (credentials !== undefined && credentials !== null) return credentials;
    throw new JoulemarkError('FAILED', `the remote '${url}' asks for user and password, and none are known`, {
      details: { url, status: 401 },
    });
  };
  const auth = { onAuth, onAuthFailure: () => undefined };
  const run = async <T>(what: (client: WatchedClient) => Promise<T>): Promise<T> => {
    const client = watchClient(url, {
      signal: options.signal,
      progress: options.progress,
      idleMs: limits.idleMs,
      budget,
    });
    try {
      const result = await what(client);
      client.verifyUnbroken();
      return result;
    } catch (error) {
      throw toFailure(url, error);
    }
  };

  const fetchNamed = (names: readonly string[], into: GitStore, haves: GitStore): Promise<void> =>
    run(async ({ http, verifyUnbroken }) => {
      const [first] = names;
      if (first === undefined) return;
      const git = await load();
      const directory = openVirtualGitDirectory(haves);
      try {
        await git.fetch({
          fs: directory.fs,
          http: { request: advertisement.over(http.request, names) },
          ...auth,
          gitdir: VIRTUAL_GIT_DIRECTORY,
          url,
          remote: 'origin',
          ref: first,
          remoteRef: first,
          singleBranch: names.length === 1,
          tags: false,
          // A first copy takes the heads only; afterwards a cut history would break the link to what is here.
          ...(haves.listRefs().size === 0 ? { depth: 1 } : {}),
        });
      } catch (error) {
        directory.verifyRead();
        if (!(error instanceof PackArrived)) throw error;
      }
      directory.verifyRead();
      verifyUnbroken();
      const pack = directory.pack();
      const shallow = directory.shallow().filter((oid) => !haves.shallowCommits().has(oid));
      if (shallow.length > 0) into.addShallowCommits(shallow);
      if (pack !== null) importPack(into, pack, budget.nextPack(), budget.spend);
    });

  return {
    listRefs: () =>
      run(async ({ http, verifyListEnded, verifyUnbroken }) => {
        const git = await load();
        advertisement.forget();
        const listed = await git.listServerRefs({ http, url, ...auth, prefix: 'refs/heads/', protocolVersion: 2 });
        verifyUnbroken();
        verifyListEnded();
        const refs = listed
          .filter(({ ref, oid }) => isLedgerRef(ref) && isOid(oid))
          .map(({ ref, oid }) => [ref, oid] as const);
        return new Map(refs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
      }),

    fetch: (refs, into, haves) => fetchApart([...refs.keys()], (names) => fetchNamed(names, into, haves)),

    push: (updates, from) =>
      run(async ({ http }) => {
        const git = await load();
        for (const { ref, oid, expected } of updates) {
          const directory = openVirtualGitDirectory(from, expected);
          if (from.readRef(ref) !== oid)
            throw new JoulemarkError('FAILED', `cannot push '${ref}': the branch here is not at '${oid}'`);
          let actual: string | null = expected;
          let cut = false;
          try {
            await git.push({
              fs: directory.fs,
              http,
              ...auth,
              gitdir: VIRTUAL_GIT_DIRECTORY,
              url,
              remote: 'origin',
              ref,
              remoteRef: ref,
              cache: {},
              onPrePush: ({ remoteRef }) => {
                actual = /^0+$/.test(remoteRef.oid) ? null : remoteRef.oid;
                cut = actual === null && isHistoryCut(from, oid);
                return actual === expected && !cut;
              },
            });
            directory.verifyRead();
          } catch (error) {
            directory.verifyRead();
            if (actual !== expected) throw remoteMovedError(ref, expected, actual);
            if (cut) throw noHistoryError(url, ref, error);
            const { code, data } = error as { code?: unknown; data?: { prettyDetails?: string } };
            if (code === 'PushRejectedError') throw remoteMovedError(ref, oid, actual);
            if (code !== 'GitPushError') throw error;
            throw new JoulemarkError(
              'FAILED',
              `the remote '${url}' refuses the push of '${ref}': ${quoteForeign(data?.prettyDetails ?? '')}`,
              {
                hints: ['joulemark sync'],
                details: { url, ref },
                cause: error,
              },
            );
          }
        }
      }),
  };
}
