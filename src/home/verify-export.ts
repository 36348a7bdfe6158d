import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { missingBelow } from '../ledger/git/bundle-source.ts';
import { decodeBundle } from '../ledger/git/bundle.ts';
import { kindOfPath, readFileIfPresent, removeTree } from '../ledger/store/files.ts';
import { nodePackTools } from '../ledger/store/git-primitives.ts';
import { initGitStore } from '../ledger/store/git-store.ts';
import { importPack } from '../ledger/store/pack-import.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import { type Verification, verifyCopy } from '../programme/verification.ts';
import { type ExportFolder, openExport, readExport, verifyFacts } from '../report/export-folder.ts';
import { isExportFolder, readExportFolder } from './read-export-folder.ts';
import { verifyStore } from './verify.ts';

/** An export folder, or a bundle by itself, which nothing beside it speaks of. */
export interface ExportCopy {
  readonly bundle: Uint8Array;
  /** Null for a bundle by itself. */
  readonly folder: ExportFolder | null;
}

/** What an export is verified against. */
export interface ExportVerifyOptions {
  readonly ledger: Id | null;
  readonly at?: KnownPlace | null;
  readonly progress?: (blocks: number) => void;
}

/** True for what `readExportCopy` reads: an export folder, or a bundle. */
export function isExportCopy(path: string): boolean {
  return isExportFolder(path) || (path.endsWith('.bundle') && kindOfPath(path) === 'file');
}

/**
 * Reads an export that anybody may have prepared, and checks its files against each other. `told`: the SHA-256 of its SHA256SUMS that came by
 * another way.
 * @throws JoulemarkError VERIFY_FAILED naming the files that are not as they were written; USAGE for a bundle of which a sum was told.
 */
export function readExportCopy(path: string, told: string | null = null): ExportCopy {
  if (kindOfPath(path) !== 'file') {
    const folder = readExport(readExportFolder(path), told);
    return { bundle: folder.bundle, folder };
  }
  if (told !== null)
    throw new JoulemarkError('USAGE', `'${path}' is a bundle by itself: --sums speaks of the folder of an export`);
  const bundle = readFileIfPresent(path);
  if (bundle === null) throw new JoulemarkError('NO_LEDGER', `no bundle at '${path}'`);
  return { bundle, folder: null };
}

/**
 * Verifies an export, with the earlier ones that it builds on, oldest first: in memory, every byte, from genesis.
 * @throws JoulemarkError VERIFY_FAILED, NO_LEDGER; PENDING where it builds on an export that is not given.
 */
export function verifyExport(
  copy: ExportCopy,
  earlier: readonly ExportCopy[],
  options: ExportVerifyOptions,
): Verification {
  const verification = verifyCopy(openExport(copy, earlier, nodePackTools), options);
  if (copy.folder !== null) verifyFacts(copy.folder, verification);
  return verification;
}

/** From this size on, in bytes, worker threads repay the repository that they need. */
const WORTH_THREADS = 4_000_000;

/**
 * The same on worker threads where there is enough to verify, through a repository in the folder for temporary files, removed afterwards.
 * `worth`: from which size on, in bytes.
 */
export async function verifyExportOnThreads(
  copy: ExportCopy,
  earlier: readonly ExportCopy[],
  options: ExportVerifyOptions,
  worth: number = WORTH_THREADS,
): Promise<Verification> {
  const parts = [...earlier, copy];
  if (parts.reduce((sum, { bundle }) => sum + bundle.length, 0) < worth) return verifyExport(copy, earlier, options);
  const scratch = mkdtempSync(join(tmpdir(), 'joulemark-verify-'));
  const store = initGitStore(join(scratch, 'ledger.git'));
  try {
    for (const { bundle } of parts) {
      const { prerequisites, pack } = decodeBundle(bundle);
      for (const oid of prerequisites) if (!store.has(oid)) throw missingBelow(oid);
      importPack(store, pack);
    }
    for (const [ref, oid] of decodeBundle(copy.bundle).refs) store.compareAndSwapRef(ref, null, oid);
    const verification = await verifyStore(store, { ...options, checked: new Map() });
    if (copy.folder !== null) verifyFacts(copy.folder, verification);
    return verification;
  } finally {
    store.close();
    removeTree(scratch);
  }
}
