import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/calc/evaluate.ts';
import { flagReadings } from '../../../src/calc/flags.ts';
import { ratioOfText } from '../../../src/calc/ratio.ts';
import { inside, readPlant, yearsWindow } from '../../support/epa-plant.ts';
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

  it.skipIf(!hasShared)(
    'flags about two dozen clean days a plant-year, as three interquartile ranges are known to',
    () => {
      const plant = readPlant('10113');
      let total = 0;
      for (let year = 2013; year <= 2022; year += 1) {
        const window = yearsWindow(String(year));
        total += flagReadings(inside(plant.energy, window), window, DAY, RULES).jumps;
      }
      expect(total).toBe(237);
    },
  );

  it('looks only inside the window', () => {
    expect(flagReadings(days(0, repeat('7', 20)), REPORTING, DAY, RULES).repeated).toBe(10);
  });
});
