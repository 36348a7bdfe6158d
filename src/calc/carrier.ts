import { JoulemarkError } from '../errors.ts';
import type { CarrierFactor } from './evaluation-input.ts';
import { addRatio, compareRatio, divideRatio, multiplyRatio, ratioToText, subtractRatio, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { convertQuotient, convertUnit, dimensionOf, KILOJOULES_PER_KGCE, parseUnitQuotient } from './unit.ts';

/** A figure that the table prints as a range: refused until the policy chooses a value in it. */
export interface PrintedRange {
  readonly least: Rational;
  readonly most: Rational;
}

/**
 * One row of a signed factor table. Factor and calorific value are two printed data: neither is computed from the other
 * (coal tar is 33494 kJ/kg and 1.1429 kgce/kg, though 33494 / 29307.6 is 1.1428).
 */
export interface FactorRow {
  readonly key: string;
  readonly factor?: Rational | PrintedRange;
  readonly factorUnit?: string;
  readonly ncv?: Rational | PrintedRange;
  readonly ncvUnit?: string;
}

/** A net calorific value as measured, in energy per carrier unit. */
export interface MeasuredValue {
  readonly value: Rational;
  readonly unit: string;
}

export interface CarrierQuestion {
  readonly carrier: string;
  /** Unit in which the carrier is metered. */
  readonly unit: string;
  readonly verdictUnit: string;
  readonly row?: FactorRow;
  /** Printed with a factor of the table: its name and edition. */
  readonly table?: string;
  /** The policy's choice where the row prints a range; must lie in it. */
  readonly chosen?: Rational;
  readonly measured?: MeasuredValue;
}

function isRange(value: Rational | PrintedRange): value is PrintedRange {
  return 'least' in value;
}

function choose(question: CarrierQuestion, printed: Rational | PrintedRange): Rational {
  if (!isRange(printed)) return printed;
  const range = `${ratioToText(printed.least)}..${ratioToText(printed.most)}`;
  if (question.chosen === undefined) {
    throw new JoulemarkError('USAGE', `no factor for '${question.carrier}': the table prints a range, ${range}`, {
      hints: ['choose a value in the policy, or measure the net calorific value'],
    });
  }
  if (compareRatio(question.chosen, printed.least) < 0 || compareRatio(question.chosen, printed.most) > 0) {
    throw new JoulemarkError(
      'USAGE',
      `factor chosen for '${question.carrier}' is outside the printed range: ${ratioToText(question.chosen)}, expected ${range}`,
    );
  }
  return question.chosen;
}

/** A calorific value in the verdict unit per metered unit. In coal equivalent by its definition, 29307.6 kJ (GB/T 2589-2020). */
function fromCalorific(question: CarrierQuestion, value: Rational, unit: string): Rational {
  const quotient = parseUnitQuotient(unit);
  if (dimensionOf(question.verdictUnit) !== 'coal_equivalent') {
    return multiplyRatio(
      value,
      convertQuotient(quotient, { numerator: question.verdictUnit, denominator: question.unit }),
    );
  }
  const kilojoules = multiplyRatio(value, convertQuotient(quotient, { numerator: 'kJ', denominator: question.unit }));
  return multiplyRatio(divideRatio(kilojoules, KILOJOULES_PER_KGCE), convertUnit('kgce', question.verdictUnit));
}

function fromTable(question: CarrierQuestion): CarrierFactor | null {
  const { row, unit, verdictUnit } = question;
  const wanted = dimensionOf(verdictUnit);
  const name = question.table === undefined ? '' : `${question.table} `;
  if (row?.factor !== undefined && row.factorUnit !== undefined) {
    const quotient = parseUnitQuotient(row.factorUnit);
    if (dimensionOf(quotient.numerator) === wanted) {
      const factor = multiplyRatio(
        choose(question, row.factor),
        convertQuotient(quotient, { numerator: verdictUnit, denominator: unit }),
      );
      return { unit, factor, source: `${name}row ${row.key}` };
    }
  }
  if (row?.ncv !== undefined && row.ncvUnit !== undefined && wanted === 'energy') {
    const factor = fromCalorific(question, choose(question, row.ncv), row.ncvUnit);
    return { unit, factor, source: `${name}calorific value of row ${row.key}` };
  }
  return null;
}

/**
 * How many verdict units are in one metered unit of a carrier: a measured net calorific value first, then the table's row
 * (its factor where the row's unit is of the verdict's kind, else its calorific value), then plain conversion of an energy
 * carrier. Exact. Throws USAGE where nothing applies or a printed range is undecided. Source: GB/T 2589-2020, 4.2 and annex A.
 */
export function factorFor(question: CarrierQuestion): CarrierFactor {
  const { carrier, unit, verdictUnit, measured } = question;
  if (measured !== undefined) {
    const factor = fromCalorific(question, measured.value, measured.unit);
    const table = question.row === undefined || hasOpenRange(question) ? null : fromTable(question);
    const source = `measured net calorific value ${ratioToText(measured.value)} ${measured.unit}`;
    return { unit, factor, source, measured: true, ...(table === null ? {} : { tableFactor: table.factor }) };
  }
  const printed = fromTable(question);
  if (printed !== null) return printed;
  if (dimensionOf(unit) === 'energy' && dimensionOf(verdictUnit) === 'energy') {
    return { unit, factor: convertUnit(unit, verdictUnit), source: `${unit} to ${verdictUnit}` };
  }
  throw new JoulemarkError('USAGE', `no factor for '${carrier}' from ${unit} to ${verdictUnit}`, {
    hints: ['name a row of the table for this carrier in the policy, or measure its net calorific value'],
  });
}

function hasOpenRange(question: CarrierQuestion): boolean {
  const { row, chosen } = question;
  if (chosen !== undefined || row === undefined) return false;
  return (row.factor !== undefined && isRange(row.factor)) || (row.ncv !== undefined && isRange(row.ncv));
}

/** One lot of a carrier with its own calorific value. */
export interface Lot {
  readonly quantity: Rational;
  readonly value: Rational;
}

/** The calorific value of several lots together, weighted by quantity. Throws USAGE when the quantities sum to zero. */
export function weightedCalorificValue(lots: readonly Lot[]): Rational {
  let quantity = ZERO;
  let total = ZERO;
  for (const lot of lots) {
    quantity = addRatio(quantity, lot.quantity);
    total = addRatio(total, multiplyRatio(lot.quantity, lot.value));
  }
  return divideRatio(total, quantity);
}

/** Storable carriers: used = purchased + opening stock - closing stock - sold (GB/T 2589-2020; ISO 50047, 5.2). One unit throughout. */
export function usedFromStock(purchased: Rational, opening: Rational, closing: Rational, sold: Rational): Rational {
  return subtractRatio(addRatio(purchased, opening), addRatio(closing, sold));
}
