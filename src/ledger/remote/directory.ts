/**
 * A bare repository in a folder (a shared disk, a stick) as a remote, with our own pack code only: git is never run in a folder that
 * somebody else prepared, whose configuration and hooks could name programs to start.
 */
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { copyObjects, isDescendant } from '../store/copy-objects.ts';
import { ensureDirectory } from '../store/folders.ts';
import { kindOfPath, listDirectory } from '../store/read-files.ts';
import { initGitStore, openGitStore, type GitStore } from '../store/git-store.ts';
import { sweepRepository } from '../store/leftovers.ts';
import { withLock } from '../store/lock.ts';
import { remoteMovedError } from './moved.ts';
import type { RefUpdate, Transport, TransportOptions } from './remote.ts';
import { createTransferBudget } from './transfer-budget.ts';
import { toTransferLimits } from './transfer-limits.ts';

const REMOTE_CONFIG = `[receive]
\tdenyNonFastForwards = true
\tdenyDeletes = true
[transfer]
\tfsckObjects = true
[http]
\treceivepack = true
`;

/** Creates an empty bare repository that others can push to, over http too. Does nothing to one that is there. Throws FAILED when other files are. */
export function initRemoteDirectory(path: string): void {
  if (kindOfPath(join(path, 'HEAD')) === 'absent' && listDirectory(path).length > 0) {
    throw new JoulemarkError('FAILED', `cannot create a remote in '${path}': the folder is not empty`);
  }
  ensureDirectory(path);
  initGitStore(path, REMOTE_CONFIG).close();
}

function openRemote(path: string): GitStore {
  try {
    return openGitStore(path);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'NO_LEDGER') throw error;
    throw new JoulemarkError('FAILED', `no bare git repository at '${path}'`, {
      hints: [`is it plugged in or mounted? to make one: joulemark remote init '${path}'`],
      cause: error,
    });
  }
}

function pushTo(target: GitStore, updates: readonly RefUpdate[], from: GitStore): void {
  for (const { ref, oid, expected } of updates) {
    const actual = target.readRef(ref);
    if (actual !== expected) throw remoteMovedError(ref, expected, actual);
    if (actual !== null && !isDescendant(from, oid, actual)) throw remoteMovedError(ref, oid, actual);
  }
  copyObjects(
    from,
    target,
    updates.map((update) => update.oid),
  );
  for (const { ref, oid, expected } of updates) target.compareAndSwapRef(ref, expected, oid);
}

function isCopied(copy: (oids: Iterable<string>) => void, oids: Iterable<string>): boolean {
  try {
    copy(oids);
    return true;
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return false;
    throw error;
  }
}

/** A transport for the bare repository in `path`. */
export function openDirectoryTransport(path: string, options: TransportOptions): Transport {
  const budget = createTransferBudget(path, toTransferLimits(options.limits));
  const using = <T>(run: (store: GitStore) => T): T => {
    const store = openRemote(path);
    try {
      return run(store);
    } finally {
      store.close();
    }
  };
  return {
    listRefs: async () => using((store) => store.listRefs()),
    fetch: async (refs, into, haves) =>
      using((store) => {
        const copy = (oids: Iterable<string>): void =>
          void copyObjects(store, into, oids, {
            headsOnly: haves.listRefs().size === 0,
            limits: budget.nextPack(),
            spend: budget.spend,
          });
        if (isCopied(copy, refs.values())) return;
        for (const oid of refs.values()) isCopied(copy, [oid]); // one that cannot be read is missed when it is judged
      }),
    push: async (updates, from) => {
      openRemote(path).close();
      await withLock(join(path, 'joulemark.lock'), { wait: options.wait ?? 10_000 }, (after) => {
        sweepRepository(path, after);
        using((store) => pushTo(store, updates, from));
      });
    },
  };
}
