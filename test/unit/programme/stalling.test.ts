/** What somebody with a valid key signs to keep verifiers busy: thousands of entries, each cheap to sign, none dear to judge. */
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import { adverseFigures } from '../../../src/calc/adverse.ts';
import { ONE, ratioToText } from '../../../src/calc/ratio.ts';
import { decodeCbor } from '../../../src/ledger/codec/decode.ts';
import { auditFigures, encodeFigures } from '../../../src/programme/figures.ts';
import { auditedPackages, commitsRoot } from '../../../src/programme/audit-set.ts';
import { countAudits } from '../../../src/programme/audit-count.ts';
import { meterEventContent } from '../../../src/programme/entries.ts';
import { checkMeters } from '../../../src/programme/meter-checks.ts';
import { addPackage } from '../../../src/programme/packages.ts';
import { newOrganisation, type AuditRecord } from '../../../src/programme/state.ts';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import { packagePayload } from '../../../src/programme/package.ts';
import { exponentOf } from '../../support/growth.ts';
import { at, codesOf, createScene, plantOf } from '../../support/scene.ts';

const MINUTE = 60;
const zero = parseDecimal('0');

/** A plant with a package a minute in memory, each with a register that does not go on. */
function busyPlant(count: number) {
  const scene = createScene();
  const { state } = scene.world.replay();
  const plant = plantOf(scene, state);
  const start = at('2024');
  for (let index = 0; index < count; index += 1) {
    const commit = index.toString(16).padStart(64, '0') as typeof plant.id;
    const payload = {
      quantity: parseDecimal('1'),
      unit: 'mmBtu',
      provenance: 'metered' as const,
      register: { open: parseDecimal(String(index * 10 + 1)), close: parseDecimal(String(index * 10 + 5)) },
    };
    addPackage(plant.packages, {
      commit,
      meter: 'heat',
      kind: 'energy',
      start: start + index * MINUTE,
      end: start + (index + 1) * MINUTE,
      payload,
      encoded: encodeCbor(packagePayload.write(payload)),
      time: start,
      standing: 'on_time',
      place: { seq: 1, entry: index },
    });
  }
  return { scene, state, plant, start };
}

describe('the measure of growth', () => {
  const steps = (count: number): number => {
    let sum = 0;
    for (let step = 0; step < count; step += 1) sum += Math.sqrt(step);
    return sum;
  };

  it('tells what grows with the square from what grows in line, however short', () => {
    expect(exponentOf([200, 1600], (size) => () => steps(size))).toBeLessThan(1.3);
    expect(exponentOf([200, 1600], (size) => () => steps(size * size))).toBeGreaterThan(1.7);
  });
});

describe('verification does not stall', () => {
  it('on audited differences with a denominator each', () => {
    const exponent = exponentOf([2000, 16_000], (length) => {
      const auditedDifferences = Array.from({ length }, (_, index) => ({
        against: 'energy' as const,
        unit: 'GJ',
        difference: { n: 1n, d: 10n ** 900n + BigInt(2 * index + 1) },
      }));
      const product = { product: 'clinker' };
      const question = {
        input: { auditedDifferences, verdictUnit: 'GJ', products: [product] },
        product,
        period: 'reporting',
        figures: { energy: ONE, quantity: ONE, intensity: ONE },
        factors: new Map(),
        lines: new Map(),
        priceScale: ONE,
      };
      const run = () => adverseFigures(question as unknown as Parameters<typeof adverseFigures>[0]);
      if (length === 2000) expect(ratioToText(run().figures.energy)).toBe('500000000000001/500000000000000');
      return run;
    });
    expect(exponent).toBeLessThan(1.5);
  });

  it('on figures of thousands of digits, which are none', () => {
    const figures = (digits: number) =>
      encodeFigures({
        relation: 'upstream',
        method: 'books',
        proposal: 'pass',
        lines: [{ label: 'gate', unit: 'GJ', reported: { n: 10n ** BigInt(digits - 1), d: 1n }, agrees: true }],
      });
    expect(auditFigures.read(decodeCbor(figures(1000)), 'figures').lines.length).toBe(1);
    expect(() => auditFigures.read(decodeCbor(figures(1001)), 'figures')).toThrow(/at most 1000 digits/);
  });

  it('on meter events without number beside registers that do not go on', () => {
    const exponent = exponentOf([2500, 10_000], (count) => {
      const { plant, start } = busyPlant(count);
      const event = meterEventContent.read(
        meterEventContent.write({ meter: 'heat', event: 'exchange', at: start, old: zero, new: parseDecimal('7') }),
        'event',
      );
      for (let index = 0; index < 4 * count; index += 1)
        plant.meterEvents.push({ ...event, at: start + index * 13, time: start });
      const check = () => checkMeters(plant, plant.boundaries[0]!.value, { start: 0, end: at('2025') });
      expect(new Set(codesOf(check()))).toEqual(new Set(['register-discontinuity', 'meter-missing']));
      return check;
    });
    expect(exponent).toBeLessThan(1.5);
  });

  it('on audits without number, of windows of a minute', () => {
    const exponent = exponentOf([2500, 10_000], (count) => {
      const { scene, state, plant, start } = busyPlant(count);
      const supplier = state.organisations.get(scene.supplier.id) ?? newOrganisation(scene.supplier.id);
      const root = commitsRoot([]);
      for (let index = 0; index < count; index += 1) {
        const window = [start + index * MINUTE, start + (index + 1) * MINUTE] as const;
        const record: AuditRecord = {
          auditor: supplier.id,
          seq: 1,
          entry: index,
          time: start,
          order: index,
          refused: null,
          content: {
            applicant: plant.id,
            relation: 'upstream',
            labels: ['gate'],
            window,
            at: 0,
            root:
              index % 2 === 0
                ? root
                : commitsRoot(auditedPackages(plant, 'upstream', ['gate'], { start: window[0], end: window[1] })),
            verdict: 'pass',
            figures: root,
          },
        };
        supplier.audits.push(record);
      }
      const counting = () => countAudits(state, plant);
      expect(counting().counted.length).toBe(count / 2);
      return counting;
    });
    expect(exponent).toBeLessThan(1.5);
  });
});
