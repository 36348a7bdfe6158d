import { describe, expect, test } from 'vitest';
import { fProbability, fQuantile, tProbability, tQuantile } from '../../src/calc/quantile.ts';
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
import { type Column, fitLinear, type LinearModel } from '../../src/calc/regression.ts';
import { autocorrelation, fitFigures, independentRows } from '../../src/calc/residuals.ts';
import { modelled } from '../../src/calc/model-validity.ts';
import { rootText } from '../../src/calc/root.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { countedRows, relativeBandSquared } from '../../src/calc/savings-band.ts';
import { checkSufficiency, type SufficiencyFault } from '../../src/calc/sufficiency.ts';
import { toCommon } from '../../src/calc/regression.ts';
import { createDifferences, exactOf } from '../support/differences.ts';
import { checkOracle } from '../support/oracle-rows.ts';
import { hasShared, sharedJson } from '../support/shared.ts';
import { energyOfYear, predictorOfYear, type VerifiModel } from '../support/verifi.ts';

const root = (square: Rational): string => rootText(square, 20);
const whole = (n: number): Rational => ratio(BigInt(n), 1n);
/** The figure of an oracle at the digits that leave the island. */
const twelve = (printed: number): string => roundSignificant(exactOf(printed), 12);
const square = (value: Rational): Rational => multiplyRatio(value, value);

describe.skipIf(!hasShared)('tails and quantiles', () => {
  test('of SciPy: t, and p of t and F, to the last of 12 digits', () => {
    const oracle = sharedJson<
      {
        readonly [K in 't_two_sided_90' | 't_two_sided_95' | 't_two_sided_68']: readonly {
          readonly df: number;
          readonly t: number;
        }[];
      } & {
        readonly p_two_sided: readonly { readonly t: number; readonly df: number; readonly p: number }[];
        readonly F_sf: readonly { readonly F: number; readonly d1: number; readonly d2: number; readonly p: number }[];
      }
    >('oracles/stats/t_f_quantiles.json');
    const differences = createDifferences();
    for (const [key, confidence] of [
      ['t_two_sided_90', '0.90'],
      ['t_two_sided_95', '0.95'],
      ['t_two_sided_68', '0.68'],
    ] as const) {
      for (const { df, t } of oracle[key]) {
        const found = tQuantile(ratioOfText(confidence), df);
        expect(roundSignificant(found, 12)).toBe(twelve(t));
        differences.relative(found, t);
      }
    }
    for (const { t, df, p } of oracle.p_two_sided) {
      const found = tProbability(square(exactOf(t)), df);
      expect(roundSignificant(found, 12)).toBe(twelve(p));
      differences.relative(found, p);
    }
    for (const { F, d1, d2, p } of oracle.F_sf) {
      const found = fProbability(exactOf(F), d1, d2);
      expect(roundSignificant(found, 12)).toBe(twelve(p));
      differences.relative(found, p);
    }
    // half a unit of the twelfth digit
    checkOracle('t-f-quantiles', differences, '5e-12');
  });

  test('of SEP: the critical F of twelve months', () => {
    const { n, alpha, cases } = sharedJson<{
      readonly n: number;
      readonly alpha: number;
      readonly cases: readonly {
        readonly dfModel: number;
        readonly dfResid: number;
        readonly published: number;
        readonly value: number;
      }[];
    }>('oracles/stats/sep_f_critical.json');
    const differences = createDifferences();
    for (const { dfModel, dfResid, published, value } of cases) {
      expect(dfResid).toBe(n - dfModel - 1);
      const found = fQuantile(exactOf(alpha), dfModel, dfResid);
      expect(roundSignificant(found, 12)).toBe(twelve(value));
      const places = String(published).split('.')[1]!.length;
      expect(Number(roundPlaces(found, places))).toBe(published);
      differences.relative(found, value);
    }
    checkOracle('sep-f-critical', differences, '5e-12');
  });
});

describe.skipIf(!hasShared)('figures of a fit', () => {
  interface Tiny {
    readonly observed: readonly number[];
    readonly predicted: readonly number[];
    readonly p: number;
    readonly full?: Readonly<Record<string, number | null>>;
    readonly expected?: Readonly<Record<string, number | null | string>>;
  }
  const oracle = hasShared
    ? sharedJson<{ readonly cases: readonly Tiny[] }>('oracles/caltrack/eemeter_metrics_tiny.json')
    : { cases: [] };

  test('of OpenEEmeter, worked by hand', () => {
    const differences = createDifferences();
    for (const { observed, predicted, p, full } of oracle.cases) {
      if (full === undefined) continue;
      const said = (key: string): number => full[key]!;
      const y = observed.map(whole);
      const model = predicted.map(exactOf);
      const found = fitFigures(y, model);
      const n = whole(found.rows);
      if (full['r2_corr2'] === null) expect(found.correlationSquared).toBeNull();
      else {
        differences.relative(found.correlationSquared!, said('r2_corr2'));
        const left = subtractRatio(ONE, found.correlationSquared!);
        const scale = ratio(BigInt(found.rows - 1), BigInt(found.rows - p - 1));
        differences.relative(subtractRatio(ONE, multiplyRatio(left, scale)), said('adjR2'));
      }
      differences.relative(found.mean, said('mean'));
      differences.relative(root(divideRatio(found.residualSquares, n)), said('rmse'));
      differences.relative(root(found.cvSquared!), said('cvrmse'));
      differences.relative(found.bias!, said('nmbe'));
      differences.relative(found.absoluteError!, said('nmae'));
      const adjusted = multiplyRatio(found.cvSquared!, ratio(BigInt(found.rows), BigInt(found.rows - p)));
      differences.relative(root(adjusted), said('cvrmse_adj'));
      const residuals = toCommon(model.map((value, i) => subtractRatio(value, y[i]!)));
      const rho = autocorrelation(residuals);
      differences.relative(rho, said('rho'));
      const independent = independentRows(found.rows, rho)!;
      differences.relative(independent, said('nprime'));
      const t = tQuantile(ratioOfText('0.90'), Number(roundPlaces(subtractRatio(independent, whole(p)), 0)));
      differences.relative(t, said('t'));
      const correction = divideRatio(subtractRatio(n, whole(p)), subtractRatio(independent, whole(p)));
      differences.relative(root(correction), said('corr'));
      const approximation = addRatio(ONE, divideRatio(whole(2), independent));
      differences.relative(root(approximation), said('approx'));
      const base = multiplyRatio(multiplyRatio(square(t), adjusted), multiplyRatio(correction, approximation));
      differences.relative(root(base), said('fsu_base_term'));
    }
    const last = oracle.cases.at(-1)!;
    const found = fitFigures(last.observed.map(whole), last.predicted.map(whole));
    differences.relative(root(found.cvSquared!), last.expected!['CVRMSE']!);
    differences.relative(found.bias!, last.expected!['NMBE']!);
    differences.relative(found.absoluteError!, last.expected!['NMAE']!);
    differences.relative(found.residualSquares, last.expected!['SSE']!);
    // rho is rounded to 12 digits before it enters n'
    checkOracle('eemeter-metrics', differences, '5e-12');
  });
});

describe.skipIf(!hasShared)('fractional savings uncertainty', () => {
  test('of the formula as CalTRACK prints it', () => {
    const { cases } = sharedJson<{
      readonly cases: readonly {
        readonly kind: 'billing' | 'daily';
        readonly n: number;
        readonly rho: number;
        readonly q: number;
        readonly M: number;
        readonly cvrmse: number;
        readonly savingFraction: number;
        readonly t: number;
        readonly nprime: number;
        readonly fsu: number;
      }[];
    }>('oracles/stats/fsu_formula_cases.json');
    const differences = createDifferences();
    for (const one of cases) {
      const independent = independentRows(one.n, exactOf(one.rho))!;
      differences.relative(independent, one.nprime);
      const band = relativeBandSquared({
        rowLength: one.kind === 'daily' ? 'day' : 'month',
        rows: one.n,
        independent,
        reportingRows: one.q,
        cvSquared: square(exactOf(one.cvrmse)),
        t: exactOf(one.t),
      });
      differences.relative(root(divideRatio(band, square(exactOf(one.savingFraction)))), one.fsu);
    }
    checkOracle('fsu-formula', differences, '1e-12');
  });

  test('of the models of VERIFI at 90 %, with n and with the published n prime', () => {
    const differences = createDifferences();
    for (const model of sharedJson<readonly VerifiModel[]>('oracles/verifi/regression_oracles.json')) {
      const columns = model.predictors.map(({ name }) => ({
        name,
        values: predictorOfYear(model, name, model.modelYear),
      }));
      const fit = fitLinear(energyOfYear(model, model.modelYear), columns);
      const expected = model.derived_fsu_90;
      const cvSquared = divideRatio(fit.sigmaSquared, square(fit.mean));
      differences.relative(root(cvSquared), expected['cvrmse']!);
      const rho = autocorrelation(fit.residuals);
      differences.relative(rho, expected['rho']!);
      const t = tQuantile(ratioOfText('0.90'), fit.degrees);
      const saving = exactOf(model.derived_by_formula_not_published['savingsFraction']!);
      const band = (independent: Rational) =>
        relativeBandSquared({ rowLength: 'month', rows: 12, independent, reportingRows: 12, cvSquared, t });
      const uncertainty = (independent: Rational) => root(divideRatio(band(independent), square(saving)));
      differences.relative(uncertainty(whole(12)), expected['fsu_nprime_eq_n']!);
      differences.relative(uncertainty(independentRows(12, rho)!), expected['fsu_with_rho']!);
      const counted = countedRows(12, independentRows(12, rho));
      expect(compareRatio(counted, whole(12))).toBe(rho.n < 0n ? 0 : -1);
    }
    checkOracle('verifi-fsu', differences, '1e-11');
  });
});

interface Day {
  readonly kWh: number;
  readonly meanTempF: number;
}

interface DailyModel {
  readonly n: number;
  readonly hbp: number;
  readonly cbp: number;
  readonly intercept: number;
  readonly beta_hdd: number;
  readonly beta_cdd: number;
  readonly adjR2: number;
  readonly R2: number;
  readonly mean: number;
  readonly sum: number;
  readonly rmse_adj: number;
  readonly rho: number;
}

describe.skipIf(!hasShared)('daily models of OpenEEmeter', () => {
  const oracle = hasShared
    ? sharedJson<{
        readonly baseline: readonly Day[];
        readonly reporting: readonly Day[];
        readonly baselineModel: DailyModel;
        readonly reportingModel: DailyModel;
        readonly expected_published_2dp: Readonly<Record<string, number>>;
        readonly reproduced: Readonly<Record<string, number>>;
      }>('oracles/caltrack/eemeter_2_10_daily_fsu.json')
    : undefined;
  const above = (a: Rational, b: Rational): Rational => (compareRatio(a, b) > 0 ? subtractRatio(a, b) : ZERO);
  const degreeDays = (temperatures: readonly Rational[], { hbp, cbp }: DailyModel): readonly Column[] => [
    { name: 'heating', values: temperatures.map((value) => above(whole(hbp), value)) },
    { name: 'cooling', values: temperatures.map((value) => above(value, whole(cbp))) },
  ];
  const fitOf = (days: readonly Day[], said: DailyModel): LinearModel =>
    fitLinear(
      days.map(({ kWh }) => exactOf(kWh)),
      degreeDays(
        days.map(({ meanTempF }) => exactOf(meanTempF)),
        said,
      ),
    );
  const temperatures = Array.from({ length: 59 }, (_, i) => whole(30 + i));
  const sumsOf = (said: DailyModel) => degreeDays(temperatures, said).map(({ values }) => sumRatios(values));
  /** eemeter counts slopes alone: n - 2 for heating and cooling. */
  const slopesAlone = (fit: LinearModel): Rational =>
    divideRatio(fit.residualSquares, whole(fit.rows - fit.terms.length + 1));
  const bandOf = (fit: LinearModel, energy: Rational): Rational => {
    const relative = relativeBandSquared({
      rowLength: 'day',
      rows: fit.rows,
      independent: independentRows(fit.rows, autocorrelation(fit.residuals))!,
      reportingRows: 59,
      cvSquared: divideRatio(slopesAlone(fit), square(fit.mean)),
      t: tQuantile(ratioOfText('0.90'), fit.rows - fit.terms.length + 1),
    });
    return multiplyRatio(relative, square(energy));
  };
  const pairs = () => [
    { fit: fitOf(oracle!.baseline, oracle!.baselineModel), said: oracle!.baselineModel },
    { fit: fitOf(oracle!.reporting, oracle!.reportingModel), said: oracle!.reportingModel },
  ];

  test('have the figures of the library', () => {
    const differences = createDifferences();
    for (const { fit, said } of pairs()) {
      expect(fit.rows).toBe(said.n);
      for (const [j, printed] of [said.intercept, said.beta_hdd, said.beta_cdd].entries())
        differences.relative(fit.terms[j]!.coefficient, printed);
      differences.relative(fit.r2!, said.R2);
      differences.relative(fit.adjustedR2!, said.adjR2);
      differences.relative(fit.mean, said.mean);
      differences.relative(root(slopesAlone(fit)), said.rmse_adj);
    }
    checkOracle('eemeter-models', differences, '1e-12');
  });

  test('have its autocorrelation', () => {
    const differences = createDifferences();
    for (const { fit, said } of pairs()) differences.relative(autocorrelation(fit.residuals), said.rho);
    // printed of residuals in binary floating point, where what is added up mostly cancels
    checkOracle('eemeter-autocorrelation', differences, '1e-10');
  });

  test('have its savings and bands to the printed digits, n prime as published', () => {
    const [before, after] = pairs();
    const baseline = modelled(before!.fit, 59, sumsOf(before!.said));
    const reporting = modelled(after!.fit, 59, sumsOf(after!.said));
    // the library relates a band to the energy of the model's own rows
    const own = (fit: LinearModel): Rational => multiplyRatio(fit.mean, whole(fit.rows));
    const bands = [bandOf(before!.fit, own(before!.fit)), bandOf(after!.fit, own(after!.fit))] as const;
    const found: Readonly<Record<string, Rational>> = {
      meteredSavings: subtractRatio(baseline, whole(59)),
      modeledSavings: subtractRatio(baseline, reporting),
      FSUBand_baseline: ratioOfText(root(bands[0])),
      FSUBand_reporting: ratioOfText(root(bands[1])),
      FSUBand_combined: ratioOfText(root(addRatio(...bands))),
    };
    const differences = createDifferences();
    for (const [key, value] of Object.entries(found)) {
      expect(`${key} ${roundPlaces(value, 2)}`).toBe(`${key} ${oracle!.expected_published_2dp[key]}`);
      differences.relative(value, oracle!.reproduced[key]!);
    }
    checkOracle('eemeter-bands', differences, '1e-11');
  });
});

describe.skipIf(!hasShared)('data sufficiency of CalTRACK', () => {
  interface Case {
    readonly id: string;
    readonly start?: string;
    readonly meter: readonly (number | null)[];
    readonly tempPresent?: readonly number[];
    readonly tempNull?: readonly number[];
    readonly requestedStart?: string | null;
    readonly requestedEnd?: string | null;
    readonly num_days?: number;
    readonly status: string;
    readonly warnings?: readonly (string | readonly [string, Readonly<Record<string, number | string>>])[];
    readonly nWarnings?: number;
    readonly n_extreme_values?: number;
  }
  const oracle = hasShared
    ? sharedJson<{
        readonly cases: readonly Case[];
        readonly opendsmBounds: readonly { readonly days: number; readonly disqualified: boolean }[];
      }>('oracles/caltrack/sufficiency_cases.json')
    : { cases: [], opendsmBounds: [] };
  const DAY = 86_400;
  const timeOf = (date: string | null | undefined): number | undefined =>
    date === null || date === undefined ? undefined : Date.parse(`${date}T00:00:00Z`) / 1000;
  const NAMES: Readonly<Record<SufficiencyFault, string>> = {
    'no-data': 'no_data',
    'before-start': 'extra_data_before_requested_start_date',
    'after-end': 'extra_data_after_requested_end_date',
    'negative-values': 'negative_meter_values',
    length: 'incorrect_number_of_total_days',
    'missing-data': 'too_many_days_with_missing_data',
    'missing-energy': 'too_many_days_with_missing_meter_data',
    'missing-variables': 'too_many_days_with_missing_temperature_data',
    'extreme-values': 'extreme_values_detected',
  };

  const judge = (one: Case) => {
    const start = timeOf(one.start ?? '2016-01-02')!;
    // the last value marks the end of the one before it
    const rows = one.meter.slice(0, -1).map((value, i) => {
      const present = one.tempPresent?.[i] ?? 1;
      return {
        start: start + i * DAY,
        end: start + (i + 1) * DAY,
        energy: value === null ? null : whole(value),
        variables: ratio(BigInt(present), BigInt(present + (one.tempNull?.[i] ?? 0))),
      };
    });
    const asked = { start: timeOf(one.requestedStart), end: timeOf(one.requestedEnd) };
    return checkSufficiency(
      rows,
      {
        ...(asked.start === undefined ? {} : { start: asked.start }),
        ...(asked.end === undefined ? {} : { end: asked.end }),
      },
      {
        least: (one.num_days ?? 0) * DAY,
        most: (one.num_days ?? 0) * DAY,
        share: ratioOfText('0.9'),
        variableShare: ratioOfText('0.9'),
      },
    );
  };

  test.each(oracle.cases.map((one) => [one.id, one] as const))('%s', (_, one) => {
    const found = judge(one);
    if (one.status === 'NO DATA' || one.meter.length === 1) {
      // one value alone is the end mark of nothing
      expect(found).toMatchObject({ suffices: false, faults: ['no-data'] });
      return;
    }
    expect(found.suffices).toBe(one.status === 'PASS');
    const warnings = one.warnings ?? [];
    expect(found.faults.map((fault) => NAMES[fault]).toSorted()).toEqual(
      warnings.map((warning) => (typeof warning === 'string' ? warning : warning[0])).toSorted(),
    );
    const numbers: Readonly<Record<string, number>> = {
      n_days_total: found.total / DAY,
      n_valid_days: found.valid / DAY,
      n_valid_meter_data_days: found.withEnergy / DAY,
      n_valid_temperature_data_days: found.withVariables / DAY,
      n_negative_meter_values: found.negative,
      num_days: one.num_days ?? 0,
    };
    for (const warning of warnings) {
      if (typeof warning === 'string') continue;
      for (const [key, value] of Object.entries(warning[1])) {
        if (typeof value === 'number') expect(`${key} ${numbers[key]}`).toBe(`${key} ${value}`);
      }
    }
    if (one.n_extreme_values !== undefined) expect(found.extreme).toBe(one.n_extreme_values);
  });

  test.each(oracle.opendsmBounds.map(({ days, disqualified }) => [days, disqualified] as const))(
    '%i days of a year, disqualified: %s',
    (days, disqualified) => {
      const rows = Array.from({ length: days }, (_, i) => ({
        start: i * DAY,
        end: (i + 1) * DAY,
        energy: ONE,
        variables: ONE,
      }));
      const rules = { least: 0.9 * 365 * DAY, most: 366 * DAY, share: ratioOfText('0.9'), variableShare: ONE };
      expect(checkSufficiency(rows, {}, rules).suffices).toBe(!disqualified);
    },
  );
});
