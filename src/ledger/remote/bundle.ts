import { findMissing, readForPack } from '../store/copy-objects.ts';
import { encodeBundleHead } from '../git/bundle.ts';
import { encodeCommit, objectId } from '../git/git-object.ts';
import { sha1 } from '../store/git-primitives.ts';
import type { GitStore } from '../store/git-store.ts';
import { packBytes } from '../store/pack-writer.ts';
import type { PackInput } from '../store/pack-writer.ts';

/**
 * The bundle of some branches of a store (name -> commit): it stands alone, one commit a branch, without history, because nobody reads a commit's
 * parents. `time`: seconds since 1970, for its commits only: the same chains at the same
 * time give the same bytes. Throws VERIFY_FAILED when an object is missing or broken.
 */
export function encodeBundle(store: GitStore, refs: ReadonlyMap<string, string>, time: number): Uint8Array {
  const heads = new Map<string, string>();
  const commits: PackInput[] = [];
  for (const [name, oid] of [...refs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = encodeCommit({ tree: store.readCommit(oid).tree, parents: [] }, time, name);
    const commit = { type: 'commit' as const, content, oid: objectId(sha1, { type: 'commit', content }) };
    heads.set(name, commit.oid);
    commits.push(commit);
  }
  const old = new Set(refs.values());
  const { oids } = findMissing(store, old, () => false, { headsOnly: true });
  const rest = oids.filter((oid) => !old.has(oid));
  return Buffer.concat([encodeBundleHead(heads), packBytes([...commits, ...readForPack(store, rest)])]);
}
