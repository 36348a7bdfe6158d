/**
 * Copies what some commits need from one store to another, as one pack: the one way in which objects move between stores. Walks commits,
 * trees and blobs from the heads down to what the target has, so nothing unasked for comes along and nothing needed is missing;
 * every object is hashed on the way.
 */
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { decodeCommit, decodeTree, MODE_DIRECTORY, MODE_FILE } from './git-object.ts';
import type { GitStore } from './git-store.ts';
import { writePack } from './pack-writer.ts';
import type { PackInput } from './pack-writer.ts';

export type CopyOptions = {
  /** Take the heads only, without the commits before them: they become shallow in the target. */
  readonly headsOnly?: boolean;
};

/** What a walk found: objects to move, those that need them last, and the commits whose parents stay behind. */
export type Missing = { readonly oids: readonly string[]; readonly shallow: readonly string[] };

/** The objects of `heads` that `has` says are not there. Throws VERIFY_FAILED when `from` lacks one that is needed. */
export function findMissing(from: GitStore, heads: Iterable<string>, has: (oid: string) => boolean, options: CopyOptions = {}): Missing {
  const seen = new Set<string>();
  const commits: string[] = [];
  const trees: string[] = [];
  const blobs: string[] = [];
  const shallow: string[] = [];
  const sourceShallow = from.shallowCommits();
  const wanted = (oid: string): boolean => {
    if (seen.has(oid) || has(oid)) return false;
    seen.add(oid);
    return true;
  };
  const waiting = [...heads].filter(wanted);
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    commits.push(commit);
    const { tree, parents } = decodeCommit(from.readObject(commit, 'commit'));
    const cut = options.headsOnly === true || sourceShallow.has(commit);
    if (cut && parents.length > 0) shallow.push(commit);
    if (!cut) waiting.push(...parents.filter(wanted));
    if (!wanted(tree)) continue;
    trees.push(tree);
    for (const entry of decodeTree(from.readObject(tree, 'tree'))) {
      // A ledger's tree is one folder of files; deeper trees are refused when it is read, so they need not be walked.
      if (entry.mode !== MODE_DIRECTORY && entry.mode !== MODE_FILE) throw new JoulemarkError('VERIFY_FAILED', `git tree '${tree}' holds an entry of mode ${entry.mode}`);
      if (!wanted(entry.oid)) continue;
      if (entry.mode === MODE_FILE) {
        blobs.push(entry.oid);
        continue;
      }
      trees.push(entry.oid);
      for (const file of decodeTree(from.readObject(entry.oid, 'tree'))) {
        if (file.mode !== MODE_FILE) throw new JoulemarkError('VERIFY_FAILED', `git tree '${entry.oid}' holds an entry of mode ${file.mode}`);
        if (wanted(file.oid)) blobs.push(file.oid);
      }
    }
  }
  return { oids: [...commits, ...trees, ...blobs], shallow };
}

/** The objects themselves, one at a time. */
export function* readForPack(from: GitStore, oids: readonly string[]): Generator<PackInput> {
  for (const oid of oids) {
    const { type, content, compressed } = from.readStored(oid);
    yield { oid, type, content, compressed };
  }
}

/** True when `ancestor` is `head` or lies in its history, as far as the store holds it. */
export function isDescendant(store: GitStore, head: string, ancestor: string): boolean {
  const seen = new Set([head]);
  const shallow = store.shallowCommits();
  const waiting = [head];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    if (commit === ancestor) return true;
    if (shallow.has(commit)) continue;
    for (const parent of store.readCommit(commit).parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      waiting.push(parent);
    }
  }
  return false;
}

/** True when the history of `head` ends at a shallow commit here, not at its first commit. */
export function isHistoryCut(store: GitStore, head: string): boolean {
  const shallow = store.shallowCommits();
  if (shallow.size === 0) return false;
  const seen = new Set([head]);
  const waiting = [head];
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    const { parents } = store.readCommit(commit);
    if (shallow.has(commit) && parents.length > 0) return true;
    for (const parent of parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      waiting.push(parent);
    }
  }
  return false;
}

/** Copies everything that `heads` need into `to`, durably. Returns the number of objects moved. Throws VERIFY_FAILED, FAILED. */
export function copyObjects(from: GitStore, to: GitStore, heads: Iterable<string>, options: CopyOptions = {}): number {
  const { oids, shallow } = findMissing(from, heads, (oid) => to.has(oid), options);
  // Shallow first: a commit without its parents must never be seen without the note that says so.
  if (shallow.length > 0) to.addShallowCommits(shallow);
  if (oids.length === 0) return 0;
  if (oids.length <= 16) to.writeObjects([...readForPack(from, oids)].toReversed());
  else writePack(join(to.directory, 'objects'), oids.length, readForPack(from, oids));
  to.refreshPacks();
  return oids.length;
}
