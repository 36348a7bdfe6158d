/** What is asked of data (calculation-v1 sections 3, 4 and 11), each rule through a whole decision from packages on a ledger. */
import { describe, expect, it } from 'vitest';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import type { ProductEvaluation, Reason } from '../../../src/calc/evaluation.ts';
import { ratioToText } from '../../../src/calc/ratio.ts';
import { calendarWindows, type Span } from '../../../src/programme/calendar.ts';
import type { Decided } from '../../../src/programme/decide.ts';
import { meterEventContent, type PackageContent } from '../../../src/programme/entries.ts';
import {
  at,
  auditYear,
  boundaryText,
  codesOf,
  createScene,
  DAY,
  decideAt,
  heatPackage,
  METERS,
  monthSpan,
  monthsOf,
  outPackage,
  quantity,
  type Scene,
  type SceneChoices,
  submit,
} from '../../support/scene.ts';
import { entryOf } from '../../support/world.ts';

const DECIDED = at('2026') + 65 * DAY;
/** Months may be missing, so that what is looked at is the share and the fill. */
const WIDE = (policy: string): string =>
  policy.replace(
    'per_meter: "0.90", joint: "0.90", longest_gap: P10D',
    'per_meter: "0.90", joint: "0.90", longest_gap: P40D',
  );

type Change = (packages: readonly PackageContent[], month: Span, scene: Scene) => readonly PackageContent[];

/** 100 mmBtu and 10 MWh a month in 2024, 90 and 10 in 2025, as changed, and passed by the supplier. */
function playYears(
  choices: SceneChoices,
  change: { readonly before?: Change; readonly after?: Change } = {},
): { readonly decided: Decided; readonly product: ProductEvaluation; readonly scene: Scene } {
  const scene = createScene({ policy: { products: '{electricity: {basis: quantity, unit: MWh}}' }, ...choices });
  for (const [year, energy, edit] of [
    ['2024', '100', change.before],
    ['2025', '90', change.after],
  ] as const) {
    for (const month of monthsOf(year)) {
      const plain = [heatPackage(scene, month, energy), outPackage(scene, month, '10')];
      const packages = edit === undefined ? plain : edit(plain, month, scene);
      submit(scene, Math.max(scene.world.time, month.end + DAY), ...packages);
    }
  }
  auditYear(scene, '2025');
  const { decided } = decideAt(scene, '2025', DECIDED);
  return { decided, product: decided.evaluation!.products[0]!, scene };
}

const without =
  (meter: string, ...months: readonly string[]): Change =>
  (packages, month) =>
    months.some((one) => monthSpan(one).start === month.start)
      ? packages.filter((one) => one.meter !== meter)
      : packages;
const said = ({ reasons }: ProductEvaluation): readonly string[] =>
  reasons.map(({ code, severity, period, meter }: Reason) => [severity, code, period ?? '-', meter ?? '-'].join(' '));
const figures = ({ headline }: ProductEvaluation) => [
  ratioToText(headline!.baseline.energy),
  ratioToText(headline!.baseline.quantity),
  ratioToText(headline!.reporting.energy),
  ratioToText(headline!.reporting.quantity),
];

describe('coverage', () => {
  it('is counted in seconds, a meter and jointly: each may suffice where both together do not', () => {
    // 31 and 30 of 365 days: each covers above 0.90, together 0.83
    const { product, decided } = playYears(
      { edit: WIDE },
      {
        after: (packages, month, scene) =>
          without('out', '2025-06')(without('heat', '2025-01')(packages, month, scene), month, scene),
      },
    );
    const { meters, joint, window } = product.coverage.reporting;
    expect(meters.map(({ meter, covered }) => [meter, covered / DAY])).toEqual([
      ['heat', 334],
      ['out', 335],
    ]);
    expect([joint / DAY, window / DAY]).toEqual([304, 365]);
    expect(said(product).filter((text) => text.includes('data-gap'))).toEqual([
      'critical data-gap reporting -',
      'minor data-gap reporting heat',
      'minor data-gap reporting out',
    ]);
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['data-gap'] });
  });

  it('is too little below the share of the policy, and so is one long gap', () => {
    const two = playYears({ edit: WIDE }, { after: without('heat', '2025-01', '2025-02') });
    expect(said(two.product)).toContain('critical data-gap reporting heat');
    const one = playYears({}, { after: without('heat', '2025-02') });
    expect(said(one.product)).toContain('critical data-gap reporting heat');
    expect(one.product.reasons.find(({ code }) => code === 'data-gap')!.text).toBe(
      "'heat' has a gap of 28 intervals, at most 10 are allowed",
    );
  });
});

describe('what is missing', () => {
  const JULY = 31;
  it.each([
    // the highest interval of both years is 100 mmBtu in February 2024, of 29 days, and 10 MWh in February 2025, of 28
    ['energy of the period', { after: without('heat', '2025-07') }, [1200, 120, 990 + (100 / 29) * JULY, 120]],
    ['output of the period', { after: without('out', '2025-07') }, [1200, 120, 1080, 110]],
    ['energy of the baseline', { before: without('heat', '2024-07') }, [1100, 120, 1080, 120]],
    ['output of the baseline', { before: without('out', '2024-07') }, [1200, 110 + (10 / 28) * JULY, 1080, 120]],
  ] as const)('%s is filled against the claimant', (_, change, expected) => {
    const { product } = playYears({ edit: WIDE }, change);
    for (const [index, figure] of figures(product).entries()) {
      const [numerator = '0', denominator = '1'] = figure.split('/');
      expect(Number(numerator) / Number(denominator)).toBeCloseTo(expected[index]!, 9);
    }
  });
});

describe('estimated, manual', () => {
  const read =
    (provenance: 'estimated' | 'manual', ...months: readonly string[]): Change =>
    (packages, month, scene) =>
      months.some((one) => monthSpan(one).start === month.start)
        ? [heatPackage(scene, month, '90', { provenance }), ...packages.slice(1)]
        : packages;

  it('estimated is missing, and filled; where the policy says so it is as metered', () => {
    const { product } = playYears({ edit: WIDE }, { after: read('estimated', '2025-07') });
    expect(product.coverage.reporting.meters[0]).toMatchObject({ covered: 334 * DAY, gaps: 1 });
    const other = playYears(
      { edit: (policy) => policy.replace('counts_as: missing', 'counts_as: metered') },
      {
        after: read('estimated', '2025-07'),
      },
    );
    expect(other.product.coverage.reporting.meters[0]).toMatchObject({
      covered: 365 * DAY,
      byProvenance: { estimated: 31 * DAY },
    });
    expect(figures(other.product)[2]).toBe('1080');
  });

  it('what was read by hand is noted, and refused above the share of the policy', () => {
    const edit = (policy: string) => policy.replace('share_most: "0.05"', 'share_most: "0.09"');
    expect(said(playYears({ edit }, { after: read('manual', '2025-07') }).product)).toContain(
      'minor manual-share reporting heat',
    );
    const { decided, product } = playYears({ edit }, { after: read('manual', '2025-07', '2025-08') });
    expect(said(product)).toContain('critical manual-share reporting heat');
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['manual-share'] });
  });
});

describe('idle', () => {
  const STILL: Change = (_, month, scene) => [
    heatPackage(scene, month, '0', { provenance: 'idle' }),
    outPackage(scene, month, '0', { provenance: 'idle' }),
  ];
  const inMarch =
    (change: Change): Change =>
    (packages, month, scene) =>
      month.start === monthSpan('2025-03').start ? change(packages, month, scene) : packages;
  const shipped: Change = (packages, month, scene) => [
    ...STILL(packages, month, scene),
    scene.world.packageOf(
      scene.plant,
      'gate/Customer',
      'shipment',
      month.start,
      month.start + DAY,
      quantity('1', { unit: 'MWh' }),
    ),
  ];
  const SHIPMENTS = `${METERS}
  gate: {kind: shipment, product: electricity, unit: MWh}`;

  it('counts as covered, and its days are told', () => {
    const { product, decided } = playYears({}, { after: inMarch(STILL) });
    expect(product.coverage.reporting).toMatchObject({ idle: 31 * DAY, joint: 365 * DAY });
    expect(decided.status).toBe('CERTIFIED');
  });

  it('is contradicted by a shipment, unless a stock is declared that it may come from', () => {
    const { decided } = playYears({ boundary: boundaryText(SHIPMENTS) }, { after: inMarch(shipped) });
    expect(codesOf(decided.findings)).toEqual(['idle-contradicted']);
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['idle-contradicted'] });
    const stocked = `${SHIPMENTS}
  yard: {kind: stock, product: electricity, unit: MWh}`;
    const from = playYears({ boundary: boundaryText(stocked) }, { after: inMarch(shipped) });
    expect(from.decided.status).toBe('CERTIFIED');
  });

  it('is contradicted by a sub-meter that went on', () => {
    const tree = `${METERS}
  line: {kind: energy, under: heat, counts: use, unit: mmBtu}`;
    const sub =
      (amount: string): Change =>
      (packages, month, scene) => [
        ...packages,
        scene.world.packageOf(scene.plant, 'line', 'energy', month.start, month.end, quantity(amount)),
      ];
    const march = monthSpan('2025-03').start;
    const { decided, product } = playYears(
      { boundary: boundaryText(tree) },
      {
        before: sub('1'),
        after: (packages, month, scene) =>
          sub('1')(month.start === march ? STILL(packages, month, scene) : packages, month, scene),
      },
    );
    expect(said(product)).toContain('critical idle-contradicted reporting heat');
    expect(decided.status).toBe('INCOMPLETE');
  });
});

describe('registers', () => {
  const METERED = METERS.replace('unit: mmBtu', 'unit: mmBtu, reads: register, digits: 4, multiplier: "10"');
  /** Steps of a register from month to month, ten mmBtu each. */
  const register = (open: string, close: string) => ({
    register: { open: parseDecimal(open), close: parseDecimal(close) },
  });
  const reading =
    (rows: Readonly<Record<string, readonly [string, string]>>): Change =>
    (packages, month, scene) => {
      const row = Object.entries(rows).find(([name]) => monthSpan(name).start === month.start);
      return row === undefined
        ? packages
        : [heatPackage(scene, month, '90', register(...row[1])), ...packages.slice(1)];
    };
  const eventAt = (
    scene: Scene,
    event: 'exchange' | 'rollover' | 'calibration',
    time: number,
    old: string,
    now: string,
  ) => {
    const content = { meter: 'heat', event, at: time, old: parseDecimal(old), new: parseDecimal(now) };
    scene.world.append(scene.plant, entryOf('meter-event', meterEventContent, content));
  };
  const codes = (rows: Parameters<typeof reading>[0], event?: (scene: Scene) => void): readonly string[] => {
    const { decided } = playYears(
      { boundary: boundaryText(METERED) },
      {
        after: (packages, month, scene) => {
          if (month.start === monthSpan('2025-03').start) event?.(scene);
          return reading(rows)(packages, month, scene);
        },
      },
    );
    return codesOf(decided.findings);
  };

  it('advance by their multiplier, roll over at their digits', () => {
    expect(codes({ '2025-02': ['100', '109'], '2025-03': ['109', '118'] })).toEqual([]);
    expect(codes({ '2025-02': ['100', '190'] })).toEqual(['register-discontinuity']);
    expect(codes({ '2025-02': ['9982', '9991'], '2025-03': ['9991', '0'] })).toEqual([]);
    expect(codes({ '2025-02': ['9982', '9991'], '2025-03': ['9991', '1'] })).toEqual(['register-discontinuity']);
  });

  it('may begin anew after an exchange that is on the ledger, and not otherwise', () => {
    const rows = { '2025-02': ['100', '109'], '2025-03': ['5', '14'] } as const;
    expect(codes(rows)).toEqual(['register-discontinuity']);
    const first = monthSpan('2025-03').start;
    expect(codes(rows, (scene) => eventAt(scene, 'exchange', first, '109', '5'))).toEqual([]);
    expect(codes(rows, (scene) => eventAt(scene, 'exchange', first, '108', '5'))).toEqual(['register-discontinuity']);
  });

  it('do not begin anew by an exchange that keeps its readings to itself, nor by rolling over between two packages', () => {
    const rows = { '2025-02': ['100', '109'], '2025-03': ['5', '14'] } as const;
    const told = (event: 'exchange' | 'rollover', time: number, readings: { readonly old?: string } = {}) =>
      codes(rows, (scene) => {
        const old = readings.old === undefined ? {} : { old: parseDecimal(readings.old) };
        const content = { meter: 'heat', event, at: time, ...old };
        scene.world.append(scene.plant, entryOf('meter-event', meterEventContent, content));
      });
    const first = monthSpan('2025-03').start;
    expect(told('exchange', first)).toEqual(['register-discontinuity']);
    expect(told('exchange', first, { old: '109' })).toEqual(['register-discontinuity']);
    expect(told('rollover', first)).toEqual(['register-discontinuity']);
    // and inside a package: nine steps of ten are not 14 - 5 of a device that nobody read
    const inside = { '2025-02': ['100', '25'] } as const;
    const mid = monthSpan('2025-02').start + 10 * DAY;
    const silent = codes(inside, (scene) => {
      const content = { meter: 'heat', event: 'exchange' as const, at: mid };
      scene.world.append(scene.plant, entryOf('meter-event', meterEventContent, content));
    });
    expect(silent).toEqual(['register-discontinuity']);
  });

  it('are followed through an exchange in the midst of a package; no calibration excuses a difference', () => {
    // 100 to 104 on the old device, 20 to 25 on the new one: 9 steps of ten
    const rows = { '2025-02': ['100', '25'] } as const;
    const mid = monthSpan('2025-02').start + 10 * DAY;
    const on = (event: 'exchange' | 'calibration', old: string, now: string, time = mid) =>
      codes(rows, (scene) => eventAt(scene, event, time, old, now));
    expect(on('exchange', '104', '20')).toEqual([]);
    expect(on('exchange', '104', '21')).toEqual(['register-discontinuity']);
    expect(on('calibration', '104', '20')).toEqual(['register-discontinuity']);
    // at the very end of the package it is in it, where its close is of the new device
    expect(on('exchange', '104', '20', monthSpan('2025-02').end)).toEqual([]);
  });
});

describe('days', () => {
  /** Two years of days: heat from midnight, output from eight o'clock. */
  function playDays(choices: SceneChoices, heat: (day: number) => string, later = 8 * 3600) {
    const { policy, ...rest } = choices;
    const scene = createScene({
      policy: { products: '{electricity: {basis: quantity, unit: MWh}}', ...policy },
      ...rest,
      boundary: boundaryText(METERS.replace('unit: MWh', 'unit: MWh, day_starts: "08:00"')),
    });
    for (const year of [2024, 2025]) {
      const days = calendarWindows(
        at(`${year}`),
        at(`${year + 1}`),
        { years: 0, months: 0, days: 1, seconds: 0 },
        'UTC',
      );
      const packages = days.flatMap(({ start, end }, index) => [
        heatPackage(scene, { start, end }, heat(index)),
        outPackage(scene, { start: start + later, end: end + later }, year === 2024 ? '10' : '11'),
      ]);
      submit(scene, at(`${year + 1}`) + 2 * DAY, ...packages);
    }
    auditYear(scene, '2025');
    const { decided } = decideAt(scene, '2025', DECIDED);
    return { decided, product: decided.evaluation!.products[0]! };
  }
  const skewOf = (most: string) => ({
    edit: (policy: string) =>
      policy.replace('  straddling:', `  boundary_skew: {most: ${most}, share_of_period: "0.001"}\n  straddling:`),
  });

  it('may begin at 08:00: nothing is missing, the skew is stated and bounded', () => {
    const { product } = playDays(skewOf('PT8H'), () => '100');
    expect(product.coverage.reporting).toMatchObject({ skew: 8 * 3600, joint: 365 * DAY });
    expect(product.verdict).toBe('saved');
    const { decided } = playDays(skewOf('PT7H'), () => '100');
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['skew'] });
  });

  it('that the boundary does not say to begin later are across the edge, and stop', () => {
    expect(said(playDays({}, () => '100', 9 * 3600).product)).toContain('critical interval-straddles reporting out');
  });

  it('that repeat or jump are one finding a meter and period, with their count, and stop nothing', () => {
    const flags = {
      edit: (policy: string) =>
        policy.replace(
          '  manual: {share_most: "0.05"}',
          '  manual: {share_most: "0.05"}\n  flags: {repeated: 5, jump_iqr: "3", change_since_baseline: "0.30"}',
        ),
    };
    const { product } = playDays(flags, (day) => (day % 100 === 50 ? '900' : String(100 + ((day * 7) % 11))));
    const jumps = product.reasons.filter(({ code }) => code === 'jumps');
    expect(jumps.map(({ period, meter, severity, text }) => [period, meter, severity, text])).toEqual([
      ['baseline', 'heat', 'minor', "'heat' is far outside its usual range in 4 intervals"],
      ['reporting', 'heat', 'minor', "'heat' is far outside its usual range in 4 intervals"],
    ]);
    const repeated = product.reasons.filter(({ code }) => code === 'repeated-values');
    expect(repeated.map(({ meter, text }) => [meter, text])).toEqual([
      ['out', "'out' repeats itself in 366 intervals"],
      ['out', "'out' repeats itself in 365 intervals"],
    ]);
    expect(product.verdict).toBe('saved');
  });
});

describe('a package across the edge of the period', () => {
  const PRORATED = (policy: string): string => policy.replace('straddling: refuse', 'straddling: prorate');
  /** December's and January's energy in packages that end in the midst of the month; the output by calendar month. */
  const across: Change = (packages, { start, end }, scene) => {
    const energy = (from: number, to: number) =>
      heatPackage(scene, { start: from, end: to }, String((to - from) / DAY));
    const late = monthSpan('2024-12');
    const next = monthSpan('2025-01');
    if (start === late.start) return [energy(start, start + 21 * DAY), ...packages.slice(1)];
    return start === next.start
      ? [energy(late.start + 21 * DAY, start + 20 * DAY), energy(start + 20 * DAY, end), ...packages.slice(1)]
      : [energy(start, end), ...packages.slice(1)];
  };
  const play = (reads: string, edit = PRORATED) =>
    playYears(
      { edit, boundary: boundaryText(METERS.replace('unit: mmBtu', `unit: mmBtu, ${reads}`)) },
      { before: across, after: across },
    );

  it('is counted by its share of time where it is a bill and the policy prorates', () => {
    const { product, decided } = play('reads: bill');
    expect(figures(product)).toEqual(['366', '120', '365', '120']);
    expect(said(product).filter((text) => text.includes('straddles'))).toEqual([]);
    expect(product.coverage.reporting.joint).toBe(365 * DAY);
    expect(decided.status).toBe('CERTIFIED');
  });

  it.each(['reads: interval', 'reads: register, digits: "6"', 'accuracy: "0.01"'])(
    'is not counted and stops the product at a meter of its own readings (%s), though the policy prorates',
    (reads) => {
      const { product, decided } = play(reads);
      expect(said(product)).toEqual(
        expect.arrayContaining([
          'critical interval-straddles baseline heat',
          'critical interval-straddles reporting heat',
        ]),
      );
      expect(product.reasons.find(({ code }) => code === 'interval-straddles')!.text).toBe(
        "'heat' has 1 interval across the edge of the period, not counted: only what is read by bill is prorated",
      );
      // the ten days of it are missing in one year, the twenty in the other
      const covered = ({ meters }: typeof product.coverage.baseline) => meters[0]!.covered / DAY;
      expect([covered(product.coverage.baseline), covered(product.coverage.reporting)]).toEqual([356, 345]);
      expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['data-gap', 'interval-straddles'] });
    },
  );

  it('is refused of a bill too where the policy refuses', () => {
    const { product, decided } = play('reads: bill', (policy) => policy);
    expect(said(product)).toContain('critical interval-straddles reporting heat');
    expect(product.reasons.find(({ code }) => code === 'interval-straddles')!.text).toBe(
      "'heat' has 1 interval across the edge of the period, not counted",
    );
    expect(decided.status).toBe('INCOMPLETE');
  });
});

describe('late packages', () => {
  /** The output of July comes half a year after it, in time for the decision. */
  const late = (rule: string) => {
    let held: readonly PackageContent[] = [];
    return playYears(
      { policy: { late: rule, products: '{electricity: {basis: quantity, unit: MWh}}' }, edit: WIDE },
      {
        after: (packages, month) => {
          if (month.start === monthSpan('2025-07').start) {
            held = packages.slice(1);
            return packages.slice(0, 1);
          }
          return month.start === monthSpan('2025-12').start ? [...packages, ...held] : packages;
        },
      },
    );
  };

  it('count and are told, or are missing: as the policy says', () => {
    const counted = late('count_and_flag');
    expect(counted.decided.beside!.packages.reporting).toMatchObject({ counted: 24, late: 1 });
    expect(figures(counted.product).slice(2)).toEqual(['1080', '120']);
    const excluded = late('exclude');
    expect(excluded.decided.beside!.packages.reporting).toMatchObject({ counted: 23, late: 0 });
    expect(figures(excluded.product)[3]).toBe('110');
    expect(said(excluded.product)).toContain('minor data-gap reporting out');
  });
});
