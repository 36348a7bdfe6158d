/**
 * Copies what some commits need from one store to another, as one pack: the one way in which objects move between stores. Walks commits,
 * trees and blobs from the heads down to what the target has, so nothing unasked for comes along and nothing needed is missing;
 * every object is hashed on the way.
 */
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { decodeCommit, decodeTree, MODE_DIRECTORY } from '../git/git-object.ts';
import { PACK_LIMITS, type PackLimits, type Spend } from '../git/pack-reader.ts';
import type { GitStore } from './git-store.ts';
import { writePack } from './pack-writer.ts';
import type { PackInput } from './pack-writer.ts';

export type CopyOptions = {
  /** Take the heads only, without the commits before them: they become shallow in the target. */
  readonly headsOnly?: boolean;
  /** How many objects may be moved, and how many bytes they may have together. */
  readonly limits?: Pick<PackLimits, 'maxObjects' | 'maxTotalBytes'> | undefined;
  /** Told what is read. */
  readonly spend?: Spend | undefined;
};

/** What a walk found: objects to move, those that need them last, and the commits whose parents stay behind. */
export type Missing = { readonly oids: readonly string[]; readonly shallow: readonly string[] };

/** A commit of another repository: nothing of it is in this one. */
const MODE_SUBMODULE = '160000';

/** A second look, in case a gc moved it meanwhile. */
function isHere(store: GitStore, oid: string): boolean {
  if (store.has(oid)) return true;
  store.refreshPacks();
  return store.has(oid);
}

/** Gives back what it is given and counts it. Throws VERIFY_FAILED when all together is too much. */
function countBytes({ limits = PACK_LIMITS, spend }: CopyOptions): (content: Uint8Array) => Uint8Array {
  let total = 0;
  return (content) => {
    total += content.length;
    spend?.(0, content.length);
    if (total > limits.maxTotalBytes)
      throw new JoulemarkError('VERIFY_FAILED', `the branches need more than ${limits.maxTotalBytes} bytes of objects`);
    return content;
  };
}

/** The objects of `heads` that `has` says are not there, whatever their trees are: a tree that is no ledger's is refused when it is read. Throws VERIFY_FAILED when `from` lacks one that is needed. */
export function findMissing(
  from: GitStore,
  heads: Iterable<string>,
  has: (oid: string) => boolean,
  options: CopyOptions = {},
): Missing {
  const { maxObjects } = options.limits ?? PACK_LIMITS;
  const count = countBytes(options);
  const seen = new Set<string>();
  const commits: string[] = [];
  const trees: string[] = [];
  const blobs: string[] = [];
  const shallow: string[] = [];
  const sourceShallow = from.shallowCommits();
  const wanted = (oid: string): boolean => {
    if (seen.has(oid) || has(oid)) return false;
    seen.add(oid);
    options.spend?.(1, 0);
    if (seen.size > maxObjects)
      throw new JoulemarkError('VERIFY_FAILED', `the branches need more than ${maxObjects} git objects`);
    return true;
  };
  const waiting = [...heads].filter(wanted);
  for (let commit = waiting.pop(); commit !== undefined; commit = waiting.pop()) {
    commits.push(commit);
    const { tree, parents } = decodeCommit(count(from.readObject(commit, 'commit')));
    // commits are transport: what stands behind a head is never read, so whoever broke it breaks nothing but his own history
    const cut =
      options.headsOnly === true ||
      sourceShallow.has(commit) ||
      parents.some((parent) => !has(parent) && !isHere(from, parent));
    if (cut && parents.length > 0) shallow.push(commit);
    if (!cut) waiting.push(...parents.filter(wanted));
    const open = [tree].filter(wanted);
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      trees.push(oid);
      for (const entry of decodeTree(count(from.readObject(oid, 'tree')))) {
        if (entry.mode === MODE_SUBMODULE || !wanted(entry.oid)) continue;
        if (entry.mode === MODE_DIRECTORY) open.push(entry.oid);
        else blobs.push(entry.oid);
      }
    }
  }
  return { oids: [...commits, ...trees, ...blobs], shallow };
}

/** The objects themselves, one at a time. */
export function* readForPack(from: GitStore, oids: readonly string[], options: CopyOptions = {}): Generator<PackInput> {
  const count = countBytes(options);
  for (const oid of oids) {
    const { type, content, compressed } = from.readStored(oid);
    yield { oid, type, content: count(content), compressed };
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
  if (oids.length <= 16) to.writeObjects([...readForPack(from, oids, options)].toReversed());
  else writePack(join(to.directory, 'objects'), oids.length, readForPack(from, oids, options));
  to.refreshPacks();
  return oids.length;
}
