import {
  absRatio,
  compareRatio,
  divideRatio,
  type Rational,
  ratioOfText,
  subtractRatio,
} from '../../src/calc/ratio.ts';
import { roundSignificant } from '../../src/calc/rounding.ts';

/** A number as an oracle prints it, exact: a plain decimal, or one with an exponent (`0.4298E-03`, `6.5e-7`). */
export function exactOf(printed: string | number): Rational {
  const [digits = '', power = '0'] = String(printed).toLowerCase().split('e');
  const value = ratioOfText(digits);
  const scale = 10n ** BigInt(Math.abs(Number(power)));
  return Number(power) < 0 ? divideRatio(value, { n: scale, d: 1n }) : divideRatio(value, { n: 1n, d: scale });
}

/** The largest difference seen over the comparisons of one oracle, as `docs/oracles.md` states it. */
export interface Differences {
  /** |found - printed| / |printed|; where the oracle prints zero, |found|. */
  readonly relative: (found: Rational | string, printed: string | number) => void;
  readonly absolute: (found: Rational | string, printed: string | number) => void;
  readonly largest: () => Rational;
  readonly count: () => number;
}

export function createDifferences(): Differences {
  let largest: Rational = { n: 0n, d: 1n };
  let count = 0;
  const take = (difference: Rational): void => {
    count += 1;
    if (compareRatio(difference, largest) > 0) largest = difference;
  };
  const toRatio = (found: Rational | string): Rational => (typeof found === 'string' ? ratioOfText(found) : found);
  return {
    relative: (found, printed) => {
      const expected = exactOf(printed);
      const difference = absRatio(subtractRatio(toRatio(found), expected));
      take(expected.n === 0n ? difference : divideRatio(difference, absRatio(expected)));
    },
    absolute: (found, printed) => {
      take(absRatio(subtractRatio(toRatio(found), exactOf(printed))));
    },
    largest: () => largest,
    count: () => count,
  };
}

/** Two digits and an exponent: `3.0e-14`, `0`. */
export function differenceText(value: Rational): string {
  return value.n === 0n ? '0' : Number(roundSignificant(value, 2)).toExponential(1);
}
