import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';
import { ensureDirectory } from '../ledger/store/folders.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { type GitStore, initGitStore, openGitStore } from '../ledger/store/git-store.ts';
import { type HomeConfig, readConfig, writeConfig } from './config.ts';
import { type AskPassphrase, createKeys } from './key-ring.ts';
import { type HomePaths, toHomePaths } from './paths.ts';

/** A home that belongs to a ledger: its configuration, its store, and whose it is. */
export interface Home {
  readonly paths: HomePaths;
  readonly config: HomeConfig;
  readonly store: GitStore;
  readonly ledger: Id;
  /** This organisation; equal to `ledger` for the certification body. */
  readonly org: Id;
  readonly isBody: boolean;
}

/** Makes a home: folders, keys, configuration. Refuses one that is there, so that no key is ever overwritten. */
export async function createHome(
  directory: string,
  input: {
    readonly name: string;
    readonly legalId?: string | undefined;
    readonly random: (length: number) => Uint8Array;
    readonly passphrase: AskPassphrase | null;
  },
): Promise<HomeConfig> {
  const paths = toHomePaths(directory);
  if (kindOfPath(paths.config) !== 'absent') {
    throw new JoulemarkError('USAGE', `a home is there already: '${directory}'`, {
      hints: ['joulemark status', `to use another folder: joulemark init --home <folder> '${input.name}'`],
    });
  }
  ensureDirectory(directory, 0o755);
  await createKeys(paths, input.random, input.passphrase);
  initGitStore(paths.store);
  const config: HomeConfig = {
    joulemark: 'config/1',
    name: input.name,
    ...(input.legalId === undefined ? {} : { legal_id: input.legalId }),
  };
  // the configuration last: a home without it is unfinished, and init completes it
  writeConfig(paths.config, config);
  return config;
}

/** The configuration of a home that may not have joined a ledger yet. */
export function readHomeConfig(directory: string): { readonly paths: HomePaths; readonly config: HomeConfig } {
  const paths = toHomePaths(directory);
  return { paths, config: readConfig(paths.config) };
}

/** Opens a home that has created or joined a ledger. @throws JoulemarkError NO_LEDGER otherwise, with the next step. */
export function openHome(directory: string): Home {
  const { paths, config } = readHomeConfig(directory);
  if (config.ledger !== undefined && config.org === undefined) {
    throw new JoulemarkError(
      'NO_LEDGER',
      `the home '${directory}' reads the ledger '${config.ledger}' and is no organisation on it`,
      {
        hints: [
          'what it can do is to verify and to import: joulemark verify',
          'to sign on it: joulemark join <remote> --ledger <id>',
        ],
      },
    );
  }
  if (config.ledger === undefined || config.org === undefined) {
    throw new JoulemarkError('NO_LEDGER', `the home '${directory}' has joined no ledger yet`, {
      hints: ['joulemark join <remote> --ledger <id>', 'a certification body: joulemark programme create policy.yaml'],
    });
  }
  return {
    paths,
    config,
    store: openGitStore(paths.store),
    ledger: config.ledger,
    org: config.org,
    isBody: config.org === config.ledger,
  };
}
