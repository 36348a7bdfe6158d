/**
 * An exclusive lock between processes that needs no clean-up after kill -9.
 *
 * The lock is a symbolic link whose target text names one acquisition by one process (process-identity.ts plus a counter): symlink(2)
 * creates it with its content atomically or fails. A lock of a dead process is taken over by rename(2) of our own link onto it. Two
 * recoverers cannot both do that: only the holder of the lock named after *that* dead acquisition may, and having got it, it looks again
 * that the dead link is still there. A recoverer that dies leaves a dead lock of the second level, taken over in the same way.
 */
import { createHash } from 'node:crypto';
import { readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf, toJoulemarkError } from '../../system-error.ts';
import { createPlainFile, removeFile } from './files.ts';
import { guard } from './guard.ts';
import { listDirectory, readFileIfPresent } from './read-files.ts';
import { mayBeAlive, parseIdentity, processIdentity } from './process-identity.ts';
import { uniqueText } from './unique-text.ts';

/** How the lock came free: its last holder released it, or died with it. */
export type LockBefore = 'release' | 'death';

export type LockOptions = {
  /** How long to wait for another holder, in milliseconds; 0 (the default) fails at once. */
  readonly wait?: number;
  /** A monotone clock in milliseconds. */
  readonly now?: () => number;
};

const newToken = (): string => `${processIdentity()}!${uniqueText()}`;

/** Monotone, like `performance.now()`, which takes a millisecond to load. */
const milliseconds = (): number => Number(process.hrtime.bigint()) / 1e6;

/** What symlink(2) says on file systems that have no symbolic links (FAT on a stick): there the lock is a plain O_EXCL file. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** The token at `path`, null when nothing is there, '' while it is being written (plain files only). */
function holderOf(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    if (errnoOf(error) === 'EINVAL') {
      const text = readFileIfPresent(path, 4096)?.toString('latin1');
      if (text === undefined) return null;
      return text.endsWith('\n') ? text.slice(0, -1) : '';
    }
    throw toJoulemarkError('FAILED', `cannot read the lock '${path}'`, error);
  }
}

function create(token: string, path: string): boolean {
  try {
    symlinkSync(token, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!WITHOUT_LINKS.has(errnoOf(error) ?? ''))
      throw toJoulemarkError('FAILED', `cannot create the lock '${path}'`, error);
  }
  return createPlainFile(path, `${token}\n`);
}

/** The lock that guards the take-over of one dead acquisition of `path`. Hashed, so that levels do not grow the name. */
function takeoverPath(path: string, dead: string): string {
  const base = path.replace(/~[0-9a-f]{16}$/, '');
  return `${base}~${createHash('sha256').update(`${path}\n${dead}`).digest('hex').slice(0, 16)}`;
}

/** What one try came to: the lock is ours, or the token of the live holder in the way ('' when it just changed). */
type Try = { readonly ours: true; readonly after: LockBefore } | { readonly ours: false; readonly holder: string };

const inTheWay = (holder: string): Try => ({ ours: false, holder });

function tryAcquire(path: string, token: string): Try {
  if (create(token, path)) return { ours: true, after: 'release' };
  const holder = holderOf(path);
  if (holder === null || holder === '') return inTheWay('');
  if (mayBeAlive(holder.split('!')[0] ?? '')) return inTheWay(holder);
  const takeover = takeoverPath(path, holder);
  const guarded = tryAcquire(takeover, newToken());
  if (!guarded.ours) return guarded;
  try {
    if (holderOf(path) !== holder) return inTheWay('');
    // What a recoverer that died here left; nobody but the holder of `takeover` touches this name.
    removeFile(`${takeover}.new`);
    create(token, `${takeover}.new`);
    guard('take over the lock', path, () => renameSync(`${takeover}.new`, path));
    return { ours: true, after: 'death' };
  } finally {
    removeFile(takeover);
  }
}

/**
 * Removes the locks of take-overs that a killed recoverer left. Each guards the take-over of one dead acquisition of `path`, which is over: the
 * caller holds `path` under a token of its own, and no token comes twice.
 */
function removeTakeoverLocks(path: string): void {
  const head = `${basename(path)}~`;
  for (const name of listDirectory(dirname(path))) {
    if (name.startsWith(head) && /^[0-9a-f]{16}(\.new)?$/.test(name.slice(head.length)))
      removeFile(join(dirname(path), name));
  }
}

function lockedError(path: string, holder: string): JoulemarkError {
  const identity = parseIdentity(holder.split('!')[0] ?? '');
  const who = identity === null ? 'another process' : `process ${identity.pid} on host '${identity.host}'`;
  return new JoulemarkError('LOCKED', `the lock '${path}' is held by ${who}`, {
    hints: ['wait for that process, or give --wait', `if it is certain that it runs no more: rm '${path}'`],
    details: { path, pid: identity?.pid ?? null, host: identity?.host ?? null },
  });
}

/**
 * Runs `run`, told how the lock came free, while this process alone holds the lock at `path` (its folder must exist; the path is not created by anything else).
 * Throws LOCKED naming the holder's pid when it does not come free within `wait`. Not re-entrant.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  run: (after: LockBefore) => T | Promise<T>,
): Promise<T> {
  const now = options.now ?? milliseconds;
  const deadline = now() + (options.wait ?? 0);
  const token = newToken();
  let after: LockBefore;
  for (let pause = 1, changed = 0; ; pause = Math.min(pause * 2, 40)) {
    const tried = tryAcquire(path, token);
    if (tried.ours) {
      ({ after } = tried);
      break;
    }
    const { holder } = tried;
    // A lock that changed hands while we looked deserves a few immediate looks even without --wait.
    if (holder === '' && (changed += 1) < 20) continue;
    if (now() >= deadline) throw lockedError(path, holder);
    await new Promise((resolve) => setTimeout(resolve, pause + (process.pid % 5)));
  }
  try {
    if (after === 'death') removeTakeoverLocks(path);
    return await run(after);
  } finally {
    if (holderOf(path) === token) removeFile(path);
  }
}
