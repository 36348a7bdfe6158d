import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Every file below a folder by its path in it; folders too, with a slash at the end of their path and without bytes. */
export type FolderState = ReadonlyMap<string, Buffer>;

/** What was read before: a file whose inode, size and times are the same is the same. */
const known = new Map<string, { readonly stamp: string; readonly bytes: Buffer }>();

/** The lock may come and go with every command. */
const isLock = (path: string): boolean => /(^|\/)\.joulemark\/lock($|[./])/.test(path);

export function readFolder(root: string): FolderState {
  const files = new Map<string, Buffer>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      const name = relative(root, path);
      if (isLock(name)) continue;
      if (!entry.isDirectory()) files.set(name, readKnown(path));
      else {
        files.set(`${name}/`, Buffer.alloc(0));
        walk(path);
      }
    }
  };
  walk(root);
  return files;
}

function readKnown(path: string): Buffer {
  const { ino, size, mtimeNs, ctimeNs } = lstatSync(path, { bigint: true });
  const stamp = `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  const before = known.get(path);
  if (before?.stamp === stamp) return before.bytes;
  const bytes = lstatSync(path).isSymbolicLink() ? Buffer.from(readlinkSync(path)) : readFileSync(path);
  known.set(path, { stamp, bytes });
  return bytes;
}

/** Files that came, went or changed: one line each, nothing when all is as it was. Empty folders are nothing. */
export function changedFiles(before: FolderState, after: FolderState): readonly string[] {
  const changed = [
    ...[...after.keys()].filter((path) => !before.has(path)).map((path) => `+ ${path}`),
    ...[...before].flatMap(([path, bytes]) => {
      const now = after.get(path);
      if (now === undefined) return [`- ${path}`];
      return now === bytes || now.equals(bytes) ? [] : [`~ ${path}`];
    }),
  ];
  return changed.filter((line) => !line.endsWith('/'));
}

/** Puts a folder back as it was, touching only what differs. */
export function restoreFolder(root: string, state: FolderState): void {
  const now = readFolder(root);
  for (const path of now.keys()) if (!state.has(path)) rmSync(join(root, path), { recursive: true, force: true });
  for (const [path, bytes] of state) {
    const present = now.get(path);
    if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
    else if (present !== bytes && present?.equals(bytes) !== true) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes, { mode: path.endsWith('.key') ? 0o600 : 0o644 });
    }
  }
}
