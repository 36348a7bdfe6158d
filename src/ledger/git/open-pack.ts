import { JoulemarkError } from '../../errors.ts';
import type { GitObject, ObjectType } from './git-object.ts';
import { applyDelta, decodePackEntry, PACK_LIMITS, type PackLimits, type PackTools, scanPack } from './pack-reader.ts';

/**
 * The objects of a pack in memory, by name; null for one that it does not hold. Every object was hashed when the pack was scanned, and the
 * bytes cannot change under it, so reading hashes nothing again.
 * @throws JoulemarkError VERIFY_FAILED when any byte of the pack is not what it should be.
 */
export function openPack(
  bytes: Uint8Array,
  tools: PackTools,
  limits: PackLimits = PACK_LIMITS,
): (oid: string) => GitObject | null {
  const objects = new Map(scanPack(bytes, tools, limits).map((object) => [object.oid, object]));
  const end = bytes.length - 20;
  const contentAt = (start: number): Uint8Array => {
    const deltas: Uint8Array[] = [];
    let offset = start;
    for (;;) {
      const entry = decodePackEntry(bytes.subarray(0, end), offset, offset);
      const { content } = tools.inflate(bytes.subarray(entry.dataAt, end), entry.size);
      if (entry.kind !== 'offset-delta' && entry.kind !== 'reference-delta')
        return deltas.reduceRight((base, delta) => applyDelta(base, delta, limits.maxObjectBytes), content);
      deltas.push(content);
      const base = entry.kind === 'offset-delta' ? entry.baseOffset : objects.get(entry.baseOid)?.offset;
      if (base === undefined) throw new JoulemarkError('INTERNAL', 'broken invariant: a scanned pack has its bases');
      offset = base;
    }
  };
  return (oid) => {
    const object = objects.get(oid);
    return object === undefined ? null : { type: object.type satisfies ObjectType, content: contentAt(object.offset) };
  };
}
