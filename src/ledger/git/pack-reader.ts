/**
 * Reads git packs, version 2 (gitformat-pack). Pure over an injected inflate and SHA-1, so that a browser page can use it.
 * Packs come from strangers: the number of objects, their inflated sizes, the depth of delta chains and all offsets are bounded and
 * checked, every object is inflated and hashed, and no byte of the pack goes unread.
 */
import { JoulemarkError } from '../../errors.ts';
import { oidAt, objectHeader } from './git-object.ts';
import type { ObjectType, Sha1 } from './git-object.ts';

export type PackTools = {
  readonly sha1: Sha1;
  /** Inflates the stream at the start of `input`, at most `size` bytes of content, else throws. */
  readonly inflate: (input: Uint8Array, size: number) => { readonly content: Uint8Array; readonly consumed: number };
  readonly crc32: (bytes: Uint8Array) => number;
};

export type PackLimits = {
  /** Of the pack itself. */
  readonly maxPackBytes: number;
  readonly maxObjects: number;
  /** Of one object, inflated and undeltified, in bytes. */
  readonly maxObjectBytes: number;
  /** Of all objects together. */
  readonly maxTotalBytes: number;
  readonly maxDeltaDepth: number;
  /** Of what a chain of deltas takes in memory at once: its contents, and the deltas between them. */
  readonly maxChainBytes: number;
};

/** Told of objects and of bytes, unpacked, that were taken on, also where they turn out to be broken. */
export type Spend = (objects: number, bytes: number) => void;

/**
 * Forges refuse objects over 100 MB and pushes over 2 GB; git's own delta chains are at most 50 deep unless told otherwise. The total is what
 * half a minute inflates: the whole history of a million blocks takes a third of it. A file of a chain has little more than a megabyte, so that
 * the longest chain of deltas on one takes half of what is allowed.
 */
export const PACK_LIMITS: PackLimits = {
  maxPackBytes: 2 ** 31,
  maxObjects: 4_000_000,
  maxObjectBytes: 2 ** 27,
  maxTotalBytes: 2 ** 34,
  maxDeltaDepth: 250,
  maxChainBytes: 2 ** 29,
};

/** One object of a pack: its name, where its entry starts, the CRC-32 of the entry as stored. */
export type PackedObject = {
  readonly oid: string;
  readonly offset: number;
  readonly crc: number;
  readonly type: ObjectType;
};

/** The head of an entry. `size` is that of the inflated data (for a delta: of the delta). */
export type PackEntry = {
  readonly kind: ObjectType | 'offset-delta' | 'reference-delta';
  readonly size: number;
  /** Where the base's entry starts, in the same pack (offset-delta). */
  readonly baseOffset: number;
  /** The base's name (reference-delta). */
  readonly baseOid: string;
  /** Where the zlib stream starts, counted from the start of `bytes`. */
  readonly dataAt: number;
};

const KINDS: readonly (PackEntry['kind'] | null)[] = [
  null,
  'commit',
  'tree',
  'blob',
  'tag',
  null,
  'offset-delta',
  'reference-delta',
];

function broken(why: string): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `broken git pack: ${why}`);
}

/** Parses the entry head at `at` of `bytes`; `offset` is where that is in the pack. */
export function decodePackEntry(bytes: Uint8Array, at: number, offset: number): PackEntry {
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw broken(`the entry at ${offset} is cut short`);
    at += 1;
    return byte;
  };
  let byte = next();
  const kind = KINDS[(byte >> 4) & 7];
  if (kind === null || kind === undefined) throw broken(`the entry at ${offset} is of unknown type`);
  let size = byte & 15;
  for (let scale = 16; byte & 0x80; scale *= 128) {
    byte = next();
    if (scale > 2 ** 46) throw broken(`the entry at ${offset} states an impossible size`);
    size += (byte & 0x7f) * scale;
  }
  if (kind === 'reference-delta') {
    if (at + 20 > bytes.length) throw broken(`the entry at ${offset} is cut short`);
    return { kind, size, baseOffset: -1, baseOid: oidAt(bytes, at), dataAt: at + 20 };
  }
  if (kind !== 'offset-delta') return { kind, size, baseOffset: -1, baseOid: '', dataAt: at };
  byte = next();
  let distance = byte & 0x7f;
  while (byte & 0x80) {
    byte = next();
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (distance > offset) throw broken(`the entry at ${offset} has its base before the pack`);
  }
  if (distance <= 0 || distance > offset - 12) throw broken(`the entry at ${offset} has its base outside the pack`);
  return { kind, size, baseOffset: offset - distance, baseOid: '', dataAt: at };
}

/** The size of the object that a delta makes, in `[base size, result size, bytes of the head]`. */
function decodeDeltaHead(delta: Uint8Array): readonly [number, number, number] {
  let at = 0;
  const size = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = delta[at];
      if (byte === undefined || scale > 2 ** 46) throw broken('a delta states no size');
      at += 1;
      value += (byte & 0x7f) * scale;
      if ((byte & 0x80) === 0) return value;
    }
  };
  const base = size();
  return [base, size(), at];
}

/** The object that `delta` makes of `base`. Throws VERIFY_FAILED when it reaches outside the base or the stated sizes. */
export function applyDelta(base: Uint8Array, delta: Uint8Array, maxBytes: number): Uint8Array {
  const [baseSize, resultSize, headSize] = decodeDeltaHead(delta);
  if (baseSize !== base.length) throw broken(`a delta is for a base of ${baseSize} bytes, not ${base.length}`);
  if (resultSize > maxBytes) throw broken(`a delta makes ${resultSize} bytes, at most ${maxBytes} allowed`);
  const result = new Uint8Array(resultSize);
  let written = 0;
  let at = headSize;
  while (at < delta.length) {
    const command = delta[at] as number;
    at += 1;
    if (command === 0) throw broken('a delta holds a reserved command');
    if ((command & 0x80) === 0) {
      if (at + command > delta.length || written + command > resultSize) throw broken('a delta inserts too much');
      result.set(delta.subarray(at, at + command), written);
      at += command;
      written += command;
      continue;
    }
    let from = 0;
    let count = 0;
    for (let bit = 0; bit < 7; bit++) {
      if ((command & (1 << bit)) === 0) continue;
      const byte = delta[at];
      if (byte === undefined) throw broken('a delta is cut short');
      at += 1;
      if (bit < 4) from += byte * 256 ** bit;
      else count += byte * 256 ** (bit - 4);
    }
    if (count === 0) count = 0x10000;
    if (from + count > base.length || written + count > resultSize)
      throw broken('a delta copies from outside its base');
    result.set(base.subarray(from, from + count), written);
    written += count;
  }
  if (written !== resultSize) throw broken(`a delta makes ${written} bytes, not ${resultSize}`);
  return result;
}

/** The number of objects a pack's head states. Throws VERIFY_FAILED unless it is a version 2 pack. */
export function decodePackHead(bytes: Uint8Array, limits: PackLimits = PACK_LIMITS): number {
  if (bytes.length < 32) throw broken(`${bytes.length} bytes are too few`);
  if (bytes.length > limits.maxPackBytes) throw broken(`${bytes.length} bytes, at most ${limits.maxPackBytes} allowed`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x5041434b) throw broken('no PACK signature');
  if (view.getUint32(4) !== 2) throw broken(`version ${view.getUint32(4)}, not 2`);
  const count = view.getUint32(8);
  // The shortest entry, an empty object, is a head byte and 8 bytes of zlib stream.
  if (count > limits.maxObjects || count * 9 > bytes.length)
    throw broken(`it states ${count} objects, more than its size or our limit allows`);
  return count;
}

type Delta = { readonly offset: number; readonly dataAt: number; readonly size: number; readonly crc: number };

/**
 * Reads a whole pack: checks its trailer, inflates and hashes every object, resolves every delta inside the pack (a pack whose
 * bases lie elsewhere is refused). Objects come in no particular order. Throws VERIFY_FAILED.
 */
export function scanPack(
  bytes: Uint8Array,
  tools: PackTools,
  limits: PackLimits = PACK_LIMITS,
  spend: Spend = () => undefined,
): readonly PackedObject[] {
  const count = decodePackHead(bytes, limits);
  const end = bytes.length - 20;
  if (tools.sha1(bytes.subarray(0, end)) !== oidAt(bytes, end)) throw broken('its checksum does not match');
  spend(count, 0);
  let total = 0;
  const account = (size: number): void => {
    if (size > limits.maxObjectBytes)
      throw broken(`an object of ${size} bytes, at most ${limits.maxObjectBytes} allowed`);
    total += size;
    spend(0, size);
    if (total > limits.maxTotalBytes) throw broken(`its objects take more than ${limits.maxTotalBytes} bytes`);
  };

  const found: PackedObject[] = [];
  const whole = new Map<number, { readonly entry: PackEntry; readonly object: PackedObject }>();
  const onOffset = new Map<number, Delta[]>();
  const onName = new Map<string, Delta[]>();
  let deltas = 0;
  let offset = 12;
  for (let index = 0; index < count; index++) {
    if (offset >= end) throw broken(`it states ${count} objects and holds ${index}`);
    const entry = decodePackEntry(bytes.subarray(0, end), offset, offset);
    account(entry.size);
    const { content, consumed } = tools.inflate(bytes.subarray(entry.dataAt, end), entry.size);
    if (content.length !== entry.size)
      throw broken(`the entry at ${offset} states ${entry.size} bytes and holds ${content.length}`);
    const next = entry.dataAt + consumed;
    const crc = tools.crc32(bytes.subarray(offset, next));
    if (entry.kind === 'offset-delta' || entry.kind === 'reference-delta') {
      const delta: Delta = { offset, dataAt: entry.dataAt, size: entry.size, crc };
      const group: Map<number | string, Delta[]> = entry.kind === 'offset-delta' ? onOffset : onName;
      const key = entry.kind === 'offset-delta' ? entry.baseOffset : entry.baseOid;
      const siblings = group.get(key);
      if (siblings === undefined) group.set(key, [delta]);
      else siblings.push(delta);
      deltas += 1;
    } else {
      const object = {
        oid: tools.sha1(objectHeader(entry.kind, content.length), content),
        offset,
        crc,
        type: entry.kind,
      };
      found.push(object);
      whole.set(offset, { entry, object });
    }
    offset = next;
  }
  if (offset !== end) throw broken(`${end - offset} bytes stand between its last object and its checksum`);
  if (deltas === 0) return found;

  // Bases first, depth first: only the contents on the path to the current delta are held.
  for (const { entry, object } of whole.values()) {
    const first = [...(onOffset.get(object.offset) ?? []), ...(onName.get(object.oid) ?? [])];
    if (first.length === 0) continue;
    onName.delete(object.oid);
    let held = entry.size;
    const stack = [
      { content: tools.inflate(bytes.subarray(entry.dataAt, end), entry.size).content, waiting: first, size: held },
    ];
    while (stack.length > 0) {
      const top = stack.at(-1) as (typeof stack)[number];
      const delta = top.waiting.pop();
      if (delta === undefined) {
        held -= top.size;
        stack.pop();
        continue;
      }
      if (stack.length > limits.maxDeltaDepth) throw broken(`a chain of more than ${limits.maxDeltaDepth} deltas`);
      const data = tools.inflate(bytes.subarray(delta.dataAt, end), delta.size).content;
      const resultSize = decodeDeltaHead(data)[1];
      account(resultSize);
      const size = data.length + resultSize;
      held += size;
      if (held > limits.maxChainBytes) throw broken(`a chain of deltas takes more than ${limits.maxChainBytes} bytes`);
      const content = applyDelta(top.content, data, limits.maxObjectBytes);
      const oid = tools.sha1(objectHeader(entry.kind as ObjectType, content.length), content);
      found.push({ oid, offset: delta.offset, crc: delta.crc, type: entry.kind as ObjectType });
      const waiting = [...(onOffset.get(delta.offset) ?? []), ...(onName.get(oid) ?? [])];
      onName.delete(oid);
      stack.push({ content, waiting, size });
    }
  }
  if (found.length !== count) throw broken(`${count - found.length} of its deltas have no base in it`);
  return found;
}
