/**
 * Reads objects out of a pack on disk by position, without loading it. Every object is hashed when it is read, so its index is only
 * a hint (pack-index.ts). A pack without a usable index is scanned and indexed in memory.
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { JoulemarkError } from '../../errors.ts';
import { errnoOf, toJoulemarkError } from '../../system-error.ts';
import { guard } from './guard.ts';
import { kindOfPath, readFileIfPresent } from './read-files.ts';
import { objectId, type GitObject, type ObjectType } from '../git/git-object.ts';
import { nodePackTools, sha1 } from './git-primitives.ts';
import { decodePackIndex, encodePackIndex, type PackIndex } from '../git/pack-index.ts';
import { applyDelta, decodePackEntry, PACK_LIMITS, scanPack } from '../git/pack-reader.ts';

/** Bases of deltas kept between reads, in bytes: chains of deltas share theirs. */
const BASE_CACHE_BYTES = 16 * 2 ** 20;

/** An object and, when it lies whole in the pack, its zlib stream as stored. */
export type StoredObject = GitObject & { readonly compressed?: Uint8Array | undefined };

export type PackFile = {
  readonly path: string;
  readonly has: (oid: string) => boolean;
  /** The object, hashed, or null when this pack does not hold it. Throws VERIFY_FAILED. */
  readonly read: (oid: string) => StoredObject | null;
  readonly oids: () => Iterable<string>;
  readonly close: () => void;
};

/** The index of a pack that has none we can use: the whole pack is read and checked. Throws VERIFY_FAILED. */
export function indexPack(packPath: string): { readonly bytes: Uint8Array; readonly index: PackIndex } {
  const pack = readFileIfPresent(packPath);
  if (pack === null) throw new JoulemarkError('FAILED', `cannot read '${packPath}': it is gone`);
  const bytes = encodePackIndex(scanPack(pack, nodePackTools), pack.subarray(-20), sha1);
  return { bytes, index: decodePackIndex(bytes, pack.length) };
}

function loadIndex(packPath: string, packSize: number): PackIndex {
  const bytes = readFileIfPresent(packPath.replace(/\.pack$/, '.idx'));
  if (bytes !== null) {
    try {
      return decodePackIndex(bytes, packSize);
    } catch (error) {
      if (!(error instanceof JoulemarkError)) throw error;
    }
  }
  return indexPack(packPath).index;
}

function openIfPresent(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw toJoulemarkError('FAILED', `cannot read '${path}'`, error, { path });
  }
}

/** Opens a pack; null when it is gone (a gc has made another of it). Throws FAILED or VERIFY_FAILED. */
export function openPackFile(packPath: string): PackFile | null {
  const descriptor = openIfPresent(packPath);
  if (descriptor === null) return null;
  let size: number;
  let index: PackIndex;
  try {
    const status = guard('read', packPath, () => fstatSync(descriptor));
    if (!status.isFile() || status.size < 32)
      throw new JoulemarkError('VERIFY_FAILED', `broken git pack '${packPath}': not a pack file`);
    size = status.size;
    index = loadIndex(packPath, size);
  } catch (error) {
    closeSync(descriptor);
    if (kindOfPath(packPath) === 'absent') return null;
    throw error;
  }
  let reindexed = false;
  const cache = new Map<number, { readonly kind: ObjectType; readonly content: Uint8Array }>();
  let cacheBytes = 0;

  const broken = (offset: number, why: string): JoulemarkError =>
    new JoulemarkError('VERIFY_FAILED', `broken git pack '${packPath}': the entry at ${offset} ${why}`);

  /** The bytes of the entry at `offset`: it ends where the next one starts. */
  const entryBytes = (offset: number): Uint8Array => {
    const offsets = index.offsets();
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] as number) <= offset) low = middle + 1;
      else high = middle;
    }
    const end = offsets[low] ?? size - 20;
    if (end - offset > PACK_LIMITS.maxObjectBytes * 2) throw broken(offset, 'is too long');
    const bytes = Buffer.allocUnsafe(end - offset);
    let at = 0;
    while (at < bytes.length) {
      const count = guard('read', packPath, () => readSync(descriptor, bytes, at, bytes.length - at, offset + at));
      if (count === 0) throw broken(offset, 'is cut short');
      at += count;
    }
    return bytes;
  };

  const keep = (offset: number, kind: ObjectType, content: Uint8Array): void => {
    if (cache.has(offset) || content.length > BASE_CACHE_BYTES / 4) return;
    cache.set(offset, { kind, content });
    cacheBytes += content.length;
    for (const [oldest, value] of cache) {
      if (cacheBytes <= BASE_CACHE_BYTES) break;
      cache.delete(oldest);
      cacheBytes -= value.content.length;
    }
  };

  const readAt = (wanted: number): StoredObject => {
    const deltas: { readonly offset: number; readonly data: Uint8Array }[] = [];
    let held = 0;
    let offset = wanted;
    for (;;) {
      const cached = cache.get(offset);
      let base: StoredObject | null = cached === undefined ? null : { type: cached.kind, content: cached.content };
      if (base === null) {
        const bytes = entryBytes(offset);
        const entry = decodePackEntry(bytes, 0, offset);
        if (entry.size > PACK_LIMITS.maxObjectBytes) throw broken(offset, 'is too long');
        const stream = bytes.subarray(entry.dataAt);
        const { content, consumed } = nodePackTools.inflate(stream, entry.size);
        if (content.length !== entry.size || consumed !== stream.length)
          throw broken(offset, 'is not as long as it states');
        if (entry.kind === 'offset-delta' || entry.kind === 'reference-delta') {
          if (deltas.length >= PACK_LIMITS.maxDeltaDepth) throw broken(offset, 'is too deep a delta');
          held += content.length;
          if (held > PACK_LIMITS.maxChainBytes) throw broken(offset, 'is a delta on deltas that are too long');
          deltas.push({ offset, data: content });
          const baseOffset = entry.kind === 'offset-delta' ? entry.baseOffset : index.find(entry.baseOid);
          if (baseOffset === null) throw broken(offset, 'has no base in its pack');
          offset = baseOffset;
          continue;
        }
        base = { type: entry.kind, content, compressed: stream };
      }
      if (deltas.length === 0) return base;
      let { content } = base;
      keep(offset, base.type, content);
      for (const delta of deltas.toReversed()) {
        content = applyDelta(content, delta.data, PACK_LIMITS.maxObjectBytes);
        keep(delta.offset, base.type, content);
      }
      return { type: base.type, content };
    }
  };

  const readOnce = (oid: string): StoredObject | null => {
    const offset = index.find(oid);
    if (offset === null) return null;
    const object = readAt(offset);
    if (objectId(sha1, object) !== oid) throw broken(offset, `is not the object '${oid}'`);
    return object;
  };

  return {
    path: packPath,
    has: (oid) => index.find(oid) !== null,
    read: (oid) => {
      try {
        return readOnce(oid);
      } catch (error) {
        // The index may be to blame, not the pack: once, make our own.
        if (reindexed || !(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
        reindexed = true;
        cache.clear();
        cacheBytes = 0;
        index = indexPack(packPath).index;
        return readOnce(oid);
      }
    },
    oids: () => index.oids(),
    close: () => closeSync(descriptor),
  };
}
