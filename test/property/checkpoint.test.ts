import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refOf } from '../../src/home/chain-reader.ts';
import { readCheckpoint, StaleCheckpoint } from '../../src/home/checkpoint.ts';
import { keepCheckpoint } from '../../src/home/keep-checkpoint.ts';
import { markOwnHome } from '../../src/home/own-home.ts';
import { type HomePaths, toHomePaths } from '../../src/home/paths.ts';
import { verifyStore } from '../../src/home/verify.ts';
import type { ChainState } from '../../src/ledger/chain.ts';
import { type GitStore, initGitStore } from '../../src/ledger/store/git-store.ts';
import { meterEventContent } from '../../src/programme/entries.ts';
import { allPackages } from '../../src/programme/packages.ts';
import type { Verification } from '../../src/programme/verification.ts';
import {
  at,
  auditYear,
  broadcastAt,
  correction,
  createScene,
  DAY,
  decideYear,
  documentEntry,
  boundaryText,
  heatPackage,
  METERS,
  monthSpan,
  outPackage,
  quantity,
  submit,
  submitYear,
} from '../support/scene.ts';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { type Actor, entryOf, packageEntry, type World } from '../support/world.ts';

/** Two years in which much goes wrong: every sort of finding that is made of more than one package, corrections, audits, decisions. */
function makeWorld(): World {
  const scene = createScene({
    boundary: boundaryText(
      `${METERS}\n  dial: {kind: energy, at: gate, counts: use, unit: mmBtu, reads: register, digits: 4}`,
    ),
  });
  const { world, plant } = scene;
  const dial = (month: string, open: string, close: string, more = {}): Uint8Array => {
    const { start, end } = monthSpan(month);
    const register = { open: parseDecimal(open), close: parseDecimal(close) };
    return packageEntry(
      world.packageOf(plant, 'dial', 'energy', start, end, { ...quantity('100'), register, ...more }),
    );
  };
  const ghost = (month: string): Uint8Array => {
    const { start, end } = monthSpan(month);
    return packageEntry(world.packageOf(plant, 'ghost', 'energy', start, end, quantity('1')));
  };
  submitYear(scene, '2024', '1000', '100', (packages, month) => {
    const label = `2024-${String(month).padStart(2, '0')}`;
    // a gap in the register, a package declared idle that is not, one of no meter, one that is a month late
    world.append(plant, dial(label, String(100 * (month - 1)), String(100 * month + Number(month === 5))));
    if (month % 4 === 0) world.append(plant, ghost(label));
    return month === 7 ? packages.slice(0, 1) : packages;
  });
  submit(scene, world.time + 200 * DAY, outPackage(scene, monthSpan('2024-07'), '100'));
  const january = heatPackage(scene, monthSpan('2024-01'), '1000');
  world.append(plant, correction(january, heatPackage(scene, monthSpan('2024-01'), '1001')));
  world.append(plant, packageEntry(heatPackage(scene, monthSpan('2024-02'), '1')));
  broadcastAt(scene, world.time + DAY);
  auditYear(scene, '2024');
  world.append(plant, dial('2025-01', '1201', '1201', { provenance: 'idle', quantity: parseDecimal('0') }));
  world.append(plant, dial('2025-02', '1300', '1400'));
  world.append(
    plant,
    entryOf('meter-event', meterEventContent, { meter: 'dial', event: 'rollover', at: monthSpan('2025-02').start }),
  );
  submitYear(scene, '2025', '900', '100');
  auditYear(scene, '2025');
  world.append(plant, documentEntry('boundary', boundaryText()));
  world.join('Newcomer');
  broadcastAt(scene, Math.max(world.time, at('2026') + 40 * DAY));
  decideYear(scene, '2025');
  return world;
}

let world: World;
let chains: readonly Actor[];
let folder: string;
let paths: HomePaths;
let store: GitStore;
const stateHome = process.env['XDG_STATE_HOME'];

beforeAll(() => {
  world = makeWorld();
  chains = [world.body, ...world.actors.values()];
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'joulemark-checkpoint-'));
  process.env['XDG_STATE_HOME'] = join(folder, 'state');
  openNewHome(0);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(() => {
  if (stateHome === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = stateHome;
});

function openNewHome(number: number): void {
  const home = join(folder, `home-${number}`);
  mkdirSync(home);
  paths = toHomePaths(home);
  store = initGitStore(paths.store);
  markOwnHome(paths, world.ledger);
}

/** Brings the chain of an actor to a length. */
function grow(actor: Actor, length: number): void {
  const ref = refOf(actor.state);
  const head = store.readRef(ref);
  const nextSeq = head === null ? 0 : (lengths.get(actor) ?? 0);
  if (length <= nextSeq) return;
  const records = actor.records.slice(nextSeq, length);
  store.appendRecords({ ref, expectedHead: head, nextSeq, records, time: 0 });
  lengths.set(actor, length);
}
let lengths = new Map<Actor, number>();

/** Everything that a verification says, in a form that can be compared. */
function told({ state, cursor, ...verification }: Verification): object {
  const { memo: _memo, verifiedNow: _now, unread: _unread, branches, programmeId, coveredId, ...plain } = verification;
  return {
    ...plain,
    cursor,
    state: {
      ...state,
      organisations: [...state.organisations.values()].map(({ packages, ...organisation }) => ({
        ...organisation,
        replaced: packages.replaced,
        size: packages.size,
        packages: [...allPackages(packages)].map(
          ({ commit, meter, kind, start, end, time, standing, place, payload, corrects }) => ({
            commit,
            meter,
            kind,
            start,
            end,
            time,
            standing,
            place,
            payload,
            corrects,
          }),
        ),
      })),
    },
    ids: [...branches].map(([ref, { length, idAt, block }]) => [
      ref,
      Array.from({ length }, (_, seq) => [idAt(seq), block(seq).id]),
    ]),
    programme: Array.from({ length: 50 }, (_, seq) => programmeId(seq)),
    covered: [...state.organisations.keys()].map((org) => Array.from({ length: 50 }, (_, seq) => coveredId(org, seq))),
  };
}

const full = (): Promise<Verification> => verifyStore(store, { ledger: world.ledger, checked: new Map() });
const on = (checked: ReadonlyMap<string, ChainState>): Promise<Verification> =>
  verifyStore(store, { ledger: world.ledger, checked, checkpoint: readCheckpoint(paths, world.ledger) });

/** Most chains are here as far as they are listed; the others make listings absent, of which nothing may be kept. */
const otherCut = fc.oneof({ arbitrary: fc.constant(99), weight: 4 }, { arbitrary: fc.nat(60), weight: 1 });

describe('going on from a checkpoint', () => {
  it('says what a verification from genesis says, however the ledger grew', async () => {
    let number = 0;
    let gone = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ cuts: fc.tuple(fc.nat(50), otherCut, otherCut, otherCut), keep: fc.boolean() }), {
          minLength: 2,
          maxLength: 5,
        }),
        async (steps) => {
          number += 1;
          store.close();
          openNewHome(number);
          lengths = new Map();
          let checked: ReadonlyMap<string, ChainState> = new Map();
          for (const { cuts, keep } of [...steps, { cuts: [99, 99, 99, 99], keep: true }]) {
            for (const [index, actor] of chains.entries())
              grow(actor, Math.min(actor.records.length, Math.max(1, cuts[index] ?? 0)));
            const whole = await full();
            if (checked.size > 0) {
              const known = readCheckpoint(paths, world.ledger);
              const went = await on(checked);
              expect(told(went)).toEqual(told(whole));
              if (known !== null) gone += 1;
              if (keep) keepCheckpoint(paths, went, null);
            } else if (keep) keepCheckpoint(paths, whole, null);
            checked = whole.states;
          }
        },
      ),
      { numRuns: 12 },
    );
    expect(gone).toBeGreaterThan(8);
  });

  it('keeps nothing but plain data, so that what is read back is what was kept', async () => {
    for (const actor of chains) grow(actor, actor.records.length);
    const { state, cursor, memo, states } = await full();
    const odd: string[] = [];
    const plain = new Set<unknown>([
      Object,
      Array,
      Map,
      Set,
      Uint8Array,
      Int8Array,
      Uint16Array,
      Int32Array,
      Float64Array,
      Buffer,
    ]);
    const walk = (value: unknown, path: string): void => {
      if (typeof value === 'function') odd.push(path);
      if (typeof value !== 'object' || value === null) return;
      if (Object.getPrototypeOf(value) !== null && !plain.has(value.constructor)) odd.push(path);
      if (ArrayBuffer.isView(value)) return;
      const inside = value instanceof Map || value instanceof Set ? value.entries() : Object.entries(value);
      for (const [key, part] of inside) {
        walk(key, path);
        walk(part, `${path}.${String(key)}`);
      }
    };
    walk([state, cursor, memo, [...states]], '');
    expect(odd).toEqual([]);
  });

  it('looks at nothing else than what is new', async () => {
    for (const actor of chains)
      grow(actor, actor === world.body ? Math.ceil(actor.records.length / 2) : actor.records.length);
    const before = await full();
    keepCheckpoint(paths, before, null);
    expect(readCheckpoint(paths, world.ledger)?.cursor.next).toBe(before.cursor.next);
    grow(world.body, world.body.records.length);
    const read = new Set<string>();
    const readObject = store.readObject.bind(store);
    store.readObject = (oid, type) => {
      read.add(oid);
      return readObject(oid, type);
    };
    const { verifiedNow, unread, blocks } = await on(before.states);
    expect(unread).toBe(before.blocks);
    expect(verifiedNow).toBe(world.body.records.length - before.cursor.next);
    const old = chains.flatMap(({ state }) => {
      const files = store.listSegments(refOf(state));
      return files.length > 3 ? files.slice(0, 1) : [];
    });
    expect(old.length).toBe(2);
    expect(old.filter(({ oid }) => read.has(oid))).toEqual([]);
    expect(blocks).toBe(chains.reduce((sum, { records }) => sum + records.length, 0));
  });
});

describe('a checkpoint is not used', () => {
  const setUp = async (): Promise<Verification> => {
    for (const actor of chains) grow(actor, Math.ceil(actor.records.length / 2));
    for (const actor of chains.slice(1)) grow(actor, actor.records.length);
    const verified = await full();
    keepCheckpoint(paths, verified, null);
    expect(readCheckpoint(paths, world.ledger)).not.toBeNull();
    return verified;
  };
  beforeEach(() => {
    lengths = new Map();
  });

  it('with any bit of it changed, or cut short', async () => {
    const { states } = await setUp();
    grow(world.body, world.body.records.length);
    const expected = told(await full());
    const bytes = readFileSync(paths.checkpoint);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), fc.boolean(), async (place, bit, cut) => {
        const changed = Buffer.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ (1 << bit);
        writeFileSync(paths.checkpoint, cut ? changed.subarray(0, place) : changed);
        const found = on(states).then(told, asStale);
        expect([expected, 'stale']).toContainEqual(await found.catch(asStale));
      }),
      { numRuns: 40 },
    );
  });

  it('in a home that was moved, of another ledger, or by another user', async () => {
    await setUp();
    expect(readCheckpoint(paths, world.body.blocks[1]?.id ?? world.ledger)).toBeNull();
    const moved = toHomePaths(join(folder, 'moved'));
    renameSync(paths.home, moved.home);
    expect(readCheckpoint(moved, world.ledger)).toBeNull();
    renameSync(moved.home, paths.home);
    expect(readCheckpoint(paths, world.ledger)).not.toBeNull();
    process.env['XDG_STATE_HOME'] = join(folder, 'another');
    expect(readCheckpoint(paths, world.ledger)).toBeNull();
  });

  it('where a branch does not lead on from what was verified', async () => {
    const { states } = await setUp();
    const [plant] = chains.slice(2);
    const ref = refOf(plant!.state);
    const head = store.readRef(ref);
    // the same blocks laid out anew lead on; a shorter chain does not
    store.compareAndSwapRef(ref, head, rewritten(store, ref, plant!.records.slice(0, 5)));
    expect(told(await on(states))).toEqual(told(await full()));
  });
});

/** A section that is asked for after the verification: whoever asks begins again without the checkpoint. */
function asStale(error: unknown): 'stale' {
  if (error instanceof StaleCheckpoint) return 'stale';
  throw error;
}

/** A branch of its own with these records. */
function rewritten(into: GitStore, ref: string, records: readonly Uint8Array[]): string {
  const name = `${ref.slice(0, -4)}${'0'.repeat(4)}`;
  const oid = into.appendRecords({ ref: name, expectedHead: null, nextSeq: 0, records, time: 0 });
  rmSync(join(into.directory, name));
  return oid;
}
