import { JoulemarkError } from '../../errors.ts';
import { isSystemError, toJoulemarkError } from '../../system-error.ts';

/** Runs an operation on a file; what the system refuses is FAILED: `cannot <doing> '<path>': ...`. */
export function guard<T>(doing: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JoulemarkError || !isSystemError(error)) throw error;
    throw toJoulemarkError('FAILED', `cannot ${doing} '${path}'`, error, { path });
  }
}
