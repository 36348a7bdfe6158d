/** A world as others get it: a bare repository, and a bundle. */
import { refOf } from '../../src/home/chain-reader.ts';
import { encodeBundle } from '../../src/ledger/remote/bundle.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import type { World } from './world.ts';

export interface WorldBundle {
  /** The bare repository that the bundle was made of. */
  readonly directory: string;
  readonly bundle: Uint8Array;
  readonly blocks: number;
}

export function bundleWorld(world: World, directory: string): WorldBundle {
  const store = initGitStore(directory);
  let blocks = 0;
  for (const { state, records } of [world.body, ...world.actors.values()]) {
    store.appendRecords({ ref: refOf(state), expectedHead: null, nextSeq: 0, records, time: world.time });
    blocks += records.length;
  }
  const bundle = encodeBundle(store, store.listRefs(), world.time);
  store.close();
  return { directory, bundle, blocks };
}
