import { type Rational, addRatio, divideRatio, multiplyRatio, ratio, ZERO } from '../../src/calc/ratio.ts';
import { exactOf } from './differences.ts';

interface Monthly {
  readonly month: string;
  readonly value: number;
}

/** A model of the oracle file `verifi/regression_oracles.json`. */
export interface VerifiModel {
  readonly id: string;
  readonly status: string;
  readonly modelYear: number;
  readonly baselineYear: number;
  readonly reportYear: number;
  readonly meters: readonly {
    readonly factorToMMBtuSource: number;
    readonly bills: readonly { readonly readDate: string; readonly energyUse: number }[];
  }[];
  readonly predictors: readonly { readonly name: string; readonly allMonths: readonly Monthly[] }[];
  readonly expected: Readonly<
    Record<'R2' | 'adjR2' | 'residualSS_storedAs_SSR' | 'SST' | 'ybar' | 'sigma' | 'F' | 'pModel', number>
  > & {
    readonly coef: readonly number[];
    readonly se: readonly number[];
    readonly pCoef: readonly number[];
    readonly dfResid: number;
  };
  readonly expectedSEPValidation: readonly {
    readonly predictorVariable: string;
    readonly meanReportYear: number;
    readonly meanBaselineYear: number;
    readonly modelMin: number;
    readonly modelMax: number;
    readonly modelPlus3StdDev: number;
    readonly modelMinus3StdDev: number;
    readonly isValid: boolean;
  }[];
  readonly derived_by_formula_not_published: Readonly<Record<string, number>>;
  readonly derived_fsu_90: Readonly<Record<string, number>>;
}

const DAY = 86_400_000;
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY;

/** The energy of a month from bills, each spread evenly over the days after the reading before it and up to its own. */
export function monthOfBills(model: VerifiModel, year: number, month: number): Rational {
  const first = Date.UTC(year, month - 1, 1) / DAY;
  const after = Date.UTC(year, month, 1) / DAY;
  let total = ZERO;
  for (const { bills, factorToMMBtuSource } of model.meters) {
    const factor = exactOf(factorToMMBtuSource);
    for (const [index, { readDate, energyUse }] of bills.entries()) {
      const before = bills[index - 1];
      if (before === undefined) continue;
      const start = dayOf(before.readDate) + 1;
      const end = dayOf(readDate) + 1;
      const days = Math.min(end, after) - Math.max(start, first);
      if (days <= 0) continue;
      const share = ratio(BigInt(days), BigInt(end - start));
      total = addRatio(total, multiplyRatio(multiplyRatio(exactOf(energyUse), factor), share));
    }
  }
  return total;
}

const MONTHS = Array.from({ length: 12 }, (_, index) => index + 1);

export function energyOfYear(model: VerifiModel, year: number): readonly Rational[] {
  return MONTHS.map((month) => monthOfBills(model, year, month));
}

export function predictorOfYear(model: VerifiModel, name: string, year: number): readonly Rational[] {
  const values = model.predictors.find((one) => one.name === name)!.allMonths;
  return MONTHS.map((month) => {
    const text = `${year}-${String(month).padStart(2, '0')}`;
    return exactOf(values.find((one) => one.month === text)!.value);
  });
}

export const meanOf = (values: readonly Rational[]): Rational =>
  divideRatio(values.reduce(addRatio, ZERO), ratio(BigInt(values.length), 1n));
