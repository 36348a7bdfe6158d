import { JoulemarkError } from '../errors.ts';
import { parseRemoteUrl } from '../ledger/remote/remote.ts';

/**
 * The URL of a remote as it is kept: a path becomes absolute, so that it means the same from every folder.
 * @throws JoulemarkError USAGE (malformed, credentials in it, a scheme that is not supported).
 */
export function toRemoteUrl(text: string, resolve: (path: string) => string): string {
  const parsed = parse(text);
  return 'url' in parsed ? parsed.url : resolve(parsed.path);
}

function parse(text: string): ReturnType<typeof parseRemoteUrl> {
  try {
    return parseRemoteUrl(text);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'FAILED') throw error;
    // typed on the command line it is no failure of a remote, but a wrong argument
    throw new JoulemarkError('USAGE', `'${text}': ${error.message}`, {
      hints: error.hints,
      details: error.details,
      cause: error,
    });
  }
}
