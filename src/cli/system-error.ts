import { JoulemarkError, type ErrorCode } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it exists already',
  ENOSPC: 'no space left on the device',
  EDQUOT: 'disk quota exceeded',
  EROFS: 'the file system is read-only',
  EIO: 'input/output error of the device',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many symbolic links',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ETIMEDOUT: 'timed out',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
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

/** The reason in words: 'no such file or folder'. */
export function toReason(error: unknown): string {
  if (isSystemError(error)) return REASONS[error.code] ?? error.code;
  return error instanceof Error ? error.message : String(error);
}

/** A refusal of the operating system as our error; `attempt` is what was tried: `cannot read 'kiln.csv'`. */
export function toJoulemarkError(code: ErrorCode, attempt: string, error: unknown): JoulemarkError {
  return new JoulemarkError(code, `${attempt}: ${toReason(error)}`, { cause: error });
}
