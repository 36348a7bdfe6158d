/** Samples of auditors of many: drawn by a block and an outside value, the same by everybody. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import { agendaOfBody } from '../../src/programme/agenda.ts';
import { compareBooks } from '../../src/programme/audit-compare.ts';
import { isSampleAsDrawn } from '../../src/programme/audit-items.ts';
import type { OwnRecord } from '../../src/programme/audit-own-record.ts';
import { type AuditSample, drawSample, type MissingValue, valueLabel } from '../../src/programme/audit-sample.ts';
import { auditedPackages } from '../../src/programme/audit-set.ts';
import type { Span } from '../../src/programme/calendar.ts';
import { acceptContent, admitContent, askContent } from '../../src/programme/entries.ts';
import type { AuditFigures } from '../../src/programme/figures.ts';
import { policySchema } from '../../src/programme/policy.ts';
import { readDocument } from '../../src/programme/document.ts';
import type { ProgrammeState } from '../../src/programme/state.ts';
import { policyText } from '../support/policy-text.ts';
import {
  boundaryText,
  createScene,
  DAY,
  digestOf,
  documentEntry,
  heatPackage,
  METERS,
  monthSpan,
  plantOf,
  type Scene,
  SUPPLY_POINT,
} from '../support/scene.ts';
import { type Actor, entryOf, packageEntry } from '../support/world.ts';

const SERIES = 'state lottery, first draw after the 5th';
const RULE = `  sampling: {windows: {above: "3", number: "2"}, packages: {above: "10", number: "4"}, value: {series: "${SERIES}"}}\n`;
const withRule = (policy: string): string =>
  policy.replace('  silence: not_a_pass\n', `  silence: not_a_pass\n${RULE}`);
const MARCH = monthSpan('2024-03');
const ASKED = MARCH.end + 5 * DAY;
const days = (count: number): readonly Span[] =>
  Array.from({ length: count }, (_, index) => ({
    start: MARCH.start + index * DAY,
    end: MARCH.start + (index + 1) * DAY,
  }));

const lottery = (edition: string, value: string, label = '2024-03'): Uint8Array =>
  documentEntry(
    'table',
    `joulemark: table/1\nname: lottery\nedition: "${edition}"\nsource: https://example.org/draws\nrows: {}\nseries: {"${SERIES}": {"${label}": "${value}"}}\n`,
  );

const ask = ({ world, supplier }: Scene, ...applicants: readonly Actor[]): void => {
  world.time = ASKED;
  world.broadcast(
    ...applicants.map(({ id }) =>
      entryOf('ask', askContent, {
        applicant: id,
        relation: 'upstream',
        auditor: supplier.id,
        window: [MARCH.start, MARCH.end],
        due: ASKED + 20 * DAY,
      }),
    ),
  );
};

/** A plant with a package of heat for so many days of March, asked to be audited. */
function asked(count = 31): Scene {
  // what enters is metered: solid fuel without a count of its stock would be a remark
  const boundary = boundaryText(METERS.replace('counts: use', 'counts: import'));
  const scene = createScene({ edit: withRule, boundary });
  scene.world.append(scene.plant, ...days(count).map((day) => packageEntry(heatPackage(scene, day, '10'))));
  scene.world.time = MARCH.end + DAY;
  scene.world.broadcast();
  ask(scene, scene.plant);
  return scene;
}

function publish({ world }: Scene, entry: Uint8Array, time = ASKED + DAY): void {
  world.time = time;
  world.append(world.body, entry);
}

function draw(scene: Scene, state: ProgrammeState = scene.world.replay().state, who: Actor = scene.plant) {
  const applicant = state.organisations.get(who.id)!;
  return drawSample(
    state,
    state.policies[0]!.value,
    { applicant: who.id, auditor: scene.supplier.id, relation: 'upstream', window: MARCH },
    auditedPackages(applicant, 'upstream', [SUPPLY_POINT], MARCH),
  );
}

function drawn(scene: Scene): AuditSample {
  const sample = draw(scene);
  if (sample === null || 'missing' in sample) throw new Error(`nothing drawn: ${JSON.stringify(sample)}`);
  return sample;
}

const startsOf = ({ packages }: AuditSample): readonly number[] => packages.map(({ start }) => start);

describe('a sample', () => {
  test('is none where the policy asks for none, or nobody asked for the audit', () => {
    expect(draw(createScene())).toBeNull();
    expect(draw(createScene({ edit: withRule }))).toBeNull();
  });

  test('waits for its outside value, and the body is told', () => {
    const scene = asked();
    expect(draw(scene)).toEqual({ missing: { series: SERIES, label: '2024-03' } } satisfies MissingValue);
    const tasks = (): readonly string[] =>
      agendaOfBody(scene.world.replay().state, [], scene.world.time).tasks.map(({ what }) => what);
    expect(tasks()).toContain(`audits wait for the value of '${SERIES}' for 2024-03, by which their samples are drawn`);
    publish(scene, lottery('1', '70139'));
    expect(tasks().filter((what) => what.includes('samples'))).toEqual([]);
  });

  test('is drawn by the block that asks and the value, as a stranger computes it', () => {
    const scene = asked();
    publish(scene, lottery('1', '70139'));
    const sample = drawn(scene);
    expect(sample).toMatchObject({ looks: 'sample', of: 31, value: '70139', label: '2024-03' });
    const hash = (...parts: readonly Uint8Array[]): Buffer => {
      const digest = createHash('sha256');
      for (const part of parts) digest.update(part);
      return digest.digest();
    };
    const bytes = (id: string): Buffer => Buffer.from(id, 'hex');
    const asks = scene.world.body.blocks.findLast(({ body }) => body.time === ASKED)!;
    const seed = hash(bytes(asks.id), encodeCbor([SERIES, '2024-03', '70139']), bytes(scene.supplier.id));
    expect(sample.seed).toBe(seed.toString('hex'));
    const ranked = days(31)
      .map(({ start, end }) => ({
        start,
        rank: hash(seed, bytes(scene.plant.id), encodeCbor(['heat', 'energy', start, end])).toString('hex'),
      }))
      .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
    expect(startsOf(sample)).toEqual(
      ranked
        .slice(0, 4)
        .map(({ start }) => start)
        .toSorted((a, b) => a - b),
    );
  });

  test('takes no value from before the ask, and no second one', () => {
    const scene = createScene({ edit: withRule });
    publish(scene, lottery('0', '1'), MARCH.start);
    scene.world.append(scene.plant, ...days(31).map((day) => packageEntry(heatPackage(scene, day, '10'))));
    scene.world.time = MARCH.end + DAY;
    scene.world.broadcast();
    ask(scene, scene.plant);
    expect(draw(scene)).toMatchObject({ missing: { label: '2024-03' } });
    publish(scene, lottery('1', '70139'));
    const first = drawn(scene);
    publish(scene, lottery('2', '70140'), ASKED + 2 * DAY);
    expect(drawn(scene)).toEqual(first);
  });

  test('depends on the value', () => {
    const samples = ['1', '2', '3'].map((value) => {
      const scene = asked();
      publish(scene, lottery('1', value));
      return startsOf(drawn(scene)).join(' ');
    });
    expect(new Set(samples).size).toBeGreaterThan(1);
  });

  test('holds all that came after the value, because its signer knew what is drawn', () => {
    const scene = asked(28);
    publish(scene, lottery('1', '70139'));
    const before = startsOf(drawn(scene));
    const late = days(31).slice(28);
    scene.world.append(scene.plant, ...late.map((day) => packageEntry(heatPackage(scene, day, '10'))));
    scene.world.time += DAY;
    scene.world.broadcast();
    const after = drawn(scene);
    expect(after.of).toBe(31);
    expect(startsOf(after)).toEqual([...before, ...late.map(({ start }) => start)]);
  });

  test('of few packages is all of them', () => {
    const scene = asked(10);
    publish(scene, lottery('1', '70139'));
    expect(drawn(scene)).toMatchObject({ looks: 'all', of: 10 });
  });
});

describe('of many audits', () => {
  function many(count: number): { readonly scene: Scene; readonly plants: readonly Actor[] } {
    const scene = createScene({ edit: withRule });
    const { world } = scene;
    const others = Array.from({ length: count - 1 }, (_, index) => world.join(`Plant ${index}`));
    for (const other of others) world.append(other, documentEntry('boundary', boundaryText()));
    world.broadcast();
    for (const other of others)
      world.append(
        world.body,
        entryOf('admit', admitContent, { org: other.id, roles: ['applicant'], relations: [] }),
        entryOf('accept', acceptContent, { org: other.id, boundary: digestOf(boundaryText()) }),
      );
    const plants = [scene.plant, ...others];
    ask(scene, ...plants);
    publish(scene, lottery('1', '70139'));
    return { scene, plants };
  }
  const drawnOf = ({ scene, plants }: ReturnType<typeof many>): readonly boolean[] => {
    const { state } = scene.world.replay();
    return plants.map((plant) => {
      const sample = draw(scene, state, plant);
      return sample !== null && 'looks' in sample && sample.looks !== 'none';
    });
  };

  test('as many are drawn as the policy says, the same from a fresh replay', () => {
    const town = many(9);
    const first = drawnOf(town);
    expect(first.filter(Boolean)).toHaveLength(2);
    expect(drawnOf(town)).toEqual(first);
  });

  test('no more than the stated number are all looked at', () => {
    expect(drawnOf(many(3))).toEqual([true, true, true]);
  });
});

describe('in the figures of an audit', () => {
  const record = ({ start, end }: Span, quantity: string): OwnRecord => ({
    account: SUPPLY_POINT,
    from: start,
    to: end,
    quantity: parseDecimal(quantity),
    unit: 'mmBtu',
    estimated: false,
  });

  function compare(scene: Scene, records: readonly OwnRecord[]): AuditFigures {
    const { state } = scene.world.replay();
    const applicant = plantOf(scene, state);
    return compareBooks({
      state,
      applicant,
      auditor: state.organisations.get(scene.supplier.id)!,
      policy: state.policies[0]!.value,
      boundary: applicant.boundaries[0]!.value,
      window: MARCH,
      relation: 'upstream',
      labels: [SUPPLY_POINT],
      books: { records, accuracy: new Map(), loss: 'none' },
      allSupplyPoints: true,
    });
  }

  test('what was drawn is compared one by one; one that differs where the sums agree is a remark', () => {
    const scene = asked();
    expect(() => compare(scene, [])).toThrow(JoulemarkError);
    publish(scene, lottery('1', '70139'));
    const [first = 0] = startsOf(drawn(scene));
    // a day too much in one, taken from its neighbours: the sum is the same
    const swapped = days(31).map((day) => {
      if (day.start === first) return record(day, '12');
      return record(day, [first - DAY, first + DAY].includes(day.start) ? '9' : '10');
    });
    const honest = compare(
      scene,
      days(31).map((day) => record(day, '10')),
    );
    expect(honest).toMatchObject({ proposal: 'pass', sample: { looks: 'sample', of: 31, compared: 4, differ: 0 } });
    const found = compare(scene, swapped);
    expect(found.lines).toMatchObject([{ agrees: true }]);
    expect(found.proposal).toBe('pass_with_remarks');
    expect(found.sample?.differ).toBeGreaterThanOrEqual(1);
    // one bill for the month cannot be held against a day
    expect(compare(scene, [record(MARCH, '310')])).toMatchObject({ proposal: 'pass', sample: { compared: 0 } });
  });

  test('another sample than everybody draws is seen, and none where one is asked for', () => {
    const scene = asked();
    publish(scene, lottery('1', '70139'));
    const figures = compare(
      scene,
      days(31).map((day) => record(day, '10')),
    );
    const { state } = scene.world.replay();
    const applicant = plantOf(scene, state);
    const packages = auditedPackages(applicant, 'upstream', [SUPPLY_POINT], MARCH);
    const asDrawn = (told: AuditFigures | undefined): boolean | null =>
      isSampleAsDrawn(
        state,
        applicant,
        { auditor: scene.supplier.id, content: { relation: 'upstream', window: [MARCH.start, MARCH.end] } } as never,
        packages,
        told,
      );
    expect(asDrawn(figures)).toBe(true);
    expect(asDrawn(undefined)).toBeNull();
    const { sample, ...without } = figures;
    expect(asDrawn(without)).toBe(false);
    expect(asDrawn({ ...figures, sample: { ...sample!, packages: sample!.packages.slice(1) } })).toBe(false);
    expect(asDrawn({ ...figures, sample: { ...sample!, value: '70140' } })).toBe(false);
  });
});

describe('the rule', () => {
  const read = (rule: string) =>
    readDocument(
      policyText().replace('  silence', `  sampling: ${rule}\n  silence`),
      'policy.yaml',
      policySchema,
      'policy',
    );
  const rule = (windows: string, packages: string): string =>
    `{windows: {above: ${windows}}, packages: {above: ${packages}}, value: {series: x}}`;

  test('is refused where it would draw nothing, or more than there are', () => {
    expect(read(rule('"5", number: "5"', '"1000", number: "1000"')).audits.sampling?.windows.above).toBe(5);
    for (const wrong of ['"5", number: "0"', '"5", number: "6"', '"2000", number: "1001"'])
      expect(() => read(rule('"5", number: "5"', wrong))).toThrow(/sampling\.packages\.number/u);
  });

  test('names its value by month, year or first day', () => {
    expect(valueLabel(MARCH, 'UTC')).toBe('2024-03');
    expect(valueLabel({ start: MARCH.start, end: MARCH.start + 14 * DAY }, 'UTC')).toBe('2024-03-01');
  });
});
