import { JoulemarkError, type ErrorCode, type ErrorDetails } from './errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  EXDEV: 'the folders are not on one file system',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
};

/** What a disk or the system around it does, whoever is right: what it is, and what to do about it. Nothing is half written, so a second run is safe. */
const OF_THE_DISK: Readonly<Record<string, { readonly reason: string; readonly hint: string }>> = {
  ENOSPC: { reason: 'no space left on the device', hint: 'free some space, then run the same command again' },
  EDQUOT: { reason: 'disk quota exceeded', hint: 'free some space, then run the same command again' },
  EROFS: { reason: 'the file system is read-only', hint: 'mount it to be written, then run the same command again' },
  EIO: { reason: 'input/output error of the device', hint: 'look after the disk, then run the same command again' },
  EMFILE: { reason: 'too many open files', hint: 'allow more of them (ulimit -n), then run the same command again' },
  ENFILE: { reason: 'too many open files', hint: 'close other programs, then run the same command again' },
};

interface SystemError extends Error {
  readonly code: string;
  readonly syscall?: string;
  readonly path?: string;
}

/** True for what Node throws when the operating system says no. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z_]+$/u.test(error.code) &&
    !error.code.startsWith('ERR_')
  );
}

/** The errno name of a failed system call ('ENOENT', ...), or null when the error is something else. */
export function errnoOf(error: unknown): string | null {
  return isSystemError(error) ? error.code : null;
}

/** The reason in words: 'no such file or folder'; of a disk with the name that its own manual knows, 'no space left on the device (ENOSPC)'. */
export function toReason(error: unknown): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  const { code } = error;
  const reason = OF_THE_DISK[code]?.reason;
  return reason === undefined ? (REASONS[code] ?? code) : `${reason} (${code})`;
}

/** A refusal of the operating system as our error; `attempt` is what was tried: `cannot read 'kiln.csv'`. A disk that fails is FAILED, whatever `code` is. */
export function toJoulemarkError(
  code: ErrorCode,
  attempt: string,
  error: unknown,
  details: ErrorDetails = {},
): JoulemarkError {
  const errno = errnoOf(error);
  const disk = errno === null ? undefined : OF_THE_DISK[errno];
  return new JoulemarkError(disk === undefined ? code : 'FAILED', `${attempt}: ${toReason(error)}`, {
    ...(disk === undefined ? {} : { hints: [disk.hint] }),
    details: { ...details, ...(errno === null ? {} : { errno }) },
    cause: error,
  });
}
