import { JoulemarkError } from '../../errors.ts';

/** The error for a push to a git host that lacks a branch of which this copy holds no full history: git hosts take none without it. */
export function noHistoryError(url: string, ref: string, cause?: unknown): JoulemarkError {
  return new JoulemarkError(
    'FAILED',
    `cannot push '${ref}' to '${url}', which lacks it: this copy holds no full history of the branch`,
    {
      hints: [
        'push from the home that wrote it',
        'or copy through a remote in a folder, which takes a branch without its history',
      ],
      details: { url, ref },
      cause,
    },
  );
}
