/** A scene in a home of one's own on disk. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refOf } from '../../src/home/chain-reader.ts';
import { writeConfig } from '../../src/home/config.ts';
import type { LedgerHome } from '../../src/home/ledger.ts';
import { markOwnHome } from '../../src/home/own-home.ts';
import { toHomePaths } from '../../src/home/paths.ts';
import { initGitStore } from '../../src/ledger/store/git-store.ts';
import type { Scene } from './scene.ts';
import type { Actor } from './world.ts';

export interface SceneHome extends LedgerHome {
  /** Stores whatever the chains of the scene hold by now. */
  storeAll(): void;
  remove(): void;
}

/** The home of the certification body, of a user whose state is kept in a folder of its own until it is removed. */
export function createSceneHome({ world }: Pick<Scene, 'world'>): SceneHome {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-scene-'));
  const stateHome = process.env['XDG_STATE_HOME'];
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
  const directory = join(folder, '.joulemark');
  mkdirSync(directory);
  const paths = toHomePaths(directory);
  const store = initGitStore(paths.store);
  writeConfig(paths.config, { joulemark: 'config/1', name: 'Body', ledger: world.ledger, org: world.ledger });
  markOwnHome(paths, world.ledger);
  const lengths = new Map<Actor, number>();
  return {
    paths,
    store,
    ledger: world.ledger,
    storeAll: () => {
      for (const actor of [world.body, ...world.actors.values()]) {
        const ref = refOf(actor.state);
        const nextSeq = lengths.get(actor) ?? 0;
        const records = actor.records.slice(nextSeq);
        if (records.length > 0)
          store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq, records, time: world.time });
        lengths.set(actor, actor.records.length);
      }
    },
    remove: () => {
      store.close();
      rmSync(folder, { recursive: true, force: true });
      if (stateHome === undefined) delete process.env['XDG_STATE_HOME'];
      else process.env['XDG_STATE_HOME'] = stateHome;
    },
  };
}
