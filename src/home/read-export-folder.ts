import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import { BUNDLE_FILE, type ExportFiles, TEXT_FILE } from '../report/export-folder.ts';
import { SUMS_FILE } from '../report/sha256-sums.ts';

/** More names than this are no export, whatever they are: none of the others is read. */
const MOST_FILES = 16;

/** True for a folder that has something of an export: what it has too little or too much is for the check to say. */
export function isExportFolder(path: string): boolean {
  return [BUNDLE_FILE, SUMS_FILE, TEXT_FILE].some((name) => kindOfPath(join(path, name)) === 'file');
}

/**
 * The files of a folder that somebody else prepared. Nothing in it is followed or run.
 * @throws JoulemarkError VERIFY_FAILED for what is no regular file, FAILED where it cannot be read.
 */
export function readExportFolder(path: string): ExportFiles {
  const names = listDirectory(path);
  const stranger = names.find((name) => kindOfPath(join(path, name)) !== 'file');
  if (stranger !== undefined || names.length > MOST_FILES) {
    const why =
      stranger === undefined ? `it holds ${names.length} files` : `'${stranger}' does not belong to an export`;
    throw new JoulemarkError('VERIFY_FAILED', `the export is not as it was written\n${why}`, {
      details: { files: stranger === undefined ? [] : [stranger] },
    });
  }
  return new Map(names.map((name) => [name, readFileIfPresent(join(path, name)) ?? new Uint8Array()]));
}
