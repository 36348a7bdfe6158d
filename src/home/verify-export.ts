import { setImmediate } from 'node:timers/promises';

import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { kindOfPath, readFileIfPresent } from '../ledger/store/read-files.ts';
import { nodePackTools } from '../ledger/store/git-primitives.ts';
import type { KnownPlace } from '../programme/told-history.ts';
import type { Verification } from '../programme/verification.ts';
import { verifyCopy } from '../programme/verify-copy.ts';
import { type ExportFolder, openExport, readExport, verifyFacts } from '../report/export-folder.ts';
import { isExportFolder, readExportFolder } from './read-export-folder.ts';

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
 * @throws JoulemarkError NO_LEDGER where there is none; VERIFY_FAILED naming the files that are not as they were written; USAGE for a bundle of which a sum was told.
 */
export function readExportCopy(path: string, told: string | null = null): ExportCopy {
  const kind = kindOfPath(path);
  if (kind === 'absent' || (kind === 'directory' && !isExportFolder(path)))
    throw new JoulemarkError(
      'NO_LEDGER',
      `no export at '${path}': ${kind === 'absent' ? 'nothing is there' : 'none of the files of one is there'}`,
    );
  if (kind !== 'file') {
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
export async function verifyExport(
  copy: ExportCopy,
  earlier: readonly ExportCopy[],
  { ledger, at = null, progress }: ExportVerifyOptions,
): Promise<Verification> {
  const verification = await verifyCopy(openExport(copy, earlier, nodePackTools), {
    ledger,
    known: at === null ? [] : [at],
    progress,
    pause: setImmediate,
  });
  if (copy.folder !== null) verifyFacts(copy.folder, verification);
  return verification;
}
