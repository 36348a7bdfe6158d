import { describe, expect, test } from 'vitest';
import { agendaOfBody, agendaOfOrganisation, type Task } from '../../../src/programme/agenda.ts';
import { entryOf } from '../../support/world.ts';
import { askContent } from '../../../src/programme/entries.ts';
import {
  at,
  auditOf,
  broadcastAt,
  correction,
  createScene,
  DAY,
  decideYear,
  heatPackage,
  monthSpan,
  outPackage,
  type Scene,
  submit,
  submitYear,
} from '../../support/scene.ts';

const words = (tasks: readonly Task[]): readonly string[] => tasks.map(({ urgency, what }) => `${urgency} ${what}`);
const NONE: ReadonlySet<string> = new Set();
const withoutTable = (tasks: readonly Task[]): readonly Task[] => tasks.filter(({ what }) => !what.includes('table'));

function bodyAt({ world }: Scene, now: number): readonly string[] {
  return words(withoutTable(agendaOfBody(world.replay({ decisions: 'as-signed' }).state, [], now).tasks));
}

const JANUARY = monthSpan('2025-01');

/** A supplier asked to audit January, and its verdict. */
function asked(verdict?: 'pass' | 'fail'): Scene {
  const scene = createScene();
  const { world, plant, supplier } = scene;
  submit(scene, JANUARY.end + DAY, heatPackage(scene, JANUARY, '10'), outPackage(scene, JANUARY, '5'));
  world.time = JANUARY.end + 5 * DAY;
  world.append(
    world.body,
    entryOf('ask', askContent, {
      applicant: plant.id,
      relation: 'upstream',
      auditor: supplier.id,
      window: [JANUARY.start, JANUARY.end],
      due: JANUARY.end + 25 * DAY,
    }),
  );
  if (verdict !== undefined) {
    world.append(supplier, auditOf(scene, world.replay().state, supplier, JANUARY, { verdict }));
    broadcastAt(scene, JANUARY.end + 10 * DAY);
  }
  return scene;
}

describe('what waits for an auditor', () => {
  const supplierAt = (scene: Scene, now: number): readonly string[] =>
    words(agendaOfOrganisation(scene.world.replay().state, scene.supplier.id, NONE, now).tasks);

  test('an ask, which is late after its date', () => {
    const scene = asked();
    expect(supplierAt(scene, JANUARY.end + 25 * DAY)).toEqual([
      "todo audit of 'Plant' as upstream, 2025-01-01 to 2025-02-01",
    ]);
    expect(supplierAt(scene, JANUARY.end + 25 * DAY + 1)).toEqual([
      "late audit of 'Plant' as upstream, 2025-01-01 to 2025-02-01",
    ]);
  });

  test('nothing once it has audited, and again when the packages change', () => {
    const scene = asked('pass');
    expect(supplierAt(scene, JANUARY.end + 11 * DAY)).toEqual([]);
    const { world, plant } = scene;
    const before = heatPackage(scene, JANUARY, '10');
    world.append(plant, correction(before, heatPackage(scene, JANUARY, '11')));
    broadcastAt(scene, JANUARY.end + 12 * DAY);
    expect(supplierAt(scene, JANUARY.end + 13 * DAY)).toEqual([
      "todo audit of 'Plant' as upstream, 2025-01-01 to 2025-02-01, open again: its packages changed",
    ]);
  });
});

describe('what waits for an applicant', () => {
  test('a failed audit until it is answered, late after the policy says', () => {
    const scene = asked('fail');
    const { state } = scene.world.replay();
    const covered = JANUARY.end + 10 * DAY;
    const plant = (now: number, answered = NONE): readonly string[] =>
      words(agendaOfOrganisation(state, scene.plant.id, answered, now).tasks);
    expect(plant(covered + 10 * DAY)).toEqual(["todo 'Supplier' failed packages of yours as upstream"]);
    expect(plant(covered + 10 * DAY + 1)).toEqual(["late 'Supplier' failed packages of yours as upstream"]);
    const audit = state.organisations.get(scene.supplier.id)?.audits[0];
    expect(plant(covered + 11 * DAY, new Set([`${audit?.auditor} ${audit?.seq} ${audit?.entry}`]))).toEqual([]);
  });

  test('the certification body, before it is admitted', () => {
    const { world } = createScene();
    const stranger = world.join('Stranger');
    world.broadcast();
    expect(words(agendaOfOrganisation(world.replay().state, stranger.id, NONE, world.time).tasks)).toEqual([
      'blocks this organisation is not admitted',
    ]);
  });
});

describe('what waits for the certification body', () => {
  test('the table of the policy, or a row of it', () => {
    const { world } = createScene();
    expect(words(agendaOfBody(world.replay().state, [], world.time).tasks)).toEqual([
      "blocks the policy's table 'test-table' is not published",
    ]);
  });

  test('blocks without a broadcast, and a day without one', () => {
    const scene = createScene();
    const { world, plant } = scene;
    const { state } = world.replay();
    const waiting = [{ id: plant.id, name: 'Plant', blocks: 3 }];
    expect(words(withoutTable(agendaOfBody(state, waiting, world.time).tasks))).toEqual([
      'todo blocks wait for a broadcast: 3 of Plant',
    ]);
    expect(bodyAt(scene, world.time + DAY)).toEqual([]);
    expect(bodyAt(scene, world.time + DAY + 1)).toEqual(['late no broadcast for more than a day']);
  });

  test('a period to decide, from its date on, late after the last one, and no more once it is decided', () => {
    const scene = createScene();
    submitYear(scene, '2024', '10', '5');
    const isDecision = (text: string): boolean => text.includes('is to be decided');
    expect(bodyAt(scene, at('2025') + 59 * DAY).filter(isDecision)).toEqual([]);
    expect(bodyAt(scene, at('2025') + 60 * DAY).filter(isDecision)).toEqual(["todo 'Plant' 2024 is to be decided"]);
    expect(bodyAt(scene, at('2025') + 121 * DAY).filter(isDecision)).toEqual(["late 'Plant' 2024 is to be decided"]);
    decideYear(scene, '2024');
    expect(bodyAt(scene, at('2025') + 121 * DAY).filter(isDecision)).toEqual([]);
  });
});
