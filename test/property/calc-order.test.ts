/** What makes no difference to a decision: the order in which packages come, what is said twice. Through a ledger. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PackageContent } from '../../src/programme/entries.ts';
import {
  at,
  auditOf,
  broadcastAt,
  createScene,
  DAY,
  decideAt,
  heatPackage,
  monthsOf,
  outPackage,
  type Scene,
  submit,
} from '../support/scene.ts';
import { packageEntry } from '../support/world.ts';

const amounts = fc.array(fc.tuple(fc.integer({ min: 80, max: 120 }), fc.integer({ min: 5, max: 15 })), {
  minLength: 24,
  maxLength: 24,
});

interface Told {
  /** Puts the packages of a year in the order in which they are appended. */
  readonly order?: (packages: readonly PackageContent[]) => readonly PackageContent[];
  readonly again?: boolean;
  readonly audits?: number;
}

/** Two years of months, each year given in one block; one audit of the second, or several that say the same. */
function decideTold(months: readonly (readonly [number, number])[], told: Told) {
  const { order = (same) => same, again = false, audits = 1 } = told;
  const scene: Scene = createScene({ policy: { products: '{electricity: {basis: quantity, unit: MWh}}' } });
  for (const [index, year] of ['2024', '2025'].entries()) {
    const packages = monthsOf(year).flatMap((month, place) => {
      const [energy, product] = months[12 * index + place]!;
      return [heatPackage(scene, month, String(energy)), outPackage(scene, month, String(product))];
    });
    submit(scene, at(String(Number(year) + 1)) + DAY, ...order(packages));
    if (again) scene.world.append(scene.plant, ...packages.slice(0, 5).map(packageEntry));
  }
  const window = { start: at('2025'), end: at('2026') };
  for (let count = 0; count < audits; count += 1) {
    broadcastAt(scene, at('2026') + (2 + count) * DAY);
    scene.world.append(scene.supplier, auditOf(scene, scene.world.replay().state, scene.supplier, window));
  }
  broadcastAt(scene, at('2026') + 40 * DAY);
  return decideAt(scene, '2025', at('2026') + 65 * DAY).decided;
}

describe('a decision', () => {
  it('is the same in whatever order packages come, and when they come twice', () => {
    fc.assert(
      fc.property(
        amounts,
        fc.array(fc.nat(), { minLength: 24, maxLength: 24 }),
        fc.boolean(),
        (months, places, again) => {
          const order = (packages: readonly PackageContent[]): readonly PackageContent[] =>
            packages
              .map((one, index) => ({ one, at: places[index]! }))
              .toSorted((a, b) => a.at - b.at)
              .map(({ one }) => one);
          const plain = decideTold(months, {});
          const mixed = decideTold(months, { order, again });
          expect(mixed.payload).toEqual(plain.payload);
          expect(mixed.content?.packages).toEqual(plain.content?.packages);
          expect(mixed.status).toBe(plain.status);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('is the same when an auditor says the same again', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 2, max: 4 }), (months, audits) => {
        const [once, often] = [decideTold(months, {}), decideTold(months, { audits })];
        expect(often.payload).toEqual(once.payload);
        expect([often.status, often.reasons]).toEqual([once.status, once.reasons]);
        expect(often.audits!.reporting.passed).toBe(true);
      }),
      { numRuns: 8 },
    );
  });
});
