import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import { absRatio, compareRatio, divideRatio, ONE, ratioOfText, subtractRatio } from '../../src/calc/ratio.ts';
import type { Rational } from '../../src/calc/ratio.ts';
import { hasShared, sharedText } from '../support/shared.ts';
import { EVERY, STRICT_RULES } from '../unit/calc/sample.ts';

const FOLDER = 'data/doe-energy-intensity-indicators';

interface Row {
  readonly type: string;
  readonly unit: string;
  readonly kind: string;
  readonly year: string;
  readonly cells: Readonly<Record<string, string>>;
}

function table(path: string): readonly Row[] {
  const rows: Record<string, string>[] = parse(sharedText(`${FOLDER}/${path}`), {
    columns: true,
    bom: true,
    relax_column_count: true,
  });
  return rows.map((cells) => ({
    type: cells['Energy Type']!,
    unit: cells['Unit']!,
    kind: cells['Data Type']!,
    year: cells['Year']!,
    cells,
  }));
}

interface Series {
  readonly name: string;
  readonly inputs: string;
  readonly results: string;
  readonly types: readonly string[];
  readonly activity: string;
  readonly unit: string;
  readonly base: string;
  readonly years: number;
}

const SERIES: readonly Series[] = [
  {
    name: 'Total Industrial',
    inputs: 'industry/input_data/pnnl_Total Industrial.csv',
    results: 'industry/results/pnnl_Industrial.csv',
    types: ['source', 'deliv', 'elec', 'fuels', 'source_adj'],
    activity: 'Value Added',
    unit: 'MUSD',
    base: '1985',
    years: 48,
  },
  {
    name: 'Mining',
    inputs: 'industry/input_data/pnnl_Mining.csv',
    results: 'industry/results/pnnl_Mining.csv',
    types: ['source', 'deliv', 'elec', 'fuels'],
    activity: 'Value Added',
    unit: 'MUSD',
    base: '1985',
    years: 48,
  },
  {
    name: 'NonManufacturing',
    inputs: 'industry/input_data/pnnl_NonManufacturing.csv',
    results: 'industry/results/pnnl_NonManufacturing.csv',
    types: ['source_adj'],
    activity: 'Value Added',
    unit: 'MUSD',
    base: '1985',
    years: 48,
  },
  {
    name: 'Electricity Generation Total',
    inputs: 'electricity/input_data/pnnl_Electricity Generation Total.csv',
    results: 'electricity/results/pnnl_Electricity Generation Total.csv',
    types: ['primary'],
    activity: 'Million kWh',
    unit: 'GWh',
    base: '1990',
    years: 69,
  },
];

function totalOf(rows: readonly Row[], type: string, unit: string, kind: string, year: string): string {
  const row = rows.find(
    (one) => one.type === type && one.unit.startsWith(unit) && one.kind === kind && one.year === year,
  );
  const name = Object.keys(row!.cells).find((column) => column.trim() === 'Total')!;
  return row!.cells[name]!;
}

const YEAR = 365 * 86_400;

/** One package a year: energy and activity of the base year against those of `year`. */
function intensityIndex(
  energy: readonly [string, string],
  activity: readonly [string, string],
  unit: string,
): Rational {
  const reading = (start: number, text: string) => [
    { start, end: start + YEAR, quantity: parseDecimal(text), provenance: 'metered' as const },
  ];
  const factors = new Map([['energy', { unit: 'Tbtu', factor: ONE, source: 'as published' }]]);
  const evaluation = evaluate({
    verdictUnit: 'Tbtu',
    baseline: { start: 0, end: YEAR },
    reporting: { start: YEAR, end: 2 * YEAR },
    interval: YEAR,
    meters: [
      {
        meter: 'e',
        kind: 'energy',
        counts: 'use',
        carrier: 'energy',
        unit: 'Tbtu',
        baseline: reading(0, energy[0]),
        reporting: reading(YEAR, energy[1]),
      },
      {
        meter: 'a',
        kind: 'product',
        counts: 'use',
        product: 'all',
        unit,
        baseline: reading(0, activity[0]),
        reporting: reading(YEAR, activity[1]),
      },
    ],
    products: [{ product: 'all', basis: 'quantity', unit }],
    factors: { reporting: factors, baseline: factors },
    allocationKey: 'direct_energy',
    dataRules: STRICT_RULES,
    auditedDifferences: [],
    decision: EVERY,
  });
  const headline = evaluation.products[0]!.headline!;
  const index = divideRatio(headline.reporting.intensity!, headline.baseline.intensity!);
  // The rate is the same statement.
  expect(compareRatio(headline.rate!, subtractRatio(ONE, index))).toBe(0);
  return index;
}

describe.skipIf(!hasShared)('US DOE energy intensity indicators', () => {
  const tolerance = ratioOfText('0.000000002');
  let reproduced = 0;

  it.each(SERIES)(
    '$name: every published index of aggregate intensity within 2e-9',
    ({ inputs, results, types, activity, unit, base, years }) => {
      const given = table(inputs);
      const published = table(results);
      for (const type of types) {
        const rows = published.filter((row) => row.type === type);
        expect(rows.length).toBe(years);
        for (const { year, cells } of rows) {
          const energy = [
            totalOf(given, type, 'Tbtu', 'Energy', base),
            totalOf(given, type, 'Tbtu', 'Energy', year),
          ] as const;
          const output = [
            totalOf(given, type, activity, 'Activity', base),
            totalOf(given, type, activity, 'Activity', year),
          ] as const;
          const expected = ratioOfText(cells['Index of  Aggregate Intensity']!);
          const apart = absRatio(subtractRatio(intensityIndex(energy, output, unit), expected));
          expect(compareRatio(apart, tolerance), `${type} ${year}`).toBeLessThanOrEqual(0);
          reproduced += 1;
        }
      }
    },
  );

  it('reproduces all 549 of them', () => {
    expect(reproduced).toBe(549);
  });
});
