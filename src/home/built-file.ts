import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JoulemarkError } from '../errors.ts';
import { kindOfPath, readFileIfPresent } from '../ledger/store/read-files.ts';

/** A file that the build puts beside the program; null in a build without it. */
export function readBuiltFile(name: string): Uint8Array | null {
  const here = dirname(fileURLToPath(import.meta.url));
  // beside the program, or in the tree of the sources
  const path = ['.', '../../dist'].map((folder) => join(here, folder, name)).find(isFile);
  return path === undefined ? null : readFileIfPresent(path);
}

const isFile = (path: string): boolean => kindOfPath(path) === 'file';

/** @throws JoulemarkError FAILED in a build without it. */
export function requireBuiltFile(name: string): Uint8Array {
  const bytes = readBuiltFile(name);
  if (bytes === null)
    throw new JoulemarkError('FAILED', `this installation lacks '${name}'`, { hints: ['npm run build'] });
  return bytes;
}
