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
import type { Verification } from '../programme/verification.ts';

/** A copy of a ledger to verify: one's own home, or what anybody may have prepared. */
export interface Copy {
  readonly store: GitStore;
  /** The ledger that this home belongs to; null for a copy at a path. */
  readonly ledger: Id | null;
  readonly pinned: Pin | null;
  readonly checked: ReadonlyMap<string, ChainState>;
  /** Lets this home remember what is verified now. */
  remember(verification: Verification): void;
}

/**
 * A copy that anybody may have prepared: a bare repository, or the one in a home. Whatever else lies beside it, what it says was verified and
 * pinned, vouches for nothing, and nothing is written there.
 * @throws JoulemarkError NO_LEDGER when there is none at the path.
 */
export function findCopy(path: string): Copy {
  const repository = [path, join(path, 'ledger.git'), join(path, '.joulemark', 'ledger.git')].find(
    (candidate) => kindOfPath(join(candidate, 'HEAD')) === 'file',
  );
  if (repository === undefined) {
    throw new JoulemarkError('NO_LEDGER', `no ledger at '${path}': expected a home, or a bare git repository`, {
      hints: ['joulemark verify <path of ledger.git>'],
    });
  }
  return { store: openGitStore(repository), ledger: null, pinned: null, checked: new Map(), remember: () => undefined };
}

/** One's own home, which goes on from what it has verified itself. @throws JoulemarkError NO_LEDGER when it has joined no ledger. */
export function homeCopy(directory: string): Copy {
  const paths = toHomePaths(directory);
  const { config } = readHomeConfig(directory);
  if (config.ledger === undefined)
    throw new JoulemarkError('NO_LEDGER', `the home '${directory}' has joined no ledger yet`, {
      hints: ['joulemark join <remote> --ledger <id>'],
    });
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
