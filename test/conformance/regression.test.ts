import { describe, expect, test } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import { judgeModel } from '../../src/calc/model-validity.ts';
import { fProbability, tProbability } from '../../src/calc/quantile.ts';
import { divideRatio, multiplyRatio, type Rational, ratioOfText, sumRatios } from '../../src/calc/ratio.ts';
import { type Column, fitLinear, type LinearModel } from '../../src/calc/regression.ts';
import { modelled } from '../../src/calc/model-validity.ts';
import { rootText } from '../../src/calc/root.ts';
import { createDifferences, exactOf } from '../support/differences.ts';
import { checkOracle } from '../support/oracle-rows.ts';
import { hasShared, sharedJson } from '../support/shared.ts';
import { input, meter, STRICT_RULES } from '../unit/calc/sample.ts';
import { energyOfYear, meanOf, predictorOfYear, type VerifiModel } from '../support/verifi.ts';

const SEP = {
  modelP: ratioOfText('0.10'),
  variableP: ratioOfText('0.20'),
  oneVariableP: ratioOfText('0.10'),
  r2: ratioOfText('0.5'),
  deviations: ratioOfText('3'),
};

const root = (square: Rational): string => rootText(square, 20);

describe.skipIf(!hasShared)('models of VERIFI, from bills', () => {
  const models = hasShared ? sharedJson<readonly VerifiModel[]>('oracles/verifi/regression_oracles.json') : [];
  const columnsOf = (model: VerifiModel, year: number): readonly Column[] =>
    model.predictors.map(({ name }) => ({ name, values: predictorOfYear(model, name, year) }));
  const fitOf = (model: VerifiModel): LinearModel =>
    fitLinear(energyOfYear(model, model.modelYear), columnsOf(model, model.modelYear));
  const scaled = models.filter(({ id }) => id === 'y0ddzwqo3');
  const exact = models.filter(({ id }) => id !== 'y0ddzwqo3');

  test('are four, one of them of bills of another size', () => {
    expect([exact.length, scaled.length]).toEqual([3, 1]);
  });

  test('three agree in every figure to 1e-12 relative', () => {
    const differences = createDifferences();
    for (const model of exact) {
      const fit = fitOf(model);
      const { expected } = model;
      for (const [j, { coefficient, errorSquared }] of fit.terms.entries()) {
        differences.relative(coefficient, expected.coef[j]!);
        differences.relative(root(errorSquared), expected.se[j]!);
      }
      differences.relative(fit.r2!, expected.R2);
      differences.relative(fit.adjustedR2!, expected.adjR2);
      differences.relative(fit.f!, expected.F);
      differences.relative(root(fit.sigmaSquared), expected.sigma);
      differences.relative(fit.residualSquares, expected.residualSS_storedAs_SSR);
      differences.relative(fit.totalSquares, expected.SST);
      differences.relative(fit.mean, expected.ybar);
      expect(fit.degrees).toBe(expected.dfResid);
    }
    checkOracle('verifi-figures', differences, '1e-12');
  });

  test('all four agree in R2, F and t, which do not depend on the size of the bills', () => {
    const differences = createDifferences();
    for (const model of models) {
      const fit = fitOf(model);
      differences.relative(fit.r2!, model.expected.R2);
      differences.relative(fit.f!, model.expected.F);
      for (const [j, { tSquared }] of fit.terms.entries()) {
        const t = divideRatio(exactOf(model.expected.coef[j]!), exactOf(model.expected.se[j]!));
        differences.relative(divideRatio(tSquared!, multiplyRatio(t, t)), 1);
      }
    }
    checkOracle('verifi-scale-free', differences, '1e-12');
  });

  test('all four agree in p to 1e-12 absolute', () => {
    const differences = createDifferences();
    for (const model of models) {
      const fit = fitOf(model);
      differences.absolute(fProbability(fit.f!, 2, fit.degrees), model.expected.pModel);
      for (const [j, { tSquared }] of fit.terms.entries())
        differences.absolute(tProbability(tSquared!, fit.degrees), model.expected.pCoef[j]!);
    }
    checkOracle('verifi-p', differences, '1e-12');
  });

  test('are judged as SEP judges them, with the ranges that VERIFI prints', () => {
    const differences = createDifferences();
    for (const model of models) {
      const columns = columnsOf(model, model.modelYear);
      const meansOf = (year: number) => columnsOf(model, year).map(({ values }) => meanOf(values));
      const validities = [model.baselineYear, model.reportYear].map((year) =>
        judgeModel(fitOf(model), columns, meansOf(year), SEP),
      );
      for (const [j, expected] of model.expectedSEPValidation.entries()) {
        const [before, after] = validities.map(({ variables }) => variables[j]!);
        expect(after!.name).toBe(expected.predictorVariable);
        differences.relative(after!.least, expected.modelMin);
        differences.relative(after!.most, expected.modelMax);
        differences.relative(before!.reportingMean, expected.meanBaselineYear);
        differences.relative(after!.reportingMean, expected.meanReportYear);
        const mean = after!.mean;
        const reach = ratioOfText(rootText(multiplyRatio(ratioOfText('9'), after!.deviationSquared), 20));
        differences.relative(
          { n: mean.n * reach.d + reach.n * mean.d, d: mean.d * reach.d },
          expected.modelPlus3StdDev,
        );
        differences.relative(
          { n: mean.n * reach.d - reach.n * mean.d, d: mean.d * reach.d },
          expected.modelMinus3StdDev,
        );
        expect([before!, after!].every(({ inRange, inDeviations }) => inRange || inDeviations)).toBe(expected.isValid);
      }
      expect(validities.map(({ faults }) => faults)).toEqual([[], []]);
    }
    checkOracle('verifi-ranges', differences, '1e-12');
  });

  test('give the modelled years of the formula that SEP states', () => {
    const differences = createDifferences();
    for (const model of models) {
      if (model.id === 'y0ddzwqo3') continue;
      const derived = model.derived_by_formula_not_published;
      for (const [year, key] of [
        [model.baselineYear, 'modelledBaseline'],
        [model.reportYear, 'modelledReport'],
      ] as const) {
        const sums = columnsOf(model, year).map(({ values }) => sumRatios(values));
        differences.relative(modelled(fitOf(model), 12, sums), derived[key]!);
      }
    }
    checkOracle('verifi-modelled', differences, '1e-12');
  });
});

describe.skipIf(!hasShared)('an evaluation of bills with a model', () => {
  const models = hasShared ? sharedJson<readonly VerifiModel[]>('oracles/verifi/regression_oracles.json') : [];
  const start = (year: number, month = 0) => Date.UTC(year, month, 1) / 1000;
  const windowOf = (year: number) => ({ start: start(year), end: start(year + 1) });
  const monthsOf = (year: number) =>
    Array.from({ length: 12 }, (_, month) => ({ start: start(year, month), end: start(year, month + 1) }));
  const reading = (from: number, to: number, value: number) => ({
    start: from,
    end: to,
    quantity: parseDecimal(String(value)),
    provenance: 'metered' as const,
  });

  test('HQ gas: the coefficients of VERIFI, from bills that no month begins with', () => {
    const model = models.find(({ id }) => id === '4oif6zvif')!;
    const [production, degreeDays] = model.predictors;
    const bills = model.meters[0]!.bills;
    const dayAfter = (date: string) => Date.parse(`${date}T00:00:00Z`) / 1000 + 86_400;
    const energy = bills
      .slice(1)
      .map(({ readDate, energyUse }, i) => reading(dayAfter(bills[i]!.readDate), dayAfter(readDate), energyUse));
    const monthly = ({ allMonths }: VerifiModel['predictors'][number]) =>
      allMonths.map(({ month, value }) => {
        const [year = 0, number = 1] = month.split('-').map(Number);
        return reading(start(year, number - 1), start(year, number), value);
      });
    const both = <T>(readings: T) => ({ baseline: readings, reporting: readings });
    const baseline = windowOf(model.modelYear);
    const reporting = windowOf(model.reportYear);
    const factors = new Map([['gas', { unit: 'mmBtu', factor: ratioOfText('1'), source: 'identity' }]]);
    const { products } = evaluate(
      input(
        [
          meter('gas', 'energy', [], [], { carrier: 'gas', unit: 'mmBtu', billed: true, ...both(energy) }),
          meter('out', 'product', [], [], { product: 'cocoa', ...both(monthly(production!)) }),
        ],
        [{ product: 'cocoa', basis: 'quantity', unit: 't' }],
        {
          verdictUnit: 'mmBtu',
          baseline,
          reporting,
          factors: { baseline: factors, reporting: factors },
          dataRules: { ...STRICT_RULES, straddling: 'prorate' },
          regression: {
            rowLength: 'month',
            rows: { baseline: monthsOf(model.modelYear), reporting: monthsOf(model.reportYear) },
            products: new Map([['cocoa', ['output', 'degree-days']]]),
            variables: new Map([['degree-days', { takes: 'sum', ...both(monthly(degreeDays!)) }]]),
            coverage: ratioOfText('1'),
            degreesOfFreedom: 'terms',
            validity: SEP,
            confidence: ratioOfText('0.90'),
            verdict: 'decide',
          },
        },
      ),
    );
    const found = products[0]!.model!;
    const differences = createDifferences();
    for (const [j, { coefficient, errorSquared, p }] of found.terms.entries()) {
      differences.relative(coefficient, model.expected.coef[j]!);
      differences.relative(root(errorSquared), model.expected.se[j]!);
      differences.absolute(p!, model.expected.pCoef[j]!);
    }
    differences.relative(found.r2!, model.expected.R2);
    differences.relative(found.f!, model.expected.F);
    differences.relative(found.modelled, model.derived_by_formula_not_published['modelledReport']!);
    checkOracle('verifi-evaluated', differences, '1e-12');
    expect(found.faults).toEqual([]);
  });
});

interface Certified {
  readonly B: readonly string[];
  readonly SE: readonly string[];
  readonly RSD: string;
  readonly R2: string;
  readonly F?: string;
  readonly SSR_regression?: string;
  readonly SSE_residual?: string;
}

describe.skipIf(!hasShared)('reference data of NIST', () => {
  const nist = hasShared
    ? sharedJson<{
        readonly longley: {
          readonly variables: readonly string[];
          readonly y_TOTEMP: readonly number[];
          readonly X: readonly (readonly (string | number)[])[];
          readonly certified: Certified;
        };
        readonly norris: { readonly pairs_y_x: readonly (readonly [string, string])[]; readonly certified: Certified };
      }>('oracles/stats/nist_strd_linear.json')
    : undefined;

  const compare = (fit: LinearModel, certified: Certified) => {
    const differences = createDifferences();
    for (const [j, { coefficient, errorSquared }] of fit.terms.entries()) {
      differences.relative(coefficient, certified.B[j]!);
      differences.relative(root(errorSquared), certified.SE[j]!);
    }
    differences.relative(root(fit.sigmaSquared), certified.RSD);
    differences.relative(fit.r2!, certified.R2);
    if (certified.F !== undefined) differences.relative(fit.f!, certified.F);
    if (certified.SSE_residual !== undefined) differences.relative(fit.residualSquares, certified.SSE_residual);
    return differences;
  };

  test('Longley, seven terms and ill-conditioned, to 1e-12', () => {
    const { variables, X, y_TOTEMP: y, certified } = nist!.longley;
    const fit = fitLinear(
      y.map(exactOf),
      variables.map((name, j) => ({ name, values: X.map((row) => exactOf(row[j]!)) })),
    );
    checkOracle('nist-longley', compare(fit, certified), '1e-12');
  });

  test('Norris, one slope, to 1e-12', () => {
    const { pairs_y_x: pairs, certified } = nist!.norris;
    const fit = fitLinear(
      pairs.map(([y]) => exactOf(y)),
      [{ name: 'x', values: pairs.map(([, x]) => exactOf(x)) }],
    );
    checkOracle('nist-norris', compare(fit, certified), '1e-12');
  });
});
