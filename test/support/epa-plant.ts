import { readFileSync } from 'node:fs';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { EvaluationInput, Reading, Window } from '../../src/calc/evaluation-input.ts';
import type { Evaluation } from '../../src/calc/evaluation.ts';
import { ONE, ratioOfText } from '../../src/calc/ratio.ts';
import { sharedPath } from './shared.ts';

const DAY = 86_400;

/** A CSV without quoted cells, as rows by column name. */
export function csvRows(relative: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = readFileSync(sharedPath(relative), 'utf8').replace(/^﻿/, '').trim().split(/\r?\n/);
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index] ?? '', cell])));
}

/** A plant's days as packages: a blank is a declared idle day, as SOURCE.md says of these data. */
export interface Plant {
  readonly product: string;
  readonly unit: string;
  readonly energy: readonly Reading[];
  readonly output: readonly Reading[];
}

export function startOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / 1000;
}

export function readPlant(id: string): Plant {
  const rows = csvRows(`data/epa-campd-daily/plant-${id}.csv`);
  const readings = (column: string): readonly Reading[] =>
    rows.map((row) => {
      const start = startOfDay(row['date']!);
      const text = row[column]!;
      return {
        start,
        end: start + DAY,
        quantity: parseDecimal(text === '' ? '0' : text),
        provenance: text === '' ? 'idle' : 'metered',
      };
    });
  return {
    product: rows[0]!['product_type']!,
    unit: rows[0]!['product_unit']!,
    energy: readings('heat_input_mmbtu'),
    output: readings('product_qty'),
  };
}

/** "2022" or "2013-2015" as a window of whole years. */
export function yearsWindow(text: string): Window {
  const [first, last] = text.split('-');
  return { start: startOfDay(`${first}-01-01`), end: startOfDay(`${Number(last ?? first) + 1}-01-01`) };
}

export function inside(readings: readonly Reading[], window: Window): readonly Reading[] {
  return readings.filter((reading) => reading.start >= window.start && reading.end <= window.end);
}

/** Two periods of one plant, heat input per unit of its one product. */
export function plantInput(plant: Plant, baseline: Window, reporting: Window, verdictUnit = 'mmBtu'): EvaluationInput {
  const factors = new Map([['waste_coal', { unit: verdictUnit, factor: ONE, source: 'heat input' }]]);
  return {
    verdictUnit,
    baseline,
    reporting,
    interval: DAY,
    meters: [
      {
        meter: 'heat-input',
        kind: 'energy',
        counts: 'use',
        carrier: 'waste_coal',
        product: plant.product,
        unit: 'mmBtu',
        baseline: inside(plant.energy, baseline),
        reporting: inside(plant.energy, reporting),
      },
      {
        meter: 'output',
        kind: 'product',
        counts: 'use',
        product: plant.product,
        unit: plant.unit,
        baseline: inside(plant.output, baseline),
        reporting: inside(plant.output, reporting),
      },
    ],
    products: [{ product: plant.product, basis: 'quantity', unit: plant.unit }],
    factors: { reporting: factors, baseline: factors },
    allocationKey: 'direct_energy',
    dataRules: {
      coveragePerMeter: ratioOfText('0.90'),
      coverageJoint: ratioOfText('0.90'),
      longestGap: 10 * DAY,
      estimatedCountsAs: 'missing',
      manualShareMost: ratioOfText('0.05'),
      idleShareFlagged: ratioOfText('0.25'),
      straddling: 'refuse',
    },
    auditedDifferences: [],
    decision: {
      products: 'every',
      savingMoreThan: ratioOfText('0'),
      adverseCase: 'must_hold',
      significance: {
        method: 'meter_accuracy',
        k: ratioOfText('2'),
        sameMeterCorrelation: ratioOfText('0'),
        below: 'print',
      },
      productionBasis: 'reporting',
    },
  };
}

export function evaluatePlant(plant: Plant, baseline: Window, reporting: Window): Evaluation {
  return evaluate(plantInput(plant, baseline, reporting));
}
