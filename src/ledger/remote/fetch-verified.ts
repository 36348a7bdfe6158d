/**
 * The one path by which anything comes in, whatever the transport: fetch into a quarantine, verify there, copy the objects, move the refs
 * under the lock. Nothing unverified becomes visible (ledger spec section 13).
 */
import { JoulemarkError } from '../../errors.ts';
import { copyObjects } from '../store/copy-objects.ts';
import type { GitStore } from '../store/git-store.ts';
import { PROGRAMME_REF } from '../git/ref-name.ts';
import { withLock } from '../store/lock.ts';
import { withQuarantine } from './quarantine.ts';
import type { Transport } from './remote.ts';

export type FetchRequest = {
  readonly transport: Transport;
  readonly main: GitStore;
  /** The folder for the quarantine: on the same file system as the store. */
  readonly home: string;
  /** The ledger's lock, and how long to wait for it in milliseconds. */
  readonly lockPath: string;
  readonly wait?: number;
  /**
   * Judges what came: `refs` are the remote's branches that differ from ours, readable through `quarantine` (`readSegments(name, oid)`). Returns
   * those to take over, as they are or at another commit that the quarantine holds. Throws when the source is refused as a whole.
   */
  readonly verify: (
    quarantine: GitStore,
    refs: ReadonlyMap<string, string>,
  ) => ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>;
  /** Runs under the lock, after the refs moved: the pin. */
  readonly afterwards?: () => void | Promise<void>;
};

/** `remote`: all its ledger branches; `taken`: those that moved here, and where to. */
export type FetchResult = { readonly remote: ReadonlyMap<string, string>; readonly taken: ReadonlyMap<string, string> };

/** How often a remote may move between listing and fetching before what came is judged as it is. */
const ATTEMPTS = 3;

/** Whatever instant this dies at, the blocks that a broadcast lists are here before it is. */
const programmeLast = (refs: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
  [...refs].toSorted(([a], [b]) => Number(a === PROGRAMME_REF) - Number(b === PROGRAMME_REF));

/** True when a branch that did not come is elsewhere by now; else the same would be sent again for nothing. */
async function hasMoved(transport: Transport, missing: readonly (readonly [string, string])[]): Promise<boolean> {
  const now = await transport.listRefs();
  return missing.some(([name, oid]) => now.get(name) !== oid);
}

/** Fetches, verifies and takes over. Throws whatever `verify` throws; then nothing has changed. */
export async function fetchVerified(request: FetchRequest): Promise<FetchResult> {
  const { transport, main } = request;
  for (let attempt = 1; ; attempt++) {
    const remote = await transport.listRefs();
    const before = main.listRefs();
    const changed = new Map([...remote].filter(([name, oid]) => before.get(name) !== oid));
    if (changed.size === 0) return { remote, taken: changed };
    const taken = await withQuarantine(request.home, main, async (quarantine) => {
      await transport.fetch(changed, quarantine, main);
      // a branch that is never complete is refused by `verify`, and the others are served
      const missing = [...changed].filter(([, oid]) => !quarantine.has(oid));
      if (missing.length > 0 && attempt < ATTEMPTS && (await hasMoved(transport, missing))) return null;
      const accepted = await request.verify(quarantine, changed);
      await withLock(request.lockPath, { wait: request.wait ?? 0 }, async () => {
        for (const name of accepted.keys()) {
          if (main.readRef(name) !== (before.get(name) ?? null)) {
            throw new JoulemarkError('FAILED', `the branch '${name}' here changed meanwhile`, {
              hints: ['run the command again'],
              details: { ref: name },
            });
          }
        }
        copyObjects(quarantine, main, accepted.values());
        for (const [name, oid] of programmeLast(accepted)) main.compareAndSwapRef(name, before.get(name) ?? null, oid);
        await request.afterwards?.();
      });
      return accepted;
    });
    if (taken !== null) return { remote, taken };
  }
}
