import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import { explain } from '../../../src/calc/explain.ts';
import { ratioToText } from '../../../src/calc/ratio.ts';
import { acceptContent, adjustContent, adjustmentContent, admitContent } from '../../../src/programme/entries.ts';
import { standingDecision } from '../../../src/programme/standing-decision.ts';
import {
  at,
  auditYear,
  boundaryText,
  codesOf,
  createScene,
  DAY,
  decideAt,
  decideYear,
  digestOf,
  documentEntry,
  METERS,
  periodOf,
  type Scene,
  submitYear,
} from '../../support/scene.ts';
import { policyText } from '../../support/policy-text.ts';
import { entryOf } from '../../support/world.ts';

const ADJUSTMENT = '  adjustment: {quantified: yes, reason: yes, asked_by: applicant, admitted_by: body}\ndata:';
const allowing = (policy: string): string => policy.replace('data:', ADJUSTMENT);
const resetting = (what: string) => (policy: string) => policy.replace('data:', `  reset_on: [${what}]\ndata:`);
const decided = (scene: Scene, year = '2025') => decideAt(scene, year, at(String(Number(year) + 1)) + 65 * DAY);

function years(scene: Scene, first = '100', second = '90'): Scene {
  submitYear(scene, '2024', first, '10');
  submitYear(scene, '2025', second, '10');
  auditYear(scene, '2025');
  return scene;
}

/** The applicant asks for an adjustment; the block and entry of the request. */
function ask(scene: Scene, window: readonly [string, string], energy: string, unit = 'mmBtu') {
  const { world, plant } = scene;
  world.append(
    plant,
    entryOf('adjust', adjustContent, {
      product: 'electricity',
      window: [at(window[0]), at(window[1])],
      energy: parseDecimal(energy),
      unit,
      reason: 'a filter that a law asks for',
    }),
  );
  world.broadcast();
  return { seq: plant.state.seq, entry: 0 };
}

function admit({ world, plant }: Scene, { seq, entry }: ReturnType<typeof ask>): void {
  world.append(
    world.body,
    entryOf('adjustment', adjustmentContent, { applicant: plant.id, seq, entry, reason: 'seen on site' }),
  );
}

describe('an adjustment', () => {
  it('enters the figures when it is asked for and admitted, in its own line', () => {
    const scene = years(createScene({ edit: allowing }));
    const asked = ask(scene, ['2025-03', '2025-04'], '60');
    const before = decided(scene).decided.evaluation!.products[0]!;
    expect(before.adjustments.reporting).toEqual([]);
    admit(scene, asked);
    const { evaluation, rules, status } = decided(scene).decided;
    const product = evaluation!.products[0]!;
    // 12 x 90 + 60 = 1140 mmBtu over 120 MWh, against 10
    expect(ratioToText(product.headline!.reporting.intensity!)).toBe('19/2');
    expect(ratioToText(product.withoutAdjustment!.reporting.intensity!)).toBe('9');
    expect(product.adjustments.reporting).toMatchObject([{ counted: true, reason: 'a filter that a law asks for' }]);
    expect(product.reasons.map(({ code }) => code)).toContain('adjusted');
    expect(status).toBe('CERTIFIED');
    const step = explain(evaluation!, rules!).find(({ id }) => id === 'electricity/reporting/energy')!;
    expect(step.inputs.at(-1)).toMatchObject({ name: 'A1', value: '60', unit: 'mmBtu' });
    expect(decideYear(scene, '2025').status).toBe('CERTIFIED');
    expect(scene.world.replay().state.decisions.map(({ recomputed }) => recomputed)).toEqual([true]);
  });

  it('turns a verdict where it is large enough', () => {
    const scene = years(createScene({ edit: allowing }));
    admit(scene, ask(scene, ['2025-03', '2025-04'], '120'));
    expect(decided(scene).decided).toMatchObject({ status: 'NOT_QUALIFIED' });
  });

  it.each([
    ['across the edge against the claimant', ['2024-12', '2025-02'], '60', '19/2', '10'],
    ['across the edge in his favour', ['2024-12', '2025-02'], '-60', '9', '19/2'],
    ['wholly in the baseline', ['2024-02', '2024-03'], '60', '9', '21/2'],
    ['in another year', ['2023-02', '2023-03'], '60', '9', '10'],
  ] as const)('%s', (_, window, energy, reporting, baseline) => {
    const scene = years(createScene({ edit: allowing }));
    admit(scene, ask(scene, window, energy));
    const { headline } = decided(scene).decided.evaluation!.products[0]!;
    expect(ratioToText(headline!.reporting.intensity!)).toBe(reporting);
    expect(ratioToText(headline!.baseline.intensity!)).toBe(baseline);
  });

  it('in a unit of another kind leaves no figure', () => {
    const scene = years(createScene({ edit: allowing }));
    admit(scene, ask(scene, ['2025-03', '2025-04'], '60', 't'));
    expect(decided(scene).decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['unit-mismatch'] });
  });

  it.each([
    ['that nobody asked for', (scene: Scene) => admit(scene, { seq: 1, entry: 0 }), allowing],
    [
      'admitted twice',
      (scene: Scene) => {
        const asked = ask(scene, ['2025-03', '2025-04'], '60');
        admit(scene, asked);
        admit(scene, asked);
      },
      allowing,
    ],
    [
      'under a policy that knows none',
      (scene: Scene) => admit(scene, ask(scene, ['2025-03', '2025-04'], '60')),
      (policy: string) => policy,
    ],
  ] as const)('%s is refused', (_, act, edit) => {
    const scene = years(createScene({ edit }));
    act(scene);
    const { state } = scene.world.replay();
    expect(codesOf(state.findings)).toEqual(['adjustment-refused']);
    expect(state.adjustments.length).toBeLessThanOrEqual(1);
  });
});

describe('a reset', () => {
  const METERS_AND_ONE = `${METERS}\n  heat2: {kind: energy, at: gate, counts: use, unit: mmBtu}`;

  function withNewBoundary(edit: (policy: string) => string, boundary: string): Scene {
    const scene = createScene({ edit });
    submitYear(scene, '2024', '100', '10');
    const { world, plant } = scene;
    world.append(plant, documentEntry('boundary', boundary));
    world.broadcast();
    world.append(world.body, entryOf('accept', acceptContent, { org: plant.id, boundary: digestOf(boundary) }));
    submitYear(scene, '2025', '90', '10');
    submitYear(scene, '2026', '80', '10');
    auditYear(scene, '2026');
    return scene;
  }

  it('of the set of meters makes the period the first of a new baseline', () => {
    const scene = withNewBoundary(resetting('meter_set'), boundaryText(METERS_AND_ONE));
    // accepted in January 2025: in force from 2026
    const { status, evaluation } = decided(scene, '2026').decided;
    expect(status).toBe('NOT_APPLICABLE');
    expect(evaluation!.products[0]).toMatchObject({ verdict: 'no_baseline', headline: null });
    expect(evaluation!.products[0]!.reasons).toContainEqual(
      expect.objectContaining({ code: 'baseline-reset', text: 'meters changed since the baseline began: heat2' }),
    );
  });

  it('is none where the policy does not name what changed, or nothing did', () => {
    const other = withNewBoundary(resetting('boundary, allocation_key'), boundaryText(METERS_AND_ONE));
    expect(decided(other, '2026').decided.evaluation!.products[0]!.headline).not.toBeNull();
    const accuracy = boundaryText(METERS.replaceAll('}', ', accuracy: "0.005"}'));
    const same = withNewBoundary(resetting('boundary, meter_set'), accuracy);
    expect(decided(same, '2026').decided.status).toBe('CERTIFIED');
  });

  it('of a supply point, by its carrier', () => {
    const boundary = boundaryText(METERS, '{gate: {carrier: waste_coal}, second: {carrier: waste_coal}}');
    const scene = withNewBoundary(resetting('boundary'), boundary);
    expect(decided(scene, '2026').decided.evaluation!.products[0]!.verdict).toBe('no_baseline');
  });

  it('of a product that a new policy defines in another way', () => {
    const edit = resetting('product_definition');
    const scene = createScene({ edit });
    submitYear(scene, '2024', '100', '10');
    const products = '{electricity: {basis: quantity, unit: kWh}, steam: {basis: quantity, unit: klb}}';
    scene.world.append(scene.world.body, documentEntry('policy', edit(policyText({ first: '2024-01-01', products }))));
    submitYear(scene, '2025', '90', '10');
    submitYear(scene, '2026', '80', '10');
    // known from January 2025: in force from 2026
    const { evaluation } = decided(scene, '2026').decided;
    expect(evaluation!.products[0]).toMatchObject({ verdict: 'no_baseline', unit: 'kWh' });
  });
});

describe('the standing of a baseline', () => {
  it('is on the ledger, or declared where history was given in one go, and counts what was late or corrected', () => {
    expect(decided(years(createScene())).decided.beside).toMatchObject({
      baselineStanding: 'on_ledger',
      packages: { baseline: { counted: 24, late: 0, history: 0, corrected: 0 } },
    });
    const scene = createScene({ founded: '2024-12-15' });
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    const { beside } = decided(scene).decided;
    expect(beside?.baselineStanding).toBe('declared');
    expect(beside!.packages.baseline.history).toBeGreaterThan(0);
  });

  it('is audited where its audits pass', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    auditYear(scene, '2024');
    submitYear(scene, '2025', '90', '10');
    auditYear(scene, '2025');
    expect(decided(scene).decided.beside?.baselineStanding).toBe('audited');
  });
});

describe('an organisation that continues another', () => {
  it('has its history, and no second certificate of a period', () => {
    const scene = createScene({ founded: '2022-12-01', policy: { first: '2023-01-01' } });
    const { world, plant } = scene;
    submitYear(scene, '2023', '110', '10');
    submitYear(scene, '2024', '100', '10');
    auditYear(scene, '2024');
    expect(decideYear(scene, '2024').status).toBe('CERTIFIED');
    const heir = world.join('Heir');
    world.append(heir, documentEntry('boundary', boundaryText()));
    world.broadcast(
      entryOf('admit', admitContent, { org: heir.id, roles: ['applicant'], relations: [], continues: plant.id }),
    );
    world.append(world.body, entryOf('accept', acceptContent, { org: heir.id, boundary: digestOf(boundaryText()) }));
    const next: Scene = { ...scene, plant: heir };
    submitYear(next, '2025', '90', '10');
    const { decided: answer } = decided(next);
    const product = answer.evaluation!.products[0]!;
    expect(ratioToText(product.headline!.baseline.intensity!)).toBe('10');
    expect(ratioToText(product.headline!.reporting.intensity!)).toBe('9');
    expect(answer.beside?.baselineStanding).toBe('audited');
    // what the older one holds a decision on is not decided again
    const { state } = world.replay();
    expect(standingDecision(state, heir.id, periodOf(state, '2024'))?.content.applicant).toBe(plant.id);
    expect(standingDecision(state, heir.id, periodOf(state, '2025'))).toBeUndefined();
  });
});
