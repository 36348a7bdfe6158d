import { describe, expect, it } from 'vitest';
import { decimalToText } from '../../../src/calc/decimal.ts';
import { evaluate } from '../../../src/calc/evaluate.ts';
import type { Reading } from '../../../src/calc/evaluation-input.ts';
import { flagReadings } from '../../../src/calc/flags.ts';
import { ratioOfText } from '../../../src/calc/ratio.ts';
import { inside, readPlant, yearsWindow } from '../../support/epa-plant.ts';
import { PLANTS } from '../../support/epa.ts';
import { hasShared } from '../../support/shared.ts';
import { DAY, days, input, meter, repeat, REPORTING, STRICT_RULES } from './sample.ts';

const RULES = { repeated: 5, jumpIqr: ratioOfText('3'), changeSinceBaseline: ratioOfText('0.30') };
const flags = (quantities: readonly string[]) =>
  flagReadings(days(0, quantities), { start: 0, end: quantities.length * DAY }, DAY, RULES);

describe('flags', () => {
  it('counts runs of the same quantity, not zeros and not short ones', () => {
    expect(flags(['1', '2', '2', '2', '2', '3']).repeated).toBe(0);
    expect(flags(['1', '2', '2.0', '2', '2', '2', '3', ...repeat('4', 7)]).repeated).toBe(12);
    expect(flags(repeat('0', 20)).repeated).toBe(0);
    expect(flags(repeat('idle', 20)).repeated).toBe(0);
  });

  it('counts what lies beyond three interquartile ranges, exactly at the fence or not', () => {
    // 1..9: Q1 = 3, Q3 = 7, fence at 7 + 3 x 4 = 19; the tenth value moves the quartiles to 3.25 and 7.75, the fence to 21.25
    const usual = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
    expect(flags([...usual, '21.25']).jumps).toBe(0);
    expect(flags([...usual, '21.250000000000000001']).jumps).toBe(1);
    expect(flags(['1', '1', '1', '1000']).jumps).toBe(0);
    const huge = '9'.repeat(30);
    expect(flags([...usual, huge]).jumps).toBe(1);
  });

  it('makes notes that stop nothing', () => {
    const power = meter('power', 'energy', repeat('100', 10), repeat('60', 10), { product: 'steel' });
    const output = meter('steel-out', 'product', repeat('10', 10), repeat('10', 10), { product: 'steel' });
    const found = evaluate(
      input([power, output], [{ product: 'steel', basis: 'quantity', unit: 't' }], {
        dataRules: { ...STRICT_RULES, flags: RULES },
      }),
    );
    const [product] = found.products;
    expect(product!.verdict).toBe('saved');
    expect(product!.reasons.filter((one) => one.severity === 'minor').map((one) => one.code)).toEqual(
      expect.arrayContaining(['repeated-values', 'change-since-baseline']),
    );
    expect(product!.reasons.find((one) => one.code === 'change-since-baseline')!.text).toBe(
      "energy per unit of 'steel' changed by 40.0 % (positive = less)",
    );
  });

  /** The same count in doubles, with quartiles that lie linearly between neighbours. */
  const plainJumps = (readings: readonly Reading[]): number => {
    const values = readings
      .filter((one) => one.provenance === 'metered')
      .map((one) => Number(decimalToText(one.quantity)));
    const sorted = values.toSorted((a, b) => a - b);
    const quartile = (share: number): number => {
      const place = (sorted.length - 1) * share;
      const low = sorted[Math.floor(place)]!;
      return low + (place % 1) * ((sorted[Math.floor(place) + 1] ?? low) - low);
    };
    const [first, third] = [quartile(0.25), quartile(0.75)];
    const reach = 3 * (third - first);
    return values.length < 8 ? 0 : values.filter((value) => value < first - reach || value > third + reach).length;
  };

  it.skipIf(!hasShared)('flags a dozen or two clean days a plant-year: why jumps are notes and no more', () => {
    const years = Array.from({ length: 10 }, (_, index) => yearsWindow(String(2013 + index)));
    const aYear = PLANTS.map((id) => {
      const { energy } = readPlant(id);
      const jumps = years.map((year) => flagReadings(inside(energy, year), year, DAY, RULES).jumps);
      expect(jumps).toEqual(years.map((year) => plainJumps(inside(energy, year))));
      return jumps.reduce((sum, count) => sum + count, 0) / years.length;
    });
    expect(Math.min(...aYear)).toBeGreaterThan(9);
    expect(Math.max(...aYear)).toBeLessThan(27);
  });

  it('looks only inside the window', () => {
    expect(flagReadings(days(0, repeat('7', 20)), REPORTING, DAY, RULES).repeated).toBe(10);
  });
});
