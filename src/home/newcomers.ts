import { sha256Hex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { PACK_LIMITS } from '../ledger/git/pack-reader.ts';
import { onlyBranches } from '../ledger/remote/only-branches.ts';
import { openTransport, parseRemoteUrl, type Transport } from '../ledger/remote/remote.ts';
import type { TransferLimits } from '../ledger/remote/transfer-limits.ts';
import type { Judged } from './judge-branches.ts';
import type { Needs } from './needed-branches.ts';
import type { SyncHome } from './sync.ts';
import { type SyncOptions, toTransportOptions, type TransferProgress } from './sync-options.ts';

/** How many branches of organisations that were never admitted are fetched from a remote at a time, and how many are kept. */
export interface NewcomerBounds {
  readonly atATime: number;
  readonly kept: number;
}

/** Anybody may join, and thousands may who mean no good; what the body lists of them is copied to everybody, for ever. */
const OF_BODY: NewcomerBounds = { atATime: 256, kept: 1024 };

/** One who joins looks through all of them once, and keeps none but his own. */
const OF_JOINING: NewcomerBounds = { atATime: Infinity, kept: Infinity };

/** What all the branches that are fetched at a time may be worth: a join has some hundred bytes, a boundary some thousand. */
const LIMITS: Partial<TransferLimits> = {
  maxBytes: 2 ** 24,
  pack: { ...PACK_LIMITS, maxPackBytes: 2 ** 24, maxObjects: 100_000, maxTotalBytes: 2 ** 26 },
};

/** How many branches are left where they are, and why. */
export interface LeftBranches {
  readonly branches: number;
  /** `not-listed`: this home takes none that no broadcast lists; `too-many`: some were taken, or enough are here; `too-much`: they are too large. */
  readonly because: 'not-listed' | 'too-many' | 'too-much';
}

/** What is said of them after a sync. */
export function toLeftLines({ branches, because }: LeftBranches): readonly string[] {
  const which = `${branches} ${branches === 1 ? 'branch' : 'branches'} of organisations that were never admitted`;
  if (because === 'not-listed') return [`  left      ${which}, of which no broadcast lists more`];
  return [
    `  left      ${which}: ${because === 'too-many' ? 'too many at a time' : 'too large'}`,
    '  hint      to fetch one of them now: joulemark sync --newcomer <its id>',
  ];
}

/**
 * The certification body sees who has joined, to list it; one who joins, whether his own key has begun a chain before. Nobody else needs to: null.
 */
export function newcomerBounds({ org, ledger }: Pick<SyncHome, 'org' | 'ledger'>): NewcomerBounds | null {
  if (org === null) return OF_JOINING;
  return org === ledger ? OF_BODY : null;
}

/**
 * Fetches some of the newcomers' branches of a remote, others each time where there are many. Where they are too large together, fewer are tried: one
 * that is enormous, among others, keeps nobody away for ever. `fetch` takes over what a transport lists.
 */
export async function fetchNewcomers(
  { newcomers, kept }: Pick<Needs, 'newcomers' | 'kept'>,
  bounds: NewcomerBounds,
  remote: { readonly url: string; readonly options: SyncOptions; readonly progress: TransferProgress | undefined },
  fetch: (transport: Transport) => Promise<Judged>,
): Promise<Pick<Judged, 'taken' | 'behind' | 'refused'> & { readonly left: LeftBranches | null }> {
  const { url, options, progress } = remote;
  const [old, fresh] = [newcomers.filter((ref) => kept.has(ref)), newcomers.filter((ref) => !kept.has(ref))];
  const room = Math.max(0, bounds.kept - kept.size);
  const candidates = [...old, ...drawBranches(fresh, room, options.now)];
  // a file comes as a whole or not at all, and was chosen
  const limits = parseRemoteUrl(url).kind === 'bundle' ? {} : { limits: LIMITS };
  for (let most = Math.min(bounds.atATime, candidates.length); most > 0; most = most === 1 ? 0 : Math.ceil(most / 4)) {
    const drawn = new Set(drawBranches(candidates, most, options.now));
    const transport = openTransport(url, { ...toTransportOptions(options, progress), ...limits });
    const judged = await unlessTooMuch(() => fetch(onlyBranches(transport, drawn)));
    if (judged === null) continue;
    const { taken, behind, refused } = judged;
    const branches = newcomers.length - drawn.size;
    return { taken, behind, refused, left: branches === 0 ? null : { branches, because: 'too-many' } };
  }
  const because = candidates.length === 0 ? 'too-many' : 'too-much';
  return { taken: [], behind: [], refused: [], left: { branches: newcomers.length, because } };
}

async function unlessTooMuch(fetch: () => Promise<Judged>): Promise<Judged | null> {
  try {
    return await fetch();
  } catch (error) {
    if (error instanceof JoulemarkError && error.details['exceeded'] === true) return null;
    throw error;
  }
}

/**
 * At most so many of these, others each second: whoever publishes many branches cannot choose their names so that they come before all others for ever.
 */
function drawBranches(refs: readonly string[], most: number, now: number): readonly string[] {
  if (refs.length <= most) return refs;
  const keyed = refs.map((ref) => [sha256Hex(new TextEncoder().encode(`${now} ${ref}`)), ref] as const);
  return keyed
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, most)
    .map(([, ref]) => ref);
}
