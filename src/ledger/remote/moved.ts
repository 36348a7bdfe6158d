import { JoulemarkError } from '../../errors.ts';

/** The error for a push to a branch that is not where it was last seen. */
export function remoteMovedError(ref: string, expected: string | null, actual: string | null): JoulemarkError {
  return new JoulemarkError(
    'FAILED',
    `the remote's branch '${ref}' moved: expected ${expected ?? 'no branch'}, found ${actual ?? 'none'}`,
    {
      hints: ['joulemark sync'],
      details: { ref, expected, actual },
    },
  );
}
