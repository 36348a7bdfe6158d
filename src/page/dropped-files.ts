/** What a reader gives the page, as names and bytes. */

export type Files = ReadonlyMap<string, Uint8Array>;

/** An export has five files; of a folder with more than this none is read, as it is something else. */
const MOST_FILES = 64;

/** The files of an input: a folder's without the folder's own name. */
export async function filesOfInput(list: FileList): Promise<Files> {
  return read([...list].map((file) => ({ name: file.webkitRelativePath.replace(/^[^/]*\//, '') || file.name, file })));
}

/** The files that were dropped; of one dropped folder, what is in it. */
export async function filesOfDrop(transfer: DataTransfer): Promise<Files> {
  // before the first wait: the lists are emptied when the event is over
  const plain = [...transfer.files];
  const [item] = transfer.items;
  const entry = item?.webkitGetAsEntry() ?? null;
  const handle = (item as ItemWithHandle | undefined)?.getAsFileSystemHandle?.().catch(() => null) ?? null;
  if (transfer.items.length !== 1 || entry?.isDirectory !== true)
    return read(plain.map((file) => ({ name: file.name, file })));
  const folder = await handle;
  return read(
    folder === null
      ? await filesInEntry(entry as FileSystemDirectoryEntry)
      : await filesInHandle(folder as FileSystemDirectoryHandle),
  );
}

/** Chromium gives pages from disk the files of a dropped folder by handle only; others know entries only. */
interface ItemWithHandle {
  readonly getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
}

interface Found {
  readonly name: string;
  readonly file: File;
}

async function filesInHandle(folder: FileSystemDirectoryHandle): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') throw notOfExport(handle.name);
    found.push({ name: handle.name, file: await handle.getFile() });
    assertFew(found.length);
  }
  return found;
}

async function filesInEntry(folder: FileSystemDirectoryEntry): Promise<readonly Found[]> {
  const reader = folder.createReader();
  const found: Found[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a folder is read in parts, and ends with an empty one
    const entries = await new Promise<readonly FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return found;
    for (const entry of entries) {
      if (!entry.isFile) throw notOfExport(entry.name);
      // oxlint-disable-next-line no-await-in-loop -- a handful
      const file = await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      });
      found.push({ name: entry.name, file });
    }
    assertFew(found.length);
  }
}

const notOfExport = (name: string): Error => new Error(`'${name}' does not belong to an export`);

async function read(found: readonly Found[]): Promise<Files> {
  assertFew(found.length);
  const all = await Promise.all(
    found.map(async ({ name, file }) => [name, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return new Map(all);
}

function assertFew(count: number): void {
  if (count > MOST_FILES) throw new Error(`it holds ${count} files or more; an export has five`);
}
