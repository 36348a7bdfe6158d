import { JoulemarkError } from '../errors.ts';
import { encodeEntry } from '../ledger/entry.ts';
import type { Id } from '../ledger/codec/id.ts';
import { foundContent } from '../ledger/entries.ts';
import { type GitStore, openGitStore } from '../ledger/store/git-store.ts';
import { noteFirstSeen, writePin } from '../ledger/store/pin.ts';
import type { Policy } from '../programme/policy.ts';
import type { SignedDocument } from '../programme/signed-document.ts';
import { loadChain } from './chain-reader.ts';
import { type HomeConfig, writeConfig } from './config.ts';
import { documentsOf } from './find-documents.ts';
import { readHomeConfig } from './home.ts';
import { type KeyRing, readPublicIdentity, unlockKeys } from './key-ring.ts';
import { markOwnHome } from './own-home.ts';
import type { HomePaths } from './paths.ts';
import { type Surroundings, toEntry } from './session.ts';
import { appendBlocks, withHomeLock } from './writer.ts';

/** A programme that was created, now or by an earlier run. */
export interface CreatedProgramme {
  readonly ledger: Id;
  readonly already: boolean;
}

/**
 * Signs the genesis block: this home becomes the certification body's. The ledger id is the genesis block's, so the home learns it
 * only after the append; a run that a crash cut short in between is completed by the next one.
 * @throws JoulemarkError USAGE when the home belongs to a ledger, or was founded with another policy.
 */
export async function createProgramme(
  surroundings: Surroundings,
  policy: SignedDocument<Policy>,
): Promise<CreatedProgramme> {
  const { paths } = readHomeConfig(surroundings.home);
  const store = openGitStore(paths.store);
  return withHomeLock(paths, store, surroundings.wait, async () => {
    // read again: another process may have joined or created meanwhile
    const { config } = readHomeConfig(surroundings.home);
    if (config.ledger !== undefined && config.ledger !== config.org) {
      throw new JoulemarkError(
        'USAGE',
        `the home of '${config.name}' has joined a ledger already: a certification body has a home of its own`,
        {
          hints: ['joulemark init --home <another folder> "Name of the certification body"'],
        },
      );
    }
    const signer = await unlockKeys(paths, () => surroundings.passphrase());
    const founded = foundedBefore(store, policy, signer.keyId);
    const ledger = founded ?? (await found(surroundings, paths, store, config, policy, signer));
    if (!surroundings.dryRun) settle(paths, config, ledger, surroundings.now());
    return { ledger, already: founded !== null };
  });
}

function foundedBefore(store: GitStore, policy: SignedDocument<Policy>, keyId: Id): Id | null {
  const chain = loadChain(store, { kind: 'programme' }, null);
  if (chain === null) return null;
  // a join that was cut short leaves somebody else's programme here
  if (chain.state.keys.currentId !== keyId && !chain.state.keys.past.includes(keyId)) {
    throw new JoulemarkError(
      'USAGE',
      `this home holds a copy of the ledger ${chain.state.id} of '${chain.state.keys.name}', which its key did not found`,
      {
        hints: [
          'joulemark init --home <another folder> "Name of the certification body"',
          `to join that ledger: joulemark join <remote> --ledger ${chain.state.id}`,
        ],
      },
    );
  }
  const [first] = documentsOf(chain.blocks.slice(0, 1), 'policy');
  if (first?.digest === policy.digest) return chain.state.id;
  throw new JoulemarkError('USAGE', `this home has created the ledger ${chain.state.id} already, with another policy`, {
    hints: [
      'to change its rules for periods to come: joulemark policy set <policy.yaml>',
      'for a second programme: joulemark init --home <another folder>',
    ],
  });
}

async function found(
  surroundings: Surroundings,
  paths: HomePaths,
  store: GitStore,
  config: HomeConfig,
  policy: SignedDocument<Policy>,
  signer: KeyRing,
): Promise<Id> {
  const content = { name: config.name, ...(await readPublicIdentity(paths, () => surroundings.passphrase())) };
  const [sealed] = appendBlocks({
    store,
    paths,
    signer,
    head: null,
    seen: null,
    time: surroundings.now(),
    blocks: [
      [toEntry('found', foundContent, content), encodeEntry('policy', new Map([['document', policy.document]]))],
    ],
    dryRun: surroundings.dryRun,
  });
  if (sealed === undefined) throw new JoulemarkError('INTERNAL', 'no genesis block was sealed');
  return sealed.block.id;
}

/** The pin before the configuration: a home that names a ledger always has its pin. */
function settle(paths: HomePaths, config: HomeConfig, ledger: Id, now: number): void {
  if (config.ledger === ledger && config.org === ledger) return;
  noteFirstSeen(paths.firstSeen, [ledger], now);
  writePin(paths.pin, { ledger, seq: 0, id: ledger });
  markOwnHome(paths, ledger);
  writeConfig(paths.config, { ...config, ledger, org: ledger });
}
