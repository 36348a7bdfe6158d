import { renameSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { guard } from './guard.ts';
import { kindOfPath } from './read-files.ts';
import { syncDirectory } from './folders.ts';

/** Moves a finished folder to its name, durably. An empty folder that has the name gives way; anything else stays, and FAILED is thrown. */
export function placeDirectory(temporary: string, path: string): void {
  guard('write', path, () => {
    // not every file system renames over an empty folder; one that is not empty is never removed
    if (kindOfPath(path) === 'directory') rmdirSync(path);
    renameSync(temporary, path);
  });
  syncDirectory(dirname(path));
}
