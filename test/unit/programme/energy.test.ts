import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../../src/calc/evaluate.ts';
import type { ProductEvaluation } from '../../../src/calc/evaluation.ts';
import { ceilFinest, ratio, ratioToText } from '../../../src/calc/ratio.ts';
import { calendarWindows, type Span, startOfDay } from '../../../src/programme/calendar.ts';
import { decide } from '../../../src/programme/decide.ts';
import type { PackageContent } from '../../../src/programme/entries.ts';
import { encodeEvaluation, MOST_PAYLOAD_BYTES } from '../../../src/programme/evaluation-payload.ts';
import { periodNamed } from '../../../src/programme/rules.ts';
import {
  at,
  boundaryText,
  createScene,
  DAY,
  decideAt,
  documentEntry,
  monthsOf,
  plantOf,
  quantity,
  type Scene,
  submit,
} from '../../support/scene.ts';
import { input, meter, repeat } from '../calc/sample.ts';

type Months = (scene: Scene, month: Span, index: number, year: string) => readonly PackageContent[];

/** Both years month by month, decided as the reporting year stands. */
function evaluated(scene: Scene, packages: Months): ReturnType<typeof decideAt>['decided'] {
  for (const year of ['2024', '2025']) {
    for (const [index, month] of monthsOf(year).entries())
      submit(scene, Math.max(scene.world.time, month.end + DAY), ...packages(scene, month, index, year));
  }
  return decideAt(scene, '2025', at('2026') + 65 * DAY).decided;
}

const product = (decided: ReturnType<typeof evaluated>): ProductEvaluation => decided.evaluation!.products[0]!;
const pack = (
  { world, plant }: Scene,
  name: string,
  kind: string,
  { start, end }: Span,
  amount: string,
  unit: string,
) => world.packageOf(plant, name, kind, start, end, quantity(amount, { unit }));

describe('measured calorific values', () => {
  const boundary = boundaryText(
    `
  heat: {kind: energy, at: gate, counts: use, unit: t}
  laboratory: {kind: quality, carrier: coal, unit: GJ/t}
  out: {kind: product, product: electricity, unit: MWh}`,
    '{gate: {carrier: coal}}',
  );
  const table = documentEntry(
    'table',
    'joulemark: table/1\nname: test-table\nedition: "1"\nrows: {coal: {unit: t, factor: "20", factor_unit: GJ/t}}',
  );

  /** 100 t a month; what the laboratory says of a month, or nothing. */
  function coal(rule: string, lots: (year: string, index: number) => string | null) {
    const scene = createScene({
      boundary,
      policy: { unit: 'GJ', carriers: `{coal: {unit: t, row: coal, measured_ncv: ${rule}}}` },
    });
    scene.world.append(scene.world.body, table);
    return evaluated(scene, (_, month, index, year) => {
      const lot = lots(year, index);
      return [
        pack(scene, 'heat', 'energy', month, '100', 't'),
        pack(scene, 'out', 'product', month, '10', 'MWh'),
        ...(lot === null ? [] : [pack(scene, 'laboratory', 'quality', month, lot, 'GJ/t')]),
      ];
    });
  }
  const factors = (decided: ReturnType<typeof coal>) => {
    const { baseline, reporting } = product(decided).carriers;
    return [baseline, reporting].map((lines) => ratioToText(lines[0]!.factor));
  };
  const gaps = (decided: ReturnType<typeof coal>) =>
    product(decided)
      .reasons.filter(({ code }) => code === 'calorific-gap')
      .map(({ severity, period, text }) => `${severity} ${period}: ${text}`);

  it('of every month are their mean, without a gap', () => {
    const all = coal('required', (year) => (year === '2024' ? '24' : '21'));
    expect(factors(all)).toEqual(['24', '21']);
    expect(gaps(all)).toEqual([]);
  });

  it('that are missing take the highest in the period and the lowest in the baseline, and are critical below the coverage', () => {
    const one = coal('required', (_, index) => {
      if (index === 5) return null;
      return index === 0 ? '22' : '24';
    });
    // 22 and ten times 24, the twelfth month at the table's 20 and at 24; 286/12 rounded up to 10^-18
    expect(factors(one)).toEqual(['47/2', ratioToText(ceilFinest(ratio(286n, 12n)))]);
    const seen = gaps(one);
    expect(seen).toHaveLength(2);
    expect(seen.every((text) => text.startsWith('minor'))).toBe(true);
    const two = coal('required', (_, index) => (index < 2 ? null : '24'));
    expect(gaps(two).every((text) => text.startsWith('critical'))).toBe(true);
    expect(two.reasons).toContain('calorific-gap');
  });

  it.each(['0', '-24'])('of %s are refused', (wrong) => {
    const found = coal('required', (year, index) => (year === '2025' && index === 3 ? wrong : '24'));
    expect(factors(found)).toEqual(['24', '24']);
    expect(gaps(found)).toEqual([expect.stringContaining('1 are not above zero')]);
  });

  it('where preferred: a period without any takes the worst that is known, and does not stand', () => {
    const withheld = coal('preferred', (year) => (year === '2024' ? '24' : null));
    expect(factors(withheld)).toEqual(['24', '24']);
    expect(gaps(withheld)).toEqual([expect.stringContaining('critical reporting')]);
    const begun = coal('preferred', (year) => (year === '2025' ? '24' : null));
    expect(factors(begun)).toEqual(['20', '24']);
    expect(gaps(begun)).toEqual([expect.stringContaining('minor baseline')]);
    const never = coal('preferred', () => null);
    expect(factors(never)).toEqual(['20', '20']);
  });
});

describe('the table of GB/T 2589', () => {
  const gbt = readFileSync(new URL('../../../fixtures/tables/gbt2589-2020.yaml', import.meta.url), 'utf8');
  const boundary = boundaryText(
    `
  power: {kind: energy, at: grid, counts: import, unit: kWh}
  coal: {kind: energy, at: yard, counts: import, unit: t}
  sold: {kind: energy, carrier: raw_coal, counts: export, unit: t}
  pile: {kind: stock, carrier: raw_coal, unit: t, reads: level}
  gas: {kind: energy, at: pipe, counts: import, unit: m3}
  water: {kind: energy, at: well, counts: import, unit: t}
  out: {kind: product, product: electricity, unit: MWh}`,
    '{grid: {carrier: electricity}, yard: {carrier: raw_coal}, pipe: {carrier: natural_gas}, well: {carrier: water}}',
  );
  const carriers = (gas: string): string =>
    `{electricity: {unit: kWh, row: electricity_equivalent}, raw_coal: {unit: t, row: raw_coal, stock: counted}, natural_gas: {unit: m3, row: natural_gas${gas}}, water: {unit: t, row: new_water}}`;

  function site(gas: string) {
    const scene = createScene({ boundary, policy: { unit: 'kgce', table: 'gbt2589-2020', carriers: carriers(gas) } });
    scene.world.append(scene.world.body, documentEntry('table', gbt));
    const before = { start: at('2023-12'), end: at('2024') };
    submit(scene, at('2024') + 3600, pack(scene, 'pile', 'stock', before, '50', 't'));
    return evaluated(scene, (_, month, index) => [
      pack(scene, 'power', 'energy', month, '1000', 'kWh'),
      pack(scene, 'coal', 'energy', month, '10', 't'),
      pack(scene, 'sold', 'energy', month, '1', 't'),
      // 50 t at the beginning of 2024, 38 t at its end, 26 t a year later
      pack(
        scene,
        'pile',
        'stock',
        month,
        month.end <= at('2025') ? String(50 - index - 1) : String(38 - index - 1),
        't',
      ),
      pack(scene, 'gas', 'energy', month, '100', 'm3'),
      pack(scene, 'water', 'energy', month, '200', 't'),
      pack(scene, 'out', 'product', month, '10', 'MWh'),
    ]);
  }

  it('loads from its file: power, coal from stock less what was sold, gas at a chosen value, water', () => {
    const { reporting } = product(site(', choose: "1.2143"')).carriers;
    const lines = reporting.map(({ carrier, counts, energy }) => `${carrier} ${counts} ${ratioToText(energy)}`);
    expect(lines).toEqual([
      'electricity import 7374/5', // 12,000 x 0.1229
      'natural_gas import 36429/25', // 1,200 x 1.2143
      'raw_coal export -42858/5', // 12 t x 714.3
      'raw_coal import 85716', // 120 t
      'raw_coal stock 42858/5', // 12 t less on the pile
      'water import 15426/25', // 2,400 t x 0.2571
    ]);
  });

  it('refuses a printed range until the policy chooses, and a value outside it', () => {
    expect(site('').reasons).toContain('factor-missing');
    expect(site(', choose: "1.4"').reasons).toContain('factor-missing');
  });
});

describe('days of 23 and 25 hours', () => {
  it('are whole days: nothing is missing, nothing overlaps', () => {
    const zone = 'Europe/Berlin';
    const scene = createScene({ policy: { zone, products: '{electricity: {basis: quantity, unit: MWh}}' } });
    const day = { years: 0, months: 0, days: 1, seconds: 0 };
    const lengths = new Set<number>();
    for (const year of [2024, 2025]) {
      const span = [startOfDay(`${year}-01-01`, zone), startOfDay(`${year + 1}-01-01`, zone)] as const;
      const days = calendarWindows(...span, day, zone);
      for (const { start, end } of days) lengths.add(end - start);
      const packages = days.flatMap((one) => [
        pack(scene, 'heat', 'energy', one, '100', 'mmBtu'),
        pack(scene, 'out', 'product', one, '10', 'MWh'),
      ]);
      submit(scene, span[1] + DAY, ...packages);
    }
    expect([...lengths].toSorted((a, b) => a - b)).toEqual([82_800, 86_400, 90_000]);
    const { state } = scene.world.replay();
    const policy = state.policies[0]!.value;
    const decided = decide(state, plantOf(scene, state), periodNamed(policy, '2025')!, at('2026') + 65 * DAY);
    const { coverage, reasons } = product(decided);
    for (const { joint, window } of [coverage.baseline, coverage.reporting]) expect(joint).toBe(window);
    expect(reasons.map(({ code }) => code)).not.toContain('data-gap');
  });
});

describe('the payload of a decision', () => {
  it('stays within an entry however many meters there are, and counts those that it does not list', () => {
    const meters = Array.from({ length: 2000 }, (_, index) =>
      meter(
        `meter-${String(index).padStart(4, '0')}`,
        'energy',
        repeat('1', 10),
        index % 3 === 0 ? [...repeat('1', 9), '-'] : repeat('1', 10),
      ),
    );
    const evaluation = evaluate(
      input(
        [...meters, meter('out', 'product', repeat('10', 10), repeat('10', 10), { product: 'cement' })],
        [{ product: 'cement', basis: 'quantity', unit: 't' }],
      ),
    );
    const standing = { passed: true, reasons: [], relations: [] };
    const counts = { counted: 0, late: 0, history: 0, corrected: 0 };
    const payload = encodeEvaluation({
      windows: { baseline: { start: 0, end: 1 }, reporting: { start: 1, end: 2 } },
      evaluation,
      audits: { reporting: standing, baseline: standing },
      chain: null,
      packages: { baseline: counts, reporting: counts },
      baselineStanding: 'on_ledger',
    });
    expect(payload.length).toBeLessThan(MOST_PAYLOAD_BYTES / 4);
    expect(evaluation.products[0]!.coverage.reporting.meters).toHaveLength(2001);
  });
});
