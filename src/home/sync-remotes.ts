import { JoulemarkError } from '../errors.ts';
import type { Home } from './home.ts';
import { ownForkError } from './own-fork.ts';
import { fetchLedger, type Fetched, publishOwn } from './sync.ts';
import type { SyncOptions } from './sync-options.ts';

/** What became of one remote. */
export interface RemoteOutcome extends Partial<Fetched> {
  readonly name: string;
  readonly url: string;
  /** True when our own branch was new there. */
  readonly published: boolean;
  readonly error: { readonly code: string; readonly message: string; readonly hints: readonly string[] } | null;
}

/**
 * Fetches from every remote, or those named by `only`, then publishes to every one: a remote that fails does not keep the others from being served.
 * @throws JoulemarkError USAGE when this home has no remote of such a name.
 */
export async function syncRemotes(
  home: Home,
  options: SyncOptions,
  steps: { readonly fetch: boolean; readonly publish: boolean; readonly only?: readonly string[] },
): Promise<readonly RemoteOutcome[]> {
  const outcomes = new Map<string, RemoteOutcome>();
  for (const [name, url] of chooseRemotes(home.config.remotes ?? new Map(), steps.only ?? [])) {
    outcomes.set(name, { name, url, published: false, error: null });
    if (!steps.fetch) continue;
    const failed = await attempt(async () => {
      outcomes.set(name, { name, url, published: false, error: null, ...(await fetchLedger(home, url, options)) });
    });
    if (failed !== null) outcomes.set(name, { name, url, published: false, error: toError(failed) });
  }
  for (const outcome of steps.publish ? outcomes.values() : []) {
    const { name, url, ownFork } = outcome;
    // ours is covered, and this remote will never take it: whoever keeps it may remove what is there
    if (outcome.error !== null || (ownFork?.decided === true && !ownFork.leftOut)) continue;
    const failed = await attempt(async () => {
      if (ownFork?.leftOut === false) throw ownForkError(name, ownFork);
      outcomes.set(name, { ...outcome, published: await publishOwn(home, url, options) });
    });
    if (failed !== null) outcomes.set(name, { ...outcome, error: toError(failed) });
  }
  return [...outcomes.values()];
}

function chooseRemotes(remotes: ReadonlyMap<string, string>, only: readonly string[]): ReadonlyMap<string, string> {
  const unknown = only.find((name) => !remotes.has(name));
  if (unknown !== undefined)
    throw new JoulemarkError('USAGE', `no remote '${unknown}', expected ${[...remotes.keys()].join(', ')}`, {
      hints: ['joulemark remote list'],
    });
  return only.length === 0 ? remotes : new Map([...remotes].filter(([name]) => only.includes(name)));
}

async function attempt(run: () => Promise<void>): Promise<JoulemarkError | null> {
  try {
    await run();
    return null;
  } catch (error) {
    if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return error;
    throw error;
  }
}

const toError = ({ code, message, hints }: JoulemarkError): RemoteOutcome['error'] => ({ code, message, hints });

/** The exit status of a sync: what is worst for the ledger first, then what failed. */
export function exitOfSync(outcomes: readonly RemoteOutcome[]): 'OK' | 'DIVERGED' | 'VERIFY_FAILED' | 'FAILED' {
  const codes = outcomes.map((outcome) => outcome.error?.code);
  if (codes.includes('DIVERGED')) return 'DIVERGED';
  if (codes.includes('VERIFY_FAILED')) return 'VERIFY_FAILED';
  return codes.some((code) => code !== undefined) ? 'FAILED' : 'OK';
}
