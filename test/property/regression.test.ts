import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fProbability, fQuantile, squareRoot, tProbability, tQuantile } from '../../src/calc/quantile.ts';
import {
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  ONE,
  type Rational,
  ratio,
  ratioOfText,
  subtractRatio,
  sumRatios,
  ZERO,
} from '../../src/calc/ratio.ts';
import { type Column, fitLinear } from '../../src/calc/regression.ts';
import { rootText } from '../../src/calc/root.ts';
import { roundSignificant } from '../../src/calc/rounding.ts';
import { exponentOf } from '../support/growth.ts';

const values = fc
  .tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.bigInt({ min: 1n, max: 1000n }))
  .map(([n, d]) => ratio(n, d));
const whole = (n: number): Rational => ratio(BigInt(n), 1n);

/** The inverse by Gauss-Jordan elimination in rationals with exchange of rows; null where there is none. */
function inverse(matrix: readonly (readonly Rational[])[]): readonly (readonly Rational[])[] | null {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? ONE : ZERO))]);
  for (let k = 0; k < size; k += 1) {
    const pivot = rows.findIndex((row, i) => i >= k && row[k]!.n !== 0n);
    if (pivot < 0) return null;
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    rows[k] = rows[k]!.map((value) => divideRatio(value, rows[k]![k]!));
    const [head] = [rows[k]!];
    for (let i = 0; i < size; i += 1) {
      const factor = rows[i]![k]!;
      if (i !== k) rows[i] = rows[i]!.map((value, j) => subtractRatio(value, multiplyRatio(factor, head[j]!)));
    }
  }
  return rows.map((row) => row.slice(size));
}

const dot = (a: readonly Rational[], b: readonly Rational[]): Rational =>
  sumRatios(a.map((value, i) => multiplyRatio(value, b[i]!)));

/** Ordinary least squares as a textbook writes it, one rational at a time. */
function plainFit(y: readonly Rational[], columns: readonly Column[]) {
  const all = [y.map(() => ONE), ...columns.map((column) => column.values)];
  const inverted = inverse(all.map((a) => all.map((b) => dot(a, b))));
  if (inverted === null) return null;
  const right = all.map((column) => dot(column, y));
  const coefficients = inverted.map((row) => dot(row, right));
  const residuals = y.map((value, i) =>
    subtractRatio(
      value,
      dot(
        coefficients,
        all.map((column) => column[i]!),
      ),
    ),
  );
  const mean = divideRatio(sumRatios(y), whole(y.length));
  const squares = (row: readonly Rational[]): Rational => dot(row, row);
  const residual = squares(residuals);
  const sigmaSquared = divideRatio(residual, whole(y.length - all.length));
  return {
    coefficients,
    residuals,
    residual,
    total: squares(y.map((value) => subtractRatio(value, mean))),
    errors: inverted.map((row, i) => multiplyRatio(sigmaSquared, row[i]!)),
  };
}

describe('least squares', () => {
  const tables = fc
    .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 6 }))
    .chain(([width, more]) =>
      fc.tuple(
        fc.array(values, { minLength: width + 2 + more, maxLength: width + 2 + more }),
        fc.array(fc.array(values, { minLength: width + 2 + more, maxLength: width + 2 + more }), {
          minLength: width,
          maxLength: width,
        }),
      ),
    )
    .map(([y, columns]) => [y, columns.map((column, j) => ({ name: `x${j}`, values: column }))] as const);

  it('are those of the textbook, in every figure', () => {
    fc.assert(
      fc.property(tables, ([y, columns]) => {
        const plain = plainFit(y, columns);
        if (plain === null) {
          expect(() => fitLinear(y, columns)).toThrow(/is constant or a combination of the others/);
          return;
        }
        const fit = fitLinear(y, columns);
        expect(fit.terms.map(({ coefficient }) => coefficient)).toEqual(plain.coefficients);
        expect(fit.terms.map(({ errorSquared }) => errorSquared)).toEqual(plain.errors);
        expect(fit.residuals.n.map((n) => ratio(n, fit.residuals.d))).toEqual(plain.residuals);
        expect(fit.residualSquares).toEqual(plain.residual);
        expect(fit.totalSquares).toEqual(plain.total);
        if (fit.r2 !== null)
          expect(fit.r2).toEqual(divideRatio(subtractRatio(plain.total, plain.residual), plain.total));
      }),
      { numRuns: 60 },
    );
  });

  it('name the column that says nothing of its own', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.bigInt({ min: -1000n, max: 1000n }), { minLength: 6, maxLength: 9 }),
        values,
        values,
        (numbers, scale, shift) => {
          const own = numbers.map((n) => ratio(n, 7n));
          const copied = own.map((value) => addRatio(multiplyRatio(value, scale), shift));
          const fit = () =>
            fitLinear(
              own.map((value) => multiplyRatio(value, value)),
              [
                { name: 'own', values: own },
                { name: 'copied', values: copied },
              ],
            );
          expect(fit).toThrow("column 'copied' is constant or a combination of the others");
        },
      ),
      { numRuns: 40 },
    );
  });

  it('do not depend on the order of rows or the unit of a column', () => {
    fc.assert(
      fc.property(tables, fc.bigInt({ min: 2n, max: 10n ** 6n }), ([y, columns], scale) => {
        if (plainFit(y, columns) === null) return;
        const turned = (row: readonly Rational[]) => row.toReversed();
        const unit = ratio(scale, 3n);
        const changed = columns.map(({ name, values: row }) => ({
          name,
          values: turned(row).map((value) => multiplyRatio(value, unit)),
        }));
        const one = fitLinear(y, columns);
        const other = fitLinear(turned(y), changed);
        expect([other.f, other.r2, other.sigmaSquared]).toEqual([one.f, one.r2, one.sigmaSquared]);
        expect(other.terms.map(({ tSquared }) => tSquared)).toEqual(one.terms.map(({ tSquared }) => tSquared));
      }),
      { numRuns: 40 },
    );
  });

  it('refuse a table with no row to spare, and columns of unequal length', () => {
    const column = (name: string, ...numbers: number[]) => ({ name, values: numbers.map(whole) });
    expect(() => fitLinear([ONE, ZERO], [column('x', 1, 2)])).toThrow(
      'too few rows for a model: 2, expected at least 3',
    );
    expect(() => fitLinear([ONE, ZERO, ONE], [column('x', 1, 2)])).toThrow("column 'x' has 2 rows, expected 3");
  });

  it('fit days with fifteen digits and six columns in time that hardly grows faster than their number', () => {
    let state = 12345n;
    const next = (): Rational => {
      state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
      return ratio(state % 10n ** 16n, 10n ** 14n);
    };
    const exponent = exponentOf([91, 728], (rows) => {
      const columns = Array.from({ length: 6 }, (_, j) => ({
        name: `x${j}`,
        values: Array.from({ length: rows }, next),
      }));
      const y = columns[0]!.values.map((value) => addRatio(multiplyRatio(value, whole(3)), next()));
      expect(fitLinear(y, columns).degrees).toBe(rows - 7);
      return () => fitLinear(y, columns);
    });
    expect(exponent).toBeLessThan(1.4);
  });
});

describe('tails and quantiles', () => {
  const degrees = fc.integer({ min: 1, max: 400 });
  const statistics = fc.integer({ min: 1, max: 60_000 }).map((n) => ratio(BigInt(n), 1000n));

  /** p of t with an even number of degrees: a finite sum (Abramowitz and Stegun 26.7.4), here of 40 digits. */
  const evenTail = (tSquared: Rational, df: number): Rational => {
    const cosSquared = divideRatio(whole(df), addRatio(whole(df), tSquared));
    let term = ONE;
    let sum = ONE;
    for (let k = 1; k <= df / 2 - 1; k += 1) {
      term = multiplyRatio(multiplyRatio(term, ratio(BigInt(2 * k - 1), BigInt(2 * k))), cosSquared);
      sum = addRatio(sum, term);
    }
    return subtractRatio(
      ONE,
      ratioOfText(rootText(multiplyRatio(subtractRatio(ONE, cosSquared), multiplyRatio(sum, sum)), 60)),
    );
  };

  it('are the finite sum of the tables where there is one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 }), (half, n) => {
        const tSquared = ratio(BigInt(n * n), 1_000_000n);
        expect(roundSignificant(tProbability(tSquared, 2 * half), 12)).toBe(
          roundSignificant(evenTail(tSquared, 2 * half), 12),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('t squared is an F of one and df', () => {
    fc.assert(
      fc.property(statistics, degrees, (value, df) => {
        expect(fProbability(value, 1, df)).toEqual(tProbability(value, df));
      }),
      { numRuns: 60 },
    );
  });

  it('an F of 2 and d2 has the tail (1 + 2 F / d2)^(-d2 / 2)', () => {
    fc.assert(
      fc.property(statistics, fc.integer({ min: 1, max: 60 }), (f, half) => {
        const base = addRatio(ONE, divideRatio(multiplyRatio(whole(2), f), whole(2 * half)));
        const tail = ratio(base.d ** BigInt(half), base.n ** BigInt(half));
        if (compareRatio(tail, ratio(1n, 10n ** 100n)) < 0) return;
        expect(roundSignificant(fProbability(f, 2, 2 * half), 12)).toBe(roundSignificant(tail, 12));
      }),
      { numRuns: 60 },
    );
  });

  it('a greater statistic has a smaller tail, and a quantile has the tail that was asked for', () => {
    fc.assert(
      fc.property(statistics, degrees, fc.integer({ min: 5, max: 995 }), (value, df, thousandths) => {
        const more = addRatio(value, ratio(1n, 100n));
        expect(compareRatio(tProbability(more, df), tProbability(value, df))).toBeLessThan(1);
        const confidence = ratio(BigInt(thousandths), 1000n);
        const t = tQuantile(confidence, df);
        const tail = tProbability(multiplyRatio(t, t), df);
        expect(roundSignificant(tail, 9)).toBe(roundSignificant(subtractRatio(ONE, confidence), 9));
      }),
      { numRuns: 25 },
    );
  });

  it('the quantile of F is that of t squared', () => {
    const t = tQuantile(ratioOfText('0.90'), 10);
    expect(roundSignificant(fQuantile(ratioOfText('0.10'), 1, 10), 10)).toBe(roundSignificant(multiplyRatio(t, t), 10));
  });

  it('with 2 degrees of freedom the quantile of t has a root for a formula', () => {
    // t = (2 p - 1) sqrt(2 / (4 p (1 - p))), p = (1 + confidence) / 2
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), (n) => {
        const c = ratio(BigInt(n), 1000n);
        const square = divideRatio(
          multiplyRatio(whole(2), multiplyRatio(c, c)),
          subtractRatio(ONE, multiplyRatio(c, c)),
        );
        expect(roundSignificant(tQuantile(c, 2), 12)).toBe(roundSignificant(ratioOfText(rootText(square, 30)), 12));
      }),
      { numRuns: 30 },
    );
  });

  it('tails far out go to zero, at nothing they are one', () => {
    expect(tProbability(ZERO, 7)).toEqual(ONE);
    expect(fProbability(ZERO, 3, 7)).toEqual(ONE);
    expect(tProbability(whole(10 ** 9), 363)).toEqual(ZERO);
  });

  it('a root that goes on has the twelve digits of the one that is shown', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 30n }), (n, d) => {
        const value = ratio(n, d);
        expect(squareRoot(value)).toEqual(ratioOfText(rootText(value, 12)));
      }),
    );
    expect(squareRoot(ratio(9n, 16n))).toEqual(ratio(3n, 4n));
  });
});
