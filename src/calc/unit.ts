import { JoulemarkError } from '../errors.ts';
import { divideRatio, multiplyRatio, ONE, ratio, ratioOfText } from './ratio.ts';
import type { Rational } from './ratio.ts';

/**
 * What a unit measures. Units convert inside a dimension only. Coal equivalent is its own: a total in kgce and one in GJ
 * are not convertible, because the electricity row 0.1229 kgce/kWh is not 3600/29307.6 (calculation section 3). A cubic
 * metre at reference conditions (Nm3) is not a cubic metre as metered, and no currency is another.
 */
export type Dimension =
  | 'energy'
  | 'coal_equivalent'
  | 'mass'
  | 'volume'
  | 'normal_volume'
  | 'length'
  | 'area'
  | 'count'
  | 'time'
  | 'money_CNY'
  | 'money_USD'
  | 'money_EUR';

interface UnitRow {
  readonly dimension: Dimension;
  /** In the dimension's base: J, kgce, kg, m3, Nm3, m, m2, piece, s, currency unit. */
  readonly scale: Rational;
}

/** [unit, scale in the base of the dimension], exact by definition; sources in the comments. */
const TABLE: readonly (readonly [Dimension, readonly (readonly [string, string])[]])[] = [
  [
    'energy',
    [
      ['J', '1'],
      ['kJ', '1000'],
      ['MJ', '1000000'],
      ['GJ', '1000000000'],
      ['TJ', '1000000000000'],
      ['Wh', '3600'],
      ['kWh', '3600000'],
      ['MWh', '3600000000'],
      ['GWh', '3600000000000'],
      ['万kWh', '36000000000'],
      ['cal', '4.1868'], // international table calorie
      ['kcal', '4186.8'],
      ['Mcal', '4186800'],
      ['Gcal', '4186800000'],
      ['Btu', '1055.05585262'], // international table, ISO 80000-5
      ['mmBtu', '1055055852.62'],
      ['MMBtu', '1055055852.62'],
      ['Tbtu', '1055055852620000'],
      ['therm', '105505585.262'], // 100,000 Btu(IT)
      ['toe', '41868000000'], // 10^7 kcal(IT), IEA
      ['ktoe', '41868000000000'],
    ],
  ],
  [
    'coal_equivalent',
    [
      ['gce', '0.001'],
      ['kgce', '1'],
      ['tce', '1000'],
      ['万tce', '10000000'],
    ],
  ],
  [
    'mass',
    [
      ['mg', '0.000001'],
      ['g', '0.001'],
      ['kg', '1'],
      ['t', '1000'],
      ['kt', '1000000'],
      ['Mt', '1000000000'],
      ['万t', '10000000'],
      ['lb', '0.45359237'], // international pound, 1959
      ['klb', '453.59237'],
      ['short_ton', '907.18474'],
    ],
  ],
  [
    'volume',
    [
      ['mL', '0.000001'],
      ['L', '0.001'],
      ['kL', '1'],
      ['m3', '1'],
      ['万m3', '10000'],
      ['ft3', '0.028316846592'],
      ['bbl', '0.158987294928'], // 42 US gallons
    ],
  ],
  [
    'normal_volume',
    [
      ['Nm3', '1'],
      ['kNm3', '1000'],
      ['万Nm3', '10000'],
    ],
  ],
  [
    'length',
    [
      ['mm', '0.001'],
      ['m', '1'],
      ['km', '1000'],
    ],
  ],
  [
    'area',
    [
      ['m2', '1'],
      ['万m2', '10000'],
    ],
  ],
  [
    'count',
    [
      ['piece', '1'],
      ['kpiece', '1000'],
      ['万piece', '10000'],
      ['件', '1'],
      ['台', '1'],
      ['万件', '10000'],
    ],
  ],
  [
    'time',
    [
      ['s', '1'],
      ['h', '3600'],
      ['d', '86400'],
    ],
  ],
  [
    'money_CNY',
    [
      ['CNY', '1'],
      ['元', '1'],
      ['kCNY', '1000'],
      ['万元', '10000'],
      ['亿元', '100000000'],
    ],
  ],
  [
    'money_USD',
    [
      ['USD', '1'],
      ['kUSD', '1000'],
      ['MUSD', '1000000'],
    ],
  ],
  [
    'money_EUR',
    [
      ['EUR', '1'],
      ['kEUR', '1000'],
      ['MEUR', '1000000'],
    ],
  ],
];

const UNITS: ReadonlyMap<string, UnitRow> = new Map(
  TABLE.flatMap(([dimension, rows]) =>
    rows.map(([unit, scale]) => [unit, { dimension, scale: ratioOfText(scale) }] as const),
  ),
);

/** Definition of the kilogram of coal equivalent: 7000 kcal(IT) (GB/T 2589-2020). For calorific values only, never for totals. */
export const KILOJOULES_PER_KGCE: Rational = ratio(293076n, 10n);

function unitRow(unit: string): UnitRow {
  const row = UNITS.get(unit);
  if (row !== undefined) return row;
  const near = [...UNITS.keys()].filter((known) => known.toLowerCase() === unit.toLowerCase());
  throw new JoulemarkError('USAGE', `unknown unit: '${unit}'`, {
    hints: near.map((known) => `did you mean '${known}'`),
  });
}

/** What `unit` measures. Throws USAGE for a unit that the table does not have. */
export function dimensionOf(unit: string): Dimension {
  return unitRow(unit).dimension;
}

/** All units of the table, in its order. */
export function knownUnits(): readonly string[] {
  return [...UNITS.keys()];
}

/**
 * How many `to` are in one `from`, exactly. Any unit converts to itself, known or not (a product may be counted in a unit of
 * its own). Throws USAGE for unknown units and for unlike dimensions.
 */
export function convertUnit(from: string, to: string): Rational {
  if (from === to) return ONE;
  const source = unitRow(from);
  const target = unitRow(to);
  if (source.dimension !== target.dimension) {
    const hints =
      [source.dimension, target.dimension].includes('coal_equivalent') &&
      [source.dimension, target.dimension].includes('energy')
        ? ['coal equivalent and joules need a factor row of the table: they are not one dimension']
        : [];
    throw new JoulemarkError(
      'USAGE',
      `units of unlike kind: '${from}' is ${source.dimension}, '${to}' is ${target.dimension}`,
      { hints },
    );
  }
  return divideRatio(source.scale, target.scale);
}

/** A unit per unit, as in kJ/kg or kgce/kWh. */
export interface UnitQuotient {
  readonly numerator: string;
  readonly denominator: string;
}

/** Reads "kgce/kWh". Throws USAGE. */
export function parseUnitQuotient(text: string): UnitQuotient {
  const [numerator, denominator, ...rest] = text.split('/');
  if (
    numerator === undefined ||
    numerator === '' ||
    denominator === undefined ||
    denominator === '' ||
    rest.length > 0
  ) {
    throw new JoulemarkError('USAGE', `not a unit per unit: '${text}', expected one like kgce/kWh`);
  }
  return { numerator, denominator };
}

/** What one `from` quotient is in `to` quotients: kJ/kg to GJ/t is 1/1000. Throws as `convertUnit`. */
export function convertQuotient(from: UnitQuotient, to: UnitQuotient): Rational {
  return multiplyRatio(convertUnit(from.numerator, to.numerator), convertUnit(to.denominator, from.denominator));
}
