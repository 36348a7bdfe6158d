/** What a killed process leaves behind: files under temporary names, which nobody will ever give their own. The caller holds the lock. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from './guard.ts';
import { kindOfPath, listDirectory } from './read-files.ts';
import { removeFile } from './files.ts';
import type { LockBefore } from './lock.ts';
import { mayBeAlive, parseIdentity } from './process-identity.ts';

/** The process that made a temporary name (temporaryPath); null for any other name. */
function makerOf(name: string): string | null {
  const identity = /^tmp_obj_([^~]+)~/.exec(name)?.[1] ?? '';
  return parseIdentity(identity) === null ? null : identity;
}

function leftoversIn(folder: string): readonly string[] {
  return listDirectory(folder)
    .filter((name) => {
      const maker = makerOf(name);
      return maker !== null && !mayBeAlive(maker);
    })
    .map((name) => join(folder, name));
}

/** Removes the temporary files of dead processes from a folder. Those of processes that may be alive stay. */
export function removeLeftovers(folder: string): void {
  for (const path of leftoversIn(folder)) removeFile(path);
}

/** The same for a repository; `after` a death its objects are looked through too, which takes longer. */
export function sweepRepository(repository: string, after: LockBefore): void {
  for (const path of leftoversIn(repository)) {
    // first the lock: without its second name nothing would say any more whose it was
    removeRefLocks(repository, path);
    removeFile(path);
  }
  if (after === 'release') return;
  const objects = join(repository, 'objects');
  for (const name of listDirectory(objects)) {
    if (/^[0-9a-f]{2}$/.test(name) || name === 'pack') removeLeftovers(join(objects, name));
  }
}

/** Removes the locks of branches that are second names of a file (compareAndSwapRef). */
function removeRefLocks(repository: string, path: string): void {
  const { ino, nlink } = guard('look at', path, () => lstatSync(path));
  if (nlink === 1) return;
  for (const folder of ['refs/heads', 'refs/heads/org'].map((name) => join(repository, name))) {
    for (const name of listDirectory(folder)) {
      const lock = join(folder, name);
      if (name.endsWith('.lock') && kindOfPath(lock) === 'file' && lstatSync(lock).ino === ino) removeFile(lock);
    }
  }
}
