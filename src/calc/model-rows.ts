import { multiplyDecimal } from './decimal.ts';
import { shiftWindow, totalSeconds, windowLength } from './coverage.ts';
import type { DataRules, EvaluationInput, MeterInput, ProductInput, Reading, Window } from './evaluation-input.ts';
import { netEnergy } from './energy-lines.ts';
import { buildMeterTree } from './meter-tree.ts';
import { periodTotals } from './meter-period.ts';
import { measuredView } from './period-view.ts';
import { productMeters } from './product-meters.ts';
import { divideRatio, ratio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { isCritical } from './reason.ts';
import { totalReadings } from './readings.ts';
import { OUTPUT } from './regression-input.ts';
import type { RegressionInput, VariableInput } from './regression-input.ts';

/** A day or month of a product, nothing filled. */
export interface ModelRow {
  readonly window: Window;
  /** Verdict units; null where a meter of the product does not cover the row. */
  readonly energy: Rational | null;
  /** In the order of the model's variables; null where one is not known for the whole row. */
  readonly values: readonly (Rational | null)[];
  /** Output that was measured, whether the row is covered or not. */
  readonly output: Rational;
}

type Side = 'baseline' | 'reporting' | 'fixedBase';

const PERIODS = { baseline: 'baseline', reporting: 'reporting', fixedBase: 'fixed_base' } as const;

/** The readings that touch each row, in one pass: rows are disjoint and in order. `dayStart`: seconds after the rows. */
function byRow(readings: readonly Reading[], rows: readonly Window[], dayStart = 0): readonly (readonly Reading[])[] {
  const found: Reading[][] = rows.map(() => []);
  let first = 0;
  for (const reading of readings.toSorted((a, b) => a.start - b.start)) {
    while (first < rows.length && rows[first]!.end + dayStart <= reading.start) first += 1;
    for (let row = first; row < rows.length && rows[row]!.start + dayStart < reading.end; row += 1)
      found[row]!.push(reading);
  }
  return found;
}

/** The meters of each row with its readings alone; a stock is a level, and keeps all. */
function metersByRow(
  meters: readonly MeterInput[],
  side: Side,
  rows: readonly Window[],
): readonly (readonly MeterInput[])[] {
  const readings = meters.map((meter) =>
    meter.kind === 'stock' ? null : byRow(meter[side] ?? [], rows, meter.dayStart),
  );
  return rows.map((_, row) =>
    meters.map((meter, i) => (readings[i] === null ? meter : { ...meter, [side]: readings[i]![row]! })),
  );
}

/** A variable over a row: the sum, or the mean over time; null where readings do not cover it, or overlap. */
function valueOf(
  { takes, dayStart }: VariableInput,
  readings: readonly Reading[],
  row: Window,
  rules: DataRules,
): Rational | null {
  const own = shiftWindow(row, dayStart ?? 0);
  const weigh = (reading: Reading): Reading => ({
    ...reading,
    quantity: multiplyDecimal(reading.quantity, { mantissa: BigInt(reading.end - reading.start), exponent: 0 }),
  });
  const { measured, covered, conflicts } = totalReadings(
    takes === 'mean' ? readings.map(weigh) : readings,
    own,
    rules,
    'refuse',
  );
  const length = windowLength(own);
  if (conflicts > 0 || totalSeconds(covered) < length) return null;
  return takes === 'mean' ? divideRatio(measured, ratio(BigInt(length), 1n)) : measured;
}

/**
 * A product's energy and variables, row by row, with the factors of the headline or the window's own. A row is known where every meter of the
 * product covers it and nothing is wrong in it; nothing is filled, for a model of what was put in would be no model.
 */
export function modelRows(
  input: EvaluationInput,
  product: ProductInput,
  side: Side,
  table: 'headline' | 'own',
  model: RegressionInput,
  names: readonly string[],
): readonly ModelRow[] {
  const rows = model.rows[side] ?? [];
  const period = PERIODS[side];
  const rowMeters = metersByRow(input.meters, side, rows);
  const variables = new Map(
    [...model.variables].map(([key, variable]) => [key, byRow(variable[side] ?? [], rows, variable.dayStart)] as const),
  );
  return rows.map((window, row) => {
    const tree = buildMeterTree(rowMeters[row]!);
    const totals = periodTotals(tree, period, window, input.dataRules);
    const { meters: periods, view } = measuredView(input, tree, period, window, totals, table);
    const { quantities, energy } = view;
    const meters = productMeters(product, tree, periods);
    const quantity = quantities.get(product.product)!;
    const covered = (all: typeof meters.energy): boolean =>
      all.length > 0 && all.every((meter) => meter.complete && totals.get(meter.node.input.meter)!.conflicts === 0);
    const sound = !energy.notes.some((note) => note.products.includes(product.product) && isCritical(note.reason));
    const output = quantity.quantity ?? ZERO;
    return {
      window,
      energy: sound && covered(meters.energy) ? netEnergy(energy.lines.get(product.product) ?? []) : null,
      values: names.map((name) => {
        if (name === OUTPUT) return quantity.quantity !== null && covered(meters.output) ? output : null;
        const variable = model.variables.get(name);
        return variable === undefined ? null : valueOf(variable, variables.get(name)![row]!, window, input.dataRules);
      }),
      output,
    };
  });
}
