import { join } from 'node:path';
import { JoulemarkError } from '../errors.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { kindOfPath } from '../ledger/store/read-files.ts';
import { openGitStore } from '../ledger/store/git-store.ts';
import { type Pin, readPin } from '../ledger/store/pin.ts';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import { readCheckedStates, writeCheckedStates } from './checked-states.ts';
import { readHomeConfig } from './home.ts';
import { keepCheckpoint } from './keep-checkpoint.ts';
import { adoptHome, isOwnHome } from './own-home.ts';
import { HOME_FOLDER, toHomePaths } from './paths.ts';
import type { Verification } from '../programme/verification.ts';
import { type ToldExport, toToldExport } from '../report/export-lines.ts';
import { isExportCopy, readExportCopy, verifyExport } from './verify-export.ts';
import { type VerifyOptions, verifyStore } from './verify.ts';

/** A copy of a ledger to verify: one's own home, or what anybody may have prepared. */
export interface Copy {
  /** Verifies it: every byte, or of one's own home what is new. */
  verify(options: VerifyOptions): Promise<Verification>;
  /** What is told of the folder where the copy is an export; null for any other. */
  readonly folder: ToldExport | null;
  /** The ledger that this home belongs to; null for a copy at a path. */
  readonly ledger: Id | null;
  /** True for a home that this user made one: only then what it has pinned and verified is taken at its word. */
  readonly isOwn: boolean;
  readonly pinned: Pin | null;
  readonly checked: ReadonlyMap<string, ChainState>;
  /** Lets this home remember what is verified now. */
  remember(verification: Verification): void;
  /** Makes this home the user's own, who has held its ledger id against one that he was told. */
  adopt(): void;
}

/** What is known of an export by another way, and where the earlier ones are that it builds on, oldest first. */
export interface ExportHints {
  /** The SHA-256 of its SHA256SUMS. */
  readonly sums?: string | undefined;
  readonly onto?: readonly string[];
}

/**
 * A copy that anybody may have prepared: an export, a bare repository, or the one in a home. Whatever else lies beside it, what it says was
 * verified and pinned, vouches for nothing, and nothing is written there.
 * @throws JoulemarkError NO_LEDGER when there is none at the path; VERIFY_FAILED when the files of an export are not as they were written.
 */
export function findCopy(path: string, { sums, onto = [] }: ExportHints = {}): Copy {
  if (isExportCopy(path)) return exportCopy(path, sums ?? null, onto);
  if (sums !== undefined || onto.length > 0)
    throw new JoulemarkError('USAGE', `no export at '${path}': --sums and --onto speak of exports`);
  const repository = [path, join(path, 'ledger.git'), join(path, HOME_FOLDER, 'ledger.git')].find(
    (candidate) => kindOfPath(join(candidate, 'HEAD')) === 'file',
  );
  if (repository === undefined) {
    throw new JoulemarkError(
      'NO_LEDGER',
      `no ledger at '${path}': expected an export, a bundle (*.bundle), a receipt, a bare git repository, or a home`,
      {
        hints: ['joulemark verify <path of ledger.git>'],
      },
    );
  }
  const store = openGitStore(repository);
  return { ...STRANGER, folder: null, verify: (options) => verifyStore(store, options) };
}

/** What nobody here has verified before. */
const STRANGER = {
  ledger: null,
  isOwn: false,
  pinned: null,
  checked: new Map(),
  remember: () => undefined,
  adopt: () => undefined,
} as const;

function exportCopy(path: string, told: string | null, onto: readonly string[]): Copy {
  const copy = readExportCopy(path, told);
  const earlier = onto.map((folder) => readExportCopy(folder));
  return {
    ...STRANGER,
    folder: copy.folder === null ? null : toToldExport(copy.folder, told),
    verify: (options) => verifyExport(copy, earlier, options),
  };
}

/**
 * The home that one stands in. One's own goes on from what it has verified itself; in one that somebody else prepared all is verified from
 * genesis, and its ledger id is compared with nothing.
 * @throws JoulemarkError NO_LEDGER when it has joined no ledger.
 */
export function homeCopy(directory: string): Copy {
  const paths = toHomePaths(directory);
  const { config } = readHomeConfig(directory);
  if (config.ledger === undefined)
    throw new JoulemarkError('NO_LEDGER', `the home '${directory}' has joined no ledger yet`, {
      hints: ['joulemark join <remote> --ledger <id>'],
    });
  const { ledger } = config;
  const isOwn = isOwnHome(paths, ledger);
  const store = openGitStore(paths.store);
  let checkpoint: Checkpoint | null = null;
  let mayRemember = isOwn;
  return {
    verify: (options) => {
      checkpoint = isOwn && options.checked.size > 0 ? readCheckpoint(paths, ledger) : null;
      return verifyStore(store, { ...options, checkpoint });
    },
    folder: null,
    ledger,
    isOwn,
    pinned: isOwn ? readPin(paths.pin) : null,
    checked: isOwn ? readCheckedStates(paths.checked) : new Map(),
    remember: (verification) => {
      const { states, broken } = verification;
      if (!mayRemember || broken.length > 0) return;
      writeCheckedStates(paths.checked, states);
      keepCheckpoint(paths, verification, checkpoint);
    },
    adopt: () => {
      adoptHome(paths, ledger);
      mayRemember = isOwnHome(paths, ledger);
    },
  };
}
