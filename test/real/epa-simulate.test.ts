import { beforeAll, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import { roundPlaces } from '../../src/calc/rounding.ts';
import { type ComparedDecision, diffDecisions } from '../../src/programme/diff-decisions.ts';
import { diffDocuments } from '../../src/programme/diff-documents.ts';
import { diffFactors } from '../../src/programme/diff-figures.ts';
import { correctContent } from '../../src/programme/entries.ts';
import { allPackages } from '../../src/programme/packages.ts';
import { periodNamed } from '../../src/programme/rules.ts';
import { type Answer, answerAsOf, applyPending, nextPeriod, pendingChains } from '../../src/programme/simulate.ts';
import { PLANTS, readRows } from '../support/epa.ts';
import { auditYear, createEpaLedger, type EpaLedger, midnight } from '../support/epa-ledger.ts';
import { plantInput, readPlant, yearsWindow } from '../support/epa-plant.ts';
import { hasShared } from '../support/shared.ts';
import { entryOf } from '../support/world.ts';

const DAY = 86_400;
const NORTHAMPTON = '50888';
const DECIDED_AT = midnight('2023-03-05');

describe.skipIf(!hasShared)('what the decisions on four EPA plants would be', () => {
  let ledger: EpaLedger;
  let covered: ReadonlyMap<string, Answer>;
  let supposed: ReadonlyMap<string, Answer>;
  let broadcast: ReadonlyMap<string, Answer>;
  const published = hasShared ? readRows('data/epa-campd-daily/expected_baseline_vs_reporting.csv') : [];

  const answersIn = (state: Answer['state']): ReadonlyMap<string, Answer> =>
    new Map(
      ledger.plants.map(({ plant, actor }) => [
        plant.id,
        answerAsOf(state, actor.id, periodNamed(state.policies[0]!.value, '2022')!, DECIDED_AT),
      ]),
    );

  beforeAll(() => {
    ledger = createEpaLedger({ years: ['2013', '2014', '2015', '2022'] });
    const { world } = ledger;
    world.time = midnight('2023-01-10');
    auditYear(ledger, world.replay().state, { supplier: 'honest' });
    covered = answersIn(world.replay().state);
    const state = world.replay().state;
    applyPending(state, world.actors, world.time);
    supposed = answersIn(state);
    world.broadcast();
    broadcast = answersIn(world.replay().state);
  });

  it('without the audits that are pending: nobody has an answer yet', () => {
    for (const id of PLANTS) {
      expect(covered.get(id)!.decided).toMatchObject({ status: 'INCOMPLETE', exit: 'PENDING' });
    }
    const { world, supplier } = ledger;
    const { state } = world.replay({ before: ({ programmeSeq }) => programmeSeq < world.body.state.seq });
    const pending = new Map(pendingChains(state, world.actors).map((chain) => [chain.id, chain]));
    // twelve months of four plants, one block each; a peer audits the one other plant of its kind
    expect(pending.get(supplier.id)).toMatchObject({ blocks: 4, audits: 48, packages: 0, corrections: 0, others: 0 });
    for (const { actor } of ledger.plants) expect(pending.get(actor.id)).toMatchObject({ blocks: 1, audits: 12 });
  });

  it('with them: the verdicts and rates that the published figures have', () => {
    for (const row of published.filter(({ baseline, reporting }) => baseline === '2013-2015' && reporting === '2022')) {
      const { status, exit, evaluation } = supposed.get(row['facility_id']!)!.decided;
      const isSaving = row['verdict'] === 'saving';
      expect([status, exit]).toEqual(isSaving ? ['CERTIFIED', 'OK'] : ['NOT_QUALIFIED', 'NOT_CERTIFIED']);
      expect(roundPlaces(evaluation!.products[0]!.headline!.saving!, 3)).toBe(row['avoided_energy_mmbtu']);
    }
    expect(supposed.get(NORTHAMPTON)!.decided.status).toBe('CERTIFIED');
  });

  it('and what the next broadcast then makes of it is the same to the last byte', () => {
    for (const id of PLANTS) {
      const [before, after] = [supposed.get(id)!.decided, broadcast.get(id)!.decided];
      expect(before.status).toBe(after.status);
      expect(Buffer.compare(before.payload, after.payload)).toBe(0);
      expect(before.content).toEqual(after.content);
    }
  });

  it('a period that is still open is judged as of the day on which it can be decided', () => {
    const { state, applicant } = broadcast.get(NORTHAMPTON)!;
    const period = periodNamed(state.policies[0]!.value, '2022')!;
    const early = answerAsOf(state, applicant.id, period, midnight('2022-06-01')).decided;
    const late = answerAsOf(state, applicant.id, period, period.end + 60 * DAY).decided;
    expect(Buffer.compare(early.payload, late.payload)).toBe(0);
    expect(early.reasons).not.toContain('period-open');
  });

  it('the period to be decided next is the oldest that is due', () => {
    const { state, applicant } = broadcast.get(NORTHAMPTON)!;
    expect(nextPeriod(state, applicant, DECIDED_AT).label).toBe('2013');
  });

  it('a corrected day: the difference of the decisions is that of the day', () => {
    const { world, plants } = ledger;
    const { plant, actor } = plants.find((one) => one.plant.id === NORTHAMPTON)!;
    const before = world.replay().state;
    const start = midnight('2022-02-01');
    const old = [...allPackages(before.organisations.get(actor.id)!.packages)].find(
      (one) => one.meter === 'heat' && one.start === start,
    )!;
    const corrected = world.packageOf(actor, 'heat', 'energy', start, start + DAY, {
      ...old.payload,
      quantity: parseDecimal('12345.678'),
    });
    const correction = { replaces: old.commit, package: corrected, reason: 'transcription' as const };
    world.append(actor, entryOf('correct', correctContent, correction));
    const after = world.replay().state;
    applyPending(after, world.actors, world.time);
    const compared = (state: Answer['state'], label: string): ComparedDecision => {
      const period = periodNamed(state.policies[0]!.value, '2022')!;
      const answer = answerAsOf(state, actor.id, period, DECIDED_AT);
      return { ...answer, label, time: DECIDED_AT, period, policy: null, boundary: null };
    };
    const diff = diffDecisions(compared(before, 'a'), compared(after, 'b'));
    const day = plant.days.find(({ date }) => date === '2022-02-01')!;
    const thousandths = 12_345_678n - BigInt(day.energy!.replace('.', '').padEnd(day.energy!.indexOf('.') + 3, '0'));
    const [n = '', d = ''] = diff.data[0]!.quantity!.difference.exact.split('/');
    expect(BigInt(n) * 1000n).toBe(thousandths * BigInt(d));
    expect(diff.data).toHaveLength(1);
    expect(diff.data[0]).toMatchObject({ side: 'reporting', meter: 'heat', added: 0, removed: 0, changed: 1 });
    const energy = diff.figures.find(({ figure }) => figure === 'energy, reporting')!;
    expect(energy.difference).toEqual(diff.data[0]!.quantity!.difference);
    // the audits of that month are asked again by themselves
    expect(diff.audits.onlyA.length).toBeGreaterThan(0);
    expect(diff.audits.onlyB).toEqual([]);
    expect([diff.factors, diff.method, diff.policy, diff.boundary]).toEqual([[], [], [], []]);
  });

  it('another factor: by carrier and window, with its source', () => {
    const plant = readPlant(NORTHAMPTON);
    const input = plantInput(plant, yearsWindow('2013-2015'), yearsWindow('2022'));
    const factor = { unit: 'mmBtu', factor: { n: 21n, d: 20n }, source: 'another table, row 1' };
    const other = { ...input, factors: { ...input.factors, reporting: new Map([['waste_coal', factor]]) } };
    const [a, b] = [evaluate(input), evaluate(other)];
    expect(diffFactors(a, a)).toEqual([]);
    // the headline takes one table for both periods
    expect(diffFactors(a, b)).toEqual(
      (['baseline', 'reporting'] as const).map((side) => ({
        carrier: 'waste_coal',
        side,
        a: { factor: { exact: '1/1', displayed: '1.00000000000' }, unit: 'mmBtu/mmBtu', source: 'heat input' },
        b: {
          factor: { exact: '21/20', displayed: '1.05000000000' },
          unit: 'mmBtu/mmBtu',
          source: 'another table, row 1',
        },
      })),
    );
  });
});

describe('two documents', () => {
  it('differ where a text differs, is added or is gone, by its path', () => {
    const a = { name: 'Works', meters: { main: { unit: 'kWh' }, sub: {} }, list: ['x', 'y'], old: [] };
    const b = { name: 'Works', meters: { main: { unit: 'MWh' } }, list: ['x', 'z', 'w'], old: {} };
    expect(diffDocuments(a, b)).toEqual([
      { path: 'list.1', a: 'y', b: 'z' },
      { path: 'list.2', a: null, b: 'w' },
      { path: 'meters.main.unit', a: 'kWh', b: 'MWh' },
      { path: 'meters.sub', a: '{}', b: null },
      { path: 'old', a: '[]', b: '{}' },
    ]);
    expect(diffDocuments(a, a)).toEqual([]);
    expect(diffDocuments(null, { name: 'Works' })).toEqual([{ path: 'name', a: null, b: 'Works' }]);
  });
});
