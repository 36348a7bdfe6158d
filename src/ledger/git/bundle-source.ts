import { JoulemarkError } from '../../errors.ts';
import { decodeBundle } from './bundle.ts';
import type { ChainSource } from './chain-source.ts';
import { readChainTree, type ReadObject } from './chain-tree.ts';
import { openPack } from './open-pack.ts';
import type { GitObject } from './git-object.ts';
import type { PackTools } from './pack-reader.ts';

/** The chains of a bundle, and its objects one by one. */
export interface BundleSource extends ChainSource {
  /** The commits that it builds on; empty where it stands alone. */
  readonly prerequisites: ReadonlySet<string>;
  /** An object of this bundle or of the one below it; null where neither holds it. */
  readonly object: (oid: string) => GitObject | null;
}

/**
 * The chains of a bundle in memory. The whole pack is checked before this returns: its checksum, and every object of it by hash. `below`: the
 * bundle that an incremental one builds on.
 * @throws JoulemarkError VERIFY_FAILED; PENDING where a commit that it builds on is not there.
 */
export function openBundle(bytes: Uint8Array, tools: PackTools, below: BundleSource | null = null): BundleSource {
  const { refs, prerequisites, pack } = decodeBundle(bytes);
  const readPacked = openPack(pack, tools);
  for (const oid of prerequisites) if ((below?.object(oid) ?? null) === null) throw missingBelow(oid);
  const find = (oid: string): GitObject | null => readPacked(oid) ?? below?.object(oid) ?? null;
  const read: ReadObject = (oid, type) => {
    const object = find(oid);
    if (object === null)
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is missing in the bundle`, { details: { oid } });
    if (object.type !== type)
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is a ${object.type}, not a ${type}`);
    return object.content;
  };
  return {
    prerequisites,
    object: find,
    listRefs: () => new Map([...refs].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    listSegments: (ref, commit) => readChainTree(read, ref, commit),
    readSegment: ({ oid }) => read(oid, 'blob'),
  };
}

/** A bundle builds on a commit that is not here. */
export function missingBelow(oid: string): JoulemarkError {
  return new JoulemarkError('PENDING', `the bundle builds on an earlier export, which is not here: commit '${oid}'`, {
    hints: ['name the earlier export: --onto <folder>'],
    details: { oid },
  });
}
