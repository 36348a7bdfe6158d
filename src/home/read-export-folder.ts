import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import { BUNDLE_FILE, type ExportFiles, TEXT_FILE } from '../report/export-folder.ts';
import { SUMS_FILE } from '../report/sha256-sums.ts';
import { HOME_FOLDER } from './paths.ts';

/** More names than this are no export, whatever they are: none of the others is read. */
const MOST_FILES = 16;

/** More bytes than this in one file, or in all, are no export either: a bundle has 2 GiB at most, a page that holds one less than half of that. */
const MOST_FILE_BYTES = 0x7fff_ffff;
const MOST_BYTES = 3 * 2 ** 30;

/**
 * True for a folder that has something of an export: what it has too little or too much is for the check to say. A bundle alone beside a home
 * is that home's remote, for mail or a stick.
 */
export function isExportFolder(path: string): boolean {
  const has = (name: string): boolean => kindOfPath(join(path, name)) === 'file';
  return has(SUMS_FILE) || has(TEXT_FILE) || (has(BUNDLE_FILE) && kindOfPath(join(path, HOME_FOLDER)) === 'absent');
}

/**
 * The files of a folder that somebody else prepared. Nothing in it is followed or run.
 * @throws JoulemarkError VERIFY_FAILED for what is no regular file, FAILED where it cannot be read.
 */
export function readExportFolder(path: string): ExportFiles {
  const names = listDirectory(path);
  const stranger = names.find((name) => kindOfPath(join(path, name)) !== 'file');
  if (stranger !== undefined) throw notAsWritten(`'${stranger}' does not belong to an export`, [stranger]);
  if (names.length > MOST_FILES) throw notAsWritten(`it holds ${names.length} files`);
  let total = 0;
  for (const name of names) {
    const { size } = lstatSync(join(path, name));
    total += size;
    if (size > MOST_FILE_BYTES || total > MOST_BYTES)
      throw notAsWritten(`'${name}' has ${size} bytes, more than an export's can have`, [name]);
  }
  return new Map(names.map((name) => [name, readFileIfPresent(join(path, name)) ?? new Uint8Array()]));
}

function notAsWritten(why: string, files: readonly string[] = []): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the export is not as it was written\n${why}`, { details: { files } });
}
