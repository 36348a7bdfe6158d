/** Cheats by name: each with valid signatures, each found by its code, none certified where the figures rest on it. */
import { describe, expect, it } from 'vitest';
import { compareRatio, ratioToText } from '../../../src/calc/ratio.ts';
import { acceptContent, admitContent } from '../../../src/programme/entries.ts';
import { parseDecimal } from '../../../src/calc/decimal.ts';
import type { OwnRecord } from '../../../src/programme/audit-own-record.ts';
import { compareUpstream } from '../../../src/programme/audit-upstream.ts';
import type { PackageContent } from '../../../src/programme/entries.ts';
import {
  at,
  auditOf,
  auditYear,
  boundaryText,
  broadcastAt,
  codesOf,
  createScene,
  DAY,
  decideAt,
  digestOf,
  documentEntry,
  heatPackage,
  METERS,
  monthSpan,
  monthsOf,
  outPackage,
  plantOf,
  quantity,
  type Scene,
  submit,
  submitYear,
} from '../../support/scene.ts';
import { entryOf, packageEntry } from '../../support/world.ts';

const DECIDED = at('2026') + 65 * DAY;
const register = (open: string, close: string) => ({
  register: { open: parseDecimal(open), close: parseDecimal(close) },
});

/** 2024 at 10 mmBtu/MWh; 2025 as the cheat has it, and audited by a supplier that passes whatever it sees. */
function play(
  change: (packages: readonly PackageContent[], month: number, scene: Scene) => readonly PackageContent[],
  energy = '90',
  choices: Parameters<typeof createScene>[0] = {},
): ReturnType<typeof judge> {
  const scene = createScene(choices);
  submitYear(scene, '2024', '100', '10');
  submitYear(scene, '2025', energy, '10', (packages, month) => change(packages, month, scene));
  return judge(scene);
}

function judge(scene: Scene) {
  auditYear(scene, '2025');
  const { state, decided } = decideAt(scene, '2025', DECIDED);
  return { scene, state, decided, codes: [...new Set(codesOf([...state.findings, ...decided.findings]))].sort() };
}

const monthOf = (month: number) => monthSpan(`2025-${String(month).padStart(2, '0')}`);

describe('an honest year', () => {
  it('that saved is certified, and one that did not is not', () => {
    const honest = play((same) => same);
    expect({ status: honest.decided.status, codes: honest.codes, reasons: honest.decided.reasons }).toEqual({
      status: 'CERTIFIED',
      codes: [],
      reasons: [],
    });
    const worse = play((same) => same, '101');
    expect({ status: worse.decided.status, codes: worse.codes }).toEqual({ status: 'NOT_QUALIFIED', codes: [] });
  });
});

describe('an idle day on which a register advanced', () => {
  const idle = (open: string, close: string) => (_: readonly PackageContent[], month: number, scene: Scene) => [
    heatPackage(scene, monthOf(month), '0', { provenance: 'idle', ...(month === 3 ? register(open, close) : {}) }),
    outPackage(scene, monthOf(month), '0', { provenance: 'idle' }),
  ];

  it('is contradicted by its own register', () => {
    const { decided, codes } = play((packages, month, scene) =>
      month === 3 ? idle('500', '590')(packages, month, scene) : packages,
    );
    expect(codes).toEqual(['idle-contradicted']);
    expect(decided).toMatchObject({ status: 'INCOMPLETE', exit: 'PENDING', reasons: ['idle-contradicted'] });
  });

  it('is contradicted by the register of the next package', () => {
    const { decided, codes } = play((packages, month, scene) => {
      if (month === 3)
        return [
          heatPackage(scene, monthOf(3), '0', { provenance: 'idle' }),
          outPackage(scene, monthOf(3), '0', { provenance: 'idle' }),
        ];
      if (month === 2) return [heatPackage(scene, monthOf(2), '90', register('410', '500')), packages[1]!];
      return month === 4 ? [heatPackage(scene, monthOf(4), '90', register('590', '680')), packages[1]!] : packages;
    });
    expect(codes).toEqual(['idle-contradicted', 'register-discontinuity']);
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('is contradicted by a register that stands still at another value than the one before', () => {
    const { decided, codes } = play((packages, month, scene) => {
      if (month === 3)
        return [
          heatPackage(scene, monthOf(3), '0', { provenance: 'idle', ...register('590', '590') }),
          outPackage(scene, monthOf(3), '0', { provenance: 'idle' }),
        ];
      return month === 2 ? [heatPackage(scene, monthOf(2), '90', register('410', '500')), packages[1]!] : packages;
    });
    expect(codes).toEqual(['idle-contradicted', 'register-discontinuity']);
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('is contradicted by output: energy declared idle while the product was made', () => {
    const { decided } = play((packages, month, scene) =>
      month === 3 ? [heatPackage(scene, monthOf(3), '0', { provenance: 'idle' }), packages[1]!] : packages,
    );
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['idle-contradicted'] });
  });

  it('that carries a quantity is contradicted by itself', () => {
    const { decided, codes } = play((packages, month, scene) =>
      month === 3 ? [heatPackage(scene, monthOf(3), '1', { provenance: 'idle' }), packages[1]!] : packages,
    );
    expect(codes).toEqual(['idle-contradicted']);
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('with a register that stood still is no contradiction', () => {
    const { decided, codes } = play((packages, month, scene) => {
      if (month === 3)
        return [
          heatPackage(scene, monthOf(3), '0', { provenance: 'idle', ...register('500', '500') }),
          outPackage(scene, monthOf(3), '0', { provenance: 'idle' }),
        ];
      return month === 2 ? [heatPackage(scene, monthOf(2), '90', register('410', '500')), packages[1]!] : packages;
    });
    expect(codes).toEqual([]);
    expect(decided.status).toBe('CERTIFIED');
  });
});

describe('a swapped unit', () => {
  it.each(['GJ', 'kWh', 'mmbtu'])('in %s for mmBtu is not counted: its months are gaps', (unit) => {
    const { decided, codes } = play((packages, month, scene) =>
      month >= 11 ? [heatPackage(scene, monthOf(month), '9', { unit }), packages[1]!] : packages,
    );
    expect(codes).toEqual(['unit-mismatch']);
    expect(decided.status).toBe('INCOMPLETE');
    expect(decided.reasons).toContain('data-gap');
  });

  it('of a product does not make it more', () => {
    const { decided, codes } = play(
      (packages, month, scene) =>
        month >= 11 ? [packages[0]!, outPackage(scene, monthOf(month), '10000', { unit: 'kWh' })] : packages,
      '101',
    );
    expect(codes).toEqual(['unit-mismatch']);
    expect(decided.status).not.toBe('CERTIFIED');
  });
});

describe("a label or kind that is not the boundary's", () => {
  it.each([
    ['carrier', { carrier: 'sunshine' }],
    ['product', { product: 'steam' }],
  ])('%s: not counted', (_, more) => {
    const { decided, codes } = play((packages, month, scene) =>
      month >= 11 ? [heatPackage(scene, monthOf(month), '9', more), packages[1]!] : packages,
    );
    expect(codes).toEqual(['label-mismatch']);
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('meter that no boundary names is not counted and not forgotten', () => {
    const { codes, decided } = play(
      (packages, month, scene) => [
        ...packages,
        scene.world.packageOf(
          scene.plant,
          'back-door',
          'product',
          monthOf(month).start,
          monthOf(month).end,
          quantity('50', { unit: 'MWh' }),
        ),
      ],
      '101',
    );
    expect(codes).toEqual(['meter-unknown']);
    expect(decided.status).toBe('NOT_QUALIFIED');
  });
});

describe('a left-out meter', () => {
  const two = boundaryText(
    `${METERS}
  gas: {kind: energy, at: pipe, counts: use, unit: mmBtu}`,
    '{gate: {carrier: waste_coal}, pipe: {carrier: gas}}',
  );
  const policy = { carriers: '{waste_coal: {unit: mmBtu, row: waste_coal}, gas: {unit: mmBtu, row: gas}}' };
  const gas = (scene: Scene, month: { start: number; end: number }) =>
    scene.world.packageOf(scene.plant, 'gas', 'energy', month.start, month.end, quantity('5'));

  it('of the boundary shows, and its energy is not taken as nothing', () => {
    const scene = createScene({ boundary: two, policy });
    for (const [year, energy] of [
      ['2024', '100'],
      ['2025', '90'],
    ] as const) {
      submitYear(scene, year, energy, '10', (packages, month) =>
        year === '2024' ? [...packages, gas(scene, monthSpan(`2024-${String(month).padStart(2, '0')}`))] : packages,
      );
    }
    const { decided, codes } = judge(scene);
    expect(codes).toEqual(['meter-missing']);
    expect(decided.status).toBe('INCOMPLETE');
    expect(decided.reasons).toContain('data-gap');
  });

  it('at a supply point that the boundary declares without any shows', () => {
    const { decided, codes } = play((same) => same, '90', {
      boundary: boundaryText(METERS, '{gate: {carrier: waste_coal}, pipe: {carrier: gas}}'),
    });
    expect(codes).toEqual(['supply-point-unmetered']);
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['supply-point-unmetered'] });
  });
});

describe('what is bought and what is used side by side', () => {
  const policy = { carriers: '{waste_coal: {unit: mmBtu, row: waste_coal}}' };
  const boundary = (belt: string) =>
    boundaryText(
      `
  heat: {kind: energy, at: gate, counts: import, unit: mmBtu}
  belt: {kind: energy, ${belt}, counts: use, unit: mmBtu}
  heap: {kind: stock, carrier: waste_coal, unit: mmBtu}
  out: {kind: product, product: electricity, unit: MWh}`,
      '{gate: {carrier: waste_coal}, yard: {carrier: waste_coal}}'.replace(
        belt.includes('yard') ? '' : ', yard: {carrier: waste_coal}',
        '',
      ),
    );
  /** 90 are used every month of both years; 1,000 more are bought in 2024 and lie on the heap from then on. */
  function stockpile(belt: string) {
    const scene = createScene({ boundary: boundary(belt), policy });
    const pack = (name: string, kind: string, { start, end }: { start: number; end: number }, amount: string) =>
      scene.world.packageOf(scene.plant, name, kind, start, end, quantity(amount));
    submit(scene, at('2024') + 3600, pack('heap', 'stock', monthSpan('2023-12'), '0'));
    for (const year of ['2024', '2025'])
      submitYear(scene, year, '90', '10', ([, out], month) => {
        const span = monthSpan(`${year}-${String(month).padStart(2, '0')}`);
        const bought = year === '2024' && month === 6 ? '1090' : '90';
        const heap = year === '2024' && month < 6 ? '0' : '1000';
        return [
          pack('heat', 'energy', span, bought),
          pack('belt', 'energy', span, '90'),
          pack('heap', 'stock', span, heap),
          out!,
        ];
      });
    return judge(scene);
  }

  it('is found, and no decision rests on it: what is bought for a heap would be saved when it is burnt', () => {
    for (const belt of ['carrier: waste_coal', 'at: gate']) {
      const { decided, codes } = stockpile(belt);
      expect(codes).toEqual(['carrier-counted-twice']);
      expect(decided.status).toBe('INCOMPLETE');
      expect(decided.reasons).toContain('carrier-counted-twice');
    }
  });

  it('under one another is counted once, with the heap', () => {
    const { decided, codes } = stockpile('under: heat');
    expect(codes).toEqual([]);
    expect(decided.status).toBe('NOT_QUALIFIED');
    const [product] = decided.evaluation!.products;
    expect(product!.headline!.baseline.energy).toEqual(product!.headline!.reporting.energy);
  });

  it('at two supply points are two, each with its own energy', () => {
    expect(stockpile('at: yard').codes).toEqual([]);
  });
});

describe('a heap that is counted when it suits', () => {
  const boundary = boundaryText(`
  heat: {kind: energy, at: gate, counts: import, unit: mmBtu}
  heap: {kind: stock, carrier: waste_coal, unit: mmBtu}
  out: {kind: product, product: electricity, unit: MWh}`);
  const edit = (policy: string): string => policy.replace(/longest_gap: \S+?(?=[,}\n])/u, 'longest_gap: P31D');
  const policy = { carriers: '{waste_coal: {unit: mmBtu, row: waste_coal}}' };
  /** 100 are bought and used every month; the heap stands at 500 and is counted at the end of each month, or as the cheat has it. */
  function count(cheat: (month: string) => { readonly end: number; readonly level: string } | null) {
    const scene = createScene({ boundary, policy, edit });
    const heap = (month: string) => {
      const { start, end } = monthSpan(month);
      const { level, end: counted } = cheat(month) ?? { level: '500', end };
      return scene.world.packageOf(scene.plant, 'heap', 'stock', start, counted, quantity(level));
    };
    submit(scene, at('2024') + 3600, heap('2023-12'));
    for (const year of ['2024', '2025'])
      submitYear(scene, year, '100', '10', (packages, month) => [
        ...packages,
        heap(`${year}-${String(month).padStart(2, '0')}`),
      ]);
    return judge(scene);
  }
  const energyOf = ({ decided }: ReturnType<typeof count>) => {
    const { baseline, reporting } = decided.evaluation!.products[0]!.headline!;
    return [baseline.energy.n, reporting.energy.n];
  };

  it('saves nothing: what was bought after the count of the edge is in no count of the baseline, and used in the period', () => {
    const honest = count(() => null);
    expect({ energy: energyOf(honest), status: honest.decided.status }).toEqual({
      energy: [1200n, 1200n],
      status: 'NOT_QUALIFIED',
    });
    // on 16 December 2024, when the 100 t of that month have not come and 50 of the heap are burnt
    const early = count((month) => (month === '2024-12' ? { end: at('2024-12-16'), level: '450' } : null));
    expect(early.decided.status).toBe('NOT_QUALIFIED');
    // by the counts alone: 1250 before, 1150 after
    expect(energyOf(early)).toEqual([1150n, 1250n]);
    expect(early.decided.evaluation!.products[0]!.reasons.map(({ code }) => code)).toContain('stock-timing');
  });

  it('is decided by packages that the decision names, also those from before the window', () => {
    const early = count((month) => (month === '2024-12' ? { end: at('2024-12-16'), level: '450' } : null));
    const honest = count(() => null);
    const roots = [early, honest].map(({ decided }) => decided.beside!.packages.reporting.counted);
    expect(roots[0]).toBe(roots[1]! + 1);
  });
});

describe('energy given off', () => {
  const boundary = (fed = 'at: gate, counts: export') =>
    boundaryText(`
  heat: {kind: energy, at: gate, counts: import, unit: mmBtu}
  fed: {kind: energy, ${fed}, unit: mmBtu}
  out: {kind: product, product: electricity, unit: MWh}`);
  const policy = { carriers: '{waste_coal: {unit: mmBtu, row: waste_coal}}' };
  const records = (direction: 'export' | undefined, amount: string): readonly OwnRecord[] =>
    monthsOf('2025').map(({ start, end }) => ({
      account: 'gate',
      ...(direction === undefined ? {} : { direction }),
      from: start,
      to: end,
      quantity: parseDecimal(amount),
      unit: 'mmBtu',
      estimated: false,
    }));

  /** 2024: 100 in, 10 out. 2025 as claimed; the supplier's books say `bought` in and 10 out, and he signs what he finds, of both directions or of one. */
  function claim(
    bought: string,
    fed: string,
    { at: place, compares = true }: { at?: string; compares?: boolean } = {},
  ) {
    const scene = createScene({ boundary: boundary(place), policy });
    for (const [year, taken, given] of [
      ['2024', '100', '10'],
      ['2025', bought, fed],
    ] as const)
      submitYear(scene, year, taken, '10', (packages, month) => {
        const { start, end } = monthSpan(`${year}-${String(month).padStart(2, '0')}`);
        return [...packages, scene.world.packageOf(scene.plant, 'fed', 'energy', start, end, quantity(given))];
      });
    const before = scene.world.replay().state;
    const applicant = plantOf(scene, before);
    const window = { start: at('2025'), end: at('2026') };
    const { proposal, lines } = compareUpstream({
      applicant,
      policy: before.policies[0]!.value,
      boundary: applicant.boundaries[0]!.value,
      window,
      labels: ['gate'],
      records: [...records(undefined, bought), ...records('export', '10')],
      accuracy: new Map(),
      loss: 'none',
      allSupplyPoints: true,
    });
    const signed = compares
      ? { verdict: proposal, lines }
      : { verdict: 'pass' as const, lines: lines.filter(({ direction }) => direction === undefined) };
    scene.world.append(scene.supplier, auditOf(scene, before, scene.supplier, window, signed));
    broadcastAt(scene, at('2026') + 21 * DAY);
    const { decided } = decideAt(scene, '2025', DECIDED);
    const [product] = decided.evaluation!.products;
    const reasons = product!.reasons.map(({ code, severity }) => `${severity} ${code}`);
    const { share } = decided.audits!.reporting.relations.find(({ relation }) => relation === 'upstream')!;
    const found = { status: decided.status, reasons: decided.reasons, verdict: product!.verdict };
    return { ...found, proposal, told: reasons, share: share === null ? null : ratioToText(share) };
  }

  it('that saved is certified where both directions agree with the books', () => {
    expect(claim('95', '10')).toMatchObject({ proposal: 'pass', status: 'CERTIFIED' });
  });

  it('and inflated is found by who takes it', () => {
    expect(claim('100', '20')).toMatchObject({
      proposal: 'fail',
      status: 'INCOMPLETE',
      reasons: ['audit-failed', 'audit-missing'],
    });
  });

  it('that no pass compared certifies nothing, and its supply point is not taken as audited', () => {
    const unseen = { status: 'INCOMPLETE', reasons: ['audit-missing', 'export-unaudited'], share: '0' };
    expect(claim('100', '20', { compares: false })).toMatchObject(unseen);
    // nor does it help to call it recovered
    expect(claim('100', '20', { at: 'at: gate, counts: recovered', compares: false })).toMatchObject(unseen);
    // what leaves at no supply point is seen by nobody, whatever share of what enters is audited
    const nowhere = claim('100', '20', { at: 'carrier: waste_coal, counts: export' });
    expect(nowhere).toMatchObject({ ...unseen, share: '1' });
  });

  it('and inflated within the tolerance is turned against the claimant', () => {
    expect(claim('100', '10.15')).toMatchObject({
      proposal: 'pass',
      status: 'NOT_QUALIFIED',
      verdict: 'not_distinguishable',
    });
  });

  it('and used on the site again rests on own meters: said, with its share, where it is much', () => {
    const inside = claim('100', '20', { at: 'carrier: waste_coal, counts: recovered', compares: false });
    expect(inside.told).toContain('moderate recovered-share');
    const little = claim('100', '5', { at: 'carrier: waste_coal, counts: recovered', compares: false });
    expect(little.told).not.toContain('moderate recovered-share');
  });
});

describe('a doubled package', () => {
  it('of product does not count twice', () => {
    const { decided, codes } = play(
      (packages, month, scene) => [...packages, outPackage(scene, monthOf(month), '10.5')],
      '101',
    );
    expect(codes).toEqual(['package-overlap']);
    expect(decided.status).toBe('NOT_QUALIFIED');
  });

  it('under a kind of its own is no second meter', () => {
    const { decided, codes } = play(
      (packages, month, scene) => [
        ...packages,
        scene.world.packageOf(
          scene.plant,
          'out',
          'value',
          monthOf(month).start,
          monthOf(month).end,
          quantity('10', { unit: 'MWh' }),
        ),
      ],
      '101',
    );
    expect(codes).toEqual(['kind-mismatch']);
    expect(decided.status).toBe('NOT_QUALIFIED');
  });
});

describe('a package moved to another month', () => {
  it('by copying does not open, and leaves a gap', () => {
    const { decided, codes } = play((packages, month, scene) => {
      if (month < 9) return packages;
      const { start, end } = monthOf(month);
      return [{ ...heatPackage(scene, monthOf(8), '90'), interval: [start, end] }, packages[1]!];
    });
    expect(codes).toEqual(['commit-mismatch']);
    expect(decided.reasons).toContain('data-gap');
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('before it is audited: the energy of December given as of next January leaves a gap too', () => {
    const { decided } = play((packages, month) => (month >= 10 ? [packages[1]!] : packages));
    expect(decided.reasons).toContain('data-gap');
    expect(decided.status).toBe('INCOMPLETE');
  });
});

describe('a back-dated package', () => {
  it('is late, and counts for nothing where the policy excludes it', () => {
    const scene = createScene({ policy: { late: 'exclude' } });
    submitYear(scene, '2024', '100', '10');
    for (const month of monthsOf('2025').slice(0, 10))
      submit(scene, month.end + DAY, heatPackage(scene, month, '90'), outPackage(scene, month, '10'));
    for (const month of monthsOf('2025').slice(10)) broadcastAt(scene, month.end + 40 * DAY);
    submit(
      scene,
      at('2026') + 41 * DAY,
      ...monthsOf('2025')
        .slice(10)
        .map((month) => heatPackage(scene, month, '1')),
      ...monthsOf('2025')
        .slice(10)
        .map((month) => outPackage(scene, month, '10')),
    );
    const { decided, codes } = judge(scene);
    expect(codes).toContain('package-late');
    expect(decided.status).toBe('INCOMPLETE');
    expect(decided.reasons).toContain('data-gap');
  });

  it('of a month that has not passed is premature', () => {
    const { codes } = play((packages, month, scene) =>
      month === 6 ? [...packages, heatPackage(scene, monthOf(7), '1')] : packages,
    );
    expect(codes).toEqual(['package-premature']);
  });
});

describe("an audit by the applicant's own second organisation", () => {
  const second = (scene: Scene, keySeed?: string): void => {
    const { world, plant } = scene;
    const shell = world.join('Shell', keySeed === undefined ? {} : { keySeed });
    broadcastAt(scene, at('2026-01-05'));
    const relations = [{ applicant: plant.id, relation: 'upstream' as const, labels: ['gate'] }];
    world.append(world.body, entryOf('admit', admitContent, { org: shell.id, roles: ['auditor'], relations }));
    world.append(shell, auditOf(scene, world.replay().state, shell, { start: at('2025'), end: at('2026') }));
    broadcastAt(scene, at('2026-01-20'));
  };

  function played(keySeed?: string) {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    second(scene, keySeed);
    const { state, decided } = decideAt(scene, '2025', DECIDED);
    return { decided, codes: codesOf([...state.findings, ...decided.findings]) };
  }

  it("under the applicant's key is found and does not count", () => {
    const { decided, codes } = played('Plant');
    expect(codes).toEqual(expect.arrayContaining(['key-reused']));
    expect(codes.some((code) => code === 'audit-not-admitted' || code === 'audit-shared-key')).toBe(true);
    expect(decided).toMatchObject({ status: 'INCOMPLETE', reasons: ['audit-missing'] });
  });

  it("under the certification body's key is found and does not count", () => {
    const { decided, codes } = played('certification body');
    expect(codes).toContain('key-reused');
    expect(decided.status).toBe('INCOMPLETE');
  });

  it('under a key of its own counts: who is admitted is for the body to say', () => {
    expect(played().decided.status).toBe('CERTIFIED');
  });

  it('by the applicant itself does not count', () => {
    const scene = createScene({ admit: { roles: ['applicant', 'auditor'] } });
    submitYear(scene, '2024', '100', '10');
    submitYear(scene, '2025', '90', '10');
    const { world, plant } = scene;
    const relations = [{ applicant: plant.id, relation: 'upstream' as const, labels: ['gate'] }];
    world.append(
      world.body,
      entryOf('admit', admitContent, { org: plant.id, roles: ['applicant', 'auditor'], relations }),
    );
    world.append(plant, auditOf(scene, world.replay().state, plant, { start: at('2025'), end: at('2026') }));
    broadcastAt(scene, at('2026-01-20'));
    const { state, decided } = decideAt(scene, '2025', DECIDED);
    expect(codesOf(state.findings)).toEqual(['audit-own-organisation']);
    expect(decided.reasons).toEqual(['audit-missing']);
  });
});

describe('main and sub-meter', () => {
  const tree = boundaryText(`${METERS}
  boiler: {kind: energy, under: heat, counts: use, product: electricity, unit: mmBtu}`);
  const boiler = (scene: Scene, { start, end }: { start: number; end: number }, amount: string) =>
    scene.world.packageOf(scene.plant, 'boiler', 'energy', start, end, quantity(amount));

  function played(boilerOf: (year: string) => string) {
    const scene = createScene({ boundary: tree });
    for (const [year, energy] of [
      ['2024', '100'],
      ['2025', '90'],
    ] as const) {
      for (const month of monthsOf(year))
        submit(
          scene,
          month.end + DAY,
          heatPackage(scene, month, energy),
          outPackage(scene, month, '10'),
          boiler(scene, month, boilerOf(year)),
        );
    }
    return judge(scene);
  }

  it('never count twice: the baseline is what the main meter says', () => {
    const { decided, codes } = played((year) => (year === '2024' ? '80' : '70'));
    const { headline } = decided.evaluation!.products[0]!;
    expect(codes).toEqual([]);
    expect(compareRatio(headline!.baseline.energy, { n: 1200n, d: 1n })).toBe(0);
    expect(compareRatio(headline!.reporting.energy, { n: 1080n, d: 1n })).toBe(0);
  });

  it('with more below than above: a negative rest is found and never lowers the reporting period', () => {
    const { decided } = played((year) => (year === '2024' ? '80' : '101'));
    const [product] = decided.evaluation!.products;
    expect(product!.reasons.map(({ code }) => code)).toContain('negative-rest');
    expect(compareRatio(product!.headline!.reporting.energy, { n: 1212n, d: 1n })).toBe(0);
    expect(decided.status).toBe('NOT_QUALIFIED');
  });

  it('with more below than above in the baseline: the baseline is not raised', () => {
    const { decided } = played((year) => (year === '2024' ? '200' : '70'));
    const [product] = decided.evaluation!.products;
    expect(product!.reasons.map(({ code }) => code)).toContain('negative-rest');
    expect(compareRatio(product!.headline!.baseline.energy, { n: 1200n, d: 1n })).toBeLessThanOrEqual(0);
  });

  it('cannot be declared after the period began', () => {
    const scene = createScene();
    submitYear(scene, '2024', '100', '10');
    const { world, plant } = scene;
    world.append(plant, documentEntry('boundary', tree));
    broadcastAt(scene, at('2025') + 3 * DAY);
    world.append(world.body, entryOf('accept', acceptContent, { org: plant.id, boundary: digestOf(tree) }));
    for (const month of monthsOf('2025'))
      submit(
        scene,
        month.end + DAY,
        heatPackage(scene, month, '101'),
        outPackage(scene, month, '10'),
        boiler(scene, month, '95'),
      );
    const { decided, codes } = judge(scene);
    expect(decided.content!.boundary).toBe(plantOf(scene, world.replay().state).boundaries[0]!.digest);
    expect(codes).toContain('meter-unknown');
    expect(decided.status).toBe('NOT_QUALIFIED');
  });
});

describe('product scaled up', () => {
  it('by leaving out its worst month is taken as nothing made', () => {
    const { decided } = play((packages, month) => (month === 12 ? [packages[0]!] : packages), '99', {
      edit: (text) =>
        text.replace(
          'per_meter: "0.90", joint: "0.90", longest_gap: P10D',
          'per_meter: "0.50", joint: "0.50", longest_gap: P40D',
        ),
    });
    expect(decided.evaluation!.products[0]!.withoutFill!.saved || decided.status === 'NOT_QUALIFIED').toBe(true);
    expect(decided.status).toBe('NOT_QUALIFIED');
  });
});

describe('a register that does not go on', () => {
  it('is found', () => {
    const { codes } = play((packages, month, scene) => {
      if (month === 2) return [heatPackage(scene, monthOf(2), '90', register('410', '500')), packages[1]!];
      return month === 3 ? [heatPackage(scene, monthOf(3), '90', register('700', '790')), packages[1]!] : packages;
    });
    expect(codes).toEqual(['register-discontinuity']);
  });

  it('or that does not fit the quantity is found', () => {
    const { codes } = play((packages, month, scene) =>
      month === 2 ? [heatPackage(scene, monthOf(2), '45', register('410', '500')), packages[1]!] : packages,
    );
    expect(codes).toEqual(['register-discontinuity']);
  });
});

it("a submission by somebody else under the same meter names is nobody's but its own", () => {
  const scene = createScene();
  submitYear(scene, '2024', '100', '10');
  const other = scene.world.join('Neighbour');
  scene.world.append(
    scene.world.body,
    entryOf('admit', admitContent, { org: other.id, roles: ['applicant'], relations: [] }),
  );
  scene.world.append(
    other,
    packageEntry(scene.world.packageOf(other, 'heat', 'energy', at('2025'), monthOf(1).end, quantity('1'))),
  );
  submitYear(scene, '2025', '90', '10');
  const { decided } = judge(scene);
  expect(compareRatio(decided.evaluation!.products[0]!.headline!.reporting.energy, { n: 1080n, d: 1n })).toBe(0);
});
