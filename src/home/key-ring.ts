import { hmacSha256 } from '../crypto/hash.ts';
import {
  ageIdentityFromSeed,
  decryptKeyFile,
  encryptKeyFile,
  formatKeyFile,
  isEncryptedKeyFile,
  parseKeyFile,
  type SecretKey,
} from '../crypto/key-file.ts';
import { keyIdOf } from '../ledger/key-id.ts';
import { publicKeyOf, signEd25519 } from '#primitives';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { createExclusively, linkFile, removeFile, writeTemporary } from '../ledger/store/files.ts';
import { ensureDirectory, syncDirectory } from '../ledger/store/folders.ts';
import { kindOfPath, readFileIfPresent } from '../ledger/store/read-files.ts';
import type { SaltMaker } from '../programme/package.ts';
import type { HomePaths } from './paths.ts';

/** True when a key file needs a passphrase; false also when there is none. */
export function isKeyFileEncrypted(path: string): boolean {
  const bytes = readFileIfPresent(path, 1 << 20);
  return bytes !== null && isEncryptedKeyFile(bytes);
}

/** The secrets of a home, unlocked. Nothing here is ever printed or put on the ledger. */
export interface KeyRing {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly keyId: Id;
  readonly makeSalt: SaltMaker;
  sign(message: Uint8Array): Uint8Array;
}

/** What is public about the keys of a new home: goes into `found` or `join`. */
export interface PublicIdentity {
  readonly key: Uint8Array;
  /** Id of the next key: pre-rotation. */
  readonly next: Id;
  readonly recipient: string;
}

/** The passphrase of an encrypted key file, asked for only when it is needed. */
export type AskPassphrase = () => Promise<string>;

/**
 * Makes the keys of a new home: 0600 files, never overwritten; encrypted when there is a passphrase. A file that is there already
 * stays: a run that a crash cut short is completed by the next one. `passphrase`: asked once, only when a file is made.
 */
export async function createKeys(
  paths: HomePaths,
  random: (length: number) => Uint8Array,
  passphrase: AskPassphrase | null,
): Promise<void> {
  ensureDirectory(paths.keys, 0o700);
  const wanted: readonly (readonly [string, readonly SecretKey['use'][]])[] = [
    [paths.keyFile, ['sign', 'age', 'commit']],
    [paths.nextKeyFile, ['next']],
  ];
  const missing = wanted.filter(([path]) => kindOfPath(path) === 'absent');
  if (missing.length === 0) return;
  const words = passphrase === null ? null : await passphrase();
  for (const [path, uses] of missing) {
    createKeyFile(
      paths.keys,
      path,
      await sealKeys(
        uses.map((use) => ({ use, secret: random(32) })),
        words,
      ),
    );
  }
}

/** What link(2) says on file systems that have no links (FAT on a stick). */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** A key file, whole or not at all and never over another: a torn one would stop every later run. */
function createKeyFile(folder: string, path: string, bytes: Uint8Array): void {
  const temporary = writeTemporary(folder, bytes, 0o600);
  try {
    if (!linkFile(temporary, path))
      throw new JoulemarkError('FAILED', `cannot create '${path}': it exists already`, { details: { path } });
  } catch (error) {
    if (!(error instanceof JoulemarkError) || !WITHOUT_LINKS.has(String(error.details['errno']))) throw error;
    createExclusively(path, bytes, 0o600);
  } finally {
    removeFile(temporary);
  }
  syncDirectory(folder);
}

/** The bytes of a key file. */
export async function sealKeys(keys: readonly SecretKey[], passphrase: string | null): Promise<Uint8Array> {
  const file = formatKeyFile(keys);
  return passphrase === null ? new TextEncoder().encode(file) : encryptKeyFile(file, passphrase);
}

/** The keys in a file. @throws JoulemarkError KEY_UNAVAILABLE: missing, damaged, wrong passphrase, no terminal to ask. */
export async function readKeys(path: string, ask: AskPassphrase): Promise<readonly SecretKey[]> {
  const bytes = readFileIfPresent(path, 1 << 20);
  if (bytes === null) {
    throw new JoulemarkError('KEY_UNAVAILABLE', `no key file at '${path}'`, {
      hints: ['put the key file back from your backup, or run the command in the home that has it'],
    });
  }
  return parseKeyFile(isEncryptedKeyFile(bytes) ? await decryptKeyFile(bytes, await ask()) : bytes.toString('utf8'));
}

/** @throws JoulemarkError KEY_UNAVAILABLE. */
export function secretFor(keys: readonly SecretKey[], use: SecretKey['use'], path: string): Uint8Array {
  const found = keys.find((key) => key.use === use);
  if (found === undefined) throw new JoulemarkError('KEY_UNAVAILABLE', `no key for '${use}' in '${path}'`);
  return found.secret;
}

/** @throws JoulemarkError KEY_UNAVAILABLE: missing file, wrong passphrase, no terminal to ask. */
export async function unlockKeys(paths: HomePaths, ask: AskPassphrase): Promise<KeyRing> {
  const keys = await readKeys(paths.keyFile, ask);
  const secretKey = secretFor(keys, 'sign', paths.keyFile);
  const commitSecret = secretFor(keys, 'commit', paths.keyFile);
  const publicKey = publicKeyOf(secretKey);
  return {
    secretKey,
    publicKey,
    keyId: keyIdOf(publicKey),
    makeSalt: (message) => hmacSha256(commitSecret, message),
    sign: (message) => signEd25519(message, secretKey),
  };
}

/** @throws JoulemarkError KEY_UNAVAILABLE. */
export async function readPublicIdentity(paths: HomePaths, ask: AskPassphrase): Promise<PublicIdentity> {
  const keys = await readKeys(paths.keyFile, ask);
  const next = await readKeys(paths.nextKeyFile, ask);
  return {
    key: publicKeyOf(secretFor(keys, 'sign', paths.keyFile)),
    next: keyIdOf(publicKeyOf(secretFor(next, 'next', paths.nextKeyFile))),
    recipient: await ageIdentityFromSeed(secretFor(keys, 'age', paths.keyFile)).recipient,
  };
}
