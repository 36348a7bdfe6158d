import { publicKeyOf } from '#primitives';
import { JoulemarkError } from '../errors.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { rotateContent } from '../ledger/entries.ts';
import type { KeyState } from '../ledger/keys.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { replaceAtomically } from '../ledger/store/files.ts';
import { ownChain } from './append-entry.ts';
import { wasRotationLeftOut } from './own-fork.ts';
import { finishRotation, idOfSecret } from './finish-rotation.ts';
import { openHome } from './home.ts';
import { type AskPassphrase, isKeyFileEncrypted, readKeys, sealKeys, secretFor } from './key-ring.ts';
import { loadLedger } from './ledger.ts';
import type { HomePaths } from './paths.ts';
import { type Appended, type Surroundings, toEntry } from './session.ts';
import { appendBlocks, withHomeLock } from './writer.ts';

/** A rotation, by this run or by an earlier one that this run completed. */
export interface RotatedKey {
  readonly before: Id;
  readonly current: Id;
  readonly next: Id;
  readonly block: Pick<Appended, 'seq' | 'id'>;
  readonly completed: boolean;
}

/**
 * Replaces the signing key of this home by the next key. In order: the key after that is made and durable, the rotation is signed
 * with the revealed key and appended, the key files follow. Whatever instant a crash comes at, no announced key is lost, and the
 * next run, or any append, completes it.
 * `nextKeyFile`: where the next key lies, when it is kept elsewhere.
 * @throws JoulemarkError KEY_UNAVAILABLE when a key is missing or is not the one that the chain announced.
 */
export async function rotateKey(
  surroundings: Surroundings & { random(length: number): Uint8Array },
  nextKeyFile: string | undefined,
): Promise<RotatedKey> {
  const home = openHome(surroundings.home);
  const { paths } = home;
  const ask: AskPassphrase = () => surroundings.passphrase();
  return withHomeLock(paths, home.store, surroundings.wait, async () => {
    const loaded = loadLedger(home, { decisions: 'as-signed', only: home.isBody ? [] : [home.org] });
    const own = ownChain({ home, ...loaded });
    const inForce = own.state.keys;
    const source = nextKeyFile ?? paths.nextKeyFile;
    if (!surroundings.dryRun && (await finishRotation(paths, inForce, ask, source))) {
      const block = own.blocks.findLast(({ kid }) => kid === inForce.currentId && inForce.past.length > 0);
      return {
        before: inForce.past.at(-1) ?? inForce.currentId,
        current: inForce.currentId,
        next: inForce.next,
        block: { seq: block?.body.seq ?? 0, id: block?.id ?? own.state.head },
        completed: true,
      };
    }
    const leftOut = await readLeftOut(paths, source, own.state, ask);
    const revealed = leftOut?.revealed ?? (await readRevealed(paths, source, inForce, ask));
    const fresh = leftOut?.next ?? (await stage(surroundings, paths, ask));
    const publicKey = publicKeyOf(revealed);
    const current = idOfSecret(revealed);
    const next = idOfSecret(fresh);
    const [sealed] = appendBlocks({
      store: home.store,
      paths,
      signer: { secretKey: revealed, publicKey, keyId: current },
      head: { state: own.state, commit: own.commit },
      seen: home.isBody ? null : { seq: loaded.programme.state.seq, id: loaded.programme.state.head },
      time: surroundings.now(),
      blocks: [[toEntry('rotate', rotateContent, { key: publicKey, next })]],
      otherBranch: wasRotationLeftOut(paths, current, own.state.head),
      dryRun: surroundings.dryRun,
    });
    if (sealed === undefined) throw new JoulemarkError('INTERNAL', 'no rotation was sealed');
    if (!surroundings.dryRun) await finishRotation(paths, sealed.state.keys, ask, source);
    return {
      before: inForce.currentId,
      current,
      next,
      block: { seq: sealed.block.body.seq, id: sealed.block.id },
      completed: false,
    };
  });
}

/**
 * The keys of a rotation that was left out of the chain with its branch (own-fork.ts): the key that the chain announces signs here already, and
 * the one after it lies in reserve. Null where it is not so.
 */
async function readLeftOut(
  paths: HomePaths,
  source: string,
  { keys: inForce, head }: ChainState,
  ask: AskPassphrase,
): Promise<{ readonly revealed: Uint8Array; readonly next: Uint8Array } | null> {
  if (kindOfPath(source) === 'absent' || !wasRotationLeftOut(paths, inForce.next, head)) return null;
  const next = secretFor(await readKeys(source, ask), 'next', source);
  if (idOfSecret(next) === inForce.next) return null;
  const revealed = secretFor(await readKeys(paths.keyFile, ask), 'sign', paths.keyFile);
  return idOfSecret(revealed) === inForce.next ? { revealed, next } : null;
}

async function readRevealed(
  paths: HomePaths,
  source: string,
  inForce: KeyState,
  ask: AskPassphrase,
): Promise<Uint8Array> {
  const keys = await readNext(source, ask);
  const revealed = secretFor(keys, 'next', source);
  if (idOfSecret(revealed) !== inForce.next) {
    throw new JoulemarkError(
      'KEY_UNAVAILABLE',
      `'${source}' holds the key ${idOfSecret(revealed).slice(0, 8)}, announced as next is ${inForce.next.slice(0, 8)}`,
      {
        hints: ['joulemark key rotate --next-key <the file that holds it>'],
      },
    );
  }
  if (source === paths.nextKeyFile || kindOfPath(paths.nextKeyFile) === 'absent') return revealed;
  if (idOfSecret(secretFor(await readKeys(paths.nextKeyFile, ask), 'next', paths.nextKeyFile)) === inForce.next)
    return revealed;
  throw new JoulemarkError('KEY_UNAVAILABLE', `'${paths.nextKeyFile}' holds another key, and would be overwritten`, {
    hints: ['move that file away, then run the command again'],
  });
}

async function readNext(source: string, ask: AskPassphrase) {
  if (kindOfPath(source) !== 'absent') return readKeys(source, ask);
  throw new JoulemarkError('KEY_UNAVAILABLE', `no next key at '${source}'`, {
    hints: ['if it is kept elsewhere: joulemark key rotate --next-key <file>'],
  });
}

/** The key after the next one, durable before anything announces it; that of an earlier run is taken up. */
async function stage(
  surroundings: Pick<Surroundings, 'dryRun'> & { random(length: number): Uint8Array },
  paths: HomePaths,
  ask: AskPassphrase,
): Promise<Uint8Array> {
  if (kindOfPath(paths.stagedKeyFile) !== 'absent')
    return secretFor(await readKeys(paths.stagedKeyFile, ask), 'next', paths.stagedKeyFile);
  const fresh = surroundings.random(32);
  if (surroundings.dryRun) return fresh;
  const passphrase = isKeyFileEncrypted(paths.keyFile) ? await ask() : null;
  // whole or not at all; under the lock, so nothing is overwritten
  replaceAtomically(paths.stagedKeyFile, await sealKeys([{ use: 'next', secret: fresh }], passphrase), 0o600);
  return fresh;
}
