/** A larger array that begins with the smaller one. */
export function widened<T extends { set(from: T): void }>(smaller: T, larger: T): T {
  larger.set(smaller);
  return larger;
}
