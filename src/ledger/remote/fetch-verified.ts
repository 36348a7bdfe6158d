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
   * Says which of the remote's branches that differ from ours are needed, once the programme's has come and can be read through `quarantine`.
   * The others are not asked for. Without it all are needed.
   */
  readonly select?: (quarantine: GitStore, refs: ReadonlyMap<string, string>) => Promise<ReadonlySet<string>>;
  /**
   * Judges what came: `refs` are the remote's branches that differ from ours and are needed, readable through `quarantine` (`readSegments(name, oid)`). Returns
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

type Refs = ReadonlyMap<string, string>;

const among = (refs: Refs, isAmong: (name: string) => boolean): Refs =>
  new Map([...refs].filter(([name]) => isAmong(name)));

/** Brings what is needed of `changed` into the quarantine: what it is; null when the remote has moved meanwhile. */
async function fetchNeeded(
  { transport, main, select }: FetchRequest,
  changed: Refs,
  quarantine: GitStore,
  mayMove: boolean,
): Promise<Refs | null> {
  const bring = async (refs: Refs): Promise<boolean> => {
    // a file or an export brings all it has at once
    const lacking = [...refs].filter(([, oid]) => main.has(oid) || !quarantine.has(oid));
    if (lacking.length > 0) await transport.fetch(new Map(lacking), quarantine, main);
    // a branch that is never complete is refused by `verify`, and the others are served
    const missing = lacking.filter(([, oid]) => !quarantine.has(oid));
    return missing.length === 0 || !mayMove || !(await hasMoved(transport, missing));
  };
  if (select === undefined) return (await bring(changed)) ? changed : null;
  if (!(await bring(among(changed, (name) => name === PROGRAMME_REF)))) return null;
  const names = await select(quarantine, changed);
  const needed = among(changed, (name) => name === PROGRAMME_REF || names.has(name));
  return (await bring(among(needed, (name) => name !== PROGRAMME_REF))) ? needed : null;
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
      const needed = await fetchNeeded(request, changed, quarantine, attempt < ATTEMPTS);
      if (needed === null) return null;
      if (needed.size === 0) return needed;
      const accepted = await request.verify(quarantine, needed);
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
