import { renameSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf, kindOfPath, syncDirectory } from './files.ts';

export function placeDirectory(temporary: string, path: string): void {
  try {
    if (kindOfPath(path) === 'directory') rmdirSync(path);
    renameSync(temporary, path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === null || error instanceof JoulemarkError) throw error;
    throw new JoulemarkError('FAILED', `cannot write '${path}': ${errno}`, { details: { path, errno }, cause: error });
  }
  syncDirectory(dirname(path));
}
