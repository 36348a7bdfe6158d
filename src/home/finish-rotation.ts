import { publicKeyOf } from '#primitives';
import type { SecretKey } from '../crypto/key-file.ts';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { keyIdOf } from '../ledger/key-id.ts';
import type { KeyState } from '../ledger/keys.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { placeFile, replaceAtomically } from '../ledger/store/files.ts';
import { syncDirectory } from '../ledger/store/folders.ts';
import { type AskPassphrase, isKeyFileEncrypted, readKeys, sealKeys, secretFor } from './key-ring.ts';
import type { HomePaths } from './paths.ts';

export const idOfSecret = (secret: Uint8Array): Id => keyIdOf(publicKeyOf(secret));

/**
 * Brings the key files to where the chain is: after a rotation the key that it revealed signs, and the staged key lies in reserve.
 * Called by every append, so that a rotation that a crash cut short leaves nothing to clean. `inForce`: what the chain says.
 * True when there was something to finish.
 * @throws JoulemarkError KEY_UNAVAILABLE when the revealed key is not where it is looked for.
 */
export async function finishRotation(
  paths: HomePaths,
  inForce: Pick<KeyState, 'currentId' | 'next'>,
  ask: AskPassphrase,
  nextKeyFile = paths.nextKeyFile,
): Promise<boolean> {
  if (kindOfPath(paths.stagedKeyFile) === 'absent') return false;
  const staged = secretFor(await readKeys(paths.stagedKeyFile, ask), 'next', paths.stagedKeyFile);
  if (idOfSecret(staged) !== inForce.next) return false; // staged, and not yet announced
  const keys = await readKeys(paths.keyFile, ask);
  if (idOfSecret(secretFor(keys, 'sign', paths.keyFile)) !== inForce.currentId) {
    const revealed = secretFor(await readKeys(nextKeyFile, ask), 'next', nextKeyFile);
    if (idOfSecret(revealed) !== inForce.currentId) {
      throw new JoulemarkError(
        'KEY_UNAVAILABLE',
        `'${nextKeyFile}' does not hold the key ${inForce.currentId.slice(0, 8)} that the rotation revealed`,
        {
          hints: ['joulemark key rotate --next-key <the file that holds it>'],
        },
      );
    }
    const after = keys.map((key): SecretKey => (key.use === 'sign' ? { use: 'sign', secret: revealed } : key));
    const passphrase = isKeyFileEncrypted(paths.keyFile) ? await ask() : null;
    replaceAtomically(paths.keyFile, await sealKeys(after, passphrase), 0o600);
  }
  // last, and in one step: the next key is never absent, and a staged file that is gone says that all is done
  placeFile(paths.stagedKeyFile, paths.nextKeyFile);
  syncDirectory(paths.keys);
  return true;
}
