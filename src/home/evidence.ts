import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { decodeBlock, LIMITS, type SignedBlock } from '../ledger/block.ts';
import { idOf } from '../ledger/codec/id.ts';
import { detectFork, type Fork } from '../ledger/fork.ts';
import { createIdempotently } from '../ledger/store/files.ts';
import { ensureDirectory } from '../ledger/store/folders.ts';
import { listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import type { HomePaths } from './paths.ts';

const folderOf = (paths: Pick<HomePaths, 'home'>): string => join(paths.home, 'evidence');

/**
 * Keeps blocks that contradict each other, each under its own id, so that `sha256sum` of a file is its name and anybody can
 * check the signatures. Evidence is never thrown away. Returns the folder.
 */
export function saveEvidence(paths: HomePaths, name: string, blocks: readonly Uint8Array[]): string {
  const folder = join(folderOf(paths), name);
  ensureDirectory(folder);
  for (const block of blocks) createIdempotently(join(folder, `${idOf(block)}.cose`), block);
  return folder;
}

/** The forks that the kept blocks are if they are valid: one for each predecessor. A file that holds no block is passed over. */
export function readForkEvidence(paths: Pick<HomePaths, 'home'>): readonly Fork[] {
  const first = new Map<string, SignedBlock>();
  const forks = new Map<string, Fork>();
  for (const block of keptBlocks(paths)) {
    const place = `${block.body.org} ${block.body.prev}`;
    const other = first.get(place);
    if (other === undefined) first.set(place, block);
    const fork = other === undefined ? null : detectFork(other, block);
    if (fork !== null && !forks.has(place)) forks.set(place, fork);
  }
  return [...forks.values()];
}

function* keptBlocks(paths: Pick<HomePaths, 'home'>): Generator<SignedBlock> {
  const folder = folderOf(paths);
  for (const name of listDirectory(folder).toSorted()) {
    for (const file of listDirectory(join(folder, name)).toSorted()) {
      const bytes = file.endsWith('.cose') ? readFileIfPresent(join(folder, name, file), LIMITS.blockBytes) : null;
      const block = bytes === null ? null : tryDecode(bytes);
      if (block !== null) yield block;
    }
  }
}

function tryDecode(bytes: Uint8Array): SignedBlock | null {
  try {
    return decodeBlock(bytes);
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}
