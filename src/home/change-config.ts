import { withLock } from '../ledger/store/lock.ts';
import { type HomeConfig, readConfig, writeConfig } from './config.ts';
import { toHomePaths } from './paths.ts';

/** Reads, changes and writes the configuration of a home under its lock; an unchanged object writes nothing. `wait`: seconds. */
export async function changeConfig(
  home: string,
  wait: number,
  change: (config: HomeConfig) => HomeConfig,
): Promise<HomeConfig> {
  const paths = toHomePaths(home);
  return withLock(paths.lock, { wait: wait * 1000 }, () => {
    const before = readConfig(paths.config);
    const after = change(before);
    if (after !== before) writeConfig(paths.config, after);
    return after;
  });
}
