import { JoulemarkError } from '../../errors.ts';
import { decodeBundle } from './bundle.ts';
import type { ChainSource } from './chain-source.ts';
import { readChainTree, type ReadObject } from './chain-tree.ts';
import { openPack } from './open-pack.ts';
import type { PackTools } from './pack-reader.ts';

/**
 * The chains of a bundle in memory. The whole pack is checked before this returns: its checksum, and every object of it by hash.
 * @throws JoulemarkError VERIFY_FAILED.
 */
export function openBundle(bytes: Uint8Array, tools: PackTools): ChainSource {
  const { refs, pack } = decodeBundle(bytes);
  const readPacked = openPack(pack, tools);
  const read: ReadObject = (oid, type) => {
    const object = readPacked(oid);
    if (object === null)
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is missing in the bundle`, { details: { oid } });
    if (object.type !== type)
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is a ${object.type}, not a ${type}`);
    return object.content;
  };
  return {
    listRefs: () => new Map([...refs].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    listSegments: (ref, commit) => readChainTree(read, ref, commit),
    readSegment: ({ oid }) => read(oid, 'blob'),
  };
}
