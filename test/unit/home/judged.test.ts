import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refOf } from '../../../src/home/chain-reader.ts';
import { readCheckpoint } from '../../../src/home/checkpoint.ts';
import { JUDGED } from '../../../src/home/judged.ts';
import { keepCheckpoint } from '../../../src/home/keep-checkpoint.ts';
import { loadLedger, type LedgerHome, type LoadOptions } from '../../../src/home/ledger.ts';
import { markOwnHome } from '../../../src/home/own-home.ts';
import { toHomePaths } from '../../../src/home/paths.ts';
import { verifyStore } from '../../../src/home/verify.ts';
import { type GitStore, initGitStore } from '../../../src/ledger/store/git-store.ts';
import { decisionContent } from '../../../src/programme/entries.ts';
import { allPackages } from '../../../src/programme/packages.ts';
import type { ProgrammeState } from '../../../src/programme/state.ts';
import type { Verification } from '../../../src/programme/verification.ts';
import { toDecisionContent } from '../../support/decision-entry.ts';
import { at, auditYear, createScene, DAY, decideAt, decideYear, type Scene, submitYear } from '../../support/scene.ts';
import { type Actor, entryOf } from '../../support/world.ts';

let scene: Scene;
let folder: string;
let home: LedgerHome;
let store: GitStore;
let lengths: Map<Actor, number>;
const stateHome = process.env['XDG_STATE_HOME'];

beforeEach(() => {
  scene = createScene();
  submitYear(scene, '2024', '1000', '100');
  auditYear(scene, '2024');
  submitYear(scene, '2025', '900', '100');
  auditYear(scene, '2025');
  folder = mkdtempSync(join(tmpdir(), 'joulemark-judged-'));
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
  const directory = join(folder, 'home');
  mkdirSync(directory);
  const paths = toHomePaths(directory);
  store = initGitStore(paths.store);
  home = { paths, store, ledger: scene.world.ledger };
  lengths = new Map();
  markOwnHome(paths, scene.world.ledger);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
  if (stateHome === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = stateHome;
});

/** Stores whatever the chains hold by now. */
function storeAll(): void {
  for (const actor of [scene.world.body, ...scene.world.actors.values()]) {
    const ref = refOf(actor.state);
    const nextSeq = lengths.get(actor) ?? 0;
    const records = actor.records.slice(nextSeq);
    if (records.length > 0)
      store.appendRecords({ ref, expectedHead: store.readRef(ref), nextSeq, records, time: scene.world.time });
    lengths.set(actor, actor.records.length);
  }
}

/** Verifies and keeps a checkpoint that can be told from the truth: it calls the certification body by another name. */
async function keep(change: (verification: Verification) => Verification = (same) => same): Promise<void> {
  const verification = await verifyStore(store, { ledger: home.ledger, checked: new Map() });
  const body = { ...verification.state.body, name: KEPT };
  keepCheckpoint(home.paths, change({ ...verification, state: { ...verification.state, body } }), 0);
  expect(readCheckpoint(home.paths, home.ledger)).not.toBeNull();
}
const KEPT = 'as it was kept';

const stateOf = (options?: LoadOptions): ProgrammeState => loadLedger(home, options).state;
const judged = (): ProgrammeState => stateOf(JUDGED);

/** A state without the mark that `keep` leaves, in a form that can be compared. */
const plain = (state: ProgrammeState): object => ({
  ...state,
  body: { ...state.body, name: '' },
  organisations: [...state.organisations.values()].map(({ packages, ...organisation }) => ({
    ...organisation,
    packages: [...allPackages(packages)].map(({ commit, standing, payload }) => ({ commit, standing, payload })),
  })),
});

function forge(): void {
  const { world } = scene;
  world.time = at('2026') + 66 * DAY;
  const { decided } = decideAt(scene, '2025', world.time);
  const content = { ...toDecisionContent(world, decided), number: 'JM-2025-0099' };
  world.append(world.body, entryOf('decision', decisionContent, content));
}

describe('decisions, judged', () => {
  it('are those of a replay from genesis, gone on from the checkpoint', async () => {
    storeAll();
    await keep();
    decideYear(scene, '2025');
    storeAll();
    const state = judged();
    expect(state.body.name).toBe(KEPT);
    expect(state.decisions.map(({ recomputed }) => recomputed)).toEqual([true]);
    expect(plain(state)).toEqual(plain(stateOf()));
  });

  it('are recomputed where they came after it: a forged one has no effect', async () => {
    storeAll();
    await keep();
    forge();
    storeAll();
    const { body, decisions, findings } = judged();
    expect(body.name).toBe(KEPT);
    expect(decisions.map(({ recomputed, unknown }) => ({ recomputed, unknown }))).toEqual([
      { recomputed: false, unknown: false },
    ]);
    expect(findings.map(({ code }) => code)).toContain('decision-differs');
  });

  it('are what they were found to be before it: a forged one stays without effect', async () => {
    forge();
    storeAll();
    await keep();
    const { body, decisions } = judged();
    expect(body.name).toBe(KEPT);
    expect(decisions.map(({ recomputed }) => recomputed)).toEqual([false]);
  });

  it('are all recomputed without a checkpoint, or with one that is not whole to the last bit', async () => {
    decideYear(scene, '2025');
    storeAll();
    const whole = plain(stateOf());
    expect(plain(judged())).toEqual(whole);
    await keep();
    const bytes = readFileSync(home.paths.checkpoint);
    for (let place = 0; place < bytes.length; place += 997) {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ 4;
      writeFileSync(home.paths.checkpoint, changed);
      const state = judged();
      expect({ place, name: state.body.name }).toEqual({ place, name: 'Certification body' });
      expect(plain(state)).toEqual(whole);
    }
  });

  it('are all recomputed where a chain does not lead on from what was verified', async () => {
    storeAll();
    await keep((verification) => ({
      ...verification,
      states: new Map(
        [...verification.states].map(([ref, state]) => [
          ref,
          state.kind === 'organisation' ? { ...state, seq: state.seq + 1 } : state,
        ]),
      ),
    }));
    expect(judged().body.name).toBe('Certification body');
  });

  it('are all recomputed in a home that this user did not make', async () => {
    storeAll();
    await keep();
    rmSync(home.paths.mark);
    expect(judged().body.name).toBe('Certification body');
  });
});
