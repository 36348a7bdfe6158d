/**
 * A bare git repository as the ledger's store (ledger spec section 5): branches whose head's tree is exactly `blocks/` with the files of
 * one chain. Reads whatever stock git writes (loose, packed, with deltas, packed refs); every object is hashed when it is read.
 */
import { join } from 'node:path';
import { JoulemarkError } from '../../errors.ts';
import { ensureDirectory } from './folders.ts';
import { kindOfPath, listDirectory, readFileIfPresent } from './read-files.ts';
import { replaceAtomically } from './files.ts';
import { type Commit, decodeCommit, type GitObject, isOid, type ObjectType } from '../git/git-object.ts';
import { type AppendRequest, toAppendObjects } from './append-objects.ts';
import { hasLooseObject, readLooseObject, writeLooseObjects } from './loose-objects.ts';
import { openPackFile, type PackFile, type StoredObject } from './pack-file.ts';
import { writePack } from './pack-writer.ts';
import { compareAndSwapRef, listRefs, readRef } from './refs.ts';
import type { ChainSource } from '../git/chain-source.ts';
import { readChainTree, type SegmentFile } from '../git/chain-tree.ts';

/** A SegmentFile with its bytes. */
export type Segment = SegmentFile & { readonly bytes: Uint8Array };

/** Above this many new objects an append or a copy is one pack, not loose files. */
const LOOSE_AT_MOST = 16;

export class GitStore implements ChainSource {
  readonly directory: string;
  readonly #fallback: GitStore | null;
  #packs: Map<string, PackFile> | null = null;

  /** `alsoRead`: a store whose objects are visible through this one, read only (a quarantine over the main store). */
  constructor(directory: string, alsoRead: GitStore | null = null) {
    this.directory = directory;
    this.#fallback = alsoRead;
  }

  get #objects(): string {
    return join(this.directory, 'objects');
  }

  /** The commit a branch points at, or null. Only this store's own refs. */
  readRef(name: string): string | null {
    return readRef(this.directory, name);
  }

  /** All ledger branches of this store, sorted by name. */
  listRefs(): ReadonlyMap<string, string> {
    return listRefs(this.directory);
  }

  /** Moves a branch; the caller holds the lock. See compareAndSwapRef. */
  compareAndSwapRef(name: string, expected: string | null, oid: string): void {
    compareAndSwapRef(this.directory, name, expected, oid);
  }

  /** Opens packs that are new since the last look; closes those that a `git gc` removed. */
  refreshPacks(): boolean {
    const directory = join(this.#objects, 'pack');
    const names = new Set(listDirectory(directory).filter((name) => /^pack-[0-9a-f]{40}\.pack$/.test(name)));
    const known = this.#packs ?? new Map<string, PackFile>();
    let added = false;
    for (const [name, pack] of known) {
      if (names.has(name)) continue;
      pack.close();
      known.delete(name);
    }
    for (const name of names) {
      if (known.has(name)) continue;
      const pack = openPackFile(join(directory, name));
      if (pack !== null) known.set(name, pack);
      added = true;
    }
    this.#packs = known;
    return added;
  }

  *#allPacks(): Generator<PackFile> {
    if (this.#packs === null) this.refreshPacks();
    yield* (this.#packs ?? new Map<string, PackFile>()).values();
  }

  #readPacked(oid: string): StoredObject | null {
    for (const pack of this.#allPacks()) {
      const object = pack.read(oid);
      if (object !== null) return object;
    }
    return null;
  }

  /** Loose first: what an append needs is loose most days, and then no pack is opened. */
  #readOwn(oid: string): StoredObject | null {
    try {
      const loose = readLooseObject(this.#objects, oid);
      if (loose !== null) return loose;
    } catch (error) {
      const packed = this.#readPacked(oid);
      if (packed === null) throw error;
      return packed;
    }
    return this.#readPacked(oid);
  }

  /** True when the object is here, in this store itself. */
  hasOwn(oid: string): boolean {
    if (hasLooseObject(this.#objects, oid)) return true;
    for (const pack of this.#allPacks()) if (pack.has(oid)) return true;
    return false;
  }

  /** True when the object can be read here, in this store or through it. */
  has(oid: string): boolean {
    return this.hasOwn(oid) || this.#fallback?.has(oid) === true;
  }

  /** An object, hashed. `compressed` is its zlib stream where it can be copied as it is. Throws VERIFY_FAILED when missing or broken. */
  readStored(oid: string): StoredObject {
    const found = this.tryRead(oid);
    if (found === null) {
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is missing in '${this.directory}'`, {
        details: { oid },
      });
    }
    return found;
  }

  /** An object, or null when it is missing. After a miss it looks for packs that a gc made meanwhile. */
  tryRead(oid: string): StoredObject | null {
    const found = this.#readOwn(oid) ?? this.#fallback?.tryRead(oid) ?? null;
    if (found !== null) return found;
    for (let looks = 0; looks < 5 && this.refreshPacks(); looks++) {
      const moved = this.#readOwn(oid);
      if (moved !== null) return moved;
    }
    return null;
  }

  /** The content of an object of one type. Throws VERIFY_FAILED. */
  readObject(oid: string, type: ObjectType): Uint8Array {
    const object = this.readStored(oid);
    if (object.type !== type)
      throw new JoulemarkError('VERIFY_FAILED', `git object '${oid}' is a ${object.type}, not a ${type}`);
    return object.content;
  }

  readCommit(oid: string): Commit {
    return decodeCommit(this.readObject(oid, 'commit'));
  }

  /** Commits whose parents are deliberately absent (git's `shallow` file). */
  shallowCommits(): ReadonlySet<string> {
    const text = readFileIfPresent(join(this.directory, 'shallow'))?.toString('latin1') ?? '';
    const own = text.split('\n').filter(isOid);
    return new Set([...own, ...(this.#fallback?.shallowCommits() ?? [])]);
  }

  /** Notes more shallow commits. */
  addShallowCommits(oids: Iterable<string>): void {
    const own = (readFileIfPresent(join(this.directory, 'shallow'))?.toString('latin1') ?? '')
      .split('\n')
      .filter(isOid);
    const all = new Set([...own, ...oids]);
    if (all.size > own.length)
      replaceAtomically(
        join(this.directory, 'shallow'),
        Buffer.from(
          [...all]
            .sort()
            .map((oid) => `${oid}\n`)
            .join(''),
        ),
      );
  }

  /** The files of a chain, without their bytes (readChainTree). `at`: the commit to read, when it is not the ref's own. */
  listSegments(ref: string, at: string | null = this.readRef(ref)): readonly SegmentFile[] {
    if (at === null) return [];
    return readChainTree((oid, type) => this.readObject(oid, type), ref, at);
  }

  /** The bytes of one file of a chain. */
  readSegment(segment: SegmentFile): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.readObject(segment.oid, 'blob');
    // not a Buffer, of which a part costs three times as much: each record is taken apart into a dozen
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  /** The files of a chain with their bytes, one at a time, so that memory stays flat. */
  *readSegments(ref: string, at: string | null = this.readRef(ref)): Generator<Segment> {
    for (const segment of this.listSegments(ref, at)) yield { ...segment, bytes: this.readSegment(segment) };
  }

  /** Writes objects durably, as a pack when they are many. Objects come before those that name them. */
  writeObjects(objects: readonly (GitObject & { readonly oid: string })[]): void {
    if (objects.length <= LOOSE_AT_MOST) {
      writeLooseObjects(this.#objects, objects);
      return;
    }
    writePack(this.#objects, objects.length, objects);
    this.refreshPacks();
  }

  /**
   * Appends records to a branch as one commit, and returns the new head. The caller holds the lock and has verified the chain up to
   * `expectedHead`. Objects are durable before the ref moves, the ref before this returns.
   */
  appendRecords(request: AppendRequest): string {
    const files = this.listSegments(request.ref, request.expectedHead);
    const { objects, head } = toAppendObjects(request, files, (oid) => this.readObject(oid, 'blob'));
    this.writeObjects(objects);
    this.compareAndSwapRef(request.ref, request.expectedHead, head);
    return head;
  }

  close(): void {
    for (const pack of this.#packs?.values() ?? []) pack.close();
    this.#packs = null;
  }
}

/** Opens a bare repository. Throws NO_LEDGER when it is none, FAILED when it is of a kind we do not read. */
export function openGitStore(directory: string, options: { readonly alsoRead?: GitStore } = {}): GitStore {
  if (kindOfPath(join(directory, 'HEAD')) !== 'file' || readFileIfPresent(join(directory, 'config')) === null) {
    throw new JoulemarkError('NO_LEDGER', `no ledger repository at '${directory}'`);
  }
  const config = readFileIfPresent(join(directory, 'config'), 1 << 20)?.toString('utf8') ?? '';
  if (/^\s*(objectformat\s*=\s*sha256|refstorage\s*=\s*reftable)\s*$/im.test(config)) {
    throw new JoulemarkError(
      'FAILED',
      `cannot read '${directory}': only SHA-1 repositories with file refs are supported`,
    );
  }
  return new GitStore(directory, options.alsoRead ?? null);
}

/** Creates an empty bare repository whose HEAD is the programme's branch; does nothing to one that is there. `config`: more lines. */
export function initGitStore(directory: string, config = ''): GitStore {
  if (kindOfPath(join(directory, 'HEAD')) === 'absent') {
    for (const folder of ['objects/info', 'objects/pack', 'refs/heads/org', 'refs/tags'])
      ensureDirectory(join(directory, folder));
    replaceAtomically(
      join(directory, 'config'),
      Buffer.from(`[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n${config}`),
    );
    // HEAD last: its presence says that the rest is there.
    replaceAtomically(join(directory, 'HEAD'), Buffer.from('ref: refs/heads/programme\n'));
  }
  return openGitStore(directory);
}
