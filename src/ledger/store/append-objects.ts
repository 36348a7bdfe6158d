import { assertInvariant } from '../../errors.ts';
import type { SegmentFile } from '../git/chain-tree.ts';
import {
  encodeCommit,
  encodeTree,
  type GitObject,
  MODE_DIRECTORY,
  MODE_FILE,
  objectId,
  type ObjectType,
} from '../git/git-object.ts';
import { appendToTiers, segmentName, type TierFile } from '../git/tiers.ts';
import { sha1 } from './git-primitives.ts';

export type AppendRequest = {
  readonly ref: string;
  /** The head that was read and verified, null for a new branch: the ref moves only from there. */
  readonly expectedHead: string | null;
  /** How many records the chain holds: the sequence number of the first new one. */
  readonly nextSeq: number;
  readonly records: readonly Uint8Array[];
  /** Seconds since 1970, for the commit only. */
  readonly time: number;
};

type ReadBlob = (oid: string) => Uint8Array;

/** The git objects of an append, those that are named before those that name them, and the commit that becomes the branch's head. */
export interface AppendObjects {
  readonly objects: readonly (GitObject & { readonly oid: string })[];
  readonly head: string;
}

/** The objects by which records go on a branch as one commit. `files`: those of the branch at `expectedHead`. */
export function toAppendObjects(
  request: AppendRequest,
  files: readonly SegmentFile[],
  readBlob: ReadBlob,
): AppendObjects {
  const { nextSeq, records, expectedHead, time } = request;
  const before = filesBelow(nextSeq, files, readBlob);
  assertInvariant(records.length > 0, 'an append holds at least one record');
  assertInvariant(
    nextSeq > (before.at(-1)?.firstSeq ?? -1) && before.length > 0 === nextSeq > 0,
    'an append continues its chain',
  );
  const objects: (GitObject & { oid: string })[] = [];
  const add = (type: ObjectType, content: Uint8Array): string => {
    const oid = objectId(sha1, { type, content });
    objects.push({ type, content, oid });
    return oid;
  };
  const known = new Map(before.map((segment) => [segment.firstSeq, segment.oid]));
  const after = appendToTiers(
    tierFiles(request, before, readBlob),
    nextSeq,
    records.map((record) => ({ size: record.length, part: record })),
  );
  const entries = after.map((file) => {
    const [only] = file.parts;
    const name = segmentName(file.firstSeq);
    if (file.parts.length === 1 && typeof only === 'string') return { mode: MODE_FILE, name, oid: only };
    const untouched = file.parts.length === 1 && file.firstSeq < nextSeq ? known.get(file.firstSeq) : undefined;
    if (untouched !== undefined) return { mode: MODE_FILE, name, oid: untouched };
    return { mode: MODE_FILE, name, oid: add('blob', Buffer.concat(file.parts as readonly Uint8Array[])) };
  });
  const blocks = add('tree', encodeTree(entries));
  const root = add('tree', encodeTree([{ mode: MODE_DIRECTORY, name: 'blocks', oid: blocks }]));
  const parents = expectedHead === null ? [] : [expectedHead];
  const message = `blocks ${nextSeq}..${nextSeq + records.length - 1}`;
  const head = add('commit', encodeCommit({ tree: root, parents }, time, message));
  return { objects, head };
}

/** The files before an append. One without a record may stand at the end, where somebody else split the branch: the append takes its name. */
function filesBelow(nextSeq: number, files: readonly SegmentFile[], readBlob: ReadBlob): readonly SegmentFile[] {
  const last = files.at(-1);
  const isEmpty = last?.firstSeq === nextSeq && readBlob(last.oid).length === 0;
  return isEmpty ? files.slice(0, -1) : files;
}

/** The files as the writer's tiers see them: sizes only where the next merge may need them. */
function tierFiles(
  { nextSeq, records }: AppendRequest,
  before: readonly SegmentFile[],
  readBlob: ReadBlob,
): readonly TierFile<Uint8Array | string>[] {
  const window = nextSeq - (nextSeq % 64);
  const merges = records.length + (nextSeq % 8) >= 8;
  return before.map(({ firstSeq, oid }) => {
    if (!merges || firstSeq < window) return { firstSeq, size: 0, parts: [oid] };
    const bytes = readBlob(oid);
    return { firstSeq, size: bytes.length, parts: [bytes] };
  });
}
