/** What a certificate prints, from one on the ledger: recovered energy, an adjustment, a correction, a dispute and its ruling. */
import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import { parseId } from '../../../src/ledger/codec/id.ts';
import { toCertificateView } from '../../../src/programme/certificate-view.ts';
import { toDecisionView } from '../../../src/programme/decision-view.ts';
import { decide } from '../../../src/programme/decide.ts';
import {
  adjustContent,
  adjustmentContent,
  admitContent,
  type AnswerContent,
  rulingContent,
} from '../../../src/programme/entries.ts';
import { certificateEnd, certificateLines } from '../../../src/report/certificate-lines.ts';
import { decisionEntry } from '../../support/decision-entry.ts';
import {
  at,
  auditOf,
  boundaryText,
  broadcastAt,
  correction,
  createScene,
  DAY,
  decideAt,
  heatPackage,
  monthSpan,
  monthsOf,
  outPackage,
  periodOf,
  plantOf,
  quantity,
  type Scene,
  submit,
  SUPPLY_POINT,
} from '../../support/scene.ts';
import { type Actor, entryOf } from '../../support/world.ts';

const METERS = `
  heat: {kind: energy, at: gate, counts: use, unit: mmBtu, accuracy: "0.005"}
  waste: {kind: energy, carrier: waste_coal, product: electricity, counts: recovered, unit: mmBtu, accuracy: "0.005"}
  out: {kind: product, product: electricity, unit: MWh, accuracy: "0.005"}`;

function submitYearOf(scene: Scene, year: string, energy: string): void {
  for (const month of monthsOf(year)) {
    const { world, plant } = scene;
    submit(
      scene,
      Math.max(world.time, month.end + DAY),
      heatPackage(scene, month, energy, month.start === monthSpan('2025-05').start ? { provenance: 'manual' } : {}),
      world.packageOf(plant, 'waste', 'energy', month.start, month.end, quantity('5')),
      outPackage(scene, month, '10'),
    );
  }
}

function play() {
  const scene = createScene({
    policy: { products: '{electricity: {basis: quantity, unit: MWh}}' },
    edit: (policy) =>
      policy
        .replace('data:', '  adjustment: {quantified: yes, reason: yes, asked_by: applicant, admitted_by: body}\ndata:')
        .replace('share_most: "0.05"', 'share_most: "0.50"'),
    boundary: boundaryText(METERS),
  });
  const { world, plant, supplier } = scene;
  const second = world.join('Second supplier');
  const relations = [{ applicant: plant.id, relation: 'upstream' as const, labels: [SUPPLY_POINT] }];
  world.broadcast(entryOf('admit', admitContent, { org: second.id, roles: ['auditor'], relations }));
  submitYearOf(scene, '2024', '100');
  submitYearOf(scene, '2025', '90');
  world.append(
    plant,
    correction(heatPackage(scene, monthSpan('2025-03'), '90'), heatPackage(scene, monthSpan('2025-03'), '89')),
  );
  world.append(
    plant,
    entryOf('adjust', adjustContent, {
      product: 'electricity',
      window: [at('2025-02'), at('2025-03')],
      energy: parseDecimal('-2'),
      unit: 'mmBtu',
      reason: 'a filter that a law asks for',
    }),
  );
  const asked = plant.state.seq;
  broadcastAt(scene, at('2026-01-10'));
  world.append(
    world.body,
    entryOf('adjustment', adjustmentContent, { applicant: plant.id, seq: asked, entry: 0, reason: 'seen on site' }),
  );
  const year = { start: at('2025'), end: at('2026') };
  const sign = (
    auditor: Actor,
    verdict: 'pass' | 'fail',
  ): { readonly auditor: Actor['id']; readonly seq: number; readonly entry: number } => {
    world.append(auditor, auditOf(scene, world.replay().state, auditor, year, { verdict }));
    return { auditor: auditor.id, seq: auditor.state.seq, entry: 0 };
  };
  const failed = sign(supplier, 'fail');
  sign(second, 'pass');
  broadcastAt(scene, at('2026-01-20'));
  world.append(
    world.body,
    entryOf('ruling', rulingContent, { ...failed, ruling: 'set_aside', reason: 'another meter was read' }),
  );
  world.time = at('2026') + 65 * DAY;
  const { state, decided } = decideAt(scene, '2025', world.time);
  world.append(world.body, decisionEntry(world, decided));
  const answers: readonly AnswerContent[] = [{ ...failed, text: 'the invoice was of the other gate' }];
  const decision = world.replay().state.decisions[0]!;
  const view = toCertificateView(state, plantOf(scene, state), decided, decision, answers);
  return { scene, state, decided, view, text: certificateLines(view, toDecisionView(state, plant.id, decided, 'UTC')) };
}

describe('a certificate', () => {
  const { scene, state, decided, view, text } = play();

  test('is of a holder, from a day to a day', () => {
    expect(decided.status).toBe('CERTIFIED');
    expect(view.holder).toEqual({ id: parseId(scene.plant.id), name: 'Plant', legalId: null });
    // a year from the decision, 65 days into 2026
    expect(view.valid).toEqual({ from: '2026-03-07', until: '2027-03-06' });
    expect(text).toContain('valid       2026-03-07 to 2027-03-06');
  });

  test('says what the energy is made of: carriers, what was recovered, what was adjusted', () => {
    // 11 x 90 + 89 of heat in 2025, 12 x 5 recovered
    expect(text).toContain('  period   waste_coal (use): 1,079.00000 mmBtu = 1,079.00000 mmBtu, by mmBtu to mmBtu');
    expect(text).toContain('  recovered and taken off: 60.000 mmBtu, then 60.000 mmBtu');
    expect(text).toContain("    that is 5.000 %, then 5.561 % of what was used; it rests on the holder's own meters");
    expect(view.products[0]!.recoveredPercent.reporting).toMatchObject({ displayed: '5.561' });
    expect(view.products[0]!.adjustments).toMatchObject([
      { side: 'reporting', window: '2025-02', counted: true, reason: 'a filter that a law asks for' },
    ]);
    expect(text.find((line) => line.includes('adjusted'))).toMatch(
      /-2\.000 mmBtu, by \d+:0: a filter that a law asks for$/u,
    );
    const { energy } = decided.evaluation!.products[0]!.headline!.reporting;
    expect([energy.n, energy.d]).toEqual([1079n - 60n - 2n, 1n]);
  });

  test('counts packages by how they came, and says what is covered and how', () => {
    expect(text).toContain('packages    baseline: 36 counted, 0 late, 0 given as history, 0 corrected');
    expect(text).toContain('            period:   36 counted, 0 late, 0 given as history, 1 corrected');
    // 31 of 3 x 365 days
    expect(text).toContain(
      '  covered in the period:   100.0 % by all meters together, 100.0 % by the least, 0 gaps, 2.8 % by hand, 0.0 % estimated',
    );
  });

  test('says in a sentence how far the change is uncertain', () => {
    const { expanded } = decided.evaluation!.products[0]!.uncertainty!;
    const shown = (Number(expanded) * 100).toFixed(3);
    expect(text).toContain(
      `  by the declared accuracies of the meters the change is uncertain by +- ${shown} percentage points: it stands out of that`,
    );
  });

  test('hides no dispute: the fail, the answer, the ruling', () => {
    const start = text.findIndex((line) => line.startsWith('dispute'));
    expect(text.slice(start)).toEqual([
      `dispute     Supplier ${scene.supplier.state.seq}:0 (upstream), 2025: fail`,
      '  answered  the invoice was of the other gate',
      '  ruled     set aside: another meter was read',
    ]);
    expect(view.audits.map(({ auditor, verdict }) => [auditor, verdict])).toEqual([
      ['Supplier', 'fail'],
      ['Second supplier', 'pass'],
    ]);
  });

  test('says how to check it in two commands, and what it is no statement of', () => {
    const end = certificateEnd('JM-2025-0001', state.ledger);
    expect(end.filter((line) => line.includes('joulemark '))).toEqual([
      `check it    joulemark verify <copy> --ledger ${state.ledger}`,
      '            joulemark certify explain JM-2025-0001',
    ]);
    expect(end.join('\n')).toContain('does not say');
    expect(end.join('\n')).not.toMatch(/\b(?:true|guarantee)/u);
  });

  test('of a refusal is valid at no time', () => {
    const { state: now } = scene.world.replay();
    const refused = {
      ...now.decisions[0]!,
      content: { ...now.decisions[0]!.content, status: 'NOT_QUALIFIED' as const },
    };
    const again = decide(state, plantOf(scene, state), periodOf(state, '2025'), scene.world.time);
    expect(toCertificateView(state, plantOf(scene, state), again, refused, []).valid).toBeNull();
  });
});
