/**
 * How a writer splits its chain into files: tiers 1 -> 8 -> 64 (ledger spec section 5). Pure. When the chain's length reaches a
 * multiple of 64 the files of the last 64 records become one, at a multiple of 8 those of the last 8; a file of 64 is never touched again.
 * A byte cap ends a file early. Readers accept any contiguous split, so nothing rests on this but size.
 */
import { JoulemarkError } from '../../errors.ts';

/** A file of the chain: the sequence number of its first record, its size, and the parts it is made of, in order. */
export type TierFile<Part> = { readonly firstSeq: number; readonly size: number; readonly parts: readonly Part[] };

/** A file is not made longer than this by merging, in bytes. */
export const FILE_CAP_BYTES: number = 2 ** 20;

/** The eight digits that name fits in: the chain cannot grow beyond. */
const MAX_SEQ = 99_999_999;

/** `00000064.cbs`. */
export function segmentName(firstSeq: number): string {
  return `${String(firstSeq).padStart(8, '0')}.cbs`;
}

/** The first sequence number in a segment's name, or null when it is not one. */
export function parseSegmentName(name: string): number | null {
  return /^\d{8}\.cbs$/.test(name) ? Number(name.slice(0, 8)) : null;
}

function mergeFrom<Part>(files: TierFile<Part>[], firstSeq: number): void {
  let start = files.length;
  while (start > 0 && (files[start - 1] as TierFile<Part>).firstSeq >= firstSeq) start -= 1;
  const merged: TierFile<Part>[] = [];
  for (const file of files.splice(start)) {
    const last = merged.at(-1);
    if (last === undefined || last.size + file.size > FILE_CAP_BYTES) merged.push(file);
    else
      merged[merged.length - 1] = {
        firstSeq: last.firstSeq,
        size: last.size + file.size,
        parts: [...last.parts, ...file.parts],
      };
  }
  files.push(...merged);
}

/** The files after appending records one by one. `nextSeq` is the sequence number of the first new record. */
export function appendToTiers<Part>(
  files: readonly TierFile<Part>[],
  nextSeq: number,
  records: readonly { readonly size: number; readonly part: Part }[],
): readonly TierFile<Part>[] {
  if (nextSeq + records.length - 1 > MAX_SEQ)
    throw new JoulemarkError('FAILED', `cannot append: a chain holds at most ${MAX_SEQ + 1} blocks`);
  const result = [...files];
  let length = nextSeq;
  for (const record of records) {
    result.push({ firstSeq: length, size: record.size, parts: [record.part] });
    length += 1;
    if (length % 64 === 0) mergeFrom(result, length - 64);
    else if (length % 8 === 0) mergeFrom(result, length - 8);
  }
  return result;
}
