import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { kindOfPath } from '../ledger/store/files.ts';
import { type GitStore, openGitStore } from '../ledger/store/git-store.ts';
import { type Pin, readPin } from '../ledger/store/pin.ts';
import { readCheckedStates, writeCheckedStates } from './checked-states.ts';
import { readHomeConfig } from './home.ts';
import { toHomePaths } from './paths.ts';
import type { Verification } from './verify.ts';

/** A copy of a ledger to verify: a home, or a bare repository that anybody may have prepared. */
export interface Copy {
  readonly store: GitStore;
  /** The ledger that a home belongs to; null for a stranger's repository. */
  readonly ledger: Id | null;
  readonly pinned: Pin | null;
  readonly checked: ReadonlyMap<string, ChainState>;
  /** Lets a home remember what is verified now; a stranger's repository is never written to. */
  remember(verification: Verification): void;
}

/** @throws JoulemarkError NO_LEDGER when there is neither at the path. */
export function findCopy(path: string): Copy {
  const home = [path, join(path, '.joulemark')].find((candidate) => kindOfPath(join(candidate, 'config.yaml')) === 'file');
  if (home !== undefined) return homeCopy(home);
  const repository = [path, join(path, 'ledger.git')].find((candidate) => kindOfPath(join(candidate, 'HEAD')) === 'file');
  if (repository === undefined) {
    throw new JoulemarkError('NO_LEDGER', `no ledger at '${path}': expected a home, or a bare git repository`, { hints: ['joulemark verify <path of ledger.git>'] });
  }
  return { store: openGitStore(repository), ledger: null, pinned: null, checked: new Map(), remember: () => undefined };
}

function homeCopy(directory: string): Copy {
  const paths = toHomePaths(directory);
  const { config } = readHomeConfig(directory);
  if (config.ledger === undefined) throw new JoulemarkError('NO_LEDGER', `the home '${directory}' has joined no ledger yet`, { hints: ['joulemark join <remote> --ledger <id>'] });
  return {
    store: openGitStore(paths.store),
    ledger: config.ledger,
    pinned: readPin(paths.pin),
    checked: readCheckedStates(paths.checked),
    remember: ({ states, broken }) => {
      if (broken.length === 0) writeCheckedStates(paths.checked, states);
    },
  };
}
