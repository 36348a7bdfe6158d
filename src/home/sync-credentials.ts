/**
 * User and password for a remote over http, when it asks: from the environment, else from git's own credential helpers. They are kept
 * nowhere, written nowhere and shown nowhere. No file of a home names a program to ask: a home that came from elsewhere starts nothing.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { createScratchRepository, definedOf, type Environment } from '../ledger/remote/git-environment.ts';
import type { Credentials } from '../ledger/remote/remote.ts';
import { runProgram } from '../ledger/remote/run-program.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';

export interface CredentialSources {
  readonly environment: Environment;
  /** The URLs of all remotes that this run may speak to. */
  readonly remotes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Hosts take a token as the password of any user. */
const DEFAULT_USER = 'git';

/** A helper that asks somebody is not what is wanted: so long may it take, in milliseconds. */
const HELPER_MS = 20_000;

const HINTS = [
  'set JOULEMARK_HTTP_USERNAME, and JOULEMARK_HTTP_PASSWORD_FILE to a file with the password or token',
  'or have git know them: git credential approve',
];

const hostOf = (url: string): string | null => (/^https?:/i.test(url) ? new URL(url).host : null);

/**
 * What a transport asks when the host wants a password: it is asked once a host and run. Throws FAILED, with what to set, when nothing is known.
 */
export function createCredentials(sources: CredentialSources): (url: string) => Promise<Credentials> {
  const known = new Map<string, Promise<Credentials>>();
  return (url) => {
    const found = known.get(url) ?? findCredentials(url, sources);
    known.set(url, found);
    return found;
  };
}

async function findCredentials(url: string, sources: CredentialSources): Promise<Credentials> {
  const found = fromEnvironment(url, sources) ?? (await fromGit(url, sources));
  if (found !== null) return found;
  throw new JoulemarkError('FAILED', `the remote '${url}' asks for user and password, and none are known for it`, {
    hints: isForOther(url, sources) ? [`to give what is set to this host: JOULEMARK_HTTP_HOST=${hostOf(url)}`] : HINTS,
    details: { url, status: 401 },
  });
}

/** What is set is for one host: the one that JOULEMARK_HTTP_HOST names, or the only one that this home's http remotes are on. */
function isForOther(url: string, { environment, remotes }: CredentialSources): boolean {
  const meant = environment['JOULEMARK_HTTP_HOST'] ?? '';
  if (!isSet(environment)) return false;
  if (meant !== '') return meant !== hostOf(url);
  return new Set([url, ...remotes].map(hostOf).filter((host) => host !== null)).size > 1;
}

const isSet = (environment: Environment): boolean =>
  (environment['JOULEMARK_HTTP_PASSWORD'] ?? '') !== '' || (environment['JOULEMARK_HTTP_PASSWORD_FILE'] ?? '') !== '';

function fromEnvironment(url: string, sources: CredentialSources): Credentials | null {
  const { environment } = sources;
  if (!isSet(environment) || isForOther(url, sources)) return null;
  const username = environment['JOULEMARK_HTTP_USERNAME'] ?? '';
  const password = environment['JOULEMARK_HTTP_PASSWORD'] ?? '';
  return {
    username: username === '' ? DEFAULT_USER : username,
    password: password === '' ? readPassword(environment['JOULEMARK_HTTP_PASSWORD_FILE'] ?? '') : password,
  };
}

/** The first line: editors end a file with a line break that nobody means as a part of the password. */
function readPassword(path: string): string {
  const text =
    readFileIfPresent(path, 1 << 16)
      ?.toString('utf8')
      .split(/\r?\n/u)[0] ?? '';
  if (text === '')
    throw new JoulemarkError('FAILED', `no password in '${path}', which JOULEMARK_HTTP_PASSWORD_FILE names`, {
      hints: HINTS,
    });
  return text;
}

/**
 * git's own helpers (gitcredentials(7)), by `git credential fill`, with the user's environment and configuration, without a prompt, in a folder
 * of our own: where a run happens to stand, some other repository's configuration could name a helper.
 */
async function fromGit(url: string, { environment, signal }: CredentialSources): Promise<Credentials | null> {
  const { protocol, host, pathname } = new URL(url);
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-credential-'));
  try {
    createScratchRepository(folder);
    const own = Object.entries(definedOf(environment)).filter(([name]) => !/^(?:GIT_|JOULEMARK_)/u.test(name));
    const { status, stdout } = await runProgram('git', {
      args: ['credential', 'fill'],
      cwd: folder,
      env: {
        ...Object.fromEntries(own),
        GIT_DIR: folder,
        GIT_TERMINAL_PROMPT: '0',
        GIT_ASKPASS: '',
        GCM_INTERACTIVE: 'never',
      },
      input: `protocol=${protocol.slice(0, -1)}\nhost=${host}\npath=${pathname.slice(1)}\n\n`,
      signal,
      idle: HELPER_MS,
    });
    const fields = new Map(
      stdout.split('\n').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
    );
    const [username, password] = [fields.get('username'), fields.get('password')];
    return status !== 0 || username === undefined || password === undefined ? null : { username, password };
  } catch (error) {
    // no git, or a helper that waits for somebody: as if it knew nothing
    if (error instanceof JoulemarkError && error.code === 'FAILED' && signal?.aborted !== true) return null;
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
