/** Remotes: what a transport can do, and which one a URL asks for. */
import { fileURLToPath } from 'node:url';
import { JoulemarkError } from '../../errors.ts';
import type { GitStore } from '../store/git-store.ts';
import { openDirectoryTransport } from './directory.ts';
import { openHttpTransport } from './http.ts';

/** A place to copy the ledger from and to. */
export type Remote = { readonly name: string; readonly url: string };

export type Credentials = { readonly username: string; readonly password: string };

export type TransportOptions = {
  /** Asked when the remote wants a password; null gives up. Never asked over unencrypted http, but to this machine. */
  readonly credentials?: (url: string) => Promise<Credentials | null>;
  /** How long to wait for the lock of a remote directory, in milliseconds. */
  readonly wait?: number;
};

/** `ref` moves from `expected` (null = it must not exist there) to `oid`. */
export type RefUpdate = { readonly ref: string; readonly oid: string; readonly expected: string | null };

/** One way to reach a remote. Only ledger refs are listed; all failures are JoulemarkError. */
export type Transport = {
  readonly listRefs: () => Promise<ReadonlyMap<string, string>>;
  /**
   * Brings what `refs` (name -> commit, as listed) need and `haves` lacks into the quarantine store `into`. A first copy (`haves` without
   * refs) takes the heads only. Nothing is verified but git's own hashes; the remote may have moved on, so a commit can be missing.
   */
  readonly fetch: (refs: ReadonlyMap<string, string>, into: GitStore, haves: GitStore) => Promise<void>;
  /** Moves branches of the remote, fast-forward only. Throws FAILED when one is not where it is expected. */
  readonly push: (updates: readonly RefUpdate[], from: GitStore) => Promise<void>;
};

/** What a remote's URL means. Throws USAGE (malformed, credentials in it) or FAILED (a scheme this version lacks). */
export function parseRemoteUrl(
  url: string,
): { readonly kind: 'http'; readonly url: string } | { readonly kind: 'directory'; readonly path: string } {
  if (url === '' || /\p{Cc}/u.test(url))
    throw new JoulemarkError('USAGE', 'malformed remote URL: it is empty or holds control characters');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // git's short form of ssh, host:path; a path with a colon is written ./host:path
    if (/^[^/]*:/.test(url)) throw unsupported('ssh');
    return { kind: 'directory', path: url };
  }
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new JoulemarkError('USAGE', 'malformed remote URL');
  }
  if (parsed.password !== '' || (parsed.username !== '' && scheme !== 'ssh')) {
    throw new JoulemarkError(
      'USAGE',
      `the URL of the remote at '${parsed.host}' holds credentials: they would end up in files and messages`,
      {
        hints: ['give the URL without user and password; they are asked for when needed'],
      },
    );
  }
  if (scheme === 'file') {
    try {
      return { kind: 'directory', path: fileURLToPath(parsed) };
    } catch (error) {
      throw new JoulemarkError('USAGE', `malformed remote URL '${url}': not the path of a local folder`, {
        cause: error,
      });
    }
  }
  if (scheme !== 'http' && scheme !== 'https') throw unsupported(scheme);
  if (parsed.search !== '' || parsed.hash !== '')
    throw new JoulemarkError('USAGE', `malformed remote URL '${url}': it has a query or a fragment`);
  return { kind: 'http', url: url.replace(/\/+$/, '') };
}

function unsupported(scheme: string): JoulemarkError {
  return new JoulemarkError(
    'FAILED',
    `cannot use a remote over '${scheme}': this version supports http, https and folders`,
    {
      hints: ['use the https address of the repository, or a path to a folder'],
      details: { scheme },
    },
  );
}

/** The transport for a remote's URL. Nothing is contacted yet. Throws USAGE, FAILED as parseRemoteUrl does. */
export function openTransport(url: string, options: TransportOptions = {}): Transport {
  const parsed = parseRemoteUrl(url);
  return parsed.kind === 'http' ? openHttpTransport(parsed.url, options) : openDirectoryTransport(parsed.path, options);
}
