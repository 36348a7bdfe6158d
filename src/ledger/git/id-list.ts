/** A growing list of 32-byte ids in one array. */
export interface IdList {
  readonly push: (id: Uint8Array) => void;
  readonly count: () => number;
  readonly set: (index: number, id: Uint8Array) => void;
  /** A view of one of them. */
  readonly at: (index: number) => Uint8Array;
  /** All of them, copied. */
  readonly packed: () => Uint8Array;
}

export function newIdList(): IdList {
  let bytes = new Uint8Array(32 * 64);
  let count = 0;
  return {
    push: (id) => {
      if (bytes.length < 32 * (count + 1)) {
        const larger = new Uint8Array(bytes.length * 2);
        larger.set(bytes);
        bytes = larger;
      }
      bytes.set(id, 32 * count);
      count += 1;
    },
    set: (index, id) => bytes.set(id, 32 * index),
    count: () => count,
    at: (index) => bytes.subarray(32 * index, 32 * index + 32),
    packed: () => bytes.slice(0, 32 * count),
  };
}
