import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { equalBytes, hmacSha256, parseHex, sha256, toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { createExclusively, removeFile, replaceAtomically } from '../ledger/store/files.ts';
import { ensureDirectory } from '../ledger/store/folders.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';
import type { HomePaths } from './paths.ts';

/*
 * A home says which ledger it belongs to, what it has pinned and what it has verified. Whoever prepares a folder can write all of it, so a
 * home is taken at its word only where this user made it one: its mark is an HMAC, under a secret that never leaves the user's own state
 * folder, over the ledger id and the place where the home stands. Anywhere else a home is a copy like any other.
 */

const SECRET_LENGTH = 32;

/** True when this user created or joined the ledger in this very home, or verified it there against an id that he was told. */
export function isOwnHome(paths: Pick<HomePaths, 'home' | 'mark'>, ledger: Id): boolean {
  return orElse(false, () => {
    const mark = readFileIfPresent(paths.mark, 256);
    const secret = readSecret();
    if (mark === null || secret === null) return false;
    return equalBytes(parseHex(mark.toString('latin1').trim()), markOf(secret, paths.home, ledger));
  });
}

/** Marks a home as this user's. Where no state can be kept it stays unmarked, and what is in it is verified every time. */
export function markOwnHome(paths: Pick<HomePaths, 'home' | 'mark'>, ledger: Id): void {
  if (isOwnHome(paths, ledger)) return;
  orElse(undefined, () => {
    const secret = readSecret() ?? makeSecret();
    replaceAtomically(paths.mark, Buffer.from(`${toHex(markOf(secret, paths.home, ledger))}\n`), 0o600);
  });
}

/**
 * Removes what in a home that is not this user's would be taken at its word once it is: states of chains say by whose key the next block is signed,
 * and whoever prepared the folder wrote them. The mark comes after it.
 */
export function forgetUnvouched(paths: Pick<HomePaths, 'home' | 'mark' | 'checked' | 'ownChain'>, ledger: Id): void {
  if (!isOwnHome(paths, ledger)) for (const path of [paths.checked, paths.ownChain]) removeFile(path);
}

/** Makes a home that somebody else may have prepared this user's own, as far as it can be written. */
export function adoptHome(paths: Parameters<typeof forgetUnvouched>[0], ledger: Id): void {
  orElse(undefined, () => {
    forgetUnvouched(paths, ledger);
    markOwnHome(paths, ledger);
  });
}

/** The seal of this user over what a home of his keeps for itself; null where no state can be kept. `content` is sealed under ledger and place. */
export function sealOwn({ home }: Pick<HomePaths, 'home'>, ledger: Id, content: Uint8Array): Uint8Array | null {
  return orElse(null, () => {
    const secret = readSecret();
    const text = `joulemark cache\n${ledger}\n${realpathSync(home)}\n${toHex(sha256(content))}`;
    return secret === null ? null : hmacSha256(secret, Buffer.from(text));
  });
}

/** A copy of a home at another place is another home: somebody may have changed it on the way. */
function markOf(secret: Uint8Array, home: string, ledger: Id): Uint8Array {
  return hmacSha256(secret, Buffer.from(`joulemark home\n${ledger}\n${realpathSync(home)}`));
}

/** Where this user's programs keep state: https://specifications.freedesktop.org/basedir-spec says the variable must be absolute. */
function stateFolder(): string {
  const told = process.env['XDG_STATE_HOME'] ?? '';
  return join(isAbsolute(told) ? told : join(homedir(), '.local', 'state'), 'joulemark');
}

const secretPath = (): string => join(stateFolder(), 'home-secret');

function readSecret(): Uint8Array | null {
  const bytes = readFileIfPresent(secretPath(), SECRET_LENGTH);
  return bytes?.length === SECRET_LENGTH ? bytes : null;
}

function makeSecret(): Uint8Array {
  ensureDirectory(stateFolder(), 0o700);
  const secret = randomBytes(SECRET_LENGTH);
  try {
    createExclusively(secretPath(), secret, 0o600);
    return secret;
  } catch (error) {
    // another process was first
    const made = error instanceof JoulemarkError ? readSecret() : null;
    if (made === null) throw error;
    return made;
  }
}

/** No state folder, a read-only disk, a mark that is no hex: all the same as no mark. */
function orElse<T>(otherwise: T, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JoulemarkError || (error instanceof Error && 'code' in error)) return otherwise;
    throw error;
  }
}
