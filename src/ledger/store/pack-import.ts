/** Takes over a pack that came from elsewhere: every object is inflated and hashed before anything is written; its index is ours. */
import { join } from 'node:path';
import { createIdempotently } from './files.ts';
import { ensureDirectory } from './folders.ts';
import { oidAt } from '../git/git-object.ts';
import { nodePackTools, sha1 } from './git-primitives.ts';
import type { GitStore } from './git-store.ts';
import { encodePackIndex } from '../git/pack-index.ts';
import { PACK_LIMITS, type PackLimits, scanPack, type Spend } from '../git/pack-reader.ts';

/** Adds the pack to the store and returns the number of its objects. Throws VERIFY_FAILED when any byte of it is wrong. */
export function importPack(store: GitStore, pack: Uint8Array, limits: PackLimits = PACK_LIMITS, spend?: Spend): number {
  const objects = scanPack(pack, nodePackTools, limits, spend);
  const directory = join(store.directory, 'objects/pack');
  ensureDirectory(directory);
  const name = `pack-${oidAt(pack, pack.length - 20)}`;
  createIdempotently(join(directory, `${name}.pack`), pack, 0o444);
  createIdempotently(join(directory, `${name}.idx`), encodePackIndex(objects, pack.subarray(-20), sha1), 0o444);
  store.refreshPacks();
  return objects.length;
}
