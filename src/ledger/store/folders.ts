/** Folders: made with their parents, made durable, removed whole. */
import { closeSync, constants, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from '../../system-error.ts';
import { guard } from './guard.ts';

/** fsync of a directory: makes renames and creations in it durable. File systems that cannot are left alone. */
export function syncDirectory(path: string): void {
  guard('sync the folder', path, () => {
    const descriptor = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(descriptor);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== 'EINVAL' && errno !== 'EPERM' && errno !== 'ENOTSUP') throw error;
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Removes a folder and everything in it; nothing happens when it is absent. Never follows symbolic links. */
export function removeTree(path: string): void {
  guard('remove', path, () => rmSync(path, { recursive: true, force: true, maxRetries: 2 }));
}

/** Creates a folder and its parents; the first that was not there, or null. (`recursive` of mkdirSync says ENOENT whatever a parent failed with.) */
function makeFolders(path: string, mode: number): string | null {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return null;
  const parent = dirname(path);
  const first = parent === path ? null : makeFolders(parent, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // somebody else made it meanwhile
    if (errnoOf(error) !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
    return first;
  }
  return first ?? path;
}

/** Creates a folder and its parents, for what need not survive a crash; nothing happens when it is there. */
export function createDirectory(path: string): void {
  guard('create the folder', path, () => makeFolders(path, 0o777));
}

/** Creates a folder and its parents, durably; nothing happens when it is there. */
export function ensureDirectory(path: string, mode = 0o755): void {
  guard('create the folder', path, () => {
    const first = makeFolders(path, mode);
    if (first === null) return;
    for (let made = path; ; made = dirname(made)) {
      syncDirectory(dirname(made));
      if (made === first || dirname(made) === made) return;
    }
  });
}
