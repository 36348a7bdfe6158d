import type { Decimal } from '../calc/decimal.ts';
import { widened } from '../programme/widened.ts';

/** Decimals, or none, by their place. One whose mantissa has more than 64 bits stands beside the columns. */
export interface DecimalColumn {
  mantissas: BigInt64Array;
  exponents: Int8Array;
  readonly long: Map<number, Decimal>;
}

/** What an exponent says instead. */
const NONE = -128;
const LONG = 127;

export const newDecimalColumn = (): DecimalColumn => ({
  mantissas: new BigInt64Array(0),
  exponents: new Int8Array(0),
  long: new Map(),
});

export function putDecimal(column: DecimalColumn, place: number, value: Decimal | undefined): void {
  if (place >= column.exponents.length) {
    // a column without a single figure takes no room
    if (value === undefined) return;
    widen(column, Math.max(16, 2 * place));
  }
  if (value === undefined) {
    column.exponents[place] = NONE;
    return;
  }
  const { mantissa, exponent } = value;
  column.mantissas[place] = mantissa;
  column.exponents[place] = exponent;
  // what does not come back is too long for the columns
  if (column.mantissas[place] === mantissa && exponent > NONE && exponent < LONG) return;
  column.exponents[place] = LONG;
  column.long.set(place, value);
}

export function decimalAt({ mantissas, exponents, long }: DecimalColumn, place: number): Decimal | undefined {
  const exponent = exponents[place] ?? NONE;
  if (exponent === NONE) return undefined;
  return exponent === LONG ? long.get(place) : { mantissa: mantissas[place] ?? 0n, exponent };
}

function widen(column: DecimalColumn, length: number): void {
  const before = column.exponents.length;
  column.mantissas = widened(column.mantissas, new BigInt64Array(length));
  column.exponents = widened(column.exponents, new Int8Array(length)).fill(NONE, before);
}
