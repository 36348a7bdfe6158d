/** Temporary folders for bytes that are not verified yet: gone in every outcome, those of killed processes on the next run. */
import { join } from 'node:path';
import { GitStore } from '../store/git-store.ts';
import { PROGRAMME_REF } from '../git/ref-name.ts';
import { createDirectory, removeTree } from '../store/folders.ts';
import { createPlainFile } from '../store/files.ts';
import { listDirectory } from '../store/read-files.ts';
import { mayBeAlive, parseIdentity, processIdentity } from '../store/process-identity.ts';

let count = 0;

/**
 * Runs `run` with an empty git store under `<home>/quarantine`, through which `over` (the main store) can be read, and removes it
 * afterwards whatever happened.
 */
export async function withQuarantine<T>(
  home: string,
  over: GitStore,
  run: (quarantine: GitStore) => T | Promise<T>,
): Promise<T> {
  const parent = join(home, 'quarantine');
  for (const name of listDirectory(parent)) {
    const identity = name.split('~')[0] ?? '';
    if (parseIdentity(identity) === null || !mayBeAlive(identity)) removeTree(join(parent, name));
  }
  count += 1;
  const directory = join(parent, `${processIdentity()}~${count}-${process.hrtime.bigint().toString(36)}`);
  const store = new GitStore(directory, over);
  try {
    // As much of a repository as our own reader asks for; nothing in here need outlive a crash.
    createDirectory(join(directory, 'objects/pack'));
    createPlainFile(join(directory, 'config'), '[core]\n\tbare = true\n');
    createPlainFile(join(directory, 'HEAD'), `ref: ${PROGRAMME_REF}\n`);
    return await run(store);
  } finally {
    store.close();
    removeTree(directory);
  }
}
