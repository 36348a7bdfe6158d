/**
 * The outcomes a joulemark process can have, and the exit status of each: the one table.
 * Scripts rely on these numbers; they are never reused for another meaning.
 */
export const EXIT_STATUS = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  VERIFY_FAILED: 3,
  NOT_CERTIFIED: 4,
  PENDING: 5,
  NO_LEDGER: 10,
  LOCKED: 11,
  KEY_UNAVAILABLE: 12,
  DIVERGED: 13,
  STALE: 14,
  INTERNAL: 70,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** The name of an exit status. */
export type ExitName = keyof typeof EXIT_STATUS;

/** Every code an error that crosses a module boundary can carry: any outcome but success. */
export type ErrorCode = Exclude<ExitName, 'OK'>;

/** Machine-readable facts about a failure: JSON-safe values only. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/**
 * The only error class that crosses module boundaries.
 * `message`: lower-case start, no full stop, the failure first, the subject in single quotes, expected and actual.
 * `hints`: next steps that can be pasted into a terminal.
 */
export class JoulemarkError extends Error {
  override readonly name = 'JoulemarkError';
  readonly code: ErrorCode;
  readonly hints: readonly string[];
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    more: { hints?: readonly string[]; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.hints = more.hints ?? [];
    this.details = more.details ?? {};
  }
}

/** For our own bugs only: a condition that correct code cannot violate, whatever the input. */
export function assertInvariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new JoulemarkError('INTERNAL', `broken invariant: ${message}`);
}
