import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { errnoOf, toJoulemarkError } from '../system-error.ts';
import { ensureDirectory, syncDirectory } from '../ledger/store/folders.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from '../ledger/store/read-files.ts';
import { replaceAtomically } from '../ledger/store/files.ts';

/** A folder into which meters put files, and where files go that were taken. */
export interface Spool {
  readonly folder: string;
  readonly done: string;
  readonly refused: string;
}

/** A file that waits in a spool. */
export interface SpooledFile {
  readonly name: string;
  readonly path: string;
  readonly format: 'csv' | 'ndjson';
  /** What stands before `--` in the name. */
  readonly profileName: string | null;
}

/** `done` and `refused` stand beside a folder that is called `in`, and inside any other. */
export function toSpool(folder: string): Spool {
  const around = basename(folder) === 'in' ? dirname(folder) : folder;
  return { folder, done: join(around, 'done'), refused: join(around, 'refused') };
}

/** For a folder that somebody named: the one in the home need not be there. @throws JoulemarkError USAGE. */
export function assertFolder({ folder }: Spool, named: string): void {
  const kind = kindOfPath(folder);
  if (kind !== 'absent' && kind !== 'file') return;
  throw new JoulemarkError('USAGE', `no folder '${named}' to collect from${kind === 'file' ? ': it is a file' : ''}`, {
    hints:
      kind === 'file'
        ? [`for one file: joulemark meter submit ${named} --profile profile.yaml`]
        : ['the folder into which the meters put their files: joulemark meter collect --spool <folder>'],
  });
}

/** Names that a writer gives to what is not complete yet. */
const UNFINISHED = /^[._~]|\.(part|partial|tmp|temp|filepart|crdownload|swp)$|~$/i;

/** The complete files of a spool, in the order of their names. A file is complete once it has its name: write it under another, then rename. */
export function spooledFiles({ folder }: Spool): readonly SpooledFile[] {
  const files: SpooledFile[] = [];
  for (const name of listDirectory(folder)) {
    const [, extension] = /\.(csv|ndjson|jsonl)$/i.exec(name) ?? [];
    const path = join(folder, name);
    if (extension === undefined || UNFINISHED.test(name) || kindOfPath(path) !== 'file') continue;
    const dashes = name.indexOf('--');
    files.push({
      name,
      path,
      format: extension.toLowerCase() === 'csv' ? 'csv' : 'ndjson',
      profileName: dashes > 0 ? name.slice(0, dashes) : null,
    });
  }
  return files;
}

/** How many files wait in a spool and how many were refused. */
export function countSpool(spool: Spool): { readonly waiting: number; readonly refused: number } {
  return {
    waiting: spooledFiles(spool).length,
    refused: listDirectory(spool.refused).filter((name) => !name.endsWith('.error')).length,
  };
}

/**
 * The profile by which a CSV file is read: `<name>.yaml` for `<name>--*.csv`, else `profile.yaml`, in the spool folder or in the `profiles`
 * folder of the home.
 * @throws JoulemarkError USAGE saying where one was looked for.
 */
export function profilePathFor({ profileName, name }: SpooledFile, folders: readonly string[]): string {
  const wanted = [...(profileName === null ? [] : [`${profileName}.yaml`]), 'profile.yaml'];
  for (const file of wanted) {
    for (const folder of folders) if (kindOfPath(join(folder, file)) === 'file') return join(folder, file);
  }
  throw new JoulemarkError(
    'USAGE',
    `no profile for '${name}', expected '${wanted.join("' or '")}' in ${folders.map((folder) => `'${folder}'`).join(' or ')}`,
    {
      hints: [
        'name files after their profile, as in kiln--2026-03-11.csv with kiln.yaml',
        'or give one for all of them: joulemark meter collect --profile profile.yaml',
      ],
    },
  );
}

/** Moves a file that was taken. Null when another process was faster. */
export function moveToDone(spool: Spool, file: SpooledFile): string | null {
  return moveTo(freePath(spool.done, file.name), file);
}

/** Moves a file that was refused, with the reason beside it: first the reason, so that no file there is ever without it. */
export function moveToRefused(spool: Spool, file: SpooledFile, reason: string): string | null {
  const target = freePath(spool.refused, file.name);
  replaceAtomically(`${target}.error`, Buffer.from(`${reason}\n`));
  return moveTo(target, file);
}

/** The path of a name in a folder, with a number where the name is taken. */
function freePath(folder: string, name: string): string {
  ensureDirectory(folder);
  const dot = name.lastIndexOf('.');
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${name.slice(0, dot)}.${count}${name.slice(dot)}`);
    if (kindOfPath(path) === 'absent') return path;
  }
}

function moveTo(target: string, file: SpooledFile): string | null {
  try {
    renameSync(file.path, target);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw toJoulemarkError('FAILED', `cannot move '${file.path}' to '${target}'`, error);
  }
  syncDirectory(dirname(target));
  syncDirectory(dirname(file.path));
  return target;
}

/** The bytes of a spooled file, or null when another process has taken it. */
export const readSpooled = (file: SpooledFile): Uint8Array | null => readFileIfPresent(file.path);
