/** What a killed process leaves behind: files under temporary names, which nobody will ever give their own. */
import { join } from 'node:path';
import { listDirectory, removeFile } from './files.ts';
import { mayBeAlive, parseIdentity } from './process-identity.ts';

/** The process that made a temporary name (temporaryPath); null for any other name. */
function makerOf(name: string): string | null {
  const identity = /^tmp_obj_([^~]+)~/.exec(name)?.[1] ?? '';
  return parseIdentity(identity) === null ? null : identity;
}

/** Removes the temporary files of dead processes in folders. Those of processes that may be alive stay. */
export function removeLeftovers(folders: readonly string[]): void {
  for (const folder of folders) {
    for (const name of listDirectory(folder)) {
      const maker = makerOf(name);
      if (maker !== null && !mayBeAlive(maker)) removeFile(join(folder, name));
    }
  }
}

/** The folders of a repository in which an append makes temporary files. */
export function foldersOfRepository(repository: string): readonly string[] {
  const objects = join(repository, 'objects');
  const fans = listDirectory(objects).filter((name) => /^[0-9a-f]{2}$/.test(name) || name === 'pack');
  return [repository, ...fans.map((name) => join(objects, name))];
}
