import { join } from 'node:path';
import { idOf } from '../ledger/codec/id.ts';
import { createIdempotently, ensureDirectory } from '../ledger/store/files.ts';
import type { HomePaths } from './paths.ts';

/**
 * Keeps blocks that contradict each other, each under its own id, so that `sha256sum` of a file is its name and anybody can
 * check the signatures. Evidence is never thrown away. Returns the folder.
 */
export function saveEvidence(paths: HomePaths, name: string, blocks: readonly Uint8Array[]): string {
  const folder = join(paths.home, 'evidence', name);
  ensureDirectory(folder);
  for (const block of blocks) createIdempotently(join(folder, `${idOf(block)}.cose`), block);
  return folder;
}
