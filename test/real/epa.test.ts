import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { Comparison, ProductEvaluation } from '../../src/calc/evaluation.ts';
import {
  absRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  type Rational,
  ratio,
  ratioOfText,
  subtractRatio,
} from '../../src/calc/ratio.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { convertUnit } from '../../src/calc/unit.ts';
import { equalBytes } from '../../src/crypto/hash.ts';
import { type Decided, decide } from '../../src/programme/decide.ts';
import { toEvaluationInput } from '../../src/programme/evaluation-input.ts';
import { type Period, periodNamed } from '../../src/programme/rules.ts';
import type { Organisation, ProgrammeState } from '../../src/programme/state.ts';
import { decisionEntry } from '../support/decision-entry.ts';
import { type Plant, type PlantDay, PLANTS, readRows } from '../support/epa.ts';
import { auditYear, createEpaLedger, type EpaLedger, midnight } from '../support/epa-ledger.ts';
import { allPackages } from '../../src/programme/packages.ts';
import { hasShared } from '../support/shared.ts';

const DAY = 86_400;
const NORTHAMPTON = '50888';
const DECIDED_AT = midnight('2023-03-05');
const YEARS = Array.from({ length: 10 }, (_, index) => String(2013 + index));
const FOLDER = 'data/epa-campd-daily';

/** As many significant digits as `printed` has. */
const asPrinted = (value: Rational, printed: string): string =>
  roundSignificant(value, printed.replace(/[-.]/g, '').replace(/^0+/, '').length);
const percent = (value: Rational): Rational => multiplyRatio(value, ratio(100n, 1n));

/** '2022' or '2013-2015' as a window of whole years. */
function yearsWindow(text: string): { readonly start: number; readonly end: number } {
  const [first = '', last = first] = text.split('-');
  return { start: midnight(`${first}-01-01`), end: midnight(`${Number(last) + 1}-01-01`) };
}

const period2022 = (state: ProgrammeState): Period => periodNamed(state.policies[0]!.value, '2022')!;

function organisationOf({ plants }: EpaLedger, state: ProgrammeState, id: string): Organisation {
  return state.organisations.get(plants.find(({ plant }) => plant.id === id)!.actor.id)!;
}

const decideAll = (ledger: EpaLedger, state: ProgrammeState): ReadonlyMap<string, Decided> =>
  new Map(PLANTS.map((id) => [id, decide(state, organisationOf(ledger, state, id), period2022(state), DECIDED_AT)]));

describe.skipIf(!hasShared)('four EPA plants on a ledger, 2013 to 2022', () => {
  let ledger: EpaLedger;
  let state: ProgrammeState;
  const annual = hasShared ? readRows(`${FOLDER}/expected_annual.csv`) : [];
  const changes = hasShared ? readRows(`${FOLDER}/expected_baseline_vs_reporting.csv`) : [];

  beforeAll(() => {
    ledger = createEpaLedger({ years: YEARS });
    world().time = midnight('2023-01-10');
    auditYear(ledger, world().replay().state, { supplier: 'honest' });
    world().broadcast();
    world().time = DECIDED_AT;
    world().broadcast();
    ({ state } = world().replay());
  });

  const world = () => ledger.world;

  function evaluatePlant(
    id: string,
    baseline: string,
    reporting: string,
  ): ProductEvaluation & { readonly headline: Comparison } {
    const organisation = organisationOf(ledger, state, id);
    const windows = { baseline: yearsWindow(baseline), reporting: yearsWindow(reporting) };
    const { products } = evaluate(
      toEvaluationInput(state, organisation, state.policies[0]!.value, organisation.boundaries[0]!.value, windows, []),
    );
    expect(products).toHaveLength(1);
    expect(products[0]!.headline).not.toBeNull();
    return products[0] as ProductEvaluation & { readonly headline: Comparison };
  }

  it('counts every day of every plant, on time, and finds nothing', () => {
    expect(state.findings).toEqual([]);
    for (const { plant, actor } of ledger.plants) {
      const packages = [...allPackages(state.organisations.get(actor.id)!.packages)];
      expect(packages).toHaveLength(2 * plant.days.length);
      expect(packages.every(({ standing }) => standing === 'on_time')).toBe(true);
    }
  });

  it.each(annual)('$facility_id in $year: every figure to all printed digits', (row) => {
    const { headline, coverage, unit } = evaluatePlant(row['facility_id']!, row['year']!, row['year']!);
    const { energy, quantity, intensity } = headline.reporting;
    expect(compareRatio(energy, ratioOfText(row['energy_mmbtu']!))).toBe(0);
    expect(compareRatio(quantity, ratioOfText(row['product_qty']!))).toBe(0);
    // EPA prints its own yearly sums with two places
    const apart = absRatio(subtractRatio(energy, ratioOfText(row['epa_published_heat_mmbtu']!)));
    expect(compareRatio(apart, ratioOfText('0.005'))).toBeLessThanOrEqual(0);
    expect(asPrinted(intensity!, row['intensity_mmbtu_per_unit']!)).toBe(row['intensity_mmbtu_per_unit']);
    const [metricEnergy, metricProduct] = row['metric_unit']!.split('/') as [string, string];
    const metric = divideRatio(
      convertUnit('mmBtu', metricEnergy),
      convertUnit(unit, metricProduct === 't-steam' ? 't' : metricProduct),
    );
    expect(asPrinted(multiplyRatio(intensity!, metric), row['intensity_gj_per_unit_metric']!)).toBe(
      row['intensity_gj_per_unit_metric'],
    );
    const [heat, out] = ['heat', 'out'].map((name) => coverage.reporting.meters.find(({ meter }) => meter === name)!);
    expect(heat!.byProvenance.metered / DAY).toBe(Number(row['days_with_energy']));
    expect(out!.byProvenance.metered / DAY).toBe(Number(row['days_with_product']));
    expect(out!.window / DAY).toBe(Number(row['rows']));
    expect(coverage.reporting.joint).toBe(coverage.reporting.window);
  });

  it.each(changes)('$facility_id, $baseline to $reporting: change, avoided energy, verdict', (row) => {
    const { headline, withoutFill, verdict, coverage } = evaluatePlant(
      row['facility_id']!,
      row['baseline']!,
      row['reporting']!,
    );
    for (const [name, figures] of [
      ['baseline', headline.baseline],
      ['reporting', headline.reporting],
    ] as const) {
      expect(compareRatio(figures.energy, ratioOfText(row[`${name}_energy_mmbtu`]!))).toBe(0);
      expect(compareRatio(figures.quantity, ratioOfText(row[`${name}_product`]!))).toBe(0);
      expect(asPrinted(figures.intensity!, row[`${name}_intensity`]!)).toBe(row[`${name}_intensity`]);
      const heat = coverage[name].meters.find(({ meter }) => meter === 'heat')!;
      expect(heat.byProvenance.metered / DAY).toBe(Number(row[`${name}_days_with_energy`]));
    }
    // the file counts a fall as negative; in our records it is saved
    const change = percent({ n: -headline.rate!.n, d: headline.rate!.d });
    expect(asPrinted(change, row['intensity_change_pct']!)).toBe(row['intensity_change_pct']);
    expect(roundPlaces(headline.saving!, 3)).toBe(row['avoided_energy_mmbtu']);
    expect(verdict).toBe(row['verdict'] === 'saving' ? 'saved' : 'not_saved');
    expect(withoutFill).toEqual(headline);
  });

  it('certifies Northampton and none of the others', () => {
    const decided = decideAll(ledger, state);
    expect([...decided].map(([id, { status, exit, final, reasons }]) => [id, status, exit, final, reasons])).toEqual(
      PLANTS.map((id) => [
        id,
        id === NORTHAMPTON ? 'CERTIFIED' : 'NOT_QUALIFIED',
        id === NORTHAMPTON ? 'OK' : 'NOT_CERTIFIED',
        true,
        [],
      ]),
    );
    const rate = decided.get(NORTHAMPTON)!.evaluation!.products[0]!.headline!.rate!;
    expect(roundPlaces(percent(rate), 7)).toBe('1.7238367');
    for (const { audits } of decided.values()) {
      const relations = new Map(audits!.reporting.relations.map((relation) => [relation.relation, relation]));
      expect(relations.get('upstream')).toMatchObject({
        passed: true,
        passes: 12,
        fails: 0,
        auditors: 1,
        share: { n: 1n, d: 1n },
      });
      expect(relations.get('peer')).toMatchObject({
        passed: false,
        passes: 0,
        fails: 0,
        auditors: 1,
        reason: 'audit-missing',
      });
      expect(relations.get('downstream')).toMatchObject({ passed: false, auditors: 0 });
    }
  });

  it('recomputes the decisions from the ledger byte for byte', () => {
    const before = world().body.blocks.length;
    const decided = decideAll(ledger, state);
    world().append(world().body, ...PLANTS.map((id) => decisionEntry(world(), decided.get(id)!)));
    const after = world().replay().state;
    expect(after.findings).toEqual([]);
    expect(after.decisions.map(({ recomputed }) => recomputed)).toEqual([true, true, true, true]);
    expect(after.decisions.map(({ content }) => content.number)).toEqual([
      undefined,
      undefined,
      'JM-2022-0001',
      undefined,
    ]);
    for (const [index, id] of PLANTS.entries()) {
      const { content } = after.decisions[index]!;
      expect(content.applicant).toBe(organisationOf(ledger, after, id).id);
      expect(equalBytes(content.payload!, decided.get(id)!.payload)).toBe(true);
    }
    expect(world().body.blocks).toHaveLength(before + 1);
  });
});

/** The 36 days of 2022 with the most energy: what a 90 % rule would let go. */
function largestDays(plant: Plant): ReadonlySet<string> {
  const days = plant.days.filter((day) => day.date.startsWith('2022') && day.energy !== undefined);
  const sorted = days.toSorted((a, b) => compareRatio(ratioOfText(b.energy!), ratioOfText(a.energy!)));
  return new Set(sorted.slice(0, 36).map(({ date }) => date));
}

describe.skipIf(!hasShared)('with the energy of the 36 largest days of 2022 withheld', () => {
  const withheld = new Map<string, ReadonlySet<string>>();
  const isWithheld = (plant: Plant, day: PlantDay): boolean => {
    if (!withheld.has(plant.id)) withheld.set(plant.id, largestDays(plant));
    return withheld.get(plant.id)!.has(day.date);
  };

  it.each(['honest', 'colluding'] as const)('nobody new is certified, the supplier being %s', (supplier) => {
    const ledger = createEpaLedger({ years: ['2013', '2014', '2015', '2022'], isWithheld });
    const { world } = ledger;
    auditYear(ledger, world.replay().state, { supplier });
    world.time = DECIDED_AT;
    world.broadcast();
    const decided = decideAll(ledger, world.replay().state);
    for (const id of PLANTS) {
      const { status, reasons, evaluation } = decided.get(id)!;
      const [product] = evaluation!.products;
      // leaving the days out would call every plant a saver
      expect(product!.withoutFill!.saved).toBe(true);
      if (supplier === 'honest')
        expect({ status, reasons }).toMatchObject({
          status: 'INCOMPLETE',
          reasons: expect.arrayContaining(['audit-failed']),
        });
      if (id !== NORTHAMPTON) expect(status).not.toBe('CERTIFIED');
    }
    expect([...withheld.values()].every((days) => days.size === 36)).toBe(true);
  });
});
