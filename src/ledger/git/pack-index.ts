/**
 * Pack indexes, version 2 (gitformat-pack): written by ourselves from a scanned pack, and read as a hint only: whatever an index
 * says, an object is hashed when it is read, so a foreign index can hide an object but not change one.
 */
import { JoulemarkError } from '../../errors.ts';
import { oidAt, oidToBytes } from './git-object.ts';
import type { Sha1 } from './git-object.ts';

const HEAD_BYTES = 8 + 1024;

/** The bytes of an index. `packChecksum` is the 20-byte trailer of the pack. */
export function encodePackIndex(
  objects: readonly { readonly oid: string; readonly offset: number; readonly crc: number }[],
  packChecksum: Uint8Array,
  sha1: Sha1,
): Uint8Array {
  // A pack may hold an object twice; git's own index-pack keeps both, in any order.
  const sorted = objects.toSorted((a, b) => (a.oid < b.oid ? -1 : Number(a.oid > b.oid)));
  const far = sorted.filter((object) => object.offset > 0x7fff_ffff);
  const bytes = new Uint8Array(HEAD_BYTES + sorted.length * 28 + far.length * 8 + 40);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xff744f63);
  view.setUint32(4, 2);
  const crcAt = HEAD_BYTES + sorted.length * 20;
  const offsetAt = crcAt + sorted.length * 4;
  const farAt = offsetAt + sorted.length * 4;
  const perFirstByte = new Uint32Array(256);
  let farCount = 0;
  for (const [index, object] of sorted.entries()) {
    const name = oidToBytes(object.oid);
    bytes.set(name, HEAD_BYTES + index * 20);
    perFirstByte[name[0] as number] = (perFirstByte[name[0] as number] as number) + 1;
    view.setUint32(crcAt + index * 4, object.crc);
    if (object.offset <= 0x7fff_ffff) {
      view.setUint32(offsetAt + index * 4, object.offset);
    } else {
      view.setUint32(offsetAt + index * 4, 0x8000_0000 + farCount);
      view.setBigUint64(farAt + farCount * 8, BigInt(object.offset));
      farCount += 1;
    }
  }
  let sum = 0;
  for (let first = 0; first < 256; first++) {
    sum += perFirstByte[first] as number;
    view.setUint32(8 + first * 4, sum);
  }
  bytes.set(packChecksum, bytes.length - 40);
  bytes.set(oidToBytes(sha1(bytes.subarray(0, -20))), bytes.length - 20);
  return bytes;
}

/** A readable index. */
export type PackIndex = {
  readonly count: number;
  /** Where the entry of an object starts, or null when the pack does not hold it. */
  readonly find: (oid: string) => number | null;
  readonly oids: () => Iterable<string>;
  /** All offsets, ascending. */
  readonly offsets: () => Float64Array;
};

/** Opens index bytes for a pack of `packSize` bytes. Throws VERIFY_FAILED when they are no index for it. */
export function decodePackIndex(bytes: Uint8Array, packSize: number): PackIndex {
  const broken = (why: string): JoulemarkError => new JoulemarkError('VERIFY_FAILED', `broken git pack index: ${why}`);
  if (bytes.length < HEAD_BYTES + 40) throw broken(`${bytes.length} bytes are too few`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0xff744f63 || view.getUint32(4) !== 2) throw broken('not version 2');
  const upTo = (first: number): number => (first < 0 ? 0 : view.getUint32(8 + first * 4));
  const count = upTo(255);
  for (let first = 0; first < 256; first++)
    if (upTo(first) < upTo(first - 1)) throw broken('its fan-out table decreases');
  const crcAt = HEAD_BYTES + count * 20;
  const offsetAt = crcAt + count * 4;
  const farAt = offsetAt + count * 4;
  const farCount = (bytes.length - 40 - farAt) / 8;
  if (farCount < 0 || !Number.isInteger(farCount)) throw broken(`${bytes.length} bytes do not hold ${count} objects`);
  const offsetOf = (index: number): number => {
    const near = view.getUint32(offsetAt + index * 4);
    if (near > 0x7fff_ffff && near - 0x8000_0000 >= farCount) throw broken('a 64-bit offset is missing');
    const offset = near > 0x7fff_ffff ? Number(view.getBigUint64(farAt + (near - 0x8000_0000) * 8)) : near;
    if (offset < 12 || offset > packSize - 20) throw broken(`an offset lies outside the pack`);
    return offset;
  };
  let sorted: Float64Array | null = null;
  return {
    count,
    find: (oid) => {
      const first = Number.parseInt(oid.slice(0, 2), 16);
      let low = upTo(first - 1);
      let high = upTo(first);
      while (low < high) {
        const middle = (low + high) >>> 1;
        const name = oidAt(bytes, HEAD_BYTES + middle * 20);
        if (name === oid) return offsetOf(middle);
        if (name < oid) low = middle + 1;
        else high = middle;
      }
      return null;
    },
    oids: function* () {
      for (let index = 0; index < count; index++) yield oidAt(bytes, HEAD_BYTES + index * 20);
    },
    offsets: () => (sorted ??= Float64Array.from({ length: count }, (_, index) => offsetOf(index)).sort()),
  };
}
