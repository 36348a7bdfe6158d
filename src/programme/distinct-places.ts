import { compareBytes } from '../crypto/hash.ts';

/** A place and the 32 bits that are sorted by first share a number that is exact. */
const MOST_PLACES = 2 ** 21;

/**
 * The places of rows of `width` bytes, at least 4, in the order of the rows' bytes, one of those that are the same: numbers are sorted five times
 * as fast as texts. Rows that begin alike, which somebody may have chosen, are compared by all their bytes.
 */
export function distinctPlaces(rows: Uint8Array, width: number): Uint32Array {
  const count = rows.length / width;
  const places = new Uint32Array(count);
  const row = (place: number): Uint8Array => rows.subarray(width * place, width * place + width);
  const byBytes = (a: number, b: number): number => compareBytes(row(a), row(b));
  let kept = 0;
  const keep = (group: Uint32Array): void => {
    const from = kept;
    for (const place of group.sort(byBytes))
      if (kept === from || byBytes(places[kept - 1] as number, place) !== 0) places[kept++] = place;
  };
  if (count > MOST_PLACES) {
    keep(Uint32Array.from({ length: count }, (_, place) => place));
    return places.subarray(0, kept);
  }
  const keys = new Float64Array(count);
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let place = 0; place < count; place += 1) keys[place] = view.getUint32(width * place) * MOST_PLACES + place;
  keys.sort();
  for (let from = 0; from < count;) {
    const beginning = Math.floor((keys[from] as number) / MOST_PLACES);
    let to = from + 1;
    while (to < count && Math.floor((keys[to] as number) / MOST_PLACES) === beginning) to += 1;
    if (to - from === 1) places[kept++] = (keys[from] as number) % MOST_PLACES;
    else keep(Uint32Array.from(keys.subarray(from, to), (key) => key % MOST_PLACES));
    from = to;
  }
  return places.subarray(0, kept);
}
