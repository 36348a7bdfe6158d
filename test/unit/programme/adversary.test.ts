/** An adversary with a valid key: what he signs is well-formed, and gets him nothing. */
import { describe, expect, it } from 'vitest';
import { ratioToText } from '../../../src/calc/ratio.ts';
import { auditedPackages, commitsRoot } from '../../../src/programme/audit-set.ts';
import { countAudits } from '../../../src/programme/audit-count.ts';
import { isSetAside } from '../../../src/programme/audit-ruling.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { weighAudits } from '../../../src/programme/audit-standing.ts';
import type { Span } from '../../../src/programme/calendar.ts';
import {
  admitContent,
  auditContent,
  type AuditVerdict,
  type RelationKind,
  rulingContent,
} from '../../../src/programme/entries.ts';
import { readBoundary } from '../../../src/programme/boundary.ts';
import { parseDocument } from '../../../src/programme/document.ts';
import { encodeEntry } from '../../../src/ledger/entry.ts';
import {
  at,
  auditOf,
  boundaryText,
  broadcastAt,
  codesOf,
  correction,
  createScene,
  DAY,
  decideAt,
  heatPackage,
  METERS,
  monthsOf,
  monthSpan,
  outPackage,
  plantOf,
  quantity,
  type Scene,
  submit,
  submitYear,
  SUPPLY_POINT,
} from '../../support/scene.ts';
import { allPackages } from '../../../src/programme/packages.ts';
import { type Actor, entryOf } from '../../support/world.ts';

describe('a boundary', () => {
  it('of meters under each other, as deep as an entry can hold, is read without a stack', () => {
    const names = Array.from({ length: 3800 }, (_, index) => `m${index.toString(36)}`);
    const meters = new Map(
      names.map((name, index) => [
        name,
        new Map<string, string>([
          ['kind', 'energy'],
          ['unit', 'J'],
          index === 0 ? ['carrier', 'coal'] : ['under', names[index - 1]!],
        ]),
      ]),
    );
    const document = new Map<string, unknown>([
      ['joulemark', 'boundary/1'],
      ['applicant', 'Plant'],
      ['supply_points', new Map()],
      ['meters', meters],
    ]);
    const deep = (left: number): ReturnType<typeof readBoundary> =>
      left === 0 ? readBoundary(document as never, 'boundary') : deep(left - 1);
    // from a stack that is half full already, as a caller's may be
    expect(deep(3000).meters.get(names.at(-1)!)?.carrier).toBe('coal');
  });

  it('larger than the ledger takes has no effect', () => {
    const scene = createScene();
    const meters = Array.from(
      { length: 2000 },
      (_, index) => `\n  meter-number-${index}: {kind: energy, carrier: waste_coal, counts: use, unit: mmBtu}`,
    ).join('');
    const document = parseDocument(boundaryText(meters), 'boundary.yaml');
    scene.world.append(scene.plant, encodeEntry('boundary', new Map([['document', document]])));
    broadcastAt(scene, at('2024-01-01') + DAY);
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual(['entry-malformed']);
    expect(plantOf(scene, state).declared.length).toBe(1);
  });
});

/** A year on the ledger, with auditors that sign whatever they like. */
function audited(choices: Parameters<typeof createScene>[0] = {}): {
  readonly scene: Scene;
  readonly hire: (name: string, relation: RelationKind, labels: readonly string[]) => Actor;
} {
  const scene = createScene(choices);
  const hire = (name: string, relation: RelationKind, labels: readonly string[]): Actor => {
    const auditor = scene.world.join(name);
    scene.world.broadcast(
      entryOf('admit', admitContent, {
        org: auditor.id,
        roles: ['auditor'],
        relations: [{ applicant: scene.plant.id, relation, labels }],
      }),
    );
    return auditor;
  };
  return { scene, hire };
}

function sign(
  scene: Scene,
  auditor: Actor,
  relation: RelationKind,
  labels: readonly string[],
  verdict: AuditVerdict,
  windows: readonly Span[],
): void {
  const { world, plant } = scene;
  const applicant = plantOf(scene, world.replay().state);
  const entries = windows.map((window) =>
    entryOf('audit', auditContent, {
      applicant: plant.id,
      relation,
      labels,
      window: [window.start, window.end],
      at: world.body.state.seq,
      root: commitsRoot(auditedPackages(applicant, relation, labels, window)),
      verdict,
      figures: plant.id,
    }),
  );
  world.append(auditor, ...entries);
  broadcastAt(scene, world.time + DAY);
}

function standing(scene: Scene, relation: RelationKind, year = '2024') {
  const { state } = scene.world.replay();
  const plant = plantOf(scene, state);
  const window = { start: at(year), end: at(String(Number(year) + 1)) };
  const factors = new Map([['waste_coal', { factor: { n: 1n, d: 1n }, unit: 'mmBtu', source: 'test' }]]);
  return weighAudits(
    state,
    plant,
    state.policies[0]!.value,
    plant.boundaries[0]!.value,
    factors,
    countAudits(state, plant).counted,
    window,
  ).relations.find((one) => one.relation === relation)!;
}

const seconds = (start: number, count: number): readonly Span[] =>
  Array.from({ length: count }, (_, index) => ({ start: start + index, end: start + index + 1 }));

describe('a majority', () => {
  it('is of auditors, window by window: one who signs many passes of seconds outvotes nobody', () => {
    const { scene, hire } = audited();
    const friend = hire('Friend', 'peer', ['electricity']);
    const others = ['One', 'Two', 'Three'].map((name) => hire(name, 'peer', ['electricity']));
    submitYear(scene, '2024', '100', '10');
    for (const other of others) sign(scene, other, 'peer', ['electricity'], 'fail', monthsOf('2024'));
    sign(scene, friend, 'peer', ['electricity'], 'pass', [...monthsOf('2024'), ...seconds(at('2024') + 1, 60)]);
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-failed' });
  });

  it('nor does one who signs many fails of seconds', () => {
    const { scene, hire } = audited();
    const foe = hire('Foe', 'peer', ['electricity']);
    const others = ['One', 'Two', 'Three'].map((name) => hire(name, 'peer', ['electricity']));
    submitYear(scene, '2024', '100', '10');
    for (const other of others) sign(scene, other, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    sign(scene, foe, 'peer', ['electricity'], 'fail', seconds(at('2024') + 1, 60));
    expect(standing(scene, 'peer')).toMatchObject({ passed: true, reason: null });
  });
});

describe('an organisation that continues another', () => {
  /** Two chains of one organisation, both admitted as peers: the key of the old one was never lost. */
  function twoFaces(policy: string) {
    const { scene, hire } = audited({ edit: (text) => text.replace('drawn: yes}, needed: "1"', policy) });
    const old = hire('Peer', 'peer', ['electricity']);
    const heir = scene.world.join('Peer anew');
    scene.world.broadcast(
      entryOf('admit', admitContent, {
        org: heir.id,
        roles: ['auditor'],
        relations: [{ applicant: scene.plant.id, relation: 'peer', labels: ['electricity'] }],
        continues: old.id,
      }),
    );
    submitYear(scene, '2024', '100', '10');
    return { scene, hire, old, heir };
  }

  it('is one peer with it, however many the policy needs', () => {
    const { scene, hire, old, heir } = twoFaces('drawn: yes}, needed: "2"');
    for (const face of [old, heir]) sign(scene, face, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-share', auditors: 1 });
    sign(scene, hire('Other', 'peer', ['electricity']), 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: true, auditors: 2 });
  });

  it('outvotes nobody together with it', () => {
    const { scene, hire, old, heir } = twoFaces('drawn: yes}, needed: "1"');
    sign(scene, hire('Honest', 'peer', ['electricity']), 'peer', ['electricity'], 'fail', monthsOf('2024'));
    sign(scene, hire('Other', 'peer', ['electricity']), 'peer', ['electricity'], 'fail', monthsOf('2024'));
    for (const face of [old, heir]) sign(scene, face, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-failed' });
  });

  it('is no second auditor for what it failed itself', () => {
    const { scene, old, heir } = twoFaces('drawn: yes}, needed: "1"');
    const year = [{ start: at('2024'), end: at('2025') }];
    sign(scene, old, 'peer', ['electricity'], 'fail', year);
    sign(scene, heir, 'peer', ['electricity'], 'pass', year);
    scene.world.append(
      scene.world.body,
      entryOf('ruling', rulingContent, {
        auditor: old.id,
        seq: old.state.seq,
        entry: 0,
        ruling: 'set_aside',
        reason: 'a favour',
      }),
    );
    const { state } = scene.world.replay();
    const plant = plantOf(scene, state);
    const { counted } = countAudits(state, plant);
    expect(counted.map((audit) => isSetAside(state, plant, audit, counted))).toEqual([false, false]);
  });

  it('is one auditor with it where each is said to continue the other', () => {
    const { scene, old, heir } = twoFaces('drawn: yes}, needed: "2"');
    const relations = [{ applicant: scene.plant.id, relation: 'peer' as const, labels: ['electricity'] }];
    scene.world.broadcast(
      entryOf('admit', admitContent, { org: old.id, roles: ['auditor'], relations, continues: heir.id }),
    );
    for (const face of [old, heir]) sign(scene, face, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-share', auditors: 1 });
  });

  it('is one auditor with whoever else continues the same, though nobody knows that one', () => {
    const { scene, hire } = audited({
      edit: (text) => text.replace('drawn: yes}, needed: "1"', 'drawn: yes}, needed: "2"'),
    });
    const relations = [{ applicant: scene.plant.id, relation: 'peer' as const, labels: ['electricity'] }];
    const unknown = 'ab'.repeat(32) as Id;
    const heirs = ['One', 'Two'].map((name) => hire(name, 'peer', ['electricity']));
    scene.world.broadcast(
      ...heirs.map(({ id }) =>
        entryOf('admit', admitContent, { org: id, roles: ['auditor'], relations, continues: unknown }),
      ),
    );
    submitYear(scene, '2024', '100', '10');
    for (const heir of heirs) sign(scene, heir, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-share', auditors: 1 });
  });

  it('does not lend its auditors the keys of the one before it', () => {
    const { scene, hire } = audited();
    const friend = hire('Friend', 'peer', ['electricity']);
    // whoever was caught with the auditor's key joins anew, and continues himself
    const before = scene.world.join('Plant before', { keySeed: 'Friend' });
    scene.world.broadcast(
      entryOf('admit', admitContent, {
        org: scene.plant.id,
        roles: ['applicant'],
        relations: [],
        continues: before.id,
      }),
    );
    submitYear(scene, '2024', '100', '10');
    sign(scene, friend, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    const { state } = scene.world.replay();
    const { counted, findings } = countAudits(state, plantOf(scene, state));
    expect(counted).toEqual([]);
    expect(new Set(codesOf(findings))).toEqual(new Set(['audit-shared-key']));
  });

  it('is no second auditor beside one whose key the one before it had', () => {
    const { scene, hire } = audited({
      edit: (text) => text.replace('drawn: yes}, needed: "1"', 'drawn: yes}, needed: "2"'),
    });
    const first = hire('First', 'peer', ['electricity']);
    const before = scene.world.join('Second before', { keySeed: 'First' });
    const second = hire('Second', 'peer', ['electricity']);
    const relations = [{ applicant: scene.plant.id, relation: 'peer' as const, labels: ['electricity'] }];
    scene.world.broadcast(
      entryOf('admit', admitContent, { org: second.id, roles: ['auditor'], relations, continues: before.id }),
    );
    submitYear(scene, '2024', '100', '10');
    for (const face of [first, second]) sign(scene, face, 'peer', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'peer')).toMatchObject({ passed: false, reason: 'audit-share', auditors: 1 });
  });

  it('is not audited by it, nor it by its successor', () => {
    for (const applicantIsOld of [true, false]) {
      const scene = createScene({ policy: { length: 'P1M' } });
      const heir = scene.world.join('Plant anew');
      const relations = (applicant: Id) => [{ applicant, relation: 'upstream' as const, labels: [SUPPLY_POINT] }];
      const [applicant, auditor] = applicantIsOld ? [scene.plant, heir] : [heir, scene.plant];
      scene.world.broadcast(
        entryOf('admit', admitContent, {
          org: heir.id,
          roles: ['applicant', 'auditor'],
          relations: applicantIsOld ? relations(applicant.id) : [],
          continues: scene.plant.id,
        }),
        entryOf('admit', admitContent, {
          org: scene.plant.id,
          roles: ['applicant', 'auditor'],
          relations: applicantIsOld ? [] : relations(applicant.id),
        }),
      );
      const subject = { ...scene, plant: applicant };
      submit(
        subject,
        at('2024-03'),
        ...['2024-01', '2024-02'].flatMap((month) => [
          heatPackage(subject, monthSpan(month), month === '2024-01' ? '100' : '90'),
          outPackage(subject, monthSpan(month), '10'),
        ]),
      );
      scene.world.append(auditor, auditOf(subject, scene.world.replay().state, auditor, monthSpan('2024-02')));
      broadcastAt(scene, at('2024-03') + 20 * DAY);
      const { decided } = decideAt(subject, '2024-02', at('2024-03') + 65 * DAY);
      expect(decided.content?.audits).toEqual([]);
      expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['audit-missing'] });
    }
  });
});

describe('a customer', () => {
  const meters = `${METERS}\n  sold: {kind: shipment, product: electricity, unit: MWh}`;
  const sold = (scene: Scene, window: Span, customer: string, party: string, amount: string, unit = 'MWh') =>
    scene.world.packageOf(
      scene.plant,
      `sold/${customer}`,
      'shipment',
      window.start,
      window.end,
      quantity(amount, { unit, product: 'electricity', party }),
    );

  it('to whom nothing was shipped passes nothing', () => {
    const { scene, hire } = audited({ boundary: boundaryText(meters) });
    const customer = hire('Customer', 'downstream', ['electricity']);
    submitYear(scene, '2024', '100', '10', (packages, month) => [
      ...packages,
      sold(scene, monthsOf('2024')[month - 1]!, 'else', 'Else', '10'),
    ]);
    sign(scene, customer, 'downstream', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'downstream')).toMatchObject({ passed: false, reason: 'audit-share' });
  });

  it('who passes a second of the year passes nothing', () => {
    const { scene, hire } = audited({ boundary: boundaryText(meters) });
    const customer = hire('Customer', 'downstream', ['electricity']);
    submitYear(scene, '2024', '100', '10', (packages, month) => [
      ...packages,
      sold(scene, monthsOf('2024')[month - 1]!, 'customer', 'Customer', '10'),
    ]);
    sign(scene, customer, 'downstream', ['electricity'], 'pass', seconds(at('2024') + 1, 1));
    expect(standing(scene, 'downstream')).toMatchObject({ passed: false, reason: 'audit-share' });
  });

  it('has no greater share by shipments that the boundary does not know, in other units, or taken back from others', () => {
    const { scene, hire } = audited({ boundary: boundaryText(meters) });
    const customer = hire('Customer', 'downstream', ['electricity']);
    submitYear(scene, '2024', '100', '10', (packages, month) => {
      const window = monthsOf('2024')[month - 1]!;
      const ghost = scene.world.packageOf(
        scene.plant,
        'ghost/customer',
        'shipment',
        window.start,
        window.end,
        quantity('1000000', { unit: 'MWh', product: 'electricity', party: 'Customer' }),
      );
      return [
        ...packages,
        sold(scene, window, 'else', 'Else', '9'),
        sold(scene, window, 'customer', 'Customer', '1'),
        sold(scene, window, 'kilo', 'Customer', '9000', 'kWh'),
        ghost,
      ];
    });
    sign(scene, customer, 'downstream', ['electricity'], 'pass', monthsOf('2024'));
    expect(standing(scene, 'downstream')).toMatchObject({ passed: true, limited: true });
    expect(ratioToText(standing(scene, 'downstream').share!)).toBe('1/10');
    const last = monthsOf('2024')[11]!;
    submit(scene, scene.world.time + DAY, sold(scene, last, 'returns', 'Else', '-107'));
    sign(scene, customer, 'downstream', ['electricity'], 'pass', [last]);
    expect(ratioToText(standing(scene, 'downstream').share!)).toBe('12/227');
  });
});

describe('a package', () => {
  it("of another kind than shipment that names its meter with a '/' is of no meter", () => {
    const scene = createScene();
    const january = monthSpan('2024-01');
    submit(
      scene,
      january.end + DAY,
      scene.world.packageOf(scene.plant, 'heat/spare', 'energy', january.start, january.end, quantity('100')),
    );
    const { state } = scene.world.replay();
    expect(auditedPackages(plantOf(scene, state), 'upstream', ['gate'], january)).toEqual([]);
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    expect(codesOf(decided.findings)).toContain('meter-missing');
  });

  it('that corrects one that was on time is not late, though it comes later', () => {
    const scene = createScene({ policy: { late: 'exclude' } });
    const january = monthSpan('2024-01');
    const first = heatPackage(scene, january, '100');
    submit(scene, january.end + DAY, first, outPackage(scene, january, '10'));
    broadcastAt(scene, january.end + 36 * DAY);
    scene.world.append(scene.plant, correction(first, heatPackage(scene, january, '101')));
    broadcastAt(scene, january.end + 60 * DAY);
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual([]);
    expect([...allPackages(plantOf(scene, state).packages)].map(({ standing: one }) => one)).toEqual([
      'on_time',
      'on_time',
    ]);
  });
});
