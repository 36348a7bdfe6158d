import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/calc/evaluation.ts';
import { divideRatio, multiplyRatio, type Rational, ratio } from '../../src/calc/ratio.ts';
import { rootText } from '../../src/calc/root.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { dateAt } from '../../src/programme/calendar.ts';
import { decide } from '../../src/programme/decide.ts';
import { toDecisionView } from '../../src/programme/decision-view.ts';
import { decisionLines } from '../../src/programme/render-decision.ts';
import { type CocoaQuestion, cocoaTable, foundCocoa } from '../support/cocoa.ts';
import { createDifferences, exactOf } from '../support/differences.ts';
import { leastSquares, monthlyBand } from '../support/least-squares.ts';
import { checkOracle } from '../support/oracle-rows.ts';
import { at, periodOf } from '../support/scene.ts';
import { hasShared } from '../support/shared.ts';

const SITE = '0.003412142';
/** Of what is burnt for it, three times as much: "MMBtu source" of the table of models. */
const SOURCE = '0.010236426';

const WHOLE: CocoaQuestion = { baselineYear: 2022, period: 'P1Y', electricity: SITE };
const annual = cocoaTable('expected_annual.csv');
const later = annual.filter(({ year }) => year !== '2022').map((row) => [row.facility!, row.year!, row] as const);

function askCocoa(question: CocoaQuestion) {
  const { world, plants } = foundCocoa(question);
  const { state } = world.replay();
  const now = at('2026-05-01');
  return {
    state,
    world,
    plants,
    decideOf: (facility: string, label: string) => {
      const organisation = state.organisations.get(plants.get(facility)!.id)!;
      const decided = decide(state, organisation, periodOf(state, label), now);
      return { decided, product: decided.evaluation!.products[0]!, organisation };
    },
  };
}

describe.skipIf(!hasShared)('a cocoa company from its bills', () => {
  const { state, world, decideOf } = hasShared ? askCocoa(WHOLE) : ({} as ReturnType<typeof askCocoa>);
  const percent = (value: Rational): string => roundPlaces(multiplyRatio(value, ratio(-100n, 1n)), 5);

  test('every bill is a package that counts, and none is refused', () => {
    expect(dateAt(world.time, 'UTC')).toBe('2026-04-15');
    const codes = new Set(state.findings.map(({ code }) => code));
    // the account goes on to April 2026, which is not over yet
    expect([...codes].filter((code) => code !== 'package-late')).toEqual(['package-premature']);
  });

  test.each(later)(
    '%s, %s: energy, production, energy per unit and change as another program has them',
    (facility, year, row) => {
      const before = annual.find((one) => one['facility'] === facility && one['year'] === '2022')!;
      const found = decideOf(facility, year).product.headline!;
      const shown = ({ baseline, reporting, rate }: Comparison) => ({
        energy: [roundPlaces(baseline.energy, 3), roundPlaces(reporting.energy, 3)],
        production: [roundPlaces(baseline.quantity, 3), roundPlaces(reporting.quantity, 3)],
        intensity: [roundSignificant(baseline.intensity!, 9), roundSignificant(reporting.intensity!, 9)],
        change: percent(rate!),
      });
      const of = (column: string) => [before[column], row[column]];
      expect(shown(found)).toEqual({
        energy: of('site_energy_mmbtu'),
        production: of('production'),
        intensity: of('site_mmbtu_per_unit'),
        change: row['change_vs_2022_pct'],
      });
    },
  );

  test.each(['HQ (Simple)', 'Peanuts (Average)', 'Roasting (Advanced)'])(
    '%s saved in 2025, distinguishably at meters of class 0.5; nobody audited it',
    (facility) => {
      const { decided, product } = decideOf(facility, '2025');
      expect(product.verdict).toBe('saved');
      expect(product.uncertainty).toMatchObject({ distinguishable: true });
      expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['audit-missing'] });
    },
  );
});

/** Two-sided 90 % of Student's t at 12 - 3 - 1 degrees of freedom, as tables print it. */
const T_8 = 1.8595480375308981;

describe.skipIf(!hasShared)('the model of 2022 beside the ratio, by production and degree days', () => {
  const { state, decideOf } = hasShared ? askCocoa(WHOLE) : ({} as ReturnType<typeof askCocoa>);
  const monthly = cocoaTable('monthly.csv');
  const toNumber = ({ n, d }: Rational): number => Number(roundSignificant({ n, d }, 15));

  /** Energy, production, heating and cooling degree days of a year's months, from the table that stands beside the account. */
  const columnsOf = (facility: string, year: string): readonly (readonly number[])[] => {
    const of = (meter: (name: string) => boolean, factor = 1) =>
      Array.from({ length: 12 }, (_, index) =>
        monthly
          .filter((row) => row['facility'] === facility && meter(row['meter']!))
          .filter(({ month }) => month === `${year}-${String(index + 1).padStart(2, '0')}`)
          .reduce((sum, { energy }) => sum + Number(energy) * factor, 0),
      );
    const power = of((name) => name.startsWith('Electricity'), Number(SITE));
    const gas = of((name) => name.startsWith('Natural Gas'));
    return [
      power.map((value, index) => value + gas[index]!),
      of((name) => name === 'PREDICTOR Production'),
      of((name) => name.startsWith('PREDICTOR HDD')),
      of((name) => name.startsWith('PREDICTOR CDD')),
    ];
  };
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

  test.each(later)('%s, %s: what a plain fit in doubles gives, and its band', (facility, year) => {
    const [energy = [], ...columns] = columnsOf(facility, '2022');
    const [used = [], ...now] = columnsOf(facility, year);
    const [constant = 0, ...slopes] = leastSquares(energy, columns);
    const expected = now.reduce((sum, column, j) => sum + slopes[j]! * total(column), 12 * constant);
    const { comparison, uncertainty, modelled } = decideOf(facility, year).product.model!;
    expect(toNumber(modelled) / expected).toBeCloseTo(1, 9);
    expect(toNumber(comparison.saving!)).toBeCloseTo(expected - total(used), 3);
    const band = monthlyBand(energy, columns, T_8);
    expect(Number(uncertainty!.expanded) / band).toBeCloseTo(1, 8);
    expect(uncertainty!.distinguishable).toBe(Math.abs(1 - total(used) / expected) > band);
  });

  test('where ratio and model differ in sign it is said, and only there; no saving but one stands out of its band', () => {
    const found = later.map(([facility, year]) => {
      const { product } = decideOf(facility, year);
      const model = product.model!;
      return {
        of: `${facility} ${year}`,
        differ: product.headline!.rate!.n > 0n !== model.comparison.rate!.n > 0n,
        warned: product.reasons.some(({ code }) => code === 'base-load'),
        baseLoad: model.baseLoad,
        clear: model.uncertainty!.distinguishable,
      };
    });
    expect(found.every(({ differ, warned, baseLoad }) => baseLoad && differ === warned)).toBe(true);
    expect(found.filter(({ warned }) => warned).map((row) => row.of)).toEqual([
      'HQ (Simple) 2024',
      'Peanuts (Average) 2023',
      'Roasting (Advanced) 2023',
    ]);
    expect(found.filter(({ clear }) => clear).map((row) => row.of)).toEqual(['Roasting (Advanced) 2025']);
  });

  test.each(later)('%s, %s: both answers stand in what is printed, each with its sign in words', (facility, year) => {
    const { decided, product, organisation } = decideOf(facility, year);
    const view = toDecisionView(state, organisation.id, decided, 'UTC');
    const plain = (text: string): string => text;
    const text = decisionLines(view, { good: plain, bad: plain, warn: plain, strong: plain, dim: plain }).join('\n');
    const words = (rate: Rational): string =>
      `${roundPlaces(multiplyRatio(rate, ratio(rate.n < 0n ? -100n : 100n, 1n)), 3)} % ${rate.n < 0n ? 'more' : 'less'}`;
    const model = product.model!;
    expect(text).toContain(`${words(product.headline!.rate!)} energy per lot`);
    expect(text).toContain(`by a model of the baseline: ${words(model.comparison.rate!)}, +- `);
    expect(text.includes('not distinguishable from none')).toBe(!model.uncertainty!.distinguishable);
    expect(text.includes('uses energy without output')).toBe(product.reasons.some(({ code }) => code === 'base-load'));
  });
});

describe.skipIf(!hasShared)('the eight models that the account stores, through the ledger', () => {
  const models = cocoaTable('expected_models.csv');
  const fitOf = (row: (typeof models)[number]) => {
    const year = Number(row['model_year']);
    const [facility, group] = [row['facility']!, row['group']!];
    // of 2025 only a quarter comes after it
    const [period, label] = year < 2025 ? (['P1Y', String(year + 1)] as const) : (['P3M', '2026-01-01'] as const);
    const variables = row['variables']!.split(' + ');
    const { decideOf } = askCocoa({
      baselineYear: year,
      period,
      electricity: SOURCE,
      group: { facility, group, variables },
    });
    return decideOf(facility, label).product.model!;
  };
  const fits = models.map((row) => ({ row, model: fitOf(row) }));
  const numbersOf = (text: string): readonly string[] => text.split(' ');

  test('are those of an independent fit to all ten digits that it prints, standard errors and R2 too', () => {
    const differences = createDifferences();
    for (const { row, model } of fits) {
      expect(model.rows).toMatchObject({ baseline: 12, used: 12 });
      for (const [j, { coefficient, errorSquared }] of model.terms.entries()) {
        differences.relative(coefficient, numbersOf(row['recomputed_coef']!)[j]!);
        differences.relative(rootText(errorSquared, 15), numbersOf(row['recomputed_se']!)[j]!);
      }
      differences.relative(model.r2!, row['recomputed_R2']!);
    }
    checkOracle('cocoa-models', differences, '1e-9');
  });

  test('are those that the program stored, where bills alone make them', () => {
    const differences = createDifferences();
    for (const { row, model } of fits.filter(({ row: { reproduces } }) => reproduces === 'yes')) {
      for (const [j, { coefficient, errorSquared }] of model.terms.entries()) {
        differences.relative(coefficient, numbersOf(row['published_coef']!)[j]!);
        differences.relative(rootText(errorSquared, 20), numbersOf(row['published_se']!)[j]!);
      }
      differences.relative(model.r2!, row['published_R2']!);
    }
    checkOracle('cocoa-stored', differences, '1e-12');
  });

  test('are those that the program stored but for one unit, where it has another factor for it', () => {
    const differences = createDifferences();
    for (const { row, model } of fits.filter(({ row: { reproduces } }) => reproduces === 'yes, scaled')) {
      const [constant = '1', ...others] = numbersOf(row['published_coef']!);
      const factor = divideRatio(model.terms[0]!.coefficient, exactOf(constant));
      for (const [j, printed] of others.entries())
        differences.relative(divideRatio(model.terms[j + 1]!.coefficient, factor), printed);
      differences.relative(model.r2!, row['published_R2']!);
    }
    checkOracle('cocoa-scaled', differences, '1e-12');
  });
});
