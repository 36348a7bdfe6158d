/** What a reader gives the page, as names and bytes. */
import { JoulemarkError } from '../errors.ts';
import { BUNDLE_FILE } from '../report/export-folder.ts';
import { type Files, type Given, isExportFile } from './given.ts';

/** An export has five files; of a folder with more than this none is read, as it is something else. */
const MOST_FILES = 64;

interface Found {
  readonly name: string;
  readonly file: File;
}

/** The files of an input: a folder's without the folder's own name, or some that were chosen one by one. */
export async function givenOfInput(list: FileList): Promise<readonly Given[]> {
  const files = [...list];
  const [folder = ''] = files[0]?.webkitRelativePath.split('/') ?? [];
  if (folder === '') return loose(files);
  const inside = files.map((file) => ({ name: file.webkitRelativePath.slice(folder.length + 1), file }));
  assertFew(inside);
  return [{ name: folder, files: await read(inside) }];
}

/** What was dropped: folders, each by itself, and files. */
export async function givenOfDrop(transfer: DataTransfer): Promise<readonly Given[]> {
  // before the first wait: the lists are emptied when the event is over
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const dropped = items.map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
    handle: (item as ItemWithHandle).getAsFileSystemHandle?.().catch(() => null) ?? null,
  }));
  const files: File[] = [];
  const given: Given[] = [];
  for (const { entry, file, handle } of dropped) {
    if (entry?.isDirectory === true) {
      // oxlint-disable-next-line no-await-in-loop -- a handful
      const inside = await filesInFolder(entry as FileSystemDirectoryEntry, await handle);
      // oxlint-disable-next-line no-await-in-loop
      given.push({ name: entry.name, files: await read(inside) });
    } else if (file !== null) files.push(file);
  }
  return files.length === 0 ? given : [...given, ...(await loose(files))];
}

/** Files that came without a folder: bundles, each by itself; else those of one export. */
async function loose(files: readonly File[]): Promise<readonly Given[]> {
  const found = files.map((file) => ({ name: file.name, file }));
  assertFew(found);
  const groups = found.every(({ name }) => name.endsWith('.bundle')) ? found.map((one) => [one]) : [found];
  return Promise.all(groups.map(async (group) => ({ name: '', files: await read(group) })));
}

/** Chromium gives pages from disk the files of a dropped folder by handle only; others know entries only. */
interface ItemWithHandle {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
}

function filesInFolder(entry: FileSystemDirectoryEntry, handle: FileSystemHandle | null): Promise<readonly Found[]> {
  return handle === null ? filesInEntry(entry) : filesInHandle(handle as FileSystemDirectoryHandle);
}

async function filesInHandle(folder: FileSystemDirectoryHandle): Promise<readonly Found[]> {
  const found: Found[] = [];
  const folders: string[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') folders.push(handle.name);
    else found.push({ name: handle.name, file: await handle.getFile() });
    assertFew(found);
  }
  assertFlat(found, folders);
  return found;
}

async function filesInEntry(folder: FileSystemDirectoryEntry): Promise<readonly Found[]> {
  const reader = folder.createReader();
  const found: Found[] = [];
  const folders: string[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a folder is read in parts, and ends with an empty one
    const entries = await new Promise<readonly FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) break;
    for (const entry of entries) {
      if (entry.isFile) {
        // oxlint-disable-next-line no-await-in-loop -- a handful
        const file = await new Promise<File>((resolve, reject) => {
          (entry as FileSystemFileEntry).file(resolve, reject);
        });
        found.push({ name: entry.name, file });
      } else folders.push(entry.name);
    }
    assertFew(found);
  }
  assertFlat(found, folders);
  return found;
}

async function read(found: readonly Found[]): Promise<Files> {
  const all = await Promise.all(
    found.map(async ({ name, file }) => [name, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return new Map(all);
}

/** An export has no folder in it; what has one is an export that somebody put it into, or is none. */
function assertFlat(found: readonly Found[], folders: readonly string[]): void {
  if (folders.length === 0) return;
  throw refusal(found, `'${folders[0]}' does not belong to an export`);
}

function assertFew(found: readonly Found[]): void {
  if (found.length > MOST_FILES) throw refusal(found, `it holds more than ${MOST_FILES} files`);
}

/** The command line tells an export that was added to from a folder that is something else, and so does this. */
function refusal(found: readonly Found[], why: string): JoulemarkError {
  return found.some(({ name }) => isExportFile(name))
    ? new JoulemarkError('VERIFY_FAILED', `the export is not as it was written\n${why}`)
    : new JoulemarkError('NO_LEDGER', `no '${BUNDLE_FILE}' there: ${why}`);
}
