import { statSync } from 'node:fs';
import { errnoOf } from '../system-error.ts';
import type { HomePaths } from './paths.ts';

/** A file or folder of secrets that others on this machine can read or change. */
export interface OpenPath {
  readonly path: string;
  /** Permission bits, octal. */
  readonly mode: string;
  readonly hint: string;
}

/** The secrets of a home that are not theirs alone to read. Windows has no such bits: nothing is found there. */
export function findOpenKeyPaths(paths: HomePaths): readonly OpenPath[] {
  const wanted: readonly (readonly [string, string])[] = [
    [paths.keys, '700'],
    [paths.keyFile, '600'],
    [paths.nextKeyFile, '600'],
    [paths.stagedKeyFile, '600'],
  ];
  return wanted.flatMap(([path, expected]) => {
    const mode = modeOf(path);
    if (mode === null || process.platform === 'win32' || (mode & 0o077) === 0) return [];
    return [{ path, mode: mode.toString(8), hint: `chmod ${expected} '${path}'` }];
  });
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
