import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCheckpoint } from '../../../src/home/checkpoint.ts';
import { JUDGED } from '../../../src/home/judged.ts';
import { keepCheckpoint } from '../../../src/home/keep-checkpoint.ts';
import { loadLedger, type LoadOptions } from '../../../src/home/ledger.ts';
import { makeReceipt } from '../../../src/home/receipt.ts';
import { verifyStore } from '../../../src/home/verify.ts';
import { decisionContent } from '../../../src/programme/entries.ts';
import { allPackages } from '../../../src/programme/packages.ts';
import type { ProgrammeState } from '../../../src/programme/state.ts';
import type { Verification } from '../../../src/programme/verification.ts';
import { decisionEntry, toDecisionContent } from '../../support/decision-entry.ts';
import { at, auditYear, createScene, DAY, decideAt, decideYear, type Scene, submitYear } from '../../support/scene.ts';
import { createSceneHome, type SceneHome } from '../../support/scene-home.ts';
import { entryOf } from '../../support/world.ts';

let scene: Scene;
let home: SceneHome;

beforeEach(() => {
  scene = createScene();
  submitYear(scene, '2024', '1000', '100');
  auditYear(scene, '2024');
  submitYear(scene, '2025', '900', '100');
  auditYear(scene, '2025');
  home = createSceneHome(scene);
});
afterEach(() => home.remove());

/** Verifies and keeps a checkpoint that can be told from the truth: it calls the certification body by another name. */
async function keep(change: (verification: Verification) => Verification = (same) => same): Promise<void> {
  const verification = await verifyStore(home.store, { ledger: home.ledger, checked: new Map() });
  const body = { ...verification.state.body, name: KEPT };
  keepCheckpoint(home.paths, change({ ...verification, state: { ...verification.state, body } }), null);
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

const decidedTime = at('2026') + 66 * DAY;

/** Puts a certificate on the ledger that no packages give. */
function forge(): number {
  const { world } = scene;
  world.time = decidedTime;
  const content = { ...toDecisionContent(world, decideAt(scene, '2025', world.time).decided), audits: [] };
  return world.append(world.body, entryOf('decision', decisionContent, content)).body.seq;
}

describe('decisions, judged', () => {
  it('are those of a replay from genesis, gone on from the checkpoint', async () => {
    home.storeAll();
    await keep();
    decideYear(scene, '2025');
    home.storeAll();
    const state = judged();
    expect(state.body.name).toBe(KEPT);
    expect(state.decisions.map(({ recomputed }) => recomputed)).toEqual([true]);
    expect(plain(state)).toEqual(plain(stateOf()));
  });

  it('are recomputed where they came after it: a forged one has no effect', async () => {
    home.storeAll();
    await keep();
    forge();
    home.storeAll();
    const { body, decisions, findings } = judged();
    expect(body.name).toBe(KEPT);
    expect(decisions.map(({ recomputed, unknown }) => ({ recomputed, unknown }))).toEqual([
      { recomputed: false, unknown: false },
    ]);
    expect(findings.map(({ code }) => code)).toContain('decision-differs');
  });

  it('are what they were found to be before it: a forged one stays without effect', async () => {
    forge();
    home.storeAll();
    await keep();
    const { body, decisions } = judged();
    expect(body.name).toBe(KEPT);
    expect(decisions.map(({ recomputed }) => recomputed)).toEqual([false]);
  });

  it('are all recomputed without a checkpoint, or with one that is not whole to the last bit', async () => {
    decideYear(scene, '2025');
    home.storeAll();
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
    home.storeAll();
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
    home.storeAll();
    await keep();
    rmSync(home.paths.mark);
    expect(judged().body.name).toBe('Certification body');
  });
});

describe('a checkpoint', () => {
  it('is written anew once many decisions came after it, though few blocks did', async () => {
    home.storeAll();
    await keep();
    for (const few of [true, false]) {
      for (let count = 0; count < 15; count += 1) forge();
      home.storeAll();
      const checkpoint = readCheckpoint(home.paths, home.ledger);
      const { states } = await verifyStore(home.store, { ledger: home.ledger, checked: new Map() });
      const went = await verifyStore(home.store, { ledger: home.ledger, checked: states, checkpoint });
      keepCheckpoint(home.paths, went, checkpoint);
      expect(readCheckpoint(home.paths, home.ledger)?.decisions).toBe(few ? 0 : 30);
    }
  });
});

describe('the receipt of a decision', () => {
  const receiptOf = (text: string) => makeReceipt({ home: home.paths.home }, text);

  it('is of the one that the packages give, where a forged one took its number before it', () => {
    const forged = forge();
    scene.world.time = decidedTime;
    const { decided } = decideAt(scene, '2025', scene.world.time);
    expect(decided.content?.number).toBe('JM-2025-0001');
    const genuine = scene.world.append(scene.world.body, decisionEntry(scene.world, decided)).body.seq;
    home.storeAll();
    expect(receiptOf('JM-2025-0001')).toMatchObject({ chain: 'programme', seq: genuine, entry: 0, type: 'decision' });
    // what was signed stays evidence, by the place where it stands
    expect(receiptOf(`${forged}:0`)).toMatchObject({ seq: forged, entry: 0, type: 'decision' });
  });

  it('is not given by a number that only a forged one took', () => {
    const forged = forge();
    home.storeAll();
    expect(() => receiptOf('JM-2025-0001')).toThrow(
      expect.objectContaining({
        code: 'VERIFY_FAILED',
        message: expect.stringContaining(`the decision 'JM-2025-0001' of block ${forged} has no effect`),
      }),
    );
    expect(receiptOf(`programme:${forged}:0`)).toMatchObject({ seq: forged });
  });
});
