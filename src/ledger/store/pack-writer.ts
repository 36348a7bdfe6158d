/**
 * Writes packs without deltas, each with our own index. An object that lies whole in another pack keeps its compressed bytes.
 */
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createHash } from 'node:crypto';
import { ensureDirectory } from './folders.ts';
import { replaceAtomically } from './files.ts';
import { writeInPieces } from './piece-writer.ts';
import { deflate, sha1 } from './git-primitives.ts';
import { oidAt, type GitObject, type ObjectType } from '../git/git-object.ts';
import { encodePackIndex } from '../git/pack-index.ts';

/** An object to pack; `compressed` is its zlib stream where one exists already. */
export type PackInput = GitObject & { readonly oid: string; readonly compressed?: Uint8Array | undefined };

const TYPE_BITS: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** Head of an entry: type and size. */
function encodeEntryHead(type: ObjectType, size: number): Uint8Array {
  const bytes = [(TYPE_BITS[type] << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) as number) | 0x80;
    bytes.push(rest % 128);
  }
  return Uint8Array.from(bytes);
}

function packHead(count: number): Uint8Array {
  const head = new Uint8Array(12);
  const view = new DataView(head.buffer);
  view.setUint32(0, 0x5041434b);
  view.setUint32(4, 2);
  view.setUint32(8, count);
  return head;
}

/** Collects `objects` (exactly `count`) into one pack, handing over its pieces, and returns what its index needs. */
function encodePack(
  count: number,
  objects: Iterable<PackInput>,
  emit: (bytes: Uint8Array) => void,
): { readonly checksum: Uint8Array; readonly entries: readonly { oid: string; offset: number; crc: number }[] } {
  const hash = createHash('sha1');
  let offset = 0;
  const put = (bytes: Uint8Array): void => {
    hash.update(bytes);
    emit(bytes);
    offset += bytes.length;
  };
  put(packHead(count));
  const entries: { oid: string; offset: number; crc: number }[] = [];
  for (const object of objects) {
    const head = encodeEntryHead(object.type, object.content.length);
    const body = object.compressed ?? deflate(object.content);
    entries.push({ oid: object.oid, offset, crc: crc32(body, crc32(head)) });
    put(head);
    put(body);
  }
  const checksum = hash.digest();
  emit(checksum);
  return { checksum, entries };
}

/** A whole pack in memory: for bundles and small transfers. */
export function packBytes(objects: readonly PackInput[]): Uint8Array {
  const parts: Uint8Array[] = [];
  encodePack(objects.length, objects, (bytes) => parts.push(bytes));
  return Buffer.concat(parts);
}

/**
 * Writes one pack of exactly `count` objects and its index into `<objects>/pack`, durable when it returns; the index comes last, so
 * that a pack is visible whole or not at all. Returns the pack's path.
 */
export function writePack(objectsDirectory: string, count: number, objects: Iterable<PackInput>): string {
  const directory = join(objectsDirectory, 'pack');
  ensureDirectory(directory);
  const writer = writeInPieces(directory);
  try {
    const pending: Uint8Array[] = [];
    let pendingBytes = 0;
    const flush = (): void => {
      writer.write(pending.length === 1 ? (pending[0] as Uint8Array) : Buffer.concat(pending));
      pending.length = 0;
      pendingBytes = 0;
    };
    const { checksum, entries } = encodePack(count, objects, (bytes) => {
      pending.push(bytes);
      pendingBytes += bytes.length;
      if (pendingBytes > 1 << 18) flush();
    });
    flush();
    // Named after its checksum, as git does: the same bytes written twice are one file.
    const name = `pack-${oidAt(checksum, 0)}`;
    const path = join(directory, `${name}.pack`);
    writer.commit(path);
    replaceAtomically(join(directory, `${name}.idx`), encodePackIndex(entries, checksum, sha1), 0o444);
    return path;
  } catch (error) {
    writer.abort();
    throw error;
  }
}
