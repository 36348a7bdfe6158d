import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import { organisationOfRef } from '../ledger/git/ref-name.ts';
import type { Id } from '../ledger/codec/id.ts';
import { joinContent } from '../ledger/entries.ts';
import { type GitStore, initGitStore, openGitStore } from '../ledger/store/git-store.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { readCheckedStates } from './checked-states.ts';
import { type HomeConfig, writeConfig } from './config.ts';
import { readHomeConfig } from './home.ts';
import { type KeyRing, readPublicIdentity, unlockKeys } from './key-ring.ts';
import { forgetUnvouched, markOwnHome } from './own-home.ts';
import { type HomePaths, toHomePaths } from './paths.ts';
import { type Surroundings, toEntry } from './session.ts';
import { fetchLedger, publishOwn } from './sync.ts';
import type { SyncOptions } from './sync-options.ts';
import { appendBlocks, withHomeLock } from './writer.ts';

/** Which ledger to join, and where a copy of it is. */
export interface JoinRequest {
  readonly ledger: Id;
  readonly remote: { readonly name: string; readonly url: string };
  readonly options: SyncOptions;
}

export interface JoinedLedger {
  readonly org: Id;
  /** Newest programme block when it joined. */
  readonly seen: { readonly seq: number; readonly time: number };
  readonly programmeName: string;
  readonly already: boolean;
  /** Null when the remote has the chain; else why not. */
  readonly unpublished: string | null;
}

/**
 * Fetches and pins a ledger, signs this organisation's block 0 on it and publishes it. Whatever a crash or a lost connection cuts
 * short, the next run completes: a chain that our own key has begun is taken up, never begun twice.
 * @throws JoulemarkError USAGE when the home belongs to another ledger; VERIFY_FAILED when the remote serves another ledger; FAILED.
 */
export async function joinLedger(surroundings: Surroundings, request: JoinRequest): Promise<JoinedLedger> {
  const { paths, config } = readHomeConfig(surroundings.home);
  assertJoinable(config, request);
  if (surroundings.dryRun) return withScratchHome((scratch) => fetchAndJoin(surroundings, request, paths, scratch));
  return fetchAndJoin(surroundings, request, paths, paths);
}

/** `into`: where the fetched copy goes, a scratch folder in a dry run. */
async function fetchAndJoin(
  surroundings: Surroundings,
  request: JoinRequest,
  paths: HomePaths,
  into: HomePaths,
): Promise<JoinedLedger> {
  const { ledger, remote, options } = request;
  const { wait, dryRun } = surroundings;
  const store = openGitStore(into.store);
  assertNotFounder(store, ledger);
  // before anything is fetched: without its keys a home joins nothing
  const keys = await unlockKeys(paths, () => surroundings.passphrase());
  forgetUnvouched(into, ledger);
  await fetch({ paths: into, store, ledger, org: null }, remote.url, options, (chain) => isBegunBy(chain, keys));
  const joined = await withHomeLock(into, store, wait, async () => {
    // read again: another process may have joined meanwhile
    const { config } = readHomeConfig(surroundings.home);
    assertJoinable(config, request);
    const programme = loadChain(
      store,
      { kind: 'programme', ledger },
      readCheckedStates(into.checked).get('refs/heads/programme') ?? null,
    );
    if (programme === null)
      throw new JoulemarkError('NO_LEDGER', 'the programme chain is not here', { hints: ['joulemark sync'] });
    const begun = config.org ?? findBegun(store, ledger, keys);
    const org = begun ?? (await appendJoin(surroundings, paths, store, config, programme, keys));
    if (!dryRun) {
      markOwnHome(paths, ledger);
      writeConfig(paths.config, {
        ...config,
        ledger,
        org,
        remotes: new Map([...(config.remotes ?? []), [remote.name, remote.url]]),
      });
    }
    return {
      org,
      seen: { seq: programme.state.seq, time: programme.state.time },
      programmeName: programme.state.keys.name,
      already: begun !== null,
    };
  });
  if (dryRun) return { ...joined, unpublished: null };
  return { ...joined, unpublished: await publish({ paths, store, ledger, org: joined.org }, remote.url, options) };
}

function assertJoinable(config: HomeConfig, { ledger, remote }: JoinRequest): void {
  if (config.ledger !== undefined && config.ledger === config.org) {
    throw new JoulemarkError(
      'USAGE',
      `this is the home of the certification body '${config.name}', which joins no ledger`,
      { hints: ['joulemark init --home <another folder> "Name of the organisation"'] },
    );
  }
  if (config.ledger !== undefined && config.ledger !== ledger) {
    throw new JoulemarkError('USAGE', `this home belongs to the ledger ${config.ledger}, not ${ledger}`, {
      hints: ['a home has one ledger: joulemark init --home <another folder> for the other'],
    });
  }
  const present = config.remotes?.get(remote.name);
  if (present !== undefined && present !== remote.url) {
    throw new JoulemarkError('USAGE', `the remote '${remote.name}' is there already: ${present}`, {
      hints: ['give another name: --name <name>', `joulemark remote remove ${remote.name}`],
    });
  }
}

/** A `programme create` that was cut short leaves a genesis block here before the configuration says so. */
function assertNotFounder(store: GitStore, ledger: Id): void {
  const present = loadChain(store, { kind: 'programme' }, null);
  if (present === null || present.state.id === ledger) return;
  throw new JoulemarkError('USAGE', `this home holds another ledger already: ${present.state.id}`, {
    hints: [
      'if it was being founded here: joulemark programme create <policy.yaml> completes that',
      'to join with another home: joulemark init --home <another folder>',
    ],
  });
}

/** A chain of this ledger that our key has begun: by a run that was cut short, or from a copy of this home. */
function findBegun(store: GitStore, ledger: Id, keys: KeyRing): Id | null {
  for (const ref of store.listRefs().keys()) {
    const org = organisationOfRef(ref);
    if (org === null) continue;
    const chain = loadChain(store, { kind: 'organisation', ledger, id: org }, null);
    if (chain !== null && isBegunBy(chain, keys)) return org;
  }
  return null;
}

const isBegunBy = ({ blocks, state }: LoadedChain, { keyId }: KeyRing): boolean =>
  blocks[0]?.kid === keyId || state.keys.currentId === keyId;

async function appendJoin(
  surroundings: Surroundings,
  paths: HomePaths,
  store: GitStore,
  config: HomeConfig,
  programme: LoadedChain,
  keys: KeyRing,
): Promise<Id> {
  const content = {
    name: config.name,
    ...(await readPublicIdentity(paths, () => surroundings.passphrase())),
    ...(config.legal_id === undefined ? {} : { legal_id: config.legal_id }),
  };
  const [sealed] = appendBlocks({
    store,
    paths,
    signer: keys,
    head: null,
    ledger: programme.state.ledger,
    seen: { seq: programme.state.seq, id: programme.state.head },
    time: surroundings.now(),
    blocks: [[toEntry('join', joinContent, content)]],
    dryRun: surroundings.dryRun,
  });
  if (sealed === undefined) throw new JoulemarkError('INTERNAL', 'no block 0 was sealed');
  return sealed.block.id;
}

async function fetch(...[home, url, ...how]: Parameters<typeof fetchLedger>): Promise<void> {
  try {
    await fetchLedger(home, url, ...how);
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.details['rule'] !== 'names') throw error;
    throw new JoulemarkError(
      'VERIFY_FAILED',
      `the remote '${url}' does not serve the ledger ${home.ledger}: ${error.message}`,
      {
        hints: [
          'compare the id, digit by digit, with the one that the certification body gave you',
          'check the address of the remote',
        ],
        details: error.details,
        cause: error,
      },
    );
  }
}

async function publish(
  home: Parameters<typeof publishOwn>[0],
  url: string,
  options: SyncOptions,
): Promise<string | null> {
  try {
    await publishOwn(home, url, options);
    return null;
  } catch (error) {
    if (error instanceof JoulemarkError && (error.code === 'FAILED' || error.code === 'LOCKED')) return error.message;
    throw error;
  }
}

async function withScratchHome<T>(run: (paths: HomePaths) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-dry-run-'));
  try {
    const paths = toHomePaths(folder);
    initGitStore(paths.store).close();
    return await run(paths);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
