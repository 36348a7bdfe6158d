import { parseRemoteUrl } from '../ledger/remote/remote.ts';

/**
 * The URL of a remote as it is kept: a path becomes absolute, so that it means the same from every folder.
 * @throws JoulemarkError USAGE (malformed, credentials in it), FAILED (a scheme this version lacks).
 */
export function toRemoteUrl(text: string, resolve: (path: string) => string): string {
  const parsed = parseRemoteUrl(text);
  return parsed.kind === 'http' ? parsed.url : resolve(parsed.path);
}
