import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/calc/explain.ts';
import { compareRatio, type Rational, ratioToText } from '../../../src/calc/ratio.ts';
import type { Decided } from '../../../src/programme/decide.ts';
import { roundPlaces } from '../../../src/calc/rounding.ts';
import { toDecisionView } from '../../../src/programme/decision-view.ts';
import { parseDocument } from '../../../src/programme/document.ts';
import { policySchema } from '../../../src/programme/policy.ts';
import { decisionLines } from '../../../src/programme/render-decision.ts';
import {
  busierScene,
  decideModelled,
  methodText,
  modelledScene,
  submitModelledYear,
} from '../../support/modelled-scene.ts';
import { policyText } from '../../support/policy-text.ts';
import {
  at,
  auditYear,
  broadcastAt,
  createScene,
  DAY,
  decideAt,
  decideYear,
  documentEntry,
  submitYear,
} from '../../support/scene.ts';

const productOf = (decided: Decided) => decided.evaluation!.products[0]!;
const plain = { good: same, bad: same, warn: same, strong: same, dim: same };
function same(text: string): string {
  return text;
}

const decideBusier = (verdict: 'print' | 'decide'): Decided =>
  decideAt(busierScene(verdict), '2025', at('2026') + 65 * DAY).decided;

describe('a policy with a model', () => {
  test('certifies what the model says, and states its rate and saving', () => {
    const decided = decideModelled();
    const { model, headline, verdict } = productOf(decided);
    expect([decided.status, verdict, model?.faults]).toEqual(['CERTIFIED', 'saved', []]);
    expect(model?.terms.map(({ name }) => name)).toEqual(['constant', 'output', 'degree-days']);
    const [said] = decided.content!.products;
    expect([said?.rate, said?.saving]).toEqual([model?.comparison.rate, model?.comparison.saving]);
    expect(said?.rate).not.toEqual(headline?.rate);
  });

  test('only prints it where the policy says so', () => {
    const decided = decideModelled('print');
    const { model, headline } = productOf(decided);
    expect(model?.decides).toBe(false);
    expect(decided.content!.products[0]?.rate).toEqual(headline?.rate);
  });

  test('does not certify rising output, which a ratio alone does', () => {
    const byRatio = decideBusier('print');
    expect(byRatio.status).toBe('CERTIFIED');
    expect(productOf(byRatio).reasons.map(({ code }) => code)).toContain('base-load');
    const byModel = decideBusier('decide');
    expect(byModel.status).toBe('NOT_QUALIFIED');
    expect(productOf(byModel).verdict).toBe('not_saved');
    expect(compareRatio(byModel.content!.products[0]!.rate!, { n: 0n, d: 1n })).toBe(-1);
  });

  test('is incomplete without the variable', () => {
    const scene = modelledScene('decide');
    submitYear(scene, '2024', '1000', '300');
    submitYear(scene, '2025', '900', '300');
    auditYear(scene, '2025');
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    expect([decided.status, decided.reasons]).toEqual(['INCOMPLETE', ['model-unformed']]);
  });

  test('shows the model beside the ratio', () => {
    const scene = modelledScene('decide');
    submitModelledYear(scene, '2024', 500);
    submitModelledYear(scene, '2025', 440);
    auditYear(scene, '2025');
    const { state, decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    const view = toDecisionView(state, scene.plant.id, decided, 'UTC');
    // twelve months of 60 mmBtu
    const lines = decisionLines(view, plain);
    expect(lines.filter((line) => line.includes('model'))).toEqual([
      expect.stringMatching(
        /^ {2}by a model of the baseline: \d\.\d{3} % less, \+- 0\.\d{3} %; the verdict rests on it$/u,
      ),
      expect.stringMatching(/^ {2}model on output, degree-days: 12 of 12 rows, R2 0\.99\d\d, valid$/u),
    ]);
    const shown = view.products[0]!.model!;
    expect([shown.valid, shown.distinguishable, shown.saving?.displayed]).toEqual([true, true, '720.000']);
  });

  test('comes to the same bytes when the ledger is replayed', () => {
    const scene = modelledScene('decide');
    submitModelledYear(scene, '2024', 500);
    submitModelledYear(scene, '2025', 440);
    auditYear(scene, '2025');
    decideYear(scene, '2025');
    scene.world.broadcast();
    const { state } = scene.world.replay();
    expect(state.decisions.map(({ recomputed }) => recomputed)).toEqual([true]);
  });
});

describe('models beside the headline', () => {
  const tableText = (edition: string, factor: string) => `joulemark: table/1
name: test-table
edition: "${edition}"
rows:
  waste_coal: {unit: mmBtu, factor: "${factor}", factor_unit: mmBtu/mmBtu}
`;
  /** Certified in 2025 against 2024; of 2027, the baseline is 2026 and the first certified period 2025. The table changed in 2027. */
  const decideThird = (verdict: 'print' | 'decide', moreOutput = 0) => {
    const scene = modelledScene(verdict, (policy) =>
      policy.replace('\n  rule_fixed:', '\n  also_print: [fixed_base]\n  rule_fixed:'),
    );
    scene.world.append(scene.world.body, documentEntry('table', tableText('1', '1')));
    submitModelledYear(scene, '2024', 500);
    submitModelledYear(scene, '2025', 440);
    auditYear(scene, '2025');
    expect(decideYear(scene, '2025').status).toBe('CERTIFIED');
    submitModelledYear(scene, '2026', 420);
    broadcastAt(scene, at('2027') + 40 * DAY);
    scene.world.append(scene.world.body, documentEntry('table', tableText('2', '0.5')));
    submitModelledYear(scene, '2027', 400, moreOutput);
    auditYear(scene, '2027');
    return { scene, ...decideAt(scene, '2027', at('2028') + 65 * DAY) };
  };

  test('are fitted to the first certified period and by the own table, each with its answer', () => {
    const { scene, state, decided } = decideThird('decide');
    const { model, ownTable, fixedBase } = productOf(decided);
    const savingOf = ({ comparison }: { readonly comparison: { readonly saving: Rational | null } }) =>
      ratioToText(comparison.saving!);
    // twenty mmBtu a month less than in 2026, forty less than in 2025, at half a unit a mmBtu
    expect(savingOf(model!)).toBe('120');
    expect(savingOf(model!.fixedBase!)).toBe('240');
    // by its own table of one unit a mmBtu 2026 used twice as much: what the ratio beside the headline says too
    const { baseline, reporting } = ownTable!;
    expect(model!.ownTable!.comparison.reporting).toEqual(reporting);
    expect(model!.ownTable!.comparison.baseline.energy).toEqual(baseline.energy);
    expect(model!.ownTable!.terms[1]!.coefficient.n).toBeGreaterThan(0n);
    expect(compareRatio(model!.ownTable!.comparison.rate!, { n: 1n, d: 2n })).toBe(1);
    expect(fixedBase!.rate).not.toBeNull();
    const lines = decisionLines(toDecisionView(state, scene.plant.id, decided, 'UTC'), plain);
    expect(lines.filter((line) => line.includes('by a model'))).toEqual([
      expect.stringMatching(/^ {2}by a model of the baseline: 1\.\d{3} % less/u),
      expect.stringMatching(/^ {2}by a model with each period's own table: 50\.\d{3} % less, valid$/u),
      expect.stringMatching(/^ {2}by a model of the first certified period: 2\.\d{3} % less, valid$/u),
    ]);
    const steps = explain(decided.evaluation!, decided.rules!).map(({ id }) => id);
    for (const id of ['own-table/expected', 'own-table/rate', 'fixed-base/adjusted', 'fixed-base/saving'])
      expect(steps).toContain(`electricity/model/${id}`);
  });

  test('stand in the chain where the model decides, beside a fixed window', () => {
    const chainOf = (verdict: 'print' | 'decide') => {
      const scene = modelledScene(verdict, (policy) =>
        policy.replace('window: previous_period', 'window: {from: 2024-01-01, to: 2025-01-01}'),
      );
      submitModelledYear(scene, '2024', 500);
      submitModelledYear(scene, '2025', 440);
      submitModelledYear(scene, '2026', 430, 10);
      auditYear(scene, '2026');
      return decideAt(scene, '2026', at('2027') + 65 * DAY).decided.beside!.chain![0]!;
    };
    // ten mmBtu a month less than in 2025, and what ten MWh more a month take by the slope of 2025 beyond three a MWh
    expect(roundPlaces(chainOf('decide').saving!, 0)).toBe('123');
    expect(roundPlaces(chainOf('print').saving!, 0)).not.toBe('123');
  });

  test('are not valid outside the range of what they were fitted to, and decide nothing', () => {
    const { decided } = decideThird('print', 400);
    const { model, reasons, verdict } = productOf(decided);
    expect([model!.ownTable!.faults, model!.fixedBase!.faults]).toEqual([['range'], ['range']]);
    expect(reasons.filter(({ severity }) => severity === 'critical')).toEqual([]);
    expect(verdict).toBe('saved');
  });
});

describe('a policy without a model', () => {
  const decidedBy = (edit: (policy: string) => string): Decided => {
    const scene = createScene({ edit });
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    return decideAt(scene, '2025', at('2026') + 65 * DAY).decided;
  };

  test('decides as before, whether it says so or not', () => {
    const silent = decidedBy((policy) => policy);
    const ratio = decidedBy((policy) => policy.replace('\n  rule_fixed:', '\n  method: ratio\n  rule_fixed:'));
    expect('model' in productOf(silent)).toBe(false);
    expect(ratio.payload).toEqual(silent.payload);
  });
});

describe('the rules of a model', () => {
  const read = (edit: (method: string) => string) => () =>
    policySchema.read(
      parseDocument(
        policyText().replace('\n  rule_fixed:', `${edit(methodText('decide'))}\n  rule_fixed:`),
        'policy.yaml',
      ),
      'policy',
    );

  test('are read', () => {
    expect(read((method) => method)).not.toThrow();
  });

  test.each([
    ['{electricity: [output, degree-days]}', '{gas: [output]}', "products.gas' is no product of the policy"],
    ['[output, degree-days]', '[output, rain]', "names 'rain', which is not among 'variables'"],
    ['[output, degree-days]', '[output, output]', 'names a variable twice'],
    ['[output, degree-days]', '[]', 'products.electricity'],
    [
      '{degree-days: {takes',
      '{output: {takes: sum}, degree-days: {takes',
      'is the output of the product, not a variable',
    ],
    ['r2: "0.5"', 'r2: "1.5"', "validity.r2' is no share"],
    ['coverage: "1"', 'coverage: "2"', "coverage' is no share"],
    ['deviations: "3"', 'deviations: "-3"', 'is below zero'],
    ['confidence: "0.90"', 'confidence: "1"', 'is no confidence'],
    ['rows: month', 'rows: week', 'rows'],
    ['method:\n    regression:', 'method:\n    guess:', 'method'],
  ])('%s as %s is refused', (from, to, fault) => {
    expect(methodText('decide')).toContain(from);
    expect(read((method) => method.replace(from, to))).toThrow(fault);
  });
});
