/**
 * The named file operations of the project, and its only writer. Each leaves, whatever instant the process or the machine
 * dies at, either the old state or the new one: bytes go to a temporary name, are fsync'd, renamed, and the folder is fsync'd.
 * Failures of the file system leave here as JoulemarkError FAILED that names the path.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf, isSystemError, toJoulemarkError } from '../../system-error.ts';
import { processIdentity } from './process-identity.ts';
import { uniqueText } from './unique-text.ts';

/** Runs an operation on a file; what the system refuses is FAILED: `cannot <doing> '<path>': ...`. */
export function guard<T>(doing: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JoulemarkError || !isSystemError(error)) throw error;
    throw toJoulemarkError('FAILED', `cannot ${doing} '${path}'`, error, { path });
  }
}

/**
 * A name nobody else uses in `directory`, which says whose it is: `removeLeftovers` sweeps what a killed process leaves, and stock git's
 * prune, which knows `tmp_obj_`, does so among objects.
 */
export function temporaryPath(directory: string): string {
  return join(directory, `tmp_obj_${processIdentity()}~${uniqueText()}`);
}

function writeFully(descriptor: number, bytes: Uint8Array, position = 0): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
}

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

/** A file written in pieces under a temporary name: `commit` makes it durable at `path`, `abort` leaves nothing. */
export type PieceWriter = {
  readonly write: (bytes: Uint8Array) => void;
  readonly commit: (path: string) => void;
  readonly abort: () => void;
};

/** Opens a PieceWriter in `directory` (the folder that the final path must lie in). `isCache`: not synced, because it may be lost. */
export function writeInPieces(directory: string, mode = 0o444, isCache = false): PieceWriter {
  const temporary = temporaryPath(directory);
  const descriptor = guard('write a file in', directory, () =>
    openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode),
  );
  let open = true;
  let size = 0;
  const abort = (): void => {
    if (!open) return;
    open = false;
    closeSync(descriptor);
    rmSync(temporary, { force: true });
  };
  return {
    write: (bytes) =>
      guard('write a file in', directory, () => {
        writeFully(descriptor, bytes, size);
        size += bytes.length;
      }),
    commit: (path) => {
      try {
        if (!isCache) guard('write', path, () => fsyncSync(descriptor));
      } catch (error) {
        abort();
        throw error;
      }
      open = false;
      closeSync(descriptor);
      placeFile(temporary, path);
      if (!isCache) syncDirectory(directory);
    },
    abort,
  };
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
