/**
 * A bundle file as a remote: for a stick, for mail, for whatever carries a file. There is no host in it that everybody adds his branch to, so
 * a push writes all that this copy holds; what is in the file already and goes further stays in it. The file is replaced as a whole, and
 * the same chains are the same bytes.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { decodeBundle } from '../git/bundle.ts';
import { kindOfPath, readFileIfPresent } from '../store/read-files.ts';
import { removeTree } from '../store/folders.ts';
import { replaceAtomically } from '../store/files.ts';
import type { GitStore } from '../store/git-store.ts';
import { withLock } from '../store/lock.ts';
import { importPack } from '../store/pack-import.ts';
import { encodeBundle } from './bundle.ts';
import { remoteMovedError } from './moved.ts';
import { withQuarantine } from './quarantine.ts';
import type { RefUpdate, Transport, TransportOptions } from './remote.ts';

type Bundle = ReturnType<typeof decodeBundle>;

/** Commits in a bundle are made for it (encodeBundle), and their time says nothing. */
const COMMIT_TIME = 0;

const EMPTY: ReadonlyMap<string, string> = new Map();

function readBundle(path: string): { readonly bytes: Uint8Array; readonly bundle: Bundle } | null {
  const bytes = readFileIfPresent(path);
  if (bytes !== null) return { bytes, bundle: decodeBundle(bytes) };
  if (kindOfPath(dirname(path)) === 'absent')
    throw new JoulemarkError('FAILED', `no folder '${dirname(path)}' for the bundle '${path}'`, { details: { path } });
  return null;
}

/** The bytes of a chain; null when it cannot be read. */
function chainBytes(store: GitStore, ref: string, oid: string): Buffer | null {
  try {
    return Buffer.concat([...store.readSegments(ref, oid)].map((segment) => segment.bytes));
  } catch (error) {
    if (error instanceof JoulemarkError && error.code === 'VERIFY_FAILED') return null;
    throw error;
  }
}

const startsWith = (whole: Buffer, start: Buffer): boolean => whole.subarray(0, start.length).equals(start);

/** The bundle that holds what both hold; a branch of `updates` that does not go on from the file's is refused. */
function merge(store: GitStore, from: GitStore, there: ReadonlyMap<string, string>, updates: readonly RefUpdate[]) {
  const merged = new Map(from.listRefs());
  for (const { ref, oid } of updates) merged.set(ref, oid);
  for (const [ref, oid] of there) {
    const theirs = chainBytes(store, ref, oid);
    if (theirs === null) continue; // nobody can read it: ours, if any, takes its place
    const ours = merged.get(ref);
    const mine = ours === undefined ? null : chainBytes(from, ref, ours);
    if (mine !== null && startsWith(mine, theirs)) continue;
    const update = updates.find((one) => one.ref === ref);
    if (update !== undefined) throw remoteMovedError(ref, update.oid, oid);
    merged.set(ref, oid);
  }
  return encodeBundle(store, merged, COMMIT_TIME);
}

/** A transport for the bundle file at `path`, which need not exist yet. */
export function openBundleTransport(path: string, options: TransportOptions): Transport {
  /** What the file would be after a push of `updates`, and whether that is what it is. */
  const plan = async (
    updates: readonly RefUpdate[],
    from: GitStore,
  ): Promise<{ readonly bytes: Uint8Array; readonly isThere: boolean }> => {
    const present = readBundle(path);
    const there = present?.bundle.refs ?? EMPTY;
    const scratch = mkdtempSync(join(tmpdir(), 'joulemark-bundle-'));
    try {
      return await withQuarantine(scratch, from, (store) => {
        if (present !== null) importPack(store, present.bundle.pack, options.limits?.pack);
        const bytes = merge(store, from, there, updates);
        return { bytes, isThere: present !== null && Buffer.compare(bytes, present.bytes) === 0 };
      });
    } finally {
      removeTree(scratch);
    }
  };
  return {
    listRefs: async () => readBundle(path)?.bundle.refs ?? EMPTY,
    fetch: async (_, into) => {
      const present = readBundle(path);
      if (present !== null) importPack(into, present.bundle.pack, options.limits?.pack);
    },
    holds: async (ref, oid, from) => (await plan([{ ref, oid, expected: null }], from)).isThere,
    push: async (updates, from) => {
      readBundle(path);
      await withLock(`${path}.lock`, { wait: options.wait ?? 10_000 }, async () => {
        const there = readBundle(path)?.bundle.refs ?? EMPTY;
        for (const { ref, expected } of updates) {
          const actual = there.get(ref) ?? null;
          if (actual !== expected) throw remoteMovedError(ref, expected, actual);
        }
        const { bytes, isThere } = await plan(updates, from);
        if (!isThere) replaceAtomically(path, bytes);
      });
    },
  };
}
