import { compareBytes } from '../crypto/hash.ts';

/** A place and the 32 bits that are sorted by first share a number that is exact. */
const MOST_PLACES = 2 ** 21;

/**
 * The places of rows of `width` bytes, at least 4, in the order of the rows' bytes: numbers are sorted five times as fast as texts. Rows that
 * begin alike, which somebody may have chosen, are compared by all their bytes.
 */
export function sortedPlaces(rows: Uint8Array, width: number): readonly number[] {
  const count = rows.length / width;
  const row = (place: number): Uint8Array => rows.subarray(width * place, width * place + width);
  const byBytes = (a: number, b: number): number => compareBytes(row(a), row(b));
  if (count > MOST_PLACES) return Array.from({ length: count }, (_, place) => place).sort(byBytes);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  const keys = new Float64Array(count);
  for (let place = 0; place < count; place += 1) keys[place] = view.getUint32(width * place) * MOST_PLACES + place;
  keys.sort();
  const places = Array.from(keys, (key) => key % MOST_PLACES);
  const beginning = (index: number): number => Math.floor((keys[index] as number) / MOST_PLACES);
  for (let from = 0; from < count;) {
    let to = from + 1;
    while (to < count && beginning(to) === beginning(from)) to += 1;
    if (to - from > 1) {
      const alike = places.slice(from, to).sort(byBytes);
      for (const [index, place] of alike.entries()) places[from + index] = place;
    }
    from = to;
  }
  return places;
}
