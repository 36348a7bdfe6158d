/** Where chains are read from: a repository on disk, or a bundle in memory. */
import type { SegmentFile } from './chain-tree.ts';

export interface ChainSource {
  /** Every branch of the ledger with its commit, sorted by name. */
  readonly listRefs: () => ReadonlyMap<string, string>;
  /** The files of a chain as of a commit. Throws VERIFY_FAILED, naming ref and path. */
  readonly listSegments: (ref: string, commit: string) => readonly SegmentFile[];
  /** The bytes of one file of a chain, hashed. Throws VERIFY_FAILED. */
  readonly readSegment: (segment: SegmentFile) => Uint8Array;
}
