import { concatBytes } from '../../crypto/hash.ts';
import {
  encodeCommit,
  encodeTree,
  type GitObject,
  MODE_DIRECTORY,
  MODE_FILE,
  objectId,
  type ObjectType,
  type Sha1,
} from './git-object.ts';
import { appendToTiers, segmentName } from './tiers.ts';

/** A git object with its name. */
export type NamedObject = GitObject & { readonly oid: string };

/** A chain as git objects: its commit, and everything that the commit needs. */
export interface ChainObjects {
  readonly commit: string;
  readonly objects: readonly NamedObject[];
}

/**
 * The git objects of a whole chain, laid out in tiers from its first record on, under a commit without parents. `time`: seconds since 1970,
 * of that commit. The same records, branch and time give the same objects, however the store that they come from is split.
 */
export function chainObjects(
  records: readonly Uint8Array[],
  { ref, time, sha1 }: { readonly ref: string; readonly time: number; readonly sha1: Sha1 },
): ChainObjects {
  const objects: NamedObject[] = [];
  const add = (type: ObjectType, content: Uint8Array): string => {
    const oid = objectId(sha1, { type, content });
    objects.push({ type, content, oid });
    return oid;
  };
  const files = appendToTiers<Uint8Array>(
    [],
    0,
    records.map((record) => ({ size: record.length, part: record })),
  );
  const entries = files.map(({ firstSeq, parts }) => ({
    mode: MODE_FILE,
    name: segmentName(firstSeq),
    oid: add('blob', concatBytes(...parts)),
  }));
  const blocks = add('tree', encodeTree(entries));
  const tree = add('tree', encodeTree([{ mode: MODE_DIRECTORY, name: 'blocks', oid: blocks }]));
  const commit = add('commit', encodeCommit({ tree, parents: [] }, time, ref));
  return { commit, objects: objects.toReversed() };
}
