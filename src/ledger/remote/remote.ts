/** Remotes: what a transport can do, and which one a URL asks for. */
import { fileURLToPath } from 'node:url';
import { JoulemarkError } from '../../errors.ts';
import type { GitStore } from '../store/git-store.ts';
import { openBundleTransport } from './bundle-file.ts';
import { openDirectoryTransport } from './directory.ts';
import { openHttpTransport } from './http.ts';
import { openSystemGitTransport } from './system-git.ts';
import type { TransferLimits } from './transfer-limits.ts';

/** A place to copy the ledger from and to. */
export type Remote = { readonly name: string; readonly url: string };

export type Credentials = { readonly username: string; readonly password: string };

export type TransportOptions = {
  /** Asked when the remote wants a password; null gives up. Never asked over unencrypted http, but to this machine. */
  readonly credentials?: (url: string) => Promise<Credentials | null>;
  /** How long to wait for the lock of a remote directory or bundle, in milliseconds. */
  readonly wait?: number;
  /** The user's environment, of which system git and ssh get what they need; this process's own by default. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Ends a transfer. */
  readonly signal?: AbortSignal;
  /** Told how many bytes have come so far, in a fetch that takes time. */
  readonly progress?: (bytes: number) => void;
  /** How much a remote may send, and how slowly, where it is not what TRANSFER_LIMITS say. */
  readonly limits?: Partial<TransferLimits>;
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
  /** For remotes that keep commits of their own: true when a push of that branch would change nothing. Elsewhere commits are compared. */
  readonly holds?: (ref: string, oid: string, from: GitStore) => Promise<boolean>;
};

/** What a remote's URL means. */
export type RemoteAddress =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'system'; readonly url: string; readonly scheme: 'ssh' | 'git' }
  | { readonly kind: 'directory' | 'bundle'; readonly path: string };

/** git's short form of an address over ssh; nothing in it can be an option, nor another transport of git's (`ext::`). */
const SHORT_SSH = /^(?:[A-Za-z0-9_][A-Za-z0-9_.+~-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\]):(?![-:])./;

const toPathAddress = (path: string): RemoteAddress => ({
  kind: path.endsWith('.bundle') ? 'bundle' : 'directory',
  path,
});

/** Throws USAGE (malformed, credentials in it) or FAILED (a scheme that is not supported). */
export function parseRemoteUrl(url: string): RemoteAddress {
  if (url === '' || /\p{Cc}/u.test(url))
    throw new JoulemarkError('USAGE', 'malformed remote URL: it is empty or holds control characters');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    // host:path; a path with a colon is written ./host:path
    if (!/^[^/]*:/.test(url)) return toPathAddress(url);
    const other = /^([a-z0-9+.-]*)::/i.exec(url)?.[1];
    if (other !== undefined) throw unsupported(other);
    if (!SHORT_SSH.test(url))
      throw new JoulemarkError('USAGE', `malformed remote URL '${url}': not host:path`, {
        hints: [`a folder with a colon in its name: './${url}'`],
      });
    return { kind: 'system', url, scheme: 'ssh' };
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
      return toPathAddress(fileURLToPath(parsed));
    } catch (error) {
      throw new JoulemarkError('USAGE', `malformed remote URL '${url}': not the path of a local folder`, {
        cause: error,
      });
    }
  }
  if (scheme === 'ssh' || scheme === 'git') {
    // neither a user, nor a host, nor a path that ssh or the other side could take for an option
    if (
      !/^[a-z]+:\/\/(?:[A-Za-z0-9_][A-Za-z0-9_.+~-]*@)?(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[0-9A-Fa-f:.]+\])(?::\d+)?\/(?!-)./i.test(
        url,
      )
    )
      throw new JoulemarkError('USAGE', `malformed remote URL '${url}': not ${scheme}://host/path`);
    return { kind: 'system', url, scheme };
  }
  if (scheme !== 'http' && scheme !== 'https') throw unsupported(scheme);
  if (parsed.search !== '' || parsed.hash !== '')
    throw new JoulemarkError('USAGE', `malformed remote URL '${url}': it has a query or a fragment`);
  return { kind: 'http', url: url.replace(/\/+$/, '') };
}

function unsupported(scheme: string): JoulemarkError {
  return new JoulemarkError(
    'FAILED',
    `cannot use a remote over '${scheme}': supported are https, http, ssh, git, folders and bundle files`,
    {
      hints: ['use the https or ssh address of the repository, or a path'],
      details: { scheme },
    },
  );
}

/** The transport for a remote's URL. Nothing is contacted yet. Throws USAGE, FAILED as parseRemoteUrl does. */
export function openTransport(url: string, options: TransportOptions = {}): Transport {
  const address = parseRemoteUrl(url);
  switch (address.kind) {
    case 'http':
      return openHttpTransport(address.url, options);
    case 'system':
      return openSystemGitTransport(address.url, address.scheme, options);
    case 'directory':
      return openDirectoryTransport(address.path, options);
    case 'bundle':
      return openBundleTransport(address.path, options);
  }
}
