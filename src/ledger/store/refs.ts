/**
 * Branch refs of a bare repository: loose files and packed-refs are read; a change is a compare-and-swap that obeys git's own
 * protocol (`<ref>.lock`), so that a stock `git gc` or `git receive-pack` at the same time loses nothing.
 */
import { lstatSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { createPlainFile, linkFile, removeFile, writeTemporary } from './files.ts';
import { ensureDirectory, syncDirectory } from './folders.ts';
import { guard } from './guard.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from './read-files.ts';
import { errnoOf } from '../../system-error.ts';
import { isOid } from '../git/git-object.ts';
import { isLedgerRef, PROGRAMME_REF } from '../git/ref-name.ts';

/** A `.lock` of stock git older than this belongs to a process that is gone: git holds it for milliseconds. */
const FOREIGN_LOCK_MS = 10_000;

function brokenRef(name: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `broken ref '${name}': it does not hold an object id of 40 hex digits`, {
    details: { ref: name },
  });
}

function readLooseRef(gitDirectory: string, name: string): string | null {
  if (kindOfPath(join(gitDirectory, name)) !== 'file') return null;
  const text = readFileIfPresent(join(gitDirectory, name), 1024)?.toString('latin1').trim();
  if (text === undefined) return null;
  if (!isOid(text)) throw brokenRef(name);
  return text;
}

/** The refs in packed-refs. Throws VERIFY_FAILED on a line that is not one. */
function readPackedRefs(gitDirectory: string): ReadonlyMap<string, string> {
  const refs = new Map<string, string>();
  const text = readFileIfPresent(join(gitDirectory, 'packed-refs'))?.toString('utf8') ?? '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#') || line.startsWith('^')) continue;
    const [oid = '', name = ''] = line.trimEnd().split(' ');
    if (!isOid(oid) || name === '')
      throw new JoulemarkError('VERIFY_FAILED', `broken file 'packed-refs' in '${gitDirectory}': a line is not a ref`);
    refs.set(name, oid);
  }
  return refs;
}

/** The commit a ref points at, or null. */
export function readRef(gitDirectory: string, name: string): string | null {
  return readLooseRef(gitDirectory, name) ?? readPackedRefs(gitDirectory).get(name) ?? null;
}

/** All ledger refs, sorted by name. Other refs are not listed. */
export function listRefs(gitDirectory: string): ReadonlyMap<string, string> {
  // Loose before packed: `git pack-refs` writes the packed file before it removes the loose one, so no ref falls between.
  const loose = new Map<string, string>();
  const names = [
    PROGRAMME_REF,
    ...listDirectory(join(gitDirectory, 'refs/heads/org')).map((name) => `refs/heads/org/${name}`),
  ];
  for (const name of names.filter(isLedgerRef)) {
    const oid = readLooseRef(gitDirectory, name);
    if (oid !== null) loose.set(name, oid);
  }
  const all = new Map([...readPackedRefs(gitDirectory)].filter(([name]) => isLedgerRef(name)));
  for (const [name, oid] of loose) all.set(name, oid);
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Takes `<ref>.lock`: a second name of our finished file where the file system has links, so that our own leftovers show. */
function takeRefLock(temporary: string, lockPath: string, text: string): boolean {
  try {
    return linkFile(temporary, lockPath);
  } catch (error) {
    if (
      !(error instanceof JoulemarkError) ||
      !['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(String(error.details['errno']))
    )
      throw error;
    return createPlainFile(lockPath, text);
  }
}

/** True when a `.lock` in the way was left by a killed process. Ours has two names until it is renamed; git's has one. */
function isLeftover(lockPath: string): boolean {
  try {
    const status = guard('look at', lockPath, () => lstatSync(lockPath));
    return status.nlink > 1 || Date.now() - status.mtimeMs > FOREIGN_LOCK_MS;
  } catch (error) {
    if (error instanceof JoulemarkError && errnoOf(error.cause) === 'ENOENT') return false;
    throw error;
  }
}

function pauseSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/**
 * Moves a ref from `expected` (null = it must not exist) to `oid`, durably. The caller holds the ledger's lock: so a leftover
 * `.lock` of ours is a dead process's. Throws FAILED when the ref is elsewhere, LOCKED when stock git holds it too long.
 */
export function compareAndSwapRef(gitDirectory: string, name: string, expected: string | null, oid: string): void {
  if (!isLedgerRef(name)) throw new JoulemarkError('FAILED', `cannot move '${name}': not a branch of a ledger`);
  const path = join(gitDirectory, name);
  const lockPath = `${path}.lock`;
  ensureDirectory(dirname(path));
  const temporary = writeTemporary(gitDirectory, Buffer.from(`${oid}\n`), 0o644);
  try {
    for (let tries = 0; !takeRefLock(temporary, lockPath, `${oid}\n`); tries++) {
      if (isLeftover(lockPath)) removeFile(lockPath);
      else if (tries > 300)
        throw new JoulemarkError('LOCKED', `the ref '${name}' is held by another git process`, {
          details: { path: lockPath },
        });
      else pauseSync(10);
    }
    try {
      const actual = readRef(gitDirectory, name);
      if (actual !== expected) {
        throw new JoulemarkError(
          'FAILED',
          `the branch '${name}' moved: expected ${expected ?? 'no branch'}, found ${actual ?? 'none'}`,
          {
            hints: ['run the command again'],
            details: { ref: name, expected, actual },
          },
        );
      }
      guard('move the branch', path, () => renameSync(lockPath, path));
    } catch (error) {
      removeFile(lockPath);
      throw error;
    }
  } finally {
    removeFile(temporary);
  }
  syncDirectory(dirname(path));
}
