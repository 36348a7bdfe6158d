import { describe, expect, test } from 'vitest';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { countAudits } from '../../src/programme/audit-count.ts';
import { weighAudits } from '../../src/programme/audit-standing.ts';
import { auditedPackages, commitsRoot } from '../../src/programme/audit-set.ts';
import { auditTasks } from '../../src/programme/audit-tasks.ts';
import type { Span } from '../../src/programme/calendar.ts';
import {
  admitContent,
  askContent,
  auditContent,
  type AuditContent,
  type AuditVerdict,
  recuseContent,
  type RelationKind,
  rulingContent,
  suspendContent,
} from '../../src/programme/entries.ts';
import { encodeFigures, openFigures } from '../../src/programme/figures.ts';
import { commitTo, figuresContext } from '../../src/programme/package.ts';
import type { ProgrammeState } from '../../src/programme/state.ts';
import {
  boundaryText,
  broadcastAt,
  codesOf,
  correction,
  createScene,
  DAY,
  heatPackage,
  monthSpan,
  monthsOf,
  outPackage,
  periodOf,
  plantOf,
  type Scene,
  submit,
  SUPPLY_POINT,
} from '../support/scene.ts';
import { type Actor, entryOf } from '../support/world.ts';
import { toEvaluationInput } from '../../src/programme/evaluation-input.ts';

const MONTHS = monthsOf('2024').slice(0, 3);
const [JANUARY, FEBRUARY, MARCH] = MONTHS as [Span, Span, Span];

/** Three months of packages, each covered the day after. */
function quarter(scene: Scene = createScene()): Scene {
  for (const month of MONTHS)
    submit(scene, month.end + DAY, heatPackage(scene, month, '1000'), outPackage(scene, month, '400'));
  return scene;
}

interface More {
  readonly verdict?: AuditVerdict;
  readonly relation?: RelationKind;
  readonly labels?: readonly string[];
  readonly at?: number;
  readonly root?: AuditContent['root'];
  readonly payload?: Uint8Array;
}

/** An audit as its auditor's own software would sign it, with what a cheat changes. */
function audit({ world, plant }: Scene, auditor: Actor, window: Span, more: More = {}): Uint8Array {
  const { verdict = 'pass', relation = 'upstream', labels = [SUPPLY_POINT], at = world.body.state.seq } = more;
  const applicant = world.replay().state.organisations.get(plant.id)!;
  const span = [window.start, window.end] as const;
  const payload = more.payload ?? encodeFigures({ relation, method: 'books', proposal: verdict, lines: [] });
  const { salt, commit } = commitTo(figuresContext(auditor.id, plant.id, relation, span), payload, (message) =>
    auditor.makeSalt(message),
  );
  const root = more.root ?? commitsRoot(auditedPackages(applicant, relation, labels, window));
  return entryOf('audit', auditContent, {
    applicant: plant.id,
    relation,
    labels,
    window: span,
    at,
    root,
    verdict,
    figures: commit,
    salt,
    payload,
  });
}

function count(scene: Scene): {
  readonly counted: readonly string[];
  readonly codes: readonly string[];
  readonly state: ProgrammeState;
} {
  const { state } = scene.world.replay();
  const { counted, findings } = countAudits(state, plantOf(scene, state));
  return {
    counted: counted.map(({ auditor, seq }) => `${state.organisations.get(auditor)!.name}/${seq}`),
    codes: [...codesOf(state.findings), ...codesOf(findings)],
    state,
  };
}

function admitAuditor(
  scene: Scene,
  auditor: Actor,
  relation: RelationKind = 'upstream',
  labels: readonly string[] = [SUPPLY_POINT],
): void {
  scene.world.append(
    scene.world.body,
    entryOf('admit', admitContent, {
      org: auditor.id,
      roles: ['auditor'],
      relations: [{ applicant: scene.plant.id, relation, labels }],
    }),
  );
}

function sign(scene: Scene, auditor: Actor, ...entries: readonly Uint8Array[]): void {
  scene.world.append(auditor, ...entries);
  broadcastAt(scene, scene.world.time + DAY);
}

describe('an honest audit', () => {
  test('counts', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    expect(count(scene).counted).toEqual(['Supplier/1']);
  });
});

describe('by name, what a cheat tries', () => {
  test('the applicant audits itself', () => {
    const scene = quarter();
    scene.world.append(
      scene.world.body,
      entryOf('admit', admitContent, {
        org: scene.plant.id,
        roles: ['applicant', 'auditor'],
        relations: [{ applicant: scene.plant.id, relation: 'upstream', labels: [SUPPLY_POINT] }],
      }),
    );
    sign(scene, scene.plant, audit(scene, scene.plant, JANUARY));
    const { counted, codes } = count(scene);
    expect(counted).toEqual([]);
    expect(codes).toContain('audit-own-organisation');
  });

  test("its second organisation, with the applicant's key", () => {
    const scene = createScene();
    const twin = scene.world.join('Second face', { keySeed: 'Plant' });
    quarter(scene);
    admitAuditor(scene, twin);
    sign(scene, twin, audit(scene, twin, JANUARY));
    const { counted, codes, state } = count(scene);
    expect(counted).toEqual([]);
    expect(codes).toContain('key-reused');
    expect(state.organisations.get(twin.id)!.inadmissible).toBe(true);
  });

  test('two auditors that share a key make one at most', () => {
    const scene = createScene();
    const twin = scene.world.join('Supplier again', { keySeed: 'Supplier' });
    quarter(scene);
    admitAuditor(scene, twin);
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    sign(scene, twin, audit(scene, twin, JANUARY));
    expect(count(scene).counted).toEqual(['Supplier/1']);
  });

  test('two auditors found to have used one key make one, the earlier in order', () => {
    const scene = createScene();
    const second = scene.world.join('Second');
    quarter(scene);
    admitAuditor(scene, second);
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    sign(scene, second, audit(scene, second, JANUARY), audit(scene, second, FEBRUARY));
    const { state, counted } = count(scene);
    expect(counted).toHaveLength(3);
    // as a rotation would enrol it
    state.organisations.get(second.id)!.keys.push(state.organisations.get(scene.supplier.id)!.keys[0]!);
    const later = countAudits(state, plantOf(scene, state));
    expect(later.counted.map(({ auditor }) => auditor)).toEqual([scene.supplier.id]);
    expect(codesOf(later.findings)).toEqual(['audit-shared-key', 'audit-shared-key']);
  });

  test('an auditor found to have used a key of another chain no longer counts', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    const { state } = count(scene);
    state.organisations.get(scene.supplier.id)!.inadmissible = true;
    expect(countAudits(state, plantOf(scene, state)).counted).toEqual([]);
  });

  test('somebody who is not admitted', () => {
    const scene = createScene();
    const stranger = scene.world.join('Stranger');
    quarter(scene);
    sign(scene, stranger, audit(scene, stranger, JANUARY));
    const { counted, codes } = count(scene);
    expect(counted).toEqual([]);
    expect(codes).toContain('audit-not-admitted');
    // admitted later, the old audit still has no effect
    admitAuditor(scene, stranger);
    broadcastAt(scene, scene.world.time + DAY);
    expect(count(scene).counted).toEqual([]);
  });

  test.each([
    ['labels', { labels: [SUPPLY_POINT, 'other-gate'] }],
    ['relation', { relation: 'peer', labels: ['electricity'] }],
  ] satisfies [string, More][])('beyond its %s', (_, more) => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, more));
    expect(count(scene)).toMatchObject({ counted: [], codes: expect.arrayContaining(['audit-not-admitted']) });
  });

  test('about a broadcast that its signer had not seen', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { at: scene.world.body.state.seq + 1 }));
    expect(count(scene)).toMatchObject({ counted: [], codes: expect.arrayContaining(['audit-ahead-of-seen']) });
  });

  test('over other packages than those that count', () => {
    const scene = quarter();
    const [, february] = MONTHS.map((month) =>
      commitsRoot(auditedPackages(plantOf(scene, scene.world.replay().state), 'upstream', [SUPPLY_POINT], month)),
    );
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { root: february! }));
    expect(count(scene)).toMatchObject({ counted: [], codes: expect.arrayContaining(['audit-set-changed']) });
  });

  test('a suspended auditor', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    scene.world.append(
      scene.world.body,
      entryOf('suspend', suspendContent, { org: scene.supplier.id, reason: 'bribed' }),
    );
    expect(count(scene)).toMatchObject({ counted: [], codes: expect.arrayContaining(['audit-suspended']) });
    admitAuditor(scene, scene.supplier);
    expect(count(scene).counted).toEqual(['Supplier/1']);
  });

  test('the same audit many times counts once, the last', () => {
    const scene = quarter();
    const entry = audit(scene, scene.supplier, JANUARY);
    sign(scene, scene.supplier, entry, entry);
    sign(scene, scene.supplier, entry);
    expect(count(scene).counted).toEqual(['Supplier/2']);
    expect(count(scene).codes.filter((code) => code === 'audit-superseded')).toHaveLength(2);
  });

  test('a pass is superseded by a later fail of the same window', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { verdict: 'fail' }));
    const { state } = count(scene);
    expect(countAudits(state, plantOf(scene, state)).counted.map(({ content }) => content.verdict)).toEqual(['fail']);
  });

  test('an audit without effect supersedes none', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    sign(
      scene,
      scene.supplier,
      audit(scene, scene.supplier, JANUARY, { verdict: 'fail', at: scene.world.body.state.seq + 5 }),
    );
    expect(count(scene).counted).toEqual(['Supplier/1']);
  });

  test('figures that are none do not stop anything', () => {
    const scene = quarter();
    for (const payload of [new Uint8Array([0xff, 0x00]), new Uint8Array([0xa0]), new Uint8Array()]) {
      sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { payload }));
      const { state } = count(scene);
      const [counted] = countAudits(state, plantOf(scene, state)).counted;
      expect(openFigures(counted!.auditor, counted!.content)).toBeUndefined();
    }
  });

  test('figures about labels that the audit does not speak of are not read', () => {
    const scene = quarter();
    const line = (label: string) => ({
      label,
      unit: 'mmBtu',
      reported: { n: 1n, d: 1n },
      difference: { n: 9n, d: 1n },
      agrees: false,
    });
    const payload = encodeFigures({
      relation: 'upstream',
      method: 'books',
      proposal: 'fail',
      lines: [line(SUPPLY_POINT), line('other-gate')],
    });
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { payload }));
    const { state } = count(scene);
    const [counted] = countAudits(state, plantOf(scene, state)).counted;
    expect(openFigures(counted!.auditor, counted!.content)?.lines.map(({ label }) => label)).toEqual([SUPPLY_POINT]);
    // and not at all when somebody else's opening is given
    expect(openFigures(scene.plant.id, counted!.content)).toBeUndefined();
  });

  test('a malformed audit is a finding and nothing else', () => {
    const scene = quarter();
    sign(
      scene,
      scene.supplier,
      encodeEntry('audit', new Map([['verdict', 'pass']])),
      audit(scene, scene.supplier, JANUARY),
    );
    expect(count(scene)).toMatchObject({ counted: ['Supplier/1'], codes: expect.arrayContaining(['entry-malformed']) });
  });
});

describe('a change of the packages', () => {
  test('by a correction opens the audits of its month, and only those', () => {
    const scene = quarter();
    const ask = ({ start, end }: Span): Uint8Array =>
      entryOf('ask', askContent, {
        applicant: scene.plant.id,
        relation: 'upstream',
        auditor: scene.supplier.id,
        window: [start, end],
        due: end + 25 * DAY,
      });
    scene.world.append(scene.world.body, ...MONTHS.map(ask));
    sign(scene, scene.supplier, ...MONTHS.map((month) => audit(scene, scene.supplier, month)));
    expect(auditTasks(count(scene).state).map(({ standing }) => standing)).toEqual(['done', 'done', 'done']);
    scene.world.append(
      scene.plant,
      correction(heatPackage(scene, FEBRUARY, '1000'), heatPackage(scene, FEBRUARY, '1001')),
    );
    broadcastAt(scene, scene.world.time + DAY);
    const { state, codes } = count(scene);
    expect(auditTasks(state).map(({ window, standing }) => [window.start, standing])).toEqual([
      [JANUARY.start, 'done'],
      [FEBRUARY.start, 'reopened'],
      [MARCH.start, 'done'],
    ]);
    expect(codes.filter((code) => code === 'audit-set-changed')).toHaveLength(1);
    sign(scene, scene.supplier, audit(scene, scene.supplier, FEBRUARY));
    expect(auditTasks(count(scene).state).every(({ standing }) => standing === 'done')).toBe(true);
  });

  test('of a product meter does not touch an audit of energy at a supply point', () => {
    const scene = quarter();
    sign(scene, scene.supplier, audit(scene, scene.supplier, FEBRUARY));
    scene.world.append(scene.plant, correction(outPackage(scene, FEBRUARY, '400'), outPackage(scene, FEBRUARY, '401')));
    broadcastAt(scene, scene.world.time + DAY);
    expect(count(scene).counted).toEqual(['Supplier/1']);
  });

  test('by a package that comes late opens its month', () => {
    const scene = createScene();
    submit(scene, JANUARY.end + DAY, heatPackage(scene, { start: JANUARY.start, end: JANUARY.end - DAY }, '1000'));
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY));
    expect(count(scene).counted).toEqual(['Supplier/1']);
    submit(scene, scene.world.time + DAY, heatPackage(scene, { start: JANUARY.end - DAY, end: JANUARY.end }, '30'));
    expect(count(scene).counted).toEqual([]);
  });
});

describe('a task', () => {
  test('is open, recused, void or done', () => {
    const scene = quarter();
    const entry = entryOf('ask', askContent, {
      applicant: scene.plant.id,
      relation: 'upstream',
      auditor: scene.supplier.id,
      window: [JANUARY.start, JANUARY.end],
      due: JANUARY.end + 25 * DAY,
    });
    scene.world.append(scene.world.body, entry);
    const standing = (): unknown => auditTasks(count(scene).state, { auditor: scene.supplier.id })[0];
    expect(standing()).toMatchObject({ standing: 'open', verdict: null });
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { at: 10_000 }));
    expect(standing()).toMatchObject({ standing: 'void', reason: 'audit-ahead-of-seen' });
    sign(
      scene,
      scene.supplier,
      entryOf('recuse', recuseContent, {
        applicant: scene.plant.id,
        relation: 'upstream',
        window: [JANUARY.start, FEBRUARY.end],
        reason: 'kin',
      }),
    );
    expect(standing()).toMatchObject({ standing: 'recused' });
    sign(
      scene,
      scene.supplier,
      audit(scene, scene.supplier, { start: JANUARY.start, end: MARCH.end }, { verdict: 'cannot_judge' }),
    );
    expect(standing()).toMatchObject({ standing: 'done', verdict: 'cannot_judge' });
    expect(auditTasks(count(scene).state, { auditor: scene.plant.id })).toEqual([]);
  });
});

describe('a fail that the body sets aside', () => {
  function disputed(): {
    readonly scene: Scene;
    readonly operator: Actor;
    readonly weigh: () => { readonly fails: number; readonly passed: boolean };
  } {
    const scene = createScene({
      boundary: boundaryText(),
      policy: { relations: '{at_least: "1", always: [upstream]}' },
    });
    const operator = scene.world.join('Grid operator');
    quarter(scene);
    admitAuditor(scene, operator);
    sign(scene, scene.supplier, audit(scene, scene.supplier, JANUARY, { verdict: 'fail' }));
    scene.world.append(
      scene.world.body,
      entryOf('ruling', rulingContent, {
        auditor: scene.supplier.id,
        seq: 1,
        entry: 0,
        ruling: 'set_aside',
        reason: 'a grudge',
      }),
    );
    const weigh = () => {
      const { state } = scene.world.replay();
      const plant = plantOf(scene, state);
      const { value: policy } = state.policies[0]!;
      const boundary = plant.boundaries[0]!.value;
      const windows = { baseline: periodOf(state, '2024'), reporting: JANUARY };
      const { factors } = toEvaluationInput(state, plant, policy, boundary, windows, []);
      const { counted } = countAudits(state, plant);
      return weighAudits(state, plant, policy, boundary, factors.reporting, counted, JANUARY).relations.find(
        ({ relation }) => relation === 'upstream',
      )!;
    };
    return { scene, operator, weigh };
  }

  test('counts on until a second auditor has passed the same packages', () => {
    const { scene, operator, weigh } = disputed();
    expect(weigh().fails).toBe(1);
    sign(scene, operator, audit(scene, operator, FEBRUARY));
    expect(weigh().fails).toBe(1);
    sign(scene, operator, audit(scene, operator, JANUARY));
    expect(weigh().fails).toBe(0);
    scene.world.append(
      scene.world.body,
      entryOf('ruling', rulingContent, {
        auditor: scene.supplier.id,
        seq: 1,
        entry: 0,
        ruling: 'upheld',
        reason: 'on second thought',
      }),
    );
    expect(weigh().fails).toBe(1);
  });

  test("is not set aside by the failing auditor's own pass of something else", () => {
    const { scene, weigh } = disputed();
    sign(scene, scene.supplier, audit(scene, scene.supplier, { start: JANUARY.start, end: FEBRUARY.end }));
    expect(weigh().fails).toBe(1);
  });

  test('for want of packages is set aside by nobody', () => {
    const scene = createScene();
    const operator = scene.world.join('Grid operator');
    broadcastAt(scene, JANUARY.end + DAY);
    admitAuditor(scene, operator);
    sign(scene, scene.supplier, audit(scene, scene.supplier, monthSpan('2024-01'), { verdict: 'fail' }));
    sign(scene, operator, audit(scene, operator, monthSpan('2024-01')));
    scene.world.append(
      scene.world.body,
      entryOf('ruling', rulingContent, {
        auditor: scene.supplier.id,
        seq: 1,
        entry: 0,
        ruling: 'set_aside',
        reason: 'no',
      }),
    );
    const { state } = scene.world.replay();
    const plant = plantOf(scene, state);
    const { value: policy } = state.policies[0]!;
    const { relations } = weighAudits(
      state,
      plant,
      policy,
      plant.boundaries[0]!.value,
      new Map(),
      countAudits(state, plant).counted,
      JANUARY,
    );
    expect(relations.find(({ relation }) => relation === 'upstream')).toMatchObject({
      fails: 1,
      reason: 'audit-failed',
    });
  });
});
