/** Branches made by hand, of which each object may be a lie. */
import { encodeCommit, encodeTree, MODE_DIRECTORY, MODE_FILE, objectId } from '../../src/ledger/git/git-object.ts';
import { sha1 } from '../../src/ledger/store/git-primitives.ts';
import type { PackInput } from '../../src/ledger/store/pack-writer.ts';

export const gitObject = (type: PackInput['type'], content: Uint8Array): PackInput => ({
  type,
  content,
  oid: objectId(sha1, { type, content }),
});

/** What a branch with files of these bytes is made of, its commit first. */
export function branchOf(...files: readonly Uint8Array[]): readonly PackInput[] {
  const blobs = files.map((bytes) => gitObject('blob', bytes));
  const named = blobs.map(({ oid }, at) => ({ mode: MODE_FILE, name: `${String(at).padStart(8, '0')}.cbs`, oid }));
  const blocks = gitObject('tree', encodeTree(named));
  const root = gitObject('tree', encodeTree([{ mode: MODE_DIRECTORY, name: 'blocks', oid: blocks.oid }]));
  return [gitObject('commit', encodeCommit({ tree: root.oid, parents: [] }, 0, 'x')), root, blocks, ...blobs];
}
