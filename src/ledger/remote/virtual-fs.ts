/**
 * The file system that isomorphic-git is given: a git directory in memory that shows a store's refs and objects and catches what is
 * written. So isomorphic-git serves as the client of git's http protocol only; it neither reads nor writes a file, and its object
 * layer, its index writer and its ref writer touch nothing of ours.
 */
import type { PromiseFsClient } from 'isomorphic-git';
import { JoulemarkError } from '../../errors.ts';
import { objectHeader, OID_PATTERN } from '../git/git-object.ts';
import { deflate } from '../store/git-primitives.ts';
import type { GitStore } from '../store/git-store.ts';

/** The git directory's path in the virtual file system. */
export const VIRTUAL_GIT_DIRECTORY = '/ledger';

/** Thrown by the virtual file system when the pack arrives: isomorphic-git's own indexing of it is neither needed nor trusted. */
export class PackArrived extends Error {
  override readonly name = 'PackArrived';
}

export type VirtualGitDirectory = {
  readonly fs: PromiseFsClient;
  /** The pack that was written, once. */
  readonly pack: () => Uint8Array | null;
  /** The commits that the remote cut off (lines of the `shallow` file). */
  readonly shallow: () => readonly string[];
  /** Throws what reading the store failed with: isomorphic-git takes whatever fails for an absent file, or prints it. */
  readonly verifyRead: () => void;
};

function absent(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file, '${path}'`), { code: 'ENOENT' });
}

/**
 * A virtual git directory over `store`, read only. `cutAt`: a commit to show without its history. A push is shown the remote's head so:
 * isomorphic-git's search for a merge base otherwise walks to the first commit (1.4 s for 2,000 commits, measured; 30 ms with the cut).
 */
export function openVirtualGitDirectory(store: GitStore, cutAt: string | null = null): VirtualGitDirectory {
  const root = `${VIRTUAL_GIT_DIRECTORY}/`;
  const files = new Map<string, Uint8Array>();
  const put = (name: string, text: string): void => {
    files.set(`${root}${name}`, Buffer.from(text));
  };
  put('config', '[core]\n\tbare = true\n[remote "origin"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n');
  put('HEAD', 'ref: refs/heads/programme\n');
  put(
    'packed-refs',
    `# pack-refs with: peeled fully-peeled sorted \n${[...store.listRefs()].map(([name, oid]) => `${oid} ${name}\n`).join('')}`,
  );
  const known = [...new Set([...store.shallowCommits(), ...(cutAt === null ? [] : [cutAt])])];
  if (known.length > 0) put('shallow', `${known.join('\n')}\n`);
  let pack: Uint8Array | null = null;
  let failure: unknown = null;
  const ofStore = <T>(path: string, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      failure ??= error;
      throw absent(path);
    }
  };

  const objectPath = new RegExp(`^${root}objects/([0-9a-f]{2})/([0-9a-f]{38})$`);
  const oidOf = (path: string): string | null => {
    const match = objectPath.exec(path);
    return match === null ? null : `${match[1]}${match[2]}`;
  };
  const isDirectory = (path: string): boolean =>
    [VIRTUAL_GIT_DIRECTORY, `${root}objects`, `${root}objects/pack`, `${root}refs`].includes(path);
  const stat = async (path: string): Promise<unknown> => {
    const oid = oidOf(path);
    const isFile = oid === null ? files.has(path) : ofStore(path, () => store.has(oid));
    if (!isFile && !isDirectory(path)) throw absent(path);
    return {
      isFile: () => isFile,
      isDirectory: () => !isFile,
      isSymbolicLink: () => false,
      size: files.get(path)?.length ?? 0,
      mode: 0o644,
    };
  };
  const promises = {
    readFile: async (path: string, options?: string | { readonly encoding?: string }) => {
      const oid = oidOf(path);
      if (oid !== null) {
        const object = ofStore(path, () => store.tryRead(oid));
        if (object === null) throw absent(path);
        return Buffer.from(deflate(Buffer.concat([objectHeader(object.type, object.content.length), object.content])));
      }
      const bytes = files.get(path);
      if (bytes === undefined) throw absent(path);
      const encoding = typeof options === 'string' ? options : options?.encoding;
      return encoding === 'utf8' ? Buffer.from(bytes).toString('utf8') : Buffer.from(bytes);
    },
    writeFile: async (path: string, content: Uint8Array | string) => {
      if (path.endsWith('.pack')) {
        pack = Buffer.from(content as Uint8Array);
        throw new PackArrived();
      }
      files.set(path, Buffer.from(content as Uint8Array));
    },
    unlink: async (path: string) => {
      if (!files.delete(path)) throw absent(path);
    },
    readdir: async (path: string): Promise<string[]> => {
      if (isDirectory(path)) return [];
      throw absent(path);
    },
    mkdir: async () => undefined,
    rmdir: async () => undefined,
    stat,
    lstat: stat,
    readlink: async (path: string) => {
      throw absent(path);
    },
    symlink: async (path: string) => {
      throw new JoulemarkError('INTERNAL', `broken invariant: no symbolic link '${path}' is written`);
    },
  };
  return {
    fs: { promises },
    pack: () => pack,
    verifyRead: () => {
      if (failure !== null) throw failure;
    },
    shallow: () => {
      const text = Buffer.from(files.get(`${root}shallow`) ?? []).toString('latin1');
      return text.split('\n').filter((line) => OID_PATTERN.test(line));
    },
  };
}
