import { describe, expect, it } from 'vitest';
import { compareRatio, type Rational, ratioOfText } from '../../../src/calc/ratio.ts';
import { toId } from '../../../src/ledger/codec/id.ts';
import {
  admitContent,
  decisionContent,
  type DecisionContent,
  revokeContent,
  suspendContent,
} from '../../../src/programme/entries.ts';
import { standingDecision } from '../../../src/programme/standing-decision.ts';
import { commitTo, evaluationContext } from '../../../src/programme/package.ts';
import { decisionEntry, toDecisionContent } from '../../support/decision-entry.ts';
import {
  at,
  auditYear,
  boundaryText,
  broadcastAt,
  codesOf,
  correction,
  createScene,
  DAY,
  decideAt,
  decideYear,
  documentEntry,
  heatPackage,
  monthSpan,
  monthsOf,
  outPackage,
  periodOf,
  quantity,
  type Scene,
  submit,
  submitYear,
} from '../../support/scene.ts';
import { entryOf } from '../../support/world.ts';

/** Two years, the second at 9 mmBtu/MWh against 10, audited: ready to be decided. */
function readyScene(choices: Parameters<typeof createScene>[0] = {}): Scene {
  const scene = createScene(choices);
  submitYear(scene, '2024', '100', '10');
  submitYear(scene, '2025', '90', '10');
  auditYear(scene, '2025');
  return scene;
}

const decisionsOf = ({ world }: Scene) => {
  const { state } = world.replay();
  return { state, codes: codesOf(state.findings), recomputed: state.decisions.map((decision) => decision.recomputed) };
};
const isRatio = (value: Rational | null | undefined, text: string): boolean =>
  value !== null && value !== undefined && compareRatio(value, ratioOfText(text)) === 0;

describe('a decision', () => {
  it('comes out of the ledger again byte for byte, and stands', () => {
    const scene = readyScene();
    expect(decideYear(scene, '2025')).toMatchObject({ status: 'CERTIFIED', final: true, exit: 'OK' });
    const { state, codes, recomputed } = decisionsOf(scene);
    expect({ codes, recomputed }).toEqual({ codes: [], recomputed: [true] });
    expect(standingDecision(state, scene.plant.id, periodOf(state, '2025'))).toMatchObject({
      content: { number: 'JM-2025-0001', status: 'CERTIFIED' },
    });
  });

  const other = toId(new Uint8Array(32));
  it.each<[string, (content: DecisionContent) => DecisionContent]>([
    ['status', (content) => ({ ...content, status: 'NOT_QUALIFIED' })],
    ['number', (content) => ({ ...content, number: 'JM-2025-0002' })],
    ['no number', ({ number: _number, ...content }) => content],
    ['reasons', (content) => ({ ...content, reasons: ['data-gap'] })],
    ['baseline', (content) => ({ ...content, baseline: [content.baseline![0] + 1, content.baseline![1]] })],
    ['no baseline', (content) => ({ ...content, baseline: null })],
    ['policy', (content) => ({ ...content, policy: other })],
    ['boundary', (content) => ({ ...content, boundary: other })],
    ['tables', (content) => ({ ...content, tables: [other] })],
    ['unit', (content) => ({ ...content, unit: 'GJ' })],
    [
      'rate',
      (content) => ({
        ...content,
        products: content.products.map((product) => ({ ...product, rate: { n: 1n, d: 9n } })),
      }),
    ],
    [
      'no rate',
      (content) => ({ ...content, products: content.products.map(({ rate: _rate, ...product }) => product) }),
    ],
    [
      'saving',
      (content) => ({
        ...content,
        products: content.products.map((product) => ({ ...product, saving: { n: 121n, d: 1n } })),
      }),
    ],
    [
      'verdict',
      (content) => ({
        ...content,
        products: content.products.map((product) => ({ ...product, verdict: 'not_saved' })),
      }),
    ],
    ['packages of the baseline', (content) => ({ ...content, packages: { ...content.packages, baseline: other } })],
    ['packages of the period', (content) => ({ ...content, packages: { ...content.packages, reporting: other } })],
    ['audits', (content) => ({ ...content, audits: [] })],
    ['evaluation', (content) => ({ ...content, evaluation: other })],
    ['salt', (content) => ({ ...content, salt: new Uint8Array(32) })],
    ['payload', (content) => ({ ...content, payload: new Uint8Array([0xa0]) })],
    ['payload without its salt', ({ salt: _salt, ...content }) => ({ ...content, payload: new Uint8Array([0xa0]) })],
    [
      'evaluation whose payload is left out',
      ({ payload: _payload, ...content }) => ({ ...content, evaluation: other }),
    ],
  ])('with another %s is found', (_, change) => {
    const scene = readyScene();
    scene.world.time = at('2026') + 65 * DAY;
    const { decided } = decideAt(scene, '2025', scene.world.time);
    scene.world.append(
      scene.world.body,
      entryOf('decision', decisionContent, change(toDecisionContent(scene.world, decided))),
    );
    const { codes, recomputed } = decisionsOf(scene);
    expect({ codes, recomputed }).toEqual({ codes: ['decision-differs'], recomputed: [false] });
  });

  it('with another evaluation, committed rightly, is found', () => {
    const scene = readyScene();
    scene.world.time = at('2026') + 65 * DAY;
    const { decided } = decideAt(scene, '2025', scene.world.time);
    const payload = decided.payload.slice();
    payload[payload.length - 1]! ^= 1;
    const content = toDecisionContent(scene.world, decided);
    const { salt, commit } = commitTo(
      evaluationContext(scene.world.ledger, scene.plant.id, content.period),
      payload,
      (message) => scene.world.body.makeSalt(message),
    );
    scene.world.append(
      scene.world.body,
      entryOf('decision', decisionContent, { ...content, evaluation: commit, salt, payload }),
    );
    expect(decisionsOf(scene).codes).toEqual(['decision-differs']);
  });

  it('may keep its evaluation sealed', () => {
    const scene = readyScene();
    scene.world.time = at('2026') + 65 * DAY;
    const {
      salt: _salt,
      payload: _payload,
      ...sealed
    } = toDecisionContent(scene.world, decideAt(scene, '2025', scene.world.time).decided);
    scene.world.append(scene.world.body, entryOf('decision', decisionContent, sealed));
    expect(decisionsOf(scene)).toMatchObject({ codes: [], recomputed: [true] });
  });

  it.each([
    ['before the policy lets it', '2025', at('2026') + 59 * DAY],
    ['on a period that has not begun', '2027', at('2026') + 65 * DAY],
  ])('is unauthorised %s', (_, year, time) => {
    const scene = readyScene();
    scene.world.time = at('2026') + 30 * DAY;
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    const { state } = scene.world.replay();
    const { start, end } = periodOf(state, year);
    scene.world.time = time;
    scene.world.append(
      scene.world.body,
      entryOf('decision', decisionContent, { ...toDecisionContent(scene.world, decided), period: [start, end] }),
    );
    expect(decisionsOf(scene)).toMatchObject({ codes: ['decision-unauthorised'], recomputed: [false] });
  });

  it.each<[string, readonly [number, number]]>([
    ['a year from its middle', [at('2025-07-01'), at('2026-07-01')]],
    ['a month', [at('2025-01-01'), at('2025-02-01')]],
    ['the end of time', [253_402_300_798, 253_402_300_799]],
  ])('on %s is unauthorised: no period of the policy', (_, period) => {
    const scene = readyScene();
    scene.world.time = at('2026') + 65 * DAY;
    const { decided } = decideAt(scene, '2025', scene.world.time);
    scene.world.append(
      scene.world.body,
      entryOf('decision', decisionContent, { ...toDecisionContent(scene.world, decided), period }),
    );
    expect(decisionsOf(scene)).toMatchObject({ codes: ['decision-unauthorised'], recomputed: [false] });
  });

  it('on an organisation that nobody knows is unauthorised', () => {
    const scene = readyScene();
    scene.world.time = at('2026') + 65 * DAY;
    const { decided } = decideAt(scene, '2025', scene.world.time);
    scene.world.append(
      scene.world.body,
      entryOf('decision', decisionContent, { ...toDecisionContent(scene.world, decided), applicant: other }),
    );
    expect(decisionsOf(scene)).toMatchObject({ codes: ['decision-unauthorised'] });
  });

  it('on a suspended applicant is unauthorised, until it is admitted again', () => {
    const scene = readyScene();
    const { world, plant } = scene;
    world.append(world.body, entryOf('suspend', suspendContent, { org: plant.id, reason: 'under inquiry' }));
    world.time = at('2026') + 65 * DAY;
    expect(decideAt(scene, '2025', world.time).decided).toMatchObject({ final: false, reasons: ['not-admitted'] });
    world.append(world.body, entryOf('admit', admitContent, { org: plant.id, roles: ['applicant'], relations: [] }));
    expect(decideYear(scene, '2025').status).toBe('CERTIFIED');
    expect(decisionsOf(scene).codes).toEqual([]);
  });

  it('of the same period a second time is unauthorised while the first stands', () => {
    const scene = readyScene();
    decideYear(scene, '2025');
    scene.world.append(scene.world.body, decisionEntry(scene.world, decideAt(scene, '2025', scene.world.time).decided));
    expect(decisionsOf(scene)).toMatchObject({ codes: ['decision-unauthorised'], recomputed: [true, false] });
  });

  it('revoked makes room for another, with a number of its own', () => {
    const scene = readyScene();
    const { world } = scene;
    decideYear(scene, '2025');
    world.append(
      world.body,
      entryOf('revoke', revokeContent, { seq: world.body.state.seq, entry: 0, reason: 'asked for by its holder' }),
    );
    decideYear(scene, '2025');
    const { state, codes } = decisionsOf(scene);
    expect(codes).toEqual([]);
    expect(state.decisions.map(({ content, revoked }) => [content.number, revoked?.reason ?? null])).toEqual([
      ['JM-2025-0001', 'asked for by its holder'],
      ['JM-2025-0002', null],
    ]);
    expect(standingDecision(state, scene.plant.id, periodOf(state, '2025'))!.content.number).toBe('JM-2025-0002');
  });

  it('that differs has no effect: it neither stands nor takes a number', () => {
    const scene = readyScene();
    const { world } = scene;
    world.time = at('2026') + 65 * DAY;
    const content = toDecisionContent(world, decideAt(scene, '2025', world.time).decided);
    world.append(world.body, entryOf('decision', decisionContent, { ...content, unit: 'GJ' }));
    decideYear(scene, '2025');
    const { state, codes } = decisionsOf(scene);
    expect(codes).toEqual(['decision-differs']);
    expect(state.decisions.map((decision) => [decision.recomputed, decision.content.number])).toEqual([
      [false, 'JM-2025-0001'],
      [true, 'JM-2025-0001'],
    ]);
    expect(standingDecision(state, scene.plant.id, periodOf(state, '2025'))!.recomputed).toBe(true);
  });

  it('stands for every month of its period, whatever length a later policy gives its periods', () => {
    const scene = readyScene();
    decideYear(scene, '2025');
    const { state } = scene.world.replay();
    const year = periodOf(state, '2025');
    expect(
      standingDecision(state, scene.plant.id, { start: year.start + 30 * DAY, end: year.start + 60 * DAY })?.content
        .number,
    ).toBe('JM-2025-0001');
    expect(standingDecision(state, scene.plant.id, { start: year.end, end: year.end + 30 * DAY })).toBeUndefined();
  });

  it('revoked by a place that holds none is malformed', () => {
    const scene = readyScene();
    scene.world.append(scene.world.body, entryOf('revoke', revokeContent, { seq: 1, entry: 0, reason: 'mistaken' }));
    expect(decisionsOf(scene).codes).toEqual(['entry-malformed']);
  });

  it('is not touched by what comes after it', () => {
    const scene = readyScene();
    decideYear(scene, '2025');
    scene.world.append(
      scene.world.body,
      entryOf('suspend', suspendContent, { org: scene.supplier.id, reason: 'later' }),
    );
    scene.world.append(
      scene.plant,
      correction(heatPackage(scene, monthSpan('2025-03'), '90'), heatPackage(scene, monthSpan('2025-03'), '95')),
    );
    broadcastAt(scene, at('2026') + 70 * DAY);
    expect(decisionsOf(scene)).toMatchObject({ codes: ['correction-late'], recomputed: [true] });
  });
});

describe('numbers of certificates', () => {
  it('count the certificates of the year of the period', () => {
    const scene = readyScene();
    decideYear(scene, '2025');
    submitYear(scene, '2026', '80', '10');
    auditYear(scene, '2026');
    decideYear(scene, '2026');
    const { state, codes } = decisionsOf(scene);
    expect(codes).toEqual([]);
    expect(state.decisions.map(({ content }) => content.number)).toEqual(['JM-2025-0001', 'JM-2026-0001']);
  });
});

describe('the whole', () => {
  it.each<[string, number, string, string, boolean]>([
    ['open until the policy lets it be decided', at('2026') + 59 * DAY, 'INCOMPLETE', 'PENDING', false],
    ['to be cured while the policy waits', at('2026') + 60 * DAY, 'INCOMPLETE', 'PENDING', false],
    ['to be cured on the last second', at('2026') + 120 * DAY, 'INCOMPLETE', 'PENDING', false],
    ['final one second later', at('2026') + 120 * DAY + 1, 'INCOMPLETE', 'NOT_CERTIFIED', true],
  ])('without audits is %s', (_, time, status, exit, final) => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    expect(decideAt(scene, '2025', time).decided).toMatchObject({
      status,
      exit,
      final,
      reasons: [time < at('2026') + 60 * DAY ? 'period-open' : 'audit-missing'],
    });
  });

  it('with a failed audit that blocks is not certified', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    auditYear(scene, '2025', 'fail');
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided).toMatchObject({
      status: 'INCOMPLETE',
      reasons: expect.arrayContaining(['audit-failed']),
    });
  });

  it('of the first year is not applicable: nothing stands before it', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    auditYear(scene, '2024');
    expect(decideYear(scene, '2024')).toMatchObject({ status: 'NOT_APPLICABLE', exit: 'NOT_CERTIFIED', final: true });
    expect(decisionsOf(scene).codes).toEqual([]);
  });

  it('needs a baseline that is audited where the policy says so', () => {
    const scene = readyScene({ policy: { baselineAudited: 'required' } });
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided).toMatchObject({
      status: 'INCOMPLETE',
      reasons: ['audit-missing'],
    });
    auditYear(scene, '2024');
    expect(decideYear(scene, '2025').status).toBe('CERTIFIED');
  });

  it('begins with the first period of the applicant', () => {
    const scene = readyScene({ admit: { first_period: '2026-01-01' } });
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided).toMatchObject({
      final: false,
      content: null,
      reasons: ['not-admitted'],
    });
    submitYear(scene, '2026', '80', '10');
    auditYear(scene, '2026');
    expect(decideYear(scene, '2026').status).toBe('CERTIFIED');
  });
});

describe('the baseline', () => {
  it('of a chain is the period before: last year becomes what this year is held against', () => {
    const scene = readyScene();
    expect(isRatio(decideYear(scene, '2025').content!.products[0]!.rate, '0.1')).toBe(true);
    submitYear(scene, '2026', '81', '10');
    auditYear(scene, '2026');
    const decided = decideYear(scene, '2026');
    expect(decided.content!.baseline).toEqual([at('2025'), at('2026')]);
    expect(isRatio(decided.content!.products[0]!.rate, '0.1')).toBe(true);
    expect(decisionsOf(scene).codes).toEqual([]);
  });

  it('closes with its corrections: a correction of last year after it began, in time, is the figure', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    scene.world.append(
      scene.plant,
      correction(heatPackage(scene, monthSpan('2024-12'), '100'), heatPackage(scene, monthSpan('2024-12'), '40')),
    );
    broadcastAt(scene, at('2025') + 30 * DAY);
    submitYear(scene, '2025', '90', '10');
    auditYear(scene, '2025');
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    expect(isRatio(decided.evaluation!.products[0]!.headline!.baseline.energy, '1140')).toBe(true);
  });

  it('of the last certificate leaps over a year that was not certified', () => {
    const scene = readyScene({ policy: { baseline: 'previous_certificate' } });
    expect(decideYear(scene, '2025').status).toBe('CERTIFIED');
    submitYear(scene, '2026', '95', '10');
    auditYear(scene, '2026');
    expect(decideYear(scene, '2026').status).toBe('NOT_QUALIFIED');
    submitYear(scene, '2027', '94', '10');
    auditYear(scene, '2027');
    const decided = decideYear(scene, '2027');
    expect(decided).toMatchObject({ status: 'NOT_QUALIFIED', content: { baseline: [at('2025'), at('2026')] } });
    expect(decisionsOf(scene).codes).toEqual([]);
  });

  it('prints the first certified period beside, so that a chain cannot hide a bad year', () => {
    const scene = readyScene({
      edit: (text) => text.replace('  rule_fixed:', '  also_print: [fixed_base]\n  rule_fixed:'),
    });
    expect(decideYear(scene, '2025').evaluation!.products[0]!.fixedBase).toBeNull();
    submitYear(scene, '2026', '100', '10');
    auditYear(scene, '2026');
    decideYear(scene, '2026');
    submitYear(scene, '2027', '99', '10');
    auditYear(scene, '2027');
    const decided = decideYear(scene, '2027');
    expect(decided.status).toBe('CERTIFIED');
    const [product] = decided.evaluation!.products;
    expect(isRatio(product!.headline!.rate, '0.01')).toBe(true);
    expect(isRatio(product!.fixedBase!.rate, '-0.1')).toBe(true);
    expect(decisionsOf(scene).codes).toEqual([]);
  });

  it('that is fixed is the same for every period, and the chain form is printed beside', () => {
    const scene = readyScene({ policy: { baseline: '{from: 2024-01-01, to: 2025-01-01}' } });
    submitYear(scene, '2026', '95', '10');
    auditYear(scene, '2026');
    const decided = decideYear(scene, '2026');
    expect(decided.content!.baseline).toEqual([at('2024'), at('2025')]);
    expect(decided.status).toBe('CERTIFIED');
    expect(decisionsOf(scene).codes).toEqual([]);
  });
});

describe('figures that come when they are known', () => {
  const value = boundaryText(`
  heat: {kind: energy, at: gate, counts: use, unit: mmBtu}
  out: {kind: value, product: goods, unit: CNY}`);
  const policy = { products: '{goods: {basis: value, unit: CNY, price_index: {series: PPI}}}' };
  const prices = (rows: string): Uint8Array =>
    documentEntry('table', `joulemark: table/1\nname: prices\nedition: "1"\nrows: {}\nseries: {PPI: ${rows}}`);
  const valueScene = (): Scene => {
    const scene = createScene({ boundary: value, policy });
    for (const [year, energy, amount] of [
      ['2024', '1000', '5000'],
      ['2025', '1050', '6000'],
    ] as const) {
      for (const month of monthsOf(year)) {
        submit(
          scene,
          month.end + DAY,
          heatPackage(scene, month, energy),
          scene.world.packageOf(scene.plant, 'out', 'value', month.start, month.end, quantity(amount, { unit: 'CNY' })),
        );
      }
    }
    auditYear(scene, '2025');
    return scene;
  };

  it('without a price index the period is incomplete, never at current prices; with it the answer is at comparable ones', () => {
    const scene = valueScene();
    const before = decideAt(scene, '2025', at('2026') + 65 * DAY).decided;
    expect(before).toMatchObject({ status: 'INCOMPLETE', exit: 'PENDING', reasons: ['index-missing'] });
    scene.world.append(scene.world.body, prices('{"2024": "1.00"}'));
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided.reasons).toEqual(['index-missing']);
    scene.world.append(scene.world.body, prices('{"2024": "1.00", "2025": "1.10"}'));
    const decided = decideYear(scene, '2025');
    // calculation section 3: +12.5 % at current, +3.75 % at comparable prices
    expect(isRatio(decided.evaluation!.products[0]!.headline!.rate, '0.0375')).toBe(true);
    expect(isRatio(decided.evaluation!.products[0]!.currentPrices!.rate, '0.125')).toBe(true);
    expect(decided.content!.tables).toEqual([scene.world.replay().state.tables[1]!.digest]);
    expect(decisionsOf(scene)).toMatchObject({ codes: [], recomputed: [true] });
  });

  const table = (edition: string, factor: string): Uint8Array =>
    documentEntry(
      'table',
      `joulemark: table/1\nname: test-table\nedition: "${edition}"\nrows: {coal: {unit: t, factor: "${factor}", factor_unit: GJ/t}}`,
    );
  const coal = boundaryText(
    `
  heat: {kind: energy, at: gate, counts: use, unit: t}
  out: {kind: product, product: electricity, unit: MWh}`,
    '{gate: {carrier: coal}}',
  );
  const coalPolicy = { unit: 'GJ', carriers: '{coal: {unit: t, row: coal}}' };
  const tonnes = (scene: Scene, year: string, energy: string): void => {
    for (const month of monthsOf(year))
      submit(scene, month.end + DAY, heatPackage(scene, month, energy, { unit: 't' }), outPackage(scene, month, '10'));
  };

  it('a new edition of a factor table alone saves nothing: both periods stand on the table of the reporting period', () => {
    const scene = createScene({ boundary: coal, policy: coalPolicy });
    const { world } = scene;
    world.append(world.body, table('2020', '29'));
    tonnes(scene, '2024', '100');
    world.append(world.body, table('2025', '20'));
    tonnes(scene, '2025', '101');
    world.append(world.body, table('2026', '1'));
    auditYear(scene, '2025');
    const decided = decideYear(scene, '2025');
    const [product] = decided.evaluation!.products;
    expect(decided.status).toBe('NOT_QUALIFIED');
    expect(isRatio(product!.headline!.rate, '-0.01')).toBe(true);
    expect(compareRatio(product!.ownTable!.rate!, ratioOfText('0.3'))).toBe(1);
    // the editions that the figures stand on, and not the one that came after the period
    const { state } = world.replay();
    expect(decided.content!.tables).toEqual([state.tables[0]!.digest, state.tables[1]!.digest].sort());
    expect(decisionsOf(scene)).toMatchObject({ codes: [], recomputed: [true] });
  });

  const measured = boundaryText(
    `
  heat: {kind: energy, at: gate, counts: use, unit: t}
  weighed: {kind: energy, at: gate, counts: use, unit: kg}
  laboratory: {kind: quality, carrier: coal, unit: GJ/t}
  out: {kind: product, product: electricity, unit: MWh}`,
    '{gate: {carrier: coal}}',
  );

  it('measured calorific values stay with their period, weighted by what was used of each lot, whatever its unit', () => {
    const scene = createScene({
      boundary: measured,
      policy: { ...coalPolicy, carriers: '{coal: {unit: t, row: coal, measured_ncv: required}}' },
    });
    const { world, plant } = scene;
    for (const year of ['2024', '2025']) {
      for (const [index, month] of monthsOf(year).entries()) {
        const lot = (amount: string) =>
          world.packageOf(plant, 'laboratory', 'quality', month.start, month.end, quantity(amount, { unit: 'GJ/t' }));
        const bags = world.packageOf(
          plant,
          'weighed',
          'energy',
          month.start,
          month.end,
          quantity('100000', { unit: 'kg' }),
        );
        const amount = index === 0 ? '1000' : '0';
        submit(
          scene,
          month.end + DAY,
          heatPackage(scene, month, amount, { unit: 't' }),
          bags,
          outPackage(scene, month, '10'),
          lot(index === 0 ? '30' : '10'),
        );
      }
    }
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    const [line] = decided.evaluation!.products[0]!.carriers.reporting;
    // 1,000 t and 12 x 100 t: 1,100 t of 30 GJ/t and 1,100 t of 10 GJ/t
    expect(isRatio(line!.factor, '20')).toBe(true);
    expect(line!.source).toContain('measured');
  });

  it('measured calorific values that are required and missing leave no factor', () => {
    const scene = createScene({
      boundary: measured,
      policy: { ...coalPolicy, carriers: '{coal: {unit: t, row: coal, measured_ncv: required}}' },
    });
    scene.world.append(scene.world.body, table('2020', '29'));
    tonnes(scene, '2024', '100');
    tonnes(scene, '2025', '90');
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided.reasons).toContain('factor-missing');
  });

  it('the calorific basis of electricity takes the rate of the year, once it is known', () => {
    const scene = createScene({
      boundary: boundaryText(
        `
  heat: {kind: energy, at: gate, counts: import, unit: kWh}
  out: {kind: product, product: electricity, unit: MWh}`,
        '{gate: {carrier: power}}',
      ),
      policy: { unit: 'kgce', carriers: '{power: {unit: kWh, row: electricity_equivalent}}' },
      edit: (text) => text.replace('  carriers:', '  electricity: {basis: {calorific: {series: rate}}}\n  carriers:'),
    });
    const { world } = scene;
    world.append(
      world.body,
      documentEntry(
        'table',
        'joulemark: table/1\nname: test-table\nedition: "1"\nrows: {electricity_equivalent: {unit: kWh, factor: "0.1229", factor_unit: kgce/kWh}}',
      ),
    );
    for (const year of ['2024', '2025'])
      for (const month of monthsOf(year))
        submit(
          scene,
          month.end + DAY,
          heatPackage(scene, month, '100', { unit: 'kWh' }),
          outPackage(scene, month, '10'),
        );
    expect(decideAt(scene, '2025', at('2026') + 65 * DAY).decided.reasons).toContain('factor-missing');
    world.append(
      world.body,
      documentEntry(
        'table',
        'joulemark: table/1\nname: rates\nedition: "1"\nrows: {}\nseries: {rate: {"2024": "0.3200", "2025": "0.3000"}}',
      ),
    );
    const { decided } = decideAt(scene, '2025', at('2026') + 65 * DAY);
    const [product] = decided.evaluation!.products;
    expect(isRatio(product!.carriers.reporting[0]!.factor, '0.3')).toBe(true);
    expect(isRatio(product!.headline!.rate, '0')).toBe(true);
    expect(isRatio(product!.ownTable!.rate, '0.0625')).toBe(true);
    expect(decided.content!.tables).toHaveLength(2);
  });

  it('stocks open with the count that closed the year before', () => {
    const scene = createScene({
      boundary: boundaryText(
        `
  heat: {kind: energy, at: gate, counts: import, unit: t}
  heap: {kind: stock, carrier: coal, unit: t}
  out: {kind: product, product: electricity, unit: MWh}`,
        '{gate: {carrier: coal}}',
      ),
      policy: coalPolicy,
      founded: '2023-06-01',
    });
    const { world, plant } = scene;
    world.append(world.body, table('2020', '29'));
    const count = (day: number, amount: string): void =>
      submit(
        scene,
        Math.max(world.time, day),
        world.packageOf(plant, 'heap', 'stock', day - DAY, day, quantity(amount, { unit: 't' })),
      );
    count(at('2024'), '500');
    tonnes(scene, '2024', '100');
    count(at('2025'), '300');
    tonnes(scene, '2025', '100');
    count(at('2026'), '400');
    auditYear(scene, '2025');
    const decided = decideYear(scene, '2025');
    const { headline } = decided.evaluation!.products[0]!;
    expect(isRatio(headline!.baseline.energy, String((1200 + 200) * 29))).toBe(true);
    expect(isRatio(headline!.reporting.energy, String((1200 - 100) * 29))).toBe(true);
    expect(decided.status).toBe('CERTIFIED');
    expect(decisionsOf(scene)).toMatchObject({ codes: [], recomputed: [true] });
  });

  it('flags what the policy names, and only prints it', () => {
    const scene = readyScene({
      edit: (text) =>
        text.replace('  manual:', '  flags: {repeated: "5", jump_iqr: "3", change_since_baseline: "0.05"}\n  manual:'),
    });
    const decided = decideYear(scene, '2025');
    const codes = decided.evaluation!.products[0]!.reasons.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(['change-since-baseline', 'repeated-values']));
    expect(decided.status).toBe('CERTIFIED');
  });
});
