/**
 * The named operations on files: with those on folders (folders.ts) and on files in pieces (piece-writer.ts) the only writer of the project.
 * Each leaves, whatever instant the process or the machine dies at, either the old state or the new one: bytes go to a temporary name, are
 * fsync'd, renamed, and the folder is fsync'd. Failures of the file system leave here as JoulemarkError FAILED that names the path.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf } from '../../system-error.ts';
import { syncDirectory } from './folders.ts';
import { guard } from './guard.ts';
import { processIdentity } from './process-identity.ts';
import { readFileIfPresent } from './read-files.ts';
import { uniqueText } from './unique-text.ts';

/**
 * A name nobody else uses in `directory`, which says whose it is: `removeLeftovers` sweeps what a killed process leaves, and stock git's
 * prune, which knows `tmp_obj_`, does so among objects.
 */
export function temporaryPath(directory: string): string {
  return join(directory, `tmp_obj_${processIdentity()}~${uniqueText()}`);
}

/** Writes all of the bytes, whatever part of them a call takes. */
export function writeFully(descriptor: number, bytes: Uint8Array, position = 0): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
}

/** Writes `bytes` under a temporary name in `directory`, fsync'd, and returns the path. Removed again if that fails. */
export function writeTemporary(directory: string, bytes: Uint8Array, mode: number): string {
  const path = temporaryPath(directory);
  // the name is nothing to people
  return guard('write a file in', directory, () => {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      writeFully(descriptor, bytes);
      fsyncSync(descriptor);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
    return path;
  });
}

/** Moves a finished temporary file to its name; the caller syncs the folder (once for many files). */
export function placeFile(temporary: string, path: string): void {
  guard('write', path, () => {
    try {
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Gives a file a second name; false when that name is taken. Atomic, never overwrites. */
export function linkFile(existing: string, path: string): boolean {
  return guard('write', path, () => {
    try {
      linkSync(existing, path);
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Replaces the whole file atomically, or creates it. `mode` is the new file's permission bits. */
export function replaceAtomically(path: string, bytes: Uint8Array, mode = 0o644): void {
  const directory = dirname(path);
  placeFile(writeTemporary(directory, bytes, mode), path);
  syncDirectory(directory);
}

/** Creates the file with these bytes; does nothing when it holds exactly them already. Throws FAILED when it holds others. */
export function createIdempotently(path: string, bytes: Uint8Array, mode = 0o644): void {
  const present = readFileIfPresent(path);
  if (present === null) {
    replaceAtomically(path, bytes, mode);
    return;
  }
  if (Buffer.compare(present, bytes) !== 0)
    throw new JoulemarkError('FAILED', `cannot create '${path}': it exists with other content`);
}

/** Creates a file that must not exist (O_EXCL), durably. For keys: never overwrites. Throws FAILED when it exists. */
export function createExclusively(path: string, bytes: Uint8Array, mode = 0o600): void {
  guard('create', path, () => {
    let descriptor: number;
    try {
      descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST')
        throw new JoulemarkError('FAILED', `cannot create '${path}': it exists already`, { details: { path } });
      throw error;
    }
    try {
      writeFully(descriptor, bytes);
      fsyncSync(descriptor);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(descriptor);
    }
  });
  syncDirectory(dirname(path));
}

/** Creates a small file, not durable, or returns false when the name is taken: for locks, which a crash of the machine voids anyway. */
export function createPlainFile(path: string, text: string): boolean {
  return guard('create', path, () => {
    try {
      writeFileSync(path, text, { flag: 'wx' });
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/** Appends bytes to a file, durably, creating it when absent. A crash can leave a torn tail: readers drop it. */
export function appendDurably(path: string, bytes: Uint8Array, mode = 0o644): void {
  guard('append to', path, () => {
    const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, mode);
    try {
      const { size } = fstatSync(descriptor);
      writeFully(descriptor, bytes, size);
      fsyncSync(descriptor);
      if (size === 0) syncDirectory(dirname(path));
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Removes a file; nothing happens when it is absent. */
export function removeFile(path: string): void {
  guard('remove', path, () => {
    try {
      unlinkSync(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  });
}
