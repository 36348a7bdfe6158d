import { join } from 'node:path';

/** The folder of a home, in the folder that it is for. */
export const HOME_FOLDER = '.joulemark';

/** Where everything of a home is. Keys and what protects them stand outside the repository. */
export interface HomePaths {
  readonly home: string;
  readonly config: string;
  readonly store: string;
  readonly keys: string;
  readonly keyFile: string;
  readonly nextKeyFile: string;
  /** The next key but one, durable before a rotation announces it. */
  readonly stagedKeyFile: string;
  readonly highWaterMark: string;
  readonly pin: string;
  readonly checked: string;
  /** What one's own chain came to at the last submission (own-cache.ts). */
  readonly ownChain: string;
  /** What verification goes on from (checkpoint.ts). */
  readonly checkpoint: string;
  /** Says whose home this is (own-home.ts). */
  readonly mark: string;
  readonly firstSeen: string;
  readonly lock: string;
  readonly journal: string;
  readonly drafts: string;
  readonly spool: string;
}

export function toHomePaths(home: string): HomePaths {
  const keys = join(home, 'keys');
  return {
    home,
    config: join(home, 'config.yaml'),
    store: join(home, 'ledger.git'),
    keys,
    keyFile: join(keys, 'joulemark.key'),
    nextKeyFile: join(keys, 'next.key'),
    stagedKeyFile: join(keys, 'staged.key'),
    highWaterMark: join(keys, 'high-water-mark'),
    pin: join(home, 'pin.json'),
    checked: join(home, 'checked.json'),
    ownChain: join(home, 'own-chain.cache'),
    checkpoint: join(home, 'checkpoint.cache'),
    mark: join(home, 'mark'),
    firstSeen: join(home, 'first-seen'),
    lock: join(home, 'lock'),
    journal: home,
    drafts: join(home, 'drafts'),
    spool: join(home, 'spool'),
  };
}
