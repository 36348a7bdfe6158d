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
  // before the first wait: the list is emptied when the event is over
  const plain = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const [entry] = entries;
  if (entries.length !== 1 || entry?.isDirectory !== true)
    return read(plain.map((file) => ({ name: file.name, file })));
  return read(await filesIn(entry as FileSystemDirectoryEntry));
}

interface Found {
  readonly name: string;
  readonly file: File;
}

async function filesIn(folder: FileSystemDirectoryEntry): Promise<readonly Found[]> {
  const reader = folder.createReader();
  const found: Found[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a folder is read in parts, and ends with an empty one
    const entries = await new Promise<readonly FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (entries.length === 0) return found;
    for (const entry of entries) {
      if (!entry.isFile) throw new Error(`'${entry.name}' does not belong to an export`);
      // oxlint-disable-next-line no-await-in-loop -- a handful
      const file = await new Promise<File>((resolve, reject) => {
        (entry as FileSystemFileEntry).file(resolve, reject);
      });
      found.push({ name: entry.name, file });
    }
    assertFew(found.length);
  }
}

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
