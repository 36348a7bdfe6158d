import { basename, dirname, join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { createDirectory, removeTree } from '../ledger/store/folders.ts';
import { createExclusively } from '../ledger/store/files.ts';
import { kindOfPath, listDirectory } from '../ledger/store/read-files.ts';
import { placeDirectory } from '../ledger/store/place-directory.ts';
import { mayBeAlive, parseIdentity, processIdentity } from '../ledger/store/process-identity.ts';
import { uniqueText } from '../ledger/store/unique-text.ts';
import type { ExportFiles } from '../report/export-folder.ts';

/** @throws JoulemarkError USAGE when something stands at the path that is not an empty folder, or there is no folder to make it in. */
export function assertFreeFolder(path: string): void {
  const kind = kindOfPath(path);
  const parent = dirname(path);
  if (kind === 'absent' && kindOfPath(parent) === 'file')
    throw new JoulemarkError('USAGE', `cannot export to '${path}': '${parent}' is no folder`);
  if (kind === 'file' || kind === 'other' || listDirectory(path).length > 0) {
    throw new JoulemarkError('USAGE', `cannot export to '${path}': it is not an empty folder`, {
      hints: ['give the name of a new folder: an export is never mixed with other files'],
    });
  }
  if (kind === 'absent' && kindOfPath(parent) === 'absent')
    throw new JoulemarkError('USAGE', `cannot export to '${path}': no folder '${parent}'`, {
      hints: ['is the stick there?'],
    });
}

/** Writes an export folder, whole or not at all: into a folder beside it, everything on the disk, then one rename. */
export function writeExportFolder(path: string, files: ExportFiles): void {
  assertFreeFolder(path);
  removeParts(path);
  const part = join(dirname(path), `.${basename(path)}.${processIdentity()}~${uniqueText()}.part`);
  try {
    createDirectory(part);
    for (const [name, bytes] of files) createExclusively(join(part, name), bytes, 0o644);
    placeDirectory(part, path);
  } catch (error) {
    removeTree(part);
    throw error;
  }
}

/** Removes what exports to the same folder left when they were killed. */
function removeParts(path: string): void {
  const [folder, head] = [dirname(path), `.${basename(path)}.`];
  for (const name of listDirectory(folder)) {
    if (!name.startsWith(head) || !name.endsWith('.part')) continue;
    const identity = name.slice(head.length).split('~')[0] ?? '';
    if (parseIdentity(identity) !== null && !mayBeAlive(identity)) removeTree(join(folder, name));
  }
}
