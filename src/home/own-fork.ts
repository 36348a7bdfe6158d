/**
 * A remote that shows another branch of this home's own chain: a thief, or a second copy of the key, appended and published first.
 * A remote takes no branch that leaves out what it has, so the way out is to go on from there with a rotation (ledger spec section 6).
 */
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { type Block, decodeRecord } from '../ledger/block.ts';
import { encodeRecord } from '../ledger/record.ts';
import { entryType } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import { splitRecords } from '../ledger/segment.ts';
import { createIdempotently } from '../ledger/store/files.ts';
import { ensureDirectory } from '../ledger/store/folders.ts';
import { listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import type { LoadedChain } from './chain-reader.ts';
import { type BranchFork, startsWithRotate } from './choose-branch.ts';
import type { HomePaths } from './paths.ts';

/** What stands between our branch and a remote's. */
export interface OwnFork {
  /** The first block that differs. */
  readonly seq: number;
  /** True when theirs was taken, because it is covered or starts with a rotation: ours is left out. */
  readonly leftOut: boolean;
  /** True when one of the two is covered. */
  readonly decided: boolean;
  /** True when ours goes on with a rotation there. */
  readonly rotated: boolean;
}

const folderOf = (paths: Pick<HomePaths, 'home'>): string => join(paths.home, 'left-out');

/** Notes a fork of our own chain. Where `taken`, the blocks of ours that are left out are kept, entries and all. */
export function noteOwnFork(
  paths: Pick<HomePaths, 'home'>,
  ours: Pick<LoadedChain, 'blocks'>,
  { seq, decided }: BranchFork,
  taken: boolean,
): OwnFork {
  if (taken) keepLeftOut(paths, ours.blocks.slice(seq));
  return { seq, leftOut: taken, decided, rotated: startsWithRotate(ours.blocks[seq]) };
}

function keepLeftOut(paths: Pick<HomePaths, 'home'>, blocks: readonly Block[]): void {
  const last = blocks.at(-1);
  if (last === undefined) return;
  ensureDirectory(folderOf(paths));
  const records = blocks.map((block) => encodeRecord(block.bytes, block.items));
  createIdempotently(join(folderOf(paths), `${last.id}.cbs`), Buffer.concat(records));
}

/** The blocks of ours that were left out with their branch, one file after the other. */
function* leftOutBlocks(paths: Pick<HomePaths, 'home'>): Generator<Block> {
  for (const name of listDirectory(folderOf(paths))) {
    const bytes = name.endsWith('.cbs') ? readFileIfPresent(join(folderOf(paths), name)) : null;
    for (const record of bytes === null ? [] : splitRecords(bytes)) yield decodeRecord(record);
  }
}

/**
 * True when a rotation to this key was left out of the chain with its branch, so that it may be signed again after `head`. That it followed
 * another block is what tells it from a repository that was restored from a backup.
 */
export function wasRotationLeftOut(paths: Pick<HomePaths, 'home'>, keyId: Id, head: Id): boolean {
  const rotations = [...leftOutBlocks(paths)].filter((block) => block.kid === keyId && startsWithRotate(block));
  return rotations.length > 0 && rotations.every(({ body }) => body.prev !== head);
}

/**
 * The entries of ours that were left out of the chain with their branch and are not in it, as they were signed, in order. Enrolments are not
 * among them: a key is announced anew.
 */
export function leftOutEntries(
  paths: Pick<HomePaths, 'home'>,
  chain: Pick<LoadedChain, 'blocks'>,
): readonly Uint8Array[] {
  const missing = new Map<string, Uint8Array>();
  for (const block of leftOutBlocks(paths))
    for (const entry of entriesOf(block))
      if (!['join', 'rotate'].includes(entryType(entry))) missing.set(hexOf(entry), entry);
  if (missing.size > 0) for (const entry of chain.blocks.flatMap(entriesOf)) missing.delete(hexOf(entry));
  return [...missing.values()];
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const entriesOf = ({ items }: Block): readonly Uint8Array[] =>
  items.flatMap((item) => ('bytes' in item ? [item.bytes] : []));

/** Why our branch cannot be published at a remote, and the ways out. */
export function ownForkError(name: string, { seq, rotated }: OwnFork): JoulemarkError {
  const who = rotated
    ? 'signed with the key that you have replaced: whoever has it published first'
    : 'signed with the key of this home: somebody else has it too';
  return new JoulemarkError(
    'DIVERGED',
    `'${name}' holds another block ${seq} of your chain than this home, ${who}; it takes no branch that leaves out what it has`,
    {
      hints: [
        `to go on from what it holds, with a new key: joulemark key rotate --onto ${name}`,
        ...(rotated
          ? [
              'or, as long as the certification body has not broadcast that block, publish where it reads too: joulemark remote add <name> <address>',
            ]
          : []),
      ],
      details: { remote: name, seq, rotated },
    },
  );
}
