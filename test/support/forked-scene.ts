import { encodeEntry } from '../../src/ledger/entry.ts';
import { forkContent } from '../../src/programme/entries.ts';
import { at, auditYear, createScene, DAY, decideYear, type Scene, submitYear } from './scene.ts';
import { entryOf } from './world.ts';

/** A plant that is certified after its certification body signed two blocks in one place; the plant put both on its chain. */
export interface ForkedScene extends Scene {
  /** The place of the two. */
  readonly seq: number;
  /** The block there that the copy goes on from, and the other one. */
  readonly id: string;
  readonly otherId: string;
}

export function createForkedScene(): ForkedScene {
  const scene = createScene();
  const { world, plant } = scene;
  submitYear(scene, '2024', '1000', '100');
  auditYear(scene, '2024');
  submitYear(scene, '2025', '900', '100');
  auditYear(scene, '2025');
  world.time = at('2026') + 40 * DAY;
  const { state } = world.body;
  const other = world.append(world.body, encodeEntry('note', new Map([['number', 2]])));
  // it was never there
  world.body.state = state;
  world.body.blocks.pop();
  world.body.records.pop();
  const meant = world.broadcast();
  world.append(plant, entryOf('fork', forkContent, { a: other.bytes, b: meant.bytes }));
  world.broadcast();
  decideYear(scene, '2025');
  return { ...scene, seq: meant.body.seq, id: meant.id, otherId: other.id };
}
