import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/crypto/hash.ts';
import { encodeEntry } from '../../../src/ledger/entry.ts';
import { broadcastContent } from '../../../src/ledger/entries.ts';
import { type Branch, toBranch } from '../../../src/ledger/branch.ts';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import type { CborMap, CborValue } from '../../../src/ledger/codec/value.ts';
import { decodeCbor } from '../../../src/ledger/codec/decode.ts';
import { ORGANISATION_ENTRY_TYPES, packageContent, PROGRAMME_ENTRY_TYPES } from '../../../src/programme/entries.ts';
import { commitTo } from '../../../src/programme/package.ts';
import { replay } from '../../../src/programme/replay.ts';
import type { ProgrammeState } from '../../../src/programme/state.ts';
import {
  at,
  auditYear,
  boundaryText,
  broadcastAt,
  codesOf,
  createScene,
  DAY,
  decideYear,
  documentEntry,
  heatPackage,
  monthSpan,
  outPackage,
  plantOf,
  type Scene,
  submit,
  submitYear,
} from '../../support/scene.ts';
import { policyText } from '../../support/policy-text.ts';
import { allPackages, hasPackage } from '../../../src/programme/packages.ts';
import { entryOf, packageEntry } from '../../support/world.ts';

/** Everything that a state says, as one text: two states are the same where their texts are. */
function stateText(state: ProgrammeState): string {
  return JSON.stringify(state, (_, value: unknown) => {
    if (value instanceof Map) return [...value.entries()];
    if (value instanceof Set) return [...value];
    if (value instanceof Uint8Array) return toHex(value);
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

function decidedScene(): Scene {
  const scene = createScene();
  submitYear(scene, '2024', '100', '10');
  submitYear(scene, '2025', '90', '10');
  auditYear(scene, '2025');
  decideYear(scene, '2025');
  return scene;
}

/** The walk over the blocks of a scene with other branches known beside. */
function replayWith(
  { world }: Scene,
  more: (org: Id) => readonly Branch[],
  order: (branches: readonly Branch[]) => readonly Branch[] = (same) => same,
): ProgrammeState {
  const branches = (org: Id): readonly Branch[] => {
    const actor = world.actors.get(org);
    return order([...(actor === undefined ? [] : [toBranch(actor.blocks)]), ...more(org)]);
  };
  return replay(world.body.blocks, {
    ledger: world.ledger,
    branches,
    organisations: () => world.actors.keys(),
    programmeId: (seq) => world.body.blocks[seq]?.id,
  }).state;
}

describe('a replay', () => {
  it('gives the same state from the same blocks, each time', () => {
    const scene = decidedScene();
    expect(stateText(scene.world.replay().state)).toBe(stateText(scene.world.replay().state));
  });

  it('of the first blocks is where a replay of all of them was', () => {
    const scene = decidedScene();
    const { body } = scene.world;
    const half = Math.floor(body.blocks.length / 2);
    const seen: string[] = [];
    scene.world.replay({
      before: (event, state) => {
        if (event.org === null && event.seq === half && event.index === 0)
          seen.push(
            stateText({
              ...state,
              head: {
                ...state.head,
                seq: half - 1,
                id: body.blocks[half - 1]!.id,
                time: body.blocks[half - 1]!.body.time,
              },
            }),
          );
        return seen.length === 0;
      },
    });
    const view = {
      ledger: scene.world.ledger,
      branches: (org: Id) => [toBranch(scene.world.actors.get(org)!.blocks)],
      organisations: () => scene.world.actors.keys(),
      programmeId: (seq: number) => body.blocks[seq]?.id,
    };
    expect(stateText(replay(body.blocks.slice(0, half), view).state)).toBe(seen[0]);
  });

  it('with decisions taken as signed gives the same state', () => {
    const scene = decidedScene();
    expect(stateText(scene.world.replay({ decisions: 'as-signed' }).state)).toBe(stateText(scene.world.replay().state));
  });
});

describe('covered is final', () => {
  it('blocks above the covered heads change nothing', () => {
    const scene = decidedScene();
    const before = stateText(scene.world.replay().state);
    scene.world.append(scene.plant, packageEntry(heatPackage(scene, monthSpan('2026-01'), '1')));
    expect(stateText(scene.world.replay().state)).toBe(before);
  });

  it('another branch of a covered chain changes nothing, whichever is known first', () => {
    const scene = decidedScene();
    const { blocks } = createForked();
    expect(blocks[1]!.id).toBe(scene.plant.blocks[1]!.id);
    expect(blocks.at(-1)!.id).not.toBe(scene.plant.blocks[blocks.length - 1]!.id);
    const before = stateText(scene.world.replay().state);
    for (const order of [(same: readonly Branch[]) => same, (same: readonly Branch[]) => same.toReversed()]) {
      expect(stateText(replayWith(scene, (org) => (org === scene.plant.id ? [toBranch(blocks)] : []), order))).toBe(
        before,
      );
    }
  });

  /** The plant's chain as it would be had it doubled its output from its third block on. */
  function createForked() {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10', (packages, month) => (month < 3 ? packages : [packages[0]!]));
    return scene.plant;
  }

  it('unknown organisations change nothing', () => {
    const scene = decidedScene();
    const before = stateText(scene.world.replay().state);
    scene.world.join('Nobody');
    expect(stateText(scene.world.replay().state)).toBe(before);
  });
});

describe('a copy that lacks what was listed', () => {
  it('says so, does not call decisions different, and answers as the whole ledger does once it has it', () => {
    const scene = decidedScene();
    const lacking = (absent: Id) =>
      replay(scene.world.body.blocks, {
        ledger: scene.world.ledger,
        branches: (org) => (org === absent ? [] : [toBranch(scene.world.actors.get(org)!.blocks)]),
        organisations: () => scene.world.actors.keys(),
        programmeId: (seq) => scene.world.body.blocks[seq]?.id,
      }).state;
    for (const { id } of [scene.plant, scene.supplier]) {
      const state = lacking(id);
      expect([...state.absent]).toEqual([id]);
      expect([...new Set(codesOf(state.findings))]).toEqual(
        expect.arrayContaining(['listing-absent', 'decision-not-recomputed']),
      );
      expect(codesOf(state.findings)).not.toContain('decision-differs');
      expect(codesOf(state.findings)).not.toContain('decision-unauthorised');
    }
  });
});

describe('what an entry holds cannot stop the walk', () => {
  const scene = createScene();
  submitYear(scene, '2024', '100', '10');
  const counted = [...allPackages(plantOf(scene, scene.world.replay().state).packages)].map(({ commit }) => commit);

  const leaf = fc.oneof(
    fc.constantFrom<CborValue>(null, true, false, '', 0, -1, 2 ** 53 - 1, 253_402_300_799, at('2024'), at('2025')),
    fc.string({ maxLength: 12, unit: 'grapheme-ascii' }),
    fc.integer(),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom<CborValue>(
      ...[scene.plant.id, scene.supplier.id, scene.world.ledger].map((id) =>
        Uint8Array.from(id.match(/../g)!, (hex) => Number.parseInt(hex, 16)),
      ),
    ),
    fc.constantFrom<CborValue>('applicant', 'auditor', 'upstream', 'heat', 'energy', 'gate', 'CERTIFIED'),
  );
  const keys = fc.constantFrom(
    'document',
    'org',
    'roles',
    'relations',
    'until',
    'first_period',
    'applicant',
    'relation',
    'auditor',
    'window',
    'due',
    'heads',
    'reason',
    'seq',
    'entry',
    'ruling',
    'meter',
    'event',
    'at',
    'kind',
    'interval',
    'commit',
    'salt',
    'payload',
    'replaces',
    'package',
    'labels',
    'root',
    'verdict',
    'figures',
    'period',
    'status',
    'boundary',
    'x',
  );
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    ),
  }));
  const content = fc.array(fc.tuple(keys, value), { maxLength: 6 }).map((pairs) => new Map(pairs));

  /** Contents that are right but for one place in them. */
  const right: ReadonlyMap<string, CborMap> = new Map<string, CborMap>([
    ['policy', decodeEntry(documentEntry('policy', policyText()))],
    ['boundary', decodeEntry(documentEntry('boundary', boundaryText()))],
    [
      'table',
      decodeEntry(
        documentEntry(
          'table',
          'joulemark: table/1\nname: t\nedition: "1"\nrows: {coal: {unit: t, factor: "1", factor_unit: GJ/t}}\nseries: {s: {"2024": "1"}}',
        ),
      ),
    ],
    ['package', decodeEntry(packageEntry(outPackage(scene, monthSpan('2025-01'), '1')))],
    ['decision', decodeEntry(decisionOf())],
  ]);

  function decodeEntry(bytes: Uint8Array): CborMap {
    return (decodeCbor(bytes) as readonly [string, CborMap])[1];
  }

  function decisionOf(): Uint8Array {
    const other = decidedScene();
    const last = other.world.body.blocks.at(-1)!;
    return (last.items[0] as { readonly bytes: Uint8Array }).bytes;
  }

  function spoil(whole: CborValue, path: readonly number[], put: CborValue): CborValue {
    const [first = 0, ...rest] = path;
    if (whole instanceof Map && whole.size > 0) {
      const entries = [...whole] as [string, CborValue][];
      const place = first % entries.length;
      return new Map(
        entries.map(([key, element], index) => [key, index === place ? spoil(element, rest, put) : element]),
      );
    }
    if (Array.isArray(whole) && whole.length > 0) {
      const place = first % whole.length;
      return whole.map((element: CborValue, index) => (index === place ? spoil(element, rest, put) : element));
    }
    return put;
  }

  const fixed = fc.constantFrom(...right).chain(([type, whole]) =>
    fc.tuple(
      fc.constant(type),
      fc
        .tuple(fc.array(fc.nat(60), { minLength: 1, maxLength: 6 }), leaf)
        .map(([path, put]) => spoil(whole, path, put) as CborMap),
    ),
  );
  const free = fc.tuple(
    fc.oneof(
      fc.constantFrom(...PROGRAMME_ENTRY_TYPES, ...ORGANISATION_ENTRY_TYPES),
      fc.string({ maxLength: 8, unit: 'grapheme-ascii' }),
    ),
    content,
  );
  // entries that enrol keys have a place of their own and are judged with the block
  const entries = fc.array(
    fc.oneof(fixed, free).filter(([type]) => !['found', 'join', 'rotate'].includes(type)),
    { minLength: 1, maxLength: 6 },
  );

  it('random entries leave findings and what counted before', () => {
    const records = scene.plant.blocks.length;
    const bodyBlocks = scene.world.body.blocks.length;
    const saved = { plant: scene.plant.state, body: scene.world.body.state, time: scene.world.time };
    fc.assert(
      fc.property(entries, entries, (own, programme) => {
        scene.world.append(scene.plant, ...own.map(([type, map]) => encodeEntry(type, map)));
        scene.world.time = at('2025-03-15');
        const { id: org, state: head } = scene.plant;
        const listing = entryOf('broadcast', broadcastContent, { heads: [{ org, seq: head.seq, block: head.head }] });
        scene.world.append(scene.world.body, listing, ...programme.map(([type, map]) => encodeEntry(type, map)));
        scene.world.append(scene.world.body, entryOf('broadcast', broadcastContent, { heads: [] }));
        const { state } = scene.world.replay();
        expect(plantOf(scene, state).covered.seq).toBe(head.seq);
        const still = plantOf(scene, state).packages;
        expect(counted.every((commit) => hasPackage(still, commit))).toBe(true);
        expect(state.head.seq).toBe(scene.world.body.state.seq);
        // the chains go on from where they were
        scene.plant.blocks.length = records;
        scene.world.body.blocks.length = bodyBlocks;
        scene.plant.state = saved.plant;
        scene.world.body.state = saved.body;
        scene.world.time = saved.time;
      }),
      { numRuns: 60 },
    );
  });

  it('random bytes for a payload leave a finding', () => {
    const { plant, world } = createScene();
    const span = monthSpan('2024-01');
    const payloads = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        value.map((one) => encodeCbor(one)),
      ),
      { numRuns: 200, seed: 7 },
    );
    const slot = { org: plant.id, meter: 'heat', kind: 'energy', start: span.start, end: span.end };
    const context = encodeCbor([
      Uint8Array.from(slot.org.match(/../g)!, (hex) => Number.parseInt(hex, 16)),
      slot.meter,
      slot.kind,
      slot.start,
      slot.end,
    ]);
    world.append(
      plant,
      ...payloads.map((payload) => {
        const { salt, commit } = commitTo(context, payload, (message) => plant.makeSalt(message));
        return entryOf('package', packageContent, {
          meter: 'heat',
          kind: 'energy',
          interval: [span.start, span.end],
          commit,
          salt,
          payload,
        });
      }),
    );
    broadcastAt({ world }, span.end);
    const { state } = world.replay();
    expect(new Set(codesOf(state.findings))).toEqual(new Set(['entry-malformed']));
    expect(state.findings).toHaveLength(payloads.length);
  });

  it('quantities of any size are counted exactly or refused, and decide nothing that cannot be written', () => {
    const wide = createScene();
    const huge = { mantissa: 9_007_199_254_740_991n, exponent: 18 };
    const tiny = { mantissa: -9_007_199_254_740_991n, exponent: -18 };
    for (const [index, quantity] of [huge, tiny, huge, tiny].entries()) {
      const span = monthSpan(`2024-0${index + 1}`);
      submit(
        wide,
        span.end + DAY,
        wide.world.packageOf(wide.plant, 'heat', 'energy', span.start, span.end, {
          quantity,
          unit: 'mmBtu',
          provenance: 'metered',
        }),
        outPackage(wide, span, '1'),
      );
    }
    wide.world.time = at('2025') + 121 * DAY;
    expect(decideYear(wide, '2024').content).not.toBeNull();
    expect(codesOf(wide.world.replay().state.findings)).toEqual([]);
  });
});
