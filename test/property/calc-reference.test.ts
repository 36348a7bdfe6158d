import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/calc/evaluate.ts';
import type { EvaluationInput } from '../../src/calc/evaluation-input.ts';
import type { Comparison, PeriodCoverage, ProductEvaluation } from '../../src/calc/evaluation.ts';
import type { Rational } from '../../src/calc/ratio.ts';
import { randomEvaluation } from '../support/random-evaluation.ts';
import { type Fraction, slowEvaluation, type SlowComparison, type SlowProduct } from '../support/slow-evaluation.ts';

const choices = fc.array(fc.nat({ max: 0xffff }), { minLength: 700, maxLength: 700 });

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));
/** Lowest terms, so that equal fractions are equal texts. */
const text = ([n, d]: Fraction): string => {
  const common = gcd(n < 0n ? -n : n, d);
  return `${n / common}/${d / common}`;
};
const exact = (value: Rational | null): string | null => (value === null ? null : text([value.n, value.d]));
const slow = (value: Fraction | null): string | null => (value === null ? null : text(value));

const ofComparison = (found: Comparison | null) =>
  found === null
    ? null
    : {
        figures: [found.baseline, found.reporting].map(({ energy, quantity }) => [exact(energy), exact(quantity)]),
        rate: exact(found.rate),
        saving: exact(found.saving),
        saved: found.saved,
      };
const ofSlow = (found: SlowComparison | null) =>
  found === null
    ? null
    : {
        figures: [found.baseline, found.reporting].map(({ energy, output }) => [slow(energy), slow(output)]),
        rate: slow(found.rate),
        saving: slow(found.saving),
        saved: found.saved,
      };
const byName = (rows: readonly (readonly [string, number])[]) => Object.fromEntries(rows);
const coveredIn = ({ meters }: PeriodCoverage) => byName(meters.map(({ meter, covered }) => [meter, covered]));

function told(product: ProductEvaluation) {
  const critical = product.reasons.filter(({ severity }) => severity === 'critical').map(({ code }) => code);
  return {
    verdict: product.verdict,
    critical: [...new Set(critical)].toSorted(),
    headline: ofComparison(product.headline),
    withoutFill: ofComparison(product.withoutFill),
    ownTable: ofComparison(product.ownTable),
    adverse: ofComparison(product.adverse),
    uncertainty: exact(product.uncertainty?.expandedSquared ?? null),
    covered: [product.coverage.baseline, product.coverage.reporting].map(coveredIn),
    joint: [product.coverage.baseline.joint, product.coverage.reporting.joint],
  };
}

function toldSlowly(product: SlowProduct): ReturnType<typeof told> {
  const { headline, withoutFill, ownTable, adverse, uncertainty, covered, joint } = product;
  return {
    verdict: product.verdict as ProductEvaluation['verdict'],
    critical: product.critical as ReturnType<typeof told>['critical'],
    headline: ofSlow(headline),
    withoutFill: ofSlow(withoutFill),
    ownTable: ofSlow(ownTable),
    adverse: ofSlow(adverse),
    uncertainty: slow(uncertainty),
    covered: [byName(covered.baseline), byName(covered.reporting)],
    joint: [joint.baseline, joint.reporting],
  };
}

describe('the whole evaluation', () => {
  const check = (input: EvaluationInput) => {
    const slowly = slowEvaluation(input);
    for (const product of evaluate(input).products)
      expect(told(product), product.product).toEqual(toldSlowly(slowly.get(product.product)!));
  };

  it('is what the page says, computed again by fractions and second by second', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(choices, (list) => check(randomEvaluation(list))),
      { numRuns: 300 },
    );
  });

  it('meets every verdict on the way, and what is said of data', () => {
    const verdicts = new Set<string>();
    const codes = new Set<string>();
    for (const list of fc.sample(choices, { numRuns: 600, seed: 7 }))
      for (const { verdict, reasons } of evaluate(randomEvaluation(list)).products) {
        verdicts.add(verdict);
        for (const { code } of reasons) codes.add(code);
      }
    expect([...verdicts].toSorted()).toEqual([
      'insufficient_data',
      'no_baseline',
      'not_distinguishable',
      'not_produced',
      'not_saved',
      'saved',
    ]);
    expect([...codes]).toEqual(
      expect.arrayContaining([
        'adjusted',
        'allocation-impossible',
        'data-gap',
        'energy-missing',
        'idle-contradicted',
        'index-missing',
        'interval-straddles',
        'manual-share',
        'negative-quantity',
        'negative-rest',
        'product-missing',
        'skew',
        'stock-missing',
        'stock-timing',
      ]),
    );
  });
});
