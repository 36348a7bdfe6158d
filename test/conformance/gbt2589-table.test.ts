import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareDecimal, parseDecimal } from '../../src/calc/decimal.ts';
import { parseSignedDocument } from '../../src/programme/signed-document.ts';
import { tableSchema } from '../../src/programme/table.ts';
import { hasShared, sharedJson } from '../support/shared.ts';

interface Carrier {
  readonly key: string;
  readonly factor: string | readonly string[];
  readonly factorUnit: string;
  readonly ncv: string | readonly string[];
  readonly ncvUnit: string;
}
interface Oracle {
  readonly carriers: readonly Carrier[];
  readonly media: readonly { readonly key: string; readonly factor: string; readonly factorUnit: string }[];
  readonly electricity: { readonly equivalent_当量值: { readonly factor: string; readonly unit: string } };
  readonly heat: { readonly factor: string; readonly unit: string };
}

describe.skipIf(!hasShared)('our table of GB/T 2589-2020 against an independent transcription', () => {
  const oracle = hasShared
    ? sharedJson<Oracle>('oracles/gb/gbt2589_2020_factors.json')
    : {
        carriers: [] as Carrier[],
        media: [] as Oracle['media'],
        electricity: { equivalent_当量值: { factor: '', unit: '' } },
        heat: { factor: '', unit: '' },
      };
  const { value: table } = parseSignedDocument(
    readFileSync(new URL('../../fixtures/tables/gbt2589-2020.yaml', import.meta.url)),
    'gbt2589-2020.yaml',
    tableSchema,
    'table',
  );
  const carriers = new Map(oracle.carriers.map((carrier) => [carrier.key, carrier]));
  const fuels = [...table.rows].filter(([key, row]) => !key.endsWith('_equivalent') && row.ncv_unit !== undefined);

  const expectSame = (
    ours:
      | { readonly least: ReturnType<typeof parseDecimal>; readonly most: ReturnType<typeof parseDecimal> }
      | undefined,
    theirs: string | readonly string[],
  ): void => {
    const [least, most] = typeof theirs === 'string' ? [theirs, theirs] : theirs;
    if (ours === undefined) throw new Error('no value');
    expect(compareDecimal(ours.least, parseDecimal(least ?? ''))).toBe(0);
    expect(compareDecimal(ours.most, parseDecimal(most ?? ''))).toBe(0);
  };

  test.each(fuels)('%s', (key, row) => {
    const carrier = carriers.get(key);
    if (carrier === undefined) throw new Error(`no carrier '${key}' in the transcription`);
    expectSame(row.factor === undefined ? row.factor_range : { least: row.factor, most: row.factor }, carrier.factor);
    expectSame(row.ncv === undefined ? row.ncv_range : { least: row.ncv, most: row.ncv }, carrier.ncv);
    expect(row.factor_unit).toBe(carrier.factorUnit);
    expect(row.ncv_unit).toBe(carrier.ncvUnit);
  });

  test('a range is printed as a range, never as one of its ends', () => {
    for (const { key, factor } of oracle.carriers) {
      const row = table.rows.get(key);
      if (row !== undefined) expect(row.factor_range !== undefined, key).toBe(typeof factor !== 'string');
    }
  });

  test('every carrier and medium has its row', () => {
    expect([...carriers.keys()].filter((key) => !table.rows.has(key))).toEqual([]);
    for (const { key, factor, factorUnit } of oracle.media) {
      const row = table.rows.get(key);
      expectSame(row?.factor === undefined ? undefined : { least: row.factor, most: row.factor }, factor);
      expect(row?.factor_unit, key).toBe(factorUnit);
    }
  });

  test('electricity and heat at their equivalent value', () => {
    const electricity = table.rows.get('electricity_equivalent');
    const heat = table.rows.get('heat_equivalent');
    const expected = oracle.electricity.equivalent_当量值;
    expectSame(
      electricity?.factor === undefined ? undefined : { least: electricity.factor, most: electricity.factor },
      expected.factor,
    );
    expectSame(heat?.factor === undefined ? undefined : { least: heat.factor, most: heat.factor }, oracle.heat.factor);
    expect([electricity?.factor_unit, heat?.factor_unit]).toEqual([expected.unit, oracle.heat.unit]);
  });
});
