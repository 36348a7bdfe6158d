import { divideRatio, minRatio, multiplyRatio, addRatio, ONE, ratio } from './ratio.ts';
import type { Rational } from './ratio.ts';

export type RowLength = 'day' | 'month';

/** a M^2 + b M + c: Sun and Baltazar (2013), as CalTRACK 2.0 section 4.3.2 prints them. */
const POLYNOMIAL: Readonly<Record<RowLength, readonly [a: Rational, b: Rational, c: Rational]>> = {
  day: [ratio(-24n, 100_000n), ratio(3535n, 100_000n), ratio(100_286n, 100_000n)],
  month: [ratio(-22n, 100_000n), ratio(3306n, 100_000n), ratio(94_054n, 100_000n)],
};

/** What the uncertainty of a modelled energy rests on. */
export interface BandFacts {
  readonly rowLength: RowLength;
  /** Rows of the baseline, and the independent ones among them, above zero. */
  readonly rows: number;
  readonly independent: Rational;
  /** Rows of the reporting period. */
  readonly reportingRows: number;
  /** Square of the root mean square error over the mean of the baseline's rows. */
  readonly cvSquared: Rational;
  /** Quantile of t at the policy's confidence. */
  readonly t: Rational;
}

/** The months M of a reporting period, a day being 1/30 of one, and the coefficients for its rows. */
export function bandTerms(rowLength: RowLength, reportingRows: number) {
  const [a, b, c] = POLYNOMIAL[rowLength];
  const rows = BigInt(reportingRows);
  return { months: rowLength === 'day' ? ratio(rows, 30n) : ratio(rows, 1n), a, b, c };
}

/**
 * Square of the half-width of the band around a modelled energy, relative to it (ASHRAE Guideline 14 with the coefficients of
 * Sun and Baltazar; CalTRACK 2.0 section 4.3.2): t (a M^2 + b M + c) CV(RMSE) sqrt((n / n') (1 + 2 / n') / q), M the months of the
 * reporting period (days: q / 30).
 */
export function relativeBandSquared(facts: BandFacts): Rational {
  const { rowLength, rows, independent, reportingRows, cvSquared, t } = facts;
  const q = ratio(BigInt(reportingRows), 1n);
  const { months, a, b, c } = bandTerms(rowLength, reportingRows);
  const polynomial = addRatio(multiplyRatio(addRatio(multiplyRatio(a, months), b), months), c);
  const front = multiplyRatio(t, polynomial);
  const autocorrelated = multiplyRatio(
    divideRatio(ratio(BigInt(rows), 1n), independent),
    addRatio(ONE, divideRatio(ratio(2n, 1n), independent)),
  );
  return multiplyRatio(multiplyRatio(front, front), multiplyRatio(cvSquared, divideRatio(autocorrelated, q)));
}

/**
 * The rows that a verdict counts as independent: min(n, n'). Residuals that swing from row to row give n' > n, which says that the
 * rows know more than there are of them; no claimant is helped by that.
 */
export function countedRows(rows: number, independent: Rational | null): Rational {
  const all = ratio(BigInt(rows), 1n);
  return independent === null ? all : minRatio(all, independent);
}
