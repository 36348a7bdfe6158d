/** What stands in a folder that somebody else may have prepared: nothing is followed, nothing blocks, nothing is larger than expected. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf } from '../../system-error.ts';
import { guard } from './guard.ts';

/**
 * The bytes of a regular file, or null when there is none. Opened without blocking, so that a FIFO in a folder that somebody
 * else prepared cannot hang us; anything but a regular file throws FAILED. `limit` bounds the size.
 */
export function readFileIfPresent(path: string, limit = 0x7fff_ffff): Buffer | null {
  return guard('read', path, () => {
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return null;
      throw error;
    }
    try {
      const status = fstatSync(descriptor);
      if (!status.isFile()) throw new JoulemarkError('FAILED', `cannot read '${path}': not a regular file`);
      if (status.size > limit)
        throw new JoulemarkError('FAILED', `cannot read '${path}': ${status.size} bytes, at most ${limit} allowed`);
      const bytes = Buffer.allocUnsafe(status.size);
      let at = 0;
      while (at < bytes.length) {
        const count = readSync(descriptor, bytes, at, bytes.length - at, at);
        if (count === 0) break;
        at += count;
      }
      return bytes.subarray(0, at);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** True when nothing stands at a path. For what is mostly absent: an error of `open` takes 0.1 ms to make. */
export function isAbsent(path: string): boolean {
  return guard('look at', path, () => lstatSync(path, { throwIfNoEntry: false }) === undefined);
}

/** Names in a folder, sorted; empty when it is absent. */
export function listDirectory(path: string): readonly string[] {
  return guard('list', path, () => {
    try {
      return readdirSync(path).sort();
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return [];
      throw error;
    }
  });
}

/** What stands at a path, without following a symbolic link there. */
export function kindOfPath(path: string): 'absent' | 'file' | 'directory' | 'other' {
  return guard('look at', path, () => {
    try {
      const status = lstatSync(path);
      if (status.isFile()) return 'file';
      return status.isDirectory() ? 'directory' : 'other';
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') return 'absent';
      throw error;
    }
  });
}
