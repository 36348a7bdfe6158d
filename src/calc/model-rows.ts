import { multiplyDecimal } from './decimal.ts';
import { shiftWindow, totalSeconds, windowLength } from './coverage.ts';
import type { DataRules, EvaluationInput, MeterInput, ProductInput, Reading, Window } from './evaluation-input.ts';
import { netEnergy } from './energy-lines.ts';
import { buildMeterTree } from './meter-tree.ts';
import { periodTotals } from './meter-period.ts';
import { periodViews } from './period-view.ts';
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

type Side = 'baseline' | 'reporting';

/** The readings of a meter that touch one row each; a stock is a level, and keeps all. */
function rowMeters(meters: readonly MeterInput[], side: Side, row: Window): readonly MeterInput[] {
  return meters.map((meter) => {
    if (meter.kind === 'stock') return meter;
    const own = shiftWindow(row, meter.dayStart ?? 0);
    return { ...meter, [side]: meter[side].filter(({ start, end }) => start < own.end && end > own.start) };
  });
}

/** A variable over a row: the sum, or the mean over time; null where readings do not cover it, or overlap. */
function valueOf(variable: VariableInput, side: Side, row: Window, rules: DataRules): Rational | null {
  const own = shiftWindow(row, variable.dayStart ?? 0);
  const weigh = (reading: Reading): Reading => ({
    ...reading,
    quantity: multiplyDecimal(reading.quantity, { mantissa: BigInt(reading.end - reading.start), exponent: 0 }),
  });
  const readings = variable[side].filter(({ start, end }) => start < own.end && end > own.start);
  const { measured, covered, conflicts } = totalReadings(
    variable.takes === 'mean' ? readings.map(weigh) : readings,
    own,
    rules,
  );
  const length = windowLength(own);
  if (conflicts > 0 || totalSeconds(covered) < length) return null;
  return variable.takes === 'mean' ? divideRatio(measured, ratio(BigInt(length), 1n)) : measured;
}

/**
 * A product's energy and variables, row by row, with the factors of the headline. A row is known where every meter of the
 * product covers it and nothing is wrong in it; nothing is filled, for a model of what was put in would be no model.
 */
export function modelRows(
  input: EvaluationInput,
  product: ProductInput,
  side: Side,
  model: RegressionInput,
  names: readonly string[],
): readonly ModelRow[] {
  return model.rows[side].map((window) => {
    const tree = buildMeterTree(rowMeters(input.meters, side, window));
    const totals = periodTotals(tree, side, window, input.dataRules);
    const views = periodViews(input, tree, side, window, totals, new Map());
    const { quantities, energy } = views.measured;
    const meters = productMeters(product, tree, views.meters);
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
        return variable === undefined ? null : valueOf(variable, side, window, input.dataRules);
      }),
      output,
    };
  });
}
