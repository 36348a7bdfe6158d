import { describe, expect, it } from 'vitest';
import { decimalToText, parseDecimal, sumDecimals } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { EvaluationInput, MeterInput, Reading } from '../../src/calc/evaluation-input.ts';
import type { Comparison, ProductEvaluation } from '../../src/calc/evaluation.ts';
import {
  compareRatio,
  divideRatio,
  multiplyRatio,
  ratio,
  ratioOfDecimal,
  ratioOfText,
  subtractRatio,
} from '../../src/calc/ratio.ts';
import type { Rational } from '../../src/calc/ratio.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { convertUnit } from '../../src/calc/unit.ts';
import { csvRows, evaluatePlant, inside, plantInput, readPlant, yearsWindow } from '../support/epa-plant.ts';
import { hasShared } from '../support/shared.ts';

const PLANTS = ['10113', '10143', '50888', '54634'];
const DAY = 86_400;

function only(evaluation: {
  readonly products: readonly ProductEvaluation[];
}): ProductEvaluation & { headline: Comparison } {
  const [product] = evaluation.products;
  expect(product).toBeDefined();
  expect(product!.headline).not.toBeNull();
  return product as ProductEvaluation & { headline: Comparison };
}

/** As many significant digits as `printed` has. */
function asPrinted(value: Rational, printed: string): string {
  return roundSignificant(value, printed.replace(/[-.]/g, '').replace(/^0+/, '').length);
}

function percent(value: Rational): Rational {
  return multiplyRatio(value, ratio(100n, 1n));
}

describe.skipIf(!hasShared)('EPA daily data of four plants', () => {
  const plants = hasShared ? new Map(PLANTS.map((id) => [id, readPlant(id)])) : new Map();
  const annual = hasShared ? csvRows('data/epa-campd-daily/expected_annual.csv') : [];
  const changes = hasShared ? csvRows('data/epa-campd-daily/expected_baseline_vs_reporting.csv') : [];
  const monthly = hasShared ? csvRows('data/epa-campd-daily/expected_monthly.csv') : [];

  it.each(annual)('$facility_id in $year: every figure to all printed digits', (row) => {
    const plant = plants.get(row['facility_id']!)!;
    const year = yearsWindow(row['year']!);
    const { headline, coverage, verdict } = only(evaluatePlant(plant, year, year));
    const { energy, quantity, intensity } = headline.reporting;
    expect(verdict).toBe('not_saved'); // a year against itself: not strictly more
    expect(headline.rate).toEqual({ n: 0n, d: 1n });
    expect(compareRatio(energy, ratioOfText(row['energy_mmbtu']!))).toBe(0);
    expect(compareRatio(quantity, ratioOfText(row['product_qty']!))).toBe(0);
    expect(asPrinted(intensity!, row['intensity_mmbtu_per_unit']!)).toBe(row['intensity_mmbtu_per_unit']);
    const [metricEnergy, metricUnit] = row['metric_unit']!.split('/');
    const metric = metricUnit === 't-steam' ? 't' : metricUnit!;
    const inMetric = multiplyRatio(
      intensity!,
      divideRatio(convertUnit('mmBtu', metricEnergy!), convertUnit(plant.unit, metric)),
    );
    expect(asPrinted(inMetric, row['intensity_gj_per_unit_metric']!)).toBe(row['intensity_gj_per_unit_metric']);
    const [energyMeter, outputMeter] = coverage.reporting.meters;
    expect(energyMeter!.byProvenance.metered / DAY).toBe(Number(row['days_with_energy']));
    expect((energyMeter!.window - energyMeter!.byProvenance.idle) / DAY).toBe(Number(row['days_with_energy']));
    expect(outputMeter!.window / DAY).toBe(Number(row['rows']));
    expect(coverage.reporting.joint).toBe(coverage.reporting.window);
  });

  it.each(changes)('$facility_id, $baseline to $reporting: change, avoided energy and verdict', (row) => {
    const plant = plants.get(row['facility_id']!)!;
    const { headline, withoutFill, adverse, verdict } = only(
      evaluatePlant(plant, yearsWindow(row['baseline']!), yearsWindow(row['reporting']!)),
    );
    expect(compareRatio(headline.baseline.energy, ratioOfText(row['baseline_energy_mmbtu']!))).toBe(0);
    expect(compareRatio(headline.baseline.quantity, ratioOfText(row['baseline_product']!))).toBe(0);
    expect(compareRatio(headline.reporting.energy, ratioOfText(row['reporting_energy_mmbtu']!))).toBe(0);
    expect(compareRatio(headline.reporting.quantity, ratioOfText(row['reporting_product']!))).toBe(0);
    expect(asPrinted(headline.baseline.intensity!, row['baseline_intensity']!)).toBe(row['baseline_intensity']);
    expect(asPrinted(headline.reporting.intensity!, row['reporting_intensity']!)).toBe(row['reporting_intensity']);
    // The file counts a fall as negative; our records count it as saved.
    const change = percent({ n: -headline.rate!.n, d: headline.rate!.d });
    expect(asPrinted(change, row['intensity_change_pct']!)).toBe(row['intensity_change_pct']);
    expect(roundPlaces(headline.saving!, 3)).toBe(row['avoided_energy_mmbtu']);
    expect(verdict).toBe(row['verdict'] === 'saving' ? 'saved' : 'not_saved');
    expect(withoutFill).toEqual(headline);
    expect(adverse).toEqual(headline);
  });

  it('adds months to the printed totals and intensities', () => {
    expect(monthly.length).toBeGreaterThan(400);
    for (const row of monthly) {
      const plant = plants.get(row['facility_id']!)!;
      const [year, month] = row['month']!.split('-').map(Number) as [number, number];
      const window = { start: Date.UTC(year, month - 1) / 1000, end: Date.UTC(year, month) / 1000 };
      const total = (readings: readonly Reading[]) =>
        decimalToText(sumDecimals(inside(readings, window).map((one) => one.quantity)));
      expect(total(plant.energy)).toBe(decimalToText(parseDecimal(row['energy_mmbtu']!)));
      expect(total(plant.output)).toBe(decimalToText(parseDecimal(row['product_qty']!)));
    }
  });

  it('prints the Northampton example of the product page', () => {
    const evaluation = evaluatePlant(plants.get('50888'), yearsWindow('2013-2015'), yearsWindow('2022'));
    const { headline, coverage } = only(evaluation);
    expect(roundPlaces(headline.baseline.intensity!, 7)).toBe('10.8973454');
    expect(roundPlaces(headline.reporting.intensity!, 7)).toBe('10.7094930');
    expect(roundPlaces(percent(headline.rate!), 3)).toBe('1.724');
    expect(roundPlaces(headline.saving!, 3)).toBe('92006.746');
    expect(coverage.reporting.idle / DAY).toBe(138);
    expect(evaluation.whole).toBe('CERTIFIED');
  });
});

/** The most days of 2022 that a 90 % rule lets go. */
const WITHHELD = 36;

function bySize(readings: readonly Reading[]): readonly Reading[] {
  return readings.toSorted((a, b) => compareRatio(ratioOfDecimal(b.quantity), ratioOfDecimal(a.quantity)));
}

function withhold(
  source: EvaluationInput,
  period: 'baseline' | 'reporting',
  meters: readonly string[],
  days: ReadonlySet<number>,
): EvaluationInput {
  return {
    ...source,
    meters: source.meters.map((meter) =>
      meters.includes(meter.meter)
        ? { ...meter, [period]: meter[period].filter((reading) => !days.has(reading.start)) }
        : meter,
    ),
  };
}

describe.skipIf(!hasShared)('a gap never helps the claimant', () => {
  const baseline = yearsWindow('2013-2015');
  const reporting = yearsWindow('2022');
  const truth = (id: string) => evaluate(plantInput(readPlant(id), baseline, reporting));
  // Gaps as they come from the largest days may be long ones; that rule is tested elsewhere.
  const lenient = (source: EvaluationInput) => ({
    ...source,
    dataRules: { ...source.dataRules, longestGap: 400 * DAY },
  });
  const rate = (comparison: Comparison | null) => comparison!.rate!;

  it.each(PLANTS)('%s: without the energy of the 36 largest days nobody new is saved', (id) => {
    const source = lenient(plantInput(readPlant(id), baseline, reporting));
    const largest = new Set(
      bySize(source.meters[0]!.reporting)
        .slice(0, WITHHELD)
        .map((one) => one.start),
    );
    const evaluation = evaluate(withhold(source, 'reporting', ['heat-input'], largest));
    const { headline, withoutFill, reasons, coverage } = only(evaluation);
    const before = only(truth(id));
    // Coverage alone would let it through, and the figure without the fill calls every plant a saver.
    expect(coverage.reporting.meters[0]!.covered / DAY).toBe(365 - WITHHELD);
    expect(reasons.every((one) => one.severity !== 'critical')).toBe(true);
    expect(withoutFill!.saved).toBe(true);
    expect(compareRatio(rate(headline), rate(withoutFill))).toBe(-1);
    if (before.verdict !== 'saved') expect(evaluation.whole).toBe('NOT_QUALIFIED');
  });

  it('reproduces the published size of the trap on Gilberton: -1.56 % becomes +9.43 %', () => {
    const source = lenient(plantInput(readPlant('10113'), baseline, reporting));
    const largest = new Set(
      bySize(source.meters[0]!.reporting)
        .slice(0, WITHHELD)
        .map((one) => one.start),
    );
    const { withoutFill, headline } = only(evaluate(withhold(source, 'reporting', ['heat-input'], largest)));
    expect(roundPlaces(percent(rate(only(truth('10113')).headline)), 2)).toBe('-1.56');
    expect(roundPlaces(percent(rate(withoutFill)), 2)).toBe('9.43');
    expect(roundPlaces(percent(rate(headline)), 2)).toBe('-1.85');
  });

  it.each(PLANTS)('%s: withholding the worst days whole, or output, or energy of the baseline, never helps', (id) => {
    const source = lenient(plantInput(readPlant(id), baseline, reporting));
    const honest = only(truth(id));
    const [energy, output] = source.meters as [MeterInput, MeterInput];
    const outputOf = new Map(output.reporting.map((one) => [one.start, ratioOfDecimal(one.quantity)]));
    const mean = honest.headline.reporting.intensity!;
    const worst = energy.reporting
      .map(({ start, quantity }) => ({
        start,
        over: subtractRatio(ratioOfDecimal(quantity), multiplyRatio(outputOf.get(start)!, mean)),
      }))
      .toSorted((a, b) => compareRatio(b.over, a.over))
      .slice(0, WITHHELD)
      .map((one) => one.start);
    const byOutput = bySize(output.baseline).map((one) => one.start);
    const attempts = [
      withhold(source, 'reporting', ['heat-input', 'output'], new Set(worst)),
      withhold(source, 'reporting', ['output'], new Set(worst)),
      withhold(source, 'baseline', ['output'], new Set(byOutput.slice(-100))),
      withhold(source, 'baseline', ['heat-input'], new Set(byOutput.slice(-100))),
      withhold(source, 'baseline', ['heat-input', 'output'], new Set(byOutput.slice(0, 100))),
    ];
    for (const attempt of attempts) {
      const { headline, reasons } = only(evaluate(attempt));
      expect(reasons.every((one) => one.severity !== 'critical')).toBe(true);
      expect(compareRatio(rate(headline), rate(honest.headline))).toBeLessThanOrEqual(0);
    }
    // The one stand-in that is below the truth is the highest interval left, where just the highest were withheld.
    const highestOutput = evaluate(withhold(source, 'baseline', ['output'], new Set(byOutput.slice(0, 100))));
    if (honest.verdict !== 'saved') expect(highestOutput.whole).toBe('NOT_QUALIFIED');
  });
});
