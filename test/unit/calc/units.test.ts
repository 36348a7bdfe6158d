import { describe, expect, it } from 'vitest';
import { factorFor, usedFromStock, weightedCalorificValue } from '../../../src/calc/carrier.ts';
import { ratioOfText, ratioToText } from '../../../src/calc/ratio.ts';
import { convertUnit, dimensionOf, knownUnits, parseUnitQuotient } from '../../../src/calc/unit.ts';

const r = ratioOfText;

describe('units', () => {
  it.each([
    ['kWh', 'MJ', '18/5'],
    ['GJ', 'kWh', '2500/9'],
    ['mmBtu', 'GJ', '52752792631/50000000000'],
    ['tce', 'kgce', '1000'],
    ['klb', 't', '45359237/100000000'],
    ['kcal', 'kJ', '20934/5000'],
    ['亿元', '万元', '10000'],
    ['furlong', 'furlong', '1'],
  ])('one %s is so many %s: %s', (from, to, expected) =>
    expect(ratioToText(convertUnit(from, to))).toBe(ratioToText(r(expected))),
  );

  it.each([
    ['kgce', 'GJ'],
    ['MJ', 'tce'],
    ['m3', 'Nm3'],
    ['t', 'm3'],
    ['CNY', 'USD'],
    ['kWh', 't'],
  ])('refuses %s to %s', (from, to) => expect(() => convertUnit(from, to)).toThrow(/unlike kind/));

  it('names an unknown unit and one that differs by case only', () => {
    expect(() => dimensionOf('Kwh')).toThrow(expect.objectContaining({ hints: ["did you mean 'kWh'"] }));
    expect(() => convertUnit('t', 'stone')).toThrow(/unknown unit: 'stone'/);
    expect(knownUnits().length).toBe(new Set(knownUnits()).size);
    for (const text of ['kgce', '/t', 'a/b/c', 'kgce/']) expect(() => parseUnitQuotient(text)).toThrow(/unit per unit/);
  });
});

describe('carriers', () => {
  const electricity = { key: 'electricity_equivalent', factor: r('0.1229'), factorUnit: 'kgce/kWh' };
  const coal = { key: 'raw_coal', factor: r('0.7143'), factorUnit: 'kgce/kg', ncv: r('20934'), ncvUnit: 'kJ/kg' };
  const gas = { key: 'natural_gas', factor: { least: r('1.1000'), most: r('1.3300') }, factorUnit: 'kgce/m3' };

  it('uses the row in the metered unit and the verdict unit', () => {
    expect(
      factorFor({ carrier: 'power', unit: 'MWh', verdictUnit: 'tce', row: electricity, table: 'GB/T 2589-2020' }),
    ).toEqual({
      unit: 'MWh',
      factor: r('0.1229'),
      source: 'GB/T 2589-2020 row electricity_equivalent',
    });
    expect(ratioToText(factorFor({ carrier: 'coal', unit: 't', verdictUnit: 'kgce', row: coal }).factor)).toBe(
      '7143/10',
    );
    // In joules the row's calorific value, never its coal factor times 29307.6.
    expect(ratioToText(factorFor({ carrier: 'coal', unit: 't', verdictUnit: 'GJ', row: coal }).factor)).toBe(
      ratioToText(r('20.934')),
    );
    expect(ratioToText(factorFor({ carrier: 'power', unit: 'kWh', verdictUnit: 'MJ', row: electricity }).factor)).toBe(
      '18/5',
    );
  });

  it('prefers a measured calorific value and keeps the table beside it', () => {
    const measured = { value: r('5000'), unit: 'kcal/kg' };
    const found = factorFor({ carrier: 'coal', unit: 't', verdictUnit: 'kgce', row: coal, measured });
    expect(ratioToText(found.factor)).toBe(ratioToText(r('5000/7')));
    expect(found.measured).toBe(true);
    expect(ratioToText(found.tableFactor!)).toBe('7143/10');
    expect(
      factorFor({
        carrier: 'gas',
        unit: 'm3',
        verdictUnit: 'kgce',
        row: gas,
        measured: { value: r('36000'), unit: 'kJ/m3' },
      }).tableFactor,
    ).toBeUndefined();
  });

  it('refuses what is undecided or missing', () => {
    const question = { carrier: 'gas', unit: 'm3', verdictUnit: 'kgce', row: gas };
    expect(() => factorFor(question)).toThrow(/prints a range/);
    expect(() => factorFor({ ...question, chosen: r('1.34') })).toThrow(/outside/);
    expect(ratioToText(factorFor({ ...question, chosen: r('1.2143') }).factor)).toBe(ratioToText(r('1.2143')));
    expect(() => factorFor({ carrier: 'power', unit: 'kWh', verdictUnit: 'kgce' })).toThrow(/no factor/);
    expect(() => factorFor({ carrier: 'coal', unit: 'm3', verdictUnit: 'kgce', row: coal })).toThrow(/unlike kind/);
  });

  it('weights calorific values by quantity and balances a stock', () => {
    const lots = [
      { quantity: r('100'), value: r('5000') },
      { quantity: r('300'), value: r('6000') },
    ];
    expect(ratioToText(weightedCalorificValue(lots))).toBe('5750');
    expect(() => weightedCalorificValue([])).toThrow(/division by zero/);
    expect(ratioToText(usedFromStock(r('100'), r('20'), r('15'), r('5')))).toBe('100');
  });
});
