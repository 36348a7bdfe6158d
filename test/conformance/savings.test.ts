import { describe, expect, it } from 'vitest';
import { sharesByKey, allocate } from '../../src/calc/allocate.ts';
import type { Claim } from '../../src/calc/allocate.ts';
import { benchmark, median, medianAbsoluteDeviation } from '../../src/calc/benchmark.ts';
import { factorFor, usedFromStock } from '../../src/calc/carrier.ts';
import { comparableValue } from '../../src/calc/comparable-price.ts';
import type { AllocationKey } from '../../src/calc/evaluation-input.ts';
import { periodFigures } from '../../src/calc/intensity.ts';
import { gradeOf } from '../../src/calc/norm-limit.ts';
import {
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  ONE,
  ratio,
  ratioOfText,
  ratioToText,
  subtractRatio,
  ZERO,
} from '../../src/calc/ratio.ts';
import type { Rational } from '../../src/calc/ratio.ts';
import { reconcileUpstream } from '../../src/calc/reconcile.ts';
import { roundPlaces, roundSignificant } from '../../src/calc/rounding.ts';
import { compareFigures, isSaved, mixWeighted, productMixEffect, savingOf, savingRate } from '../../src/calc/saving.ts';
import { convertUnit } from '../../src/calc/unit.ts';
import { hasShared, sharedJson } from '../support/shared.ts';

const HUNDRED = ratio(100n, 1n);
const percent = (value: Rational): Rational => multiplyRatio(value, HUNDRED);
const negated = (value: Rational): Rational => ({ n: -value.n, d: value.d });
/** The oracle printed a binary double: exact value of its shortest text, compared to 12 significant digits. */
const twelve = (value: Rational | number): string =>
  roundSignificant(typeof value === 'number' ? ratioOfText(String(value)) : value, 12);

describe.skipIf(!hasShared)('two products by the formulas of GB/T 13234', () => {
  interface Oracle {
    readonly products: readonly {
      product: string;
      e_base_kgce_per_t: string;
      M_base: string;
      e_rep: string;
      M_rep: string;
    }[];
    readonly expected: Readonly<Record<string, string>> & {
      delta_per_product: Readonly<Record<string, string>>;
      mix_weighted_rate_percent: number;
      naive_change_percent: number;
    };
  }
  const oracle = hasShared
    ? sharedJson<Oracle>('oracles/savings/constructed_gbt13234.json')
    : { products: [], expected: {} as Oracle['expected'] };
  const parts = oracle.products.map((one) => {
    const figures = (e: string, m: string) =>
      periodFigures(multiplyRatio(ratioOfText(e), ratioOfText(m)), ratioOfText(m));
    return { baseline: figures(one.e_base_kgce_per_t, one.M_base), reporting: figures(one.e_rep, one.M_rep) };
  });

  it('saves in each product, the sign of the standard reversed', () => {
    for (const [index, { product }] of oracle.products.entries()) {
      const saving = savingOf(parts[index]!.baseline, parts[index]!.reporting, 'reporting')!;
      expect(ratioToText(negated(saving))).toBe(oracle.expected.delta_per_product[product]);
      expect(compareFigures(parts[index]!.baseline, parts[index]!.reporting, ZERO, 'reporting').saved).toBe(true);
    }
  });

  it('weighs the mix, and shows the reversal of the plain total', () => {
    const mix = mixWeighted(parts, ZERO, 'reporting');
    expect(ratioToText(mix.saving)).toBe(oracle.expected['total_saving_positive']);
    expect(ratioToText(negated(mix.saving))).toBe(oracle.expected['total_GBT_sign']);
    expect(ratioToText(mix.referenceEnergy)).toBe(oracle.expected['reference_energy']);
    expect(ratioToText(mix.actualEnergy)).toBe(oracle.expected['actual_energy']);
    expect(twelve(percent(mix.rate!))).toBe(twelve(oracle.expected.mix_weighted_rate_percent).replace('-', ''));
    expect(mix.saved).toBe(true);
    const effect = productMixEffect(parts, 't')!;
    expect(ratioToText(effect.effect)).toBe(oracle.expected['product_mix_effect']);
    expect(ratioToText(effect.totalChange)).toBe('37000');
    expect(roundSignificant(effect.totalIntensityBaseline, 28)).toBe(oracle.expected['naive_total_intensity_base']);
    expect(roundSignificant(effect.totalIntensityReporting, 28)).toBe(oracle.expected['naive_total_intensity_rep']);
    const plain = savingRate(effect.totalIntensityBaseline, effect.totalIntensityReporting)!;
    expect(twelve(percent(negated(plain)))).toBe(twelve(oracle.expected.naive_change_percent));
    expect(isSaved(effect.totalIntensityBaseline, effect.totalIntensityReporting, ZERO)).toBe(false);
  });
});

describe.skipIf(!hasShared)('comparable prices', () => {
  interface Oracle {
    readonly energy_base_tce: string;
    readonly value_base: string;
    readonly energy_rep_tce: string;
    readonly value_rep_current: string;
    readonly price_index_rep_vs_base: string;
    readonly expected: Readonly<Record<string, string>> & {
      rate_current_percent: number;
      rate_comparable_percent: number;
    };
  }

  it('removes inflation from the saving', () => {
    const oracle = sharedJson<Oracle>('oracles/savings/constructed_comparable_price.json');
    const current = ratioOfText(oracle.value_rep_current);
    const comparable = comparableValue(current, ratioOfText(oracle.price_index_rep_vs_base), ONE)!;
    expect(ratioToText(comparable)).toBe(oracle.expected['exact']);
    expect(roundSignificant(comparable, 28)).toBe(oracle.expected['value_rep_comparable']);
    const baseline = periodFigures(ratioOfText(oracle.energy_base_tce), ratioOfText(oracle.value_base));
    const energy = ratioOfText(oracle.energy_rep_tce);
    expect(compareRatio(baseline.intensity!, ratioOfText(oracle.expected['e_base']!))).toBe(0);
    const rate = (output: Rational) => {
      const { reporting, rate: found } = compareFigures(baseline, periodFigures(energy, output), ZERO, 'reporting');
      return { intensity: reporting.intensity!, rate: roundPlaces(percent(negated(found!)), 2) };
    };
    expect(compareRatio(rate(current).intensity, ratioOfText(oracle.expected['e_rep_current']!))).toBe(0);
    expect(compareRatio(rate(comparable).intensity, ratioOfText(oracle.expected['e_rep_comparable']!))).toBe(0);
    expect(rate(current).rate).toBe(roundPlaces(ratioOfText(String(oracle.expected.rate_current_percent)), 2));
    expect(rate(comparable).rate).toBe(roundPlaces(ratioOfText(String(oracle.expected.rate_comparable_percent)), 2));
  });

  it('has no value without an index', () => {
    expect(comparableValue(ratioOfText('6000'), undefined, ONE)).toBeNull();
    expect(() => comparableValue(ratioOfText('6000'), ZERO, ONE)).toThrow(/not positive/);
  });
});

describe.skipIf(!hasShared)('allocation of shared energy', () => {
  interface Oracle {
    readonly direct_kgce: Readonly<Record<string, string>>;
    readonly shared_kgce: string;
    readonly outputs: Readonly<Record<string, { t: string; equivalentFactor: string; value: string }>>;
    readonly expected: Readonly<Record<string, Readonly<Record<string, string>>>>;
  }

  it.each([
    ['direct_energy', 'byDirectEnergy'],
    ['output_equivalent', 'byEquivalentOutput'],
    ['heat_content', 'byMass'],
    ['comparable_value', 'byValue'],
  ] as const)('by %s', (key: AllocationKey, expectation) => {
    const oracle = sharedJson<Oracle>('oracles/savings/constructed_allocation.json');
    const claims: Claim[] = Object.entries(oracle.outputs).map(([product, output]) => {
      const quantity = ratioOfText(key === 'comparable_value' ? output.value : output.t);
      const weight = key === 'output_equivalent' ? ratioOfText(output.equivalentFactor) : ONE;
      return { product, directEnergy: ratioOfText(oracle.direct_kgce[product]!), quantity, weight };
    });
    const shared = ratioOfText(oracle.shared_kgce);
    const parts = allocate(shared, sharesByKey(key, claims)!);
    const expected = oracle.expected[expectation]!;
    for (const product of ['A', 'B']) {
      const part = parts.get(product)!;
      if (expected[`${product}_exact`] !== undefined) expect(ratioToText(part)).toBe(expected[`${product}_exact`]);
      const printed = expected[product]!;
      expect(roundSignificant(part, 28)).toBe(roundSignificant(ratioOfText(printed), 28));
    }
    expect(compareRatio([...parts.values()].reduce(addRatio), shared)).toBe(0);
  });
});

describe.skipIf(!hasShared)('published examples', () => {
  interface Case {
    readonly id: string;
    readonly baseline: Readonly<Record<string, string>>;
    readonly report: Readonly<Record<string, string>>;
    readonly input: Readonly<Record<string, string>>;
    readonly expected: Readonly<Record<string, string>>;
  }
  const find = (id: string): Case =>
    sharedJson<{ cases: Case[] }>('oracles/savings/published_examples.json').cases.find((one) => one.id === id)!;

  it('output value: 1560 tce saved', () => {
    const { baseline, report, expected } = find('dawenbaishu-output-value');
    const before = periodFigures(ratioOfText(baseline['energy_tce']!), ratioOfText(baseline['output_10k_yuan']!));
    const after = periodFigures(ratioOfText(report['energy_tce']!), ratioOfText(report['output_10k_yuan']!));
    expect(roundPlaces(before.intensity!, 2)).toBe(expected['baseline_intensity']);
    expect(roundPlaces(after.intensity!, 2)).toBe(expected['report_intensity']);
    const saving = savingOf(before, after, 'reporting')!;
    expect(ratioToText(saving)).toBe(expected['savings_tce_positive_is_saving']);
    expect(ratioToText(negated(saving))).toBe(expected['GBT13234_2009_sign']);
  });

  it('specific energy: PEP +5.66 %, and -3.6 % although total energy fell', () => {
    const rise = find('bee-pep-paper');
    const before = ratioOfText(rise.baseline['sec_GJ_per_t']!);
    const after = ratioOfText(rise.report['sec_GJ_per_t']!);
    const rate = percent(savingRate(before, after)!);
    expect(ratioToText(rate)).toBe(rise.expected['PEP_exact']);
    expect(roundPlaces(rate, 2)).toBe(rise.expected['PEP_percent_2dp']);
    const output = ratioOfText(rise.report['output_t']!);
    const figures = (e: Rational) => periodFigures(multiplyRatio(e, output), output);
    expect(ratioToText(savingOf(figures(before), figures(after), 'reporting')!)).toBe(
      rise.expected['savings_at_report_output_GJ'],
    );

    const fall = find('bee-pep-negative');
    const was = periodFigures(ratioOfText(fall.baseline['energy_MWh']!), ratioOfText(fall.baseline['output_t']!));
    const is = periodFigures(ratioOfText(fall.report['energy_MWh']!), ratioOfText(fall.report['output_t']!));
    const comparison = compareFigures(was, is, ZERO, 'reporting');
    expect(roundPlaces(was.intensity!, 3)).toBe(fall.expected['baseline_sec']);
    expect(roundPlaces(is.intensity!, 3)).toBe(fall.expected['report_sec_3dp']);
    expect(roundPlaces(percent(comparison.rate!), 1)).toBe(fall.expected['PEP_percent_1dp']);
    expect(roundPlaces(comparison.saving!, 0)).toBe(fall.expected['savings_MWh']);
    expect(comparison.saved).toBe(false);
    expect(compareRatio(is.energy, was.energy)).toBe(-1);
  });

  it('carrier: 125 t of coal at 4000 kcal/kg are 50 toe', () => {
    const { input, expected } = find('bee-toe');
    const measured = { value: ratioOfText(input['GCV_kcal_per_kg']!), unit: 'kcal/kg' };
    const { factor } = factorFor({ carrier: 'coal', unit: 't', verdictUnit: 'toe', measured });
    expect(ratioToText(multiplyRatio(ratioOfText(input['coal_t']!), factor))).toBe(expected['toe']);
    expect(ratioToText(convertUnit('toe', 'kWh'))).toBe('11630');
    expect(ratioToText(convertUnit('toe', 'MJ'))).toBe('41868');
  });
});

describe.skipIf(!hasShared)('audits', () => {
  const RULES = { robustFrom: 5, query: ratioOfText('2'), action: ratioOfText('3'), band: ratioOfText('0.30') };

  it('peers: median, MAD and robust z', () => {
    interface Case {
      readonly peers: readonly number[];
      readonly median: string;
      readonly MAD: string;
      readonly applicants?: readonly { x: number; robust_z: number; mean_sd_z: number }[];
    }
    const { cases } = sharedJson<{ cases: Case[] }>('oracles/peer/robust_peer_cases.json');
    let judged = 0;
    for (const one of cases) {
      const peers = one.peers.map((value) => ratioOfText(String(value)));
      expect(ratioToText(median(peers))).toBe(one.median);
      expect(ratioToText(medianAbsoluteDeviation(peers))).toBe(one.MAD);
      for (const { x, robust_z: z } of one.applicants ?? []) {
        const found = benchmark(ratioOfText(String(x)), peers, RULES);
        expect(found.method).toBe('robust_z');
        expect(roundSignificant(found.z!, 15)).toBe(roundSignificant(ratioOfText(String(z)), 15));
        const size = Math.abs(z);
        expect(found.proposal).toBe(['pass', 'query', 'action'][Number(size > 2) + Number(size > 3)]);
        judged += 1;
      }
    }
    expect(judged).toBe(6);
    // Mean and deviation call the outlier behind a contaminated peer normal; the robust z acts.
    expect(
      benchmark(
        ratioOfText('110'),
        cases[2]!.peers.map((value) => ratioOfText(String(value))),
        RULES,
      ).proposal,
    ).toBe('action');
  });

  it('suppliers: flat tolerance and En in squares', () => {
    interface Oracle {
      readonly cases: readonly (Readonly<Record<string, string>> & { En: number; 'within_tol_0.02': boolean })[];
      readonly balance: Readonly<Record<string, string>>;
    }
    const { cases, balance } = sharedJson<Oracle>('oracles/peer/supply_reconciliation.json');
    for (const one of cases) {
      const found = reconcileUpstream({
        reported: ratioOfText(one['reported']!),
        delivered: ratioOfText(one['supplier_delivered']!),
        loss: ZERO,
        tolerance: ratioOfText('0.02'),
        accuracies: { reported: ratioOfText(one['U_rel_reporter']!), expected: ratioOfText(one['U_rel_supplier']!) },
      });
      expect(ratioToText(found.difference)).toBe(one['diff']);
      expect(found.withinTolerance).toBe(one['within_tol_0.02']);
      expect(found.withinUncertainty).toBe(one.En <= 1);
      expect(
        compareRatio(ratioOfText(found.en!), subtractRatio(ratioOfText(String(one.En)), ratioOfText('0.00000000001'))),
      ).toBeGreaterThanOrEqual(0);
      expect(
        compareRatio(ratioOfText(found.en!), addRatio(ratioOfText(String(one.En)), ratioOfText('0.00000000001'))),
      ).toBeLessThanOrEqual(0);
    }
    const used = usedFromStock(
      ...(['purchased', 'opening_stock', 'closing_stock', 'sold'].map((name) => ratioOfText(balance[name]!)) as [
        Rational,
        Rational,
        Rational,
        Rational,
      ]),
    );
    expect(ratioToText(used)).toBe(balance['expected_consumed']);
  });
});

describe.skipIf(!hasShared)('norm limits and factor table', () => {
  interface Golden {
    readonly limits_kWh_per_t: Readonly<Record<string, readonly string[]>>;
    readonly cases: readonly {
      coal: string;
      E_d_kWh: string;
      m_t: string;
      k: string;
      expected_e_d: string;
      expected_grade: number | 'NOT_QUALIFIED';
    }[];
  }

  it('GB 29446: all grades by full values, the rounding trap included', () => {
    const golden = sharedJson<Golden>('oracles/gb/gb29446_2019_golden.json');
    expect(golden.cases.length).toBe(25);
    for (const one of golden.cases) {
      const used = multiplyRatio(ratioOfText(one.E_d_kWh), ratioOfText(one.k));
      const intensity = divideRatio(used, ratioOfText(one.m_t));
      expect(roundSignificant(intensity, 28)).toBe(roundSignificant(ratioOfText(one.expected_e_d), 28));
      const grade = gradeOf(intensity, golden.limits_kWh_per_t[one.coal]!.map(ratioOfText));
      expect(grade === 0 ? 'NOT_QUALIFIED' : grade).toBe(one.expected_grade);
    }
    const limits = golden.limits_kWh_per_t['炼焦煤']!.map(ratioOfText);
    for (const close of ['5.0000004', '5.0000005']) {
      expect(roundPlaces(ratioOfText(close), 2)).toBe('5.00');
      expect(gradeOf(ratioOfText(close), limits)).toBe(2);
    }
  });

  it('GB 21256: a converter gives energy off, and a grade may be undefined', () => {
    const norms = sharedJson<{ 'GB 21256-2025': { converter: string[]; eaf: Record<string, (string | null)[]> } }>(
      'oracles/gb/norm_limits_examples.json',
    )['GB 21256-2025'];
    const converter = norms.converter.map(ratioOfText);
    expect(['-31', '-30', '-29', '-12', '-11.999'].map((e) => gradeOf(ratioOfText(e), converter))).toEqual([
      1, 1, 2, 3, 0,
    ]);
    const furnace = norms.eaf['<50t']!.map((limit) => (limit === null ? null : ratioOfText(limit)));
    expect(['61', '62', '86', '87'].map((e) => gradeOf(ratioOfText(e), furnace))).toEqual([1, 3, 3, 0]);
  });

  it('GB/T 2589: every single-valued row is used as printed, every range refused until chosen', () => {
    interface Carrier {
      readonly key: string;
      readonly ncv: string | readonly [string, string];
      readonly ncvUnit: string;
      readonly factor: string | readonly [string, string];
      readonly factorUnit: string;
    }
    const { carriers } = sharedJson<{ carriers: Carrier[] }>('oracles/gb/gbt2589_2020_factors.json');
    const value = (printed: string | readonly [string, string]) =>
      typeof printed === 'string'
        ? ratioOfText(printed)
        : { least: ratioOfText(printed[0]), most: ratioOfText(printed[1]) };
    for (const one of carriers) {
      const row = {
        key: one.key,
        factor: value(one.factor),
        factorUnit: one.factorUnit,
        ncv: value(one.ncv),
        ncvUnit: one.ncvUnit,
      };
      const unit = one.factorUnit.split('/')[1]!;
      const question = { carrier: one.key, unit, verdictUnit: 'kgce', row };
      if (typeof one.factor === 'string') {
        expect(compareRatio(factorFor(question).factor, ratioOfText(one.factor))).toBe(0);
        const heat = factorFor({ ...question, verdictUnit: 'kJ' }).factor;
        expect(compareRatio(heat, ratioOfText(one.ncv as string))).toBe(0);
        continue;
      }
      const [least, most] = one.factor;
      expect(() => factorFor(question)).toThrow(/range/);
      expect(() => factorFor({ ...question, chosen: addRatio(ratioOfText(most), ratio(1n, 10000n)) })).toThrow(
        /outside/,
      );
      for (const chosen of [least, most].map(ratioOfText))
        expect(compareRatio(factorFor({ ...question, chosen }).factor, chosen)).toBe(0);
    }
  });
});
