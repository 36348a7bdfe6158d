/** Git's loose objects: one zlib file an object. */
import { dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { ensureDirectory, syncDirectory } from './folders.ts';
import { isAbsent, kindOfPath, readFileIfPresent } from './read-files.ts';
import { placeFile, writeTemporary } from './files.ts';
import { deflate, inflateAtMost, sha1 } from './git-primitives.ts';
import { objectHeader, objectId, type GitObject, type ObjectType } from '../git/git-object.ts';
import { PACK_LIMITS } from '../git/pack-reader.ts';

function pathOf(objectsDirectory: string, oid: string): string {
  return join(objectsDirectory, oid.slice(0, 2), oid.slice(2));
}

/** True when a loose file of that name exists; whether it is whole shows when it is read. */
export function hasLooseObject(objectsDirectory: string, oid: string): boolean {
  return kindOfPath(pathOf(objectsDirectory, oid)) === 'file';
}

/** The loose object, or null when there is none. Throws VERIFY_FAILED when the file is not that object. */
export function readLooseObject(objectsDirectory: string, oid: string): GitObject | null {
  const path = pathOf(objectsDirectory, oid);
  const file = isAbsent(path) ? null : readFileIfPresent(path, PACK_LIMITS.maxObjectBytes);
  if (file === null) return null;
  const broken = (): JoulemarkError =>
    new JoulemarkError('VERIFY_FAILED', `broken git object '${oid}': its file does not hold it`);
  // 32 bytes of room for the header; a bomb stops there.
  const { content: bytes, consumed } = inflateAtMost(file, PACK_LIMITS.maxObjectBytes + 32);
  const zero = bytes.indexOf(0);
  const match = /^(commit|tree|blob|tag) (0|[1-9]\d*)$/.exec(
    new TextDecoder('latin1').decode(bytes.subarray(0, Math.min(Math.max(zero, 0), 32))),
  );
  if (match === null || consumed !== file.length) throw broken();
  const object: GitObject = { type: match[1] as ObjectType, content: bytes.subarray(zero + 1) };
  if (object.content.length !== Number(match[2]) || objectId(sha1, object) !== oid) throw broken();
  return object;
}

function isWhole(objectsDirectory: string, oid: string): boolean {
  try {
    return readLooseObject(objectsDirectory, oid) !== null;
  } catch (error) {
    // A file truncated by a power cut: written anew, where git and isomorphic-git would keep it.
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return false;
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof JoulemarkError && error.details['errno'] === 'ENOENT';
}

function retryIfGone(run: () => void): void {
  for (let tries = 0; ; tries++) {
    try {
      run();
      return;
    } catch (error) {
      if (tries === 5 || !isAbsence(error)) throw error;
    }
  }
}

/** Writes objects durably, in order; those that are there and whole are left alone. */
export function writeLooseObjects(
  objectsDirectory: string,
  objects: readonly (GitObject & { readonly oid: string })[],
): void {
  const touched = new Set<string>();
  for (const object of objects) {
    if (isWhole(objectsDirectory, object.oid)) continue;
    const path = pathOf(objectsDirectory, object.oid);
    const header = objectHeader(object.type, object.content.length);
    const bytes = new Uint8Array(header.length + object.content.length);
    bytes.set(header);
    bytes.set(object.content, header.length);
    const stream = deflate(bytes);
    // A `git gc` next door removes folders that it has emptied, perhaps the one just made.
    retryIfGone(() => {
      ensureDirectory(dirname(path));
      placeFile(writeTemporary(dirname(path), stream, 0o444), path);
    });
    touched.add(dirname(path));
  }
  for (const directory of touched) {
    try {
      syncDirectory(directory);
    } catch (error) {
      // Gone: a gc has packed what was in it, durably.
      if (!isAbsence(error)) throw error;
    }
  }
}
