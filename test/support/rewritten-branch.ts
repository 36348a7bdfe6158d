import { encodeCommit, encodeTree, MODE_DIRECTORY, MODE_FILE, objectId } from '../../src/ledger/git/git-object.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { sha1 } from '../../src/ledger/store/git-primitives.ts';
import type { GitStore } from '../../src/ledger/store/git-store.ts';

/** Writes an object, whatever it is; its name. */
export const putObject = (store: GitStore, type: 'commit' | 'tree' | 'blob', content: Uint8Array): string => {
  const oid = objectId(sha1, { type, content });
  store.writeObjects([{ type, content, oid }]);
  return oid;
};

/** A commit whose tree is a chain of these files. */
export function commitOf(
  store: GitStore,
  files: ReadonlyMap<string, Uint8Array>,
  parents: readonly string[] = [],
): string {
  const entries = [...files].map(([name, bytes]) => ({ mode: MODE_FILE, name, oid: putObject(store, 'blob', bytes) }));
  const blocks = putObject(store, 'tree', encodeTree(entries));
  const root = putObject(store, 'tree', encodeTree([{ mode: MODE_DIRECTORY, name: 'blocks', oid: blocks }]));
  return putObject(store, 'commit', encodeCommit({ tree: root, parents }, 0, 'x'));
}

/** All records of a branch, one array each. */
export const recordsOf = (store: GitStore, ref: string): readonly Uint8Array[] =>
  [...store.readSegments(ref)].flatMap(({ bytes }) => splitRecords(bytes));
/** Points a branch elsewhere. */
export const move = (store: GitStore, ref: string, oid: string): void =>
  store.compareAndSwapRef(ref, store.readRef(ref), oid);

/** Puts other records in the place of a chain, in one file. */
export const rewrite = (
  store: GitStore,
  ref: string,
  change: (records: readonly Uint8Array[]) => readonly Uint8Array[],
): void => move(store, ref, commitOf(store, new Map([['00000000.cbs', Buffer.concat(change(recordsOf(store, ref)))]])));
