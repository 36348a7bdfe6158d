/** The files of a chain in a commit's tree (ledger spec section 5). Pure over whatever reads git objects. */
import { JoulemarkError } from '../../errors.ts';
import { decodeCommit, decodeTree, MODE_DIRECTORY, MODE_FILE, type ObjectType } from './git-object.ts';
import { parseSegmentName, segmentName } from './tiers.ts';

/** One file of a chain: the sequence number of its first record, and the blob that holds its records. */
export type SegmentFile = { readonly firstSeq: number; readonly oid: string };

/** The content of an object of one type, hashed. Throws VERIFY_FAILED. */
export type ReadObject = (oid: string, type: ObjectType) => Uint8Array;

/**
 * The files of a chain, without their bytes. Strict: the commit's tree is exactly `blocks/` with regular files named by the eight digits of
 * their first record, ascending from 0. (That they are contiguous shows when records are counted.) Throws VERIFY_FAILED, naming ref and path.
 */
export function readChainTree(read: ReadObject, ref: string, commit: string): readonly SegmentFile[] {
  const refuse = (path: string, why: string): JoulemarkError =>
    new JoulemarkError('VERIFY_FAILED', `the tree of '${ref}' is not a chain: '${path}' ${why}`, {
      details: { ref, path, commit },
    });
  const root = decodeTree(read(decodeCommit(read(commit, 'commit')).tree, 'tree'));
  const blocks = root.find((entry) => entry.name === 'blocks');
  const stranger = root.find((entry) => entry !== blocks);
  if (stranger !== undefined) throw refuse(stranger.name, 'does not belong there');
  if (blocks === undefined || blocks.mode !== MODE_DIRECTORY) throw refuse('blocks', 'is not a folder');
  const segments: SegmentFile[] = [];
  for (const entry of decodeTree(read(blocks.oid, 'tree'))) {
    const path = `blocks/${entry.name}`;
    const firstSeq = parseSegmentName(entry.name);
    if (firstSeq === null) throw refuse(path, 'does not belong there');
    if (entry.mode !== MODE_FILE) throw refuse(path, `has mode ${entry.mode}, not ${MODE_FILE}`);
    const previous = segments.at(-1)?.firstSeq ?? -1;
    if (segments.length === 0 && firstSeq !== 0) throw refuse(path, `comes first, not '${segmentName(0)}'`);
    if (firstSeq <= previous) throw refuse(path, 'is out of order');
    segments.push({ firstSeq, oid: entry.oid });
  }
  if (segments.length === 0) throw refuse('blocks', 'is empty');
  return segments;
}
