/** A running count shown to a person who waits. */
export interface Progress {
  /** `count` done so far, not the increment. */
  update(count: number): void;
  /** Clears the line. Harmless when called twice. */
  done(): void;
}
