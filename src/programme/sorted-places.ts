import { compareBytes } from '../crypto/hash.ts';

/** A place and the 32 bits that are sorted by first share a number that is exact. */
const MOST_PLACES = 2 ** 21;

/**
 * The places of rows of `width` bytes, at least 4, in the order of the rows' bytes: numbers are sorted five times as fast as texts. Rows that
 * begin alike, which somebody may have chosen, are compared by all their bytes.
 */
export function sortedPlaces(rows: Uint8Array, width: number): Uint32Array {
  const count = rows.length / width;
  const row = (place: number): Uint8Array => rows.subarray(width * place, width * place + width);
  const byBytes = (a: number, b: number): number => compareBytes(row(a), row(b));
  const places = Uint32Array.from({ length: count }, (_, place) => place);
  if (count > MOST_PLACES) return places.sort(byBytes);
  const keys = new Float64Array(count);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let place = 0; place < count; place += 1) keys[place] = view.getUint32(width * place) * MOST_PLACES + place;
  keys.sort();
  for (let from = 0; from < count;) {
    const beginning = Math.floor((keys[from] as number) / MOST_PLACES);
    let to = from;
    for (; to < count && Math.floor((keys[to] as number) / MOST_PLACES) === beginning; to += 1)
      places[to] = (keys[to] as number) % MOST_PLACES;
    if (to - from > 1) places.subarray(from, to).sort(byBytes);
    from = to;
  }
  return places;
}
