/** Audits by the commands over real data and over the peers of an oracle: what is found, with which figures. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../src/calc/decimal.ts';
import {
  addRatio,
  compareRatio,
  divideRatio,
  multiplyRatio,
  type Rational,
  ratioOfDecimal,
  ratioOfText,
  subtractRatio,
  ZERO,
} from '../../src/calc/ratio.ts';
import { roundPlaces } from '../../src/calc/rounding.ts';
import { at, DAY, meterRows, townPolicy } from '../support/audit-town.ts';
import { PLANTS, readPlant } from '../support/epa.ts';
import { midnight } from '../support/epa-ledger.ts';
import { policyText } from '../support/policy-text.ts';
import { hasShared, sharedJson } from '../support/shared.ts';
import { createWorksTown, type WorksTown } from '../support/works-town.ts';

interface Line {
  readonly label: string;
  readonly reported: string;
  readonly own: string | null;
  readonly en: string | null;
  readonly agrees: boolean;
  readonly note: string | null;
}

interface Ran {
  readonly audits: readonly {
    readonly window: string;
    readonly figures: { readonly proposal: string; readonly others: number | null; readonly lines: readonly Line[] };
  }[];
}

describe.skipIf(!hasShared)('a plant of the EPA that reports 3 % less fuel than it burnt', () => {
  const MONTH = '2022-07';
  const plant = hasShared ? readPlant(PLANTS[0]) : undefined;
  let town: WorksTown;

  const days = plant?.days.filter(({ date }) => date.startsWith(MONTH)) ?? [];
  const burnt = days.reduce((sum, { energy }) => addRatio(sum, ratioOfText(energy ?? '0')), ZERO);

  beforeAll(async () => {
    town = await createWorksTown({
      founded: midnight('2021-12-10'),
      // a flat 5 % would let it pass
      policy: policyText({ first: '2022-01-01', length: 'P1M' }).replace('solid: "0.02"', 'solid: "0.05"'),
      works: { plant: 'Plant' },
      auditors: { mine: 'Mine' },
      relations: { Mine: ['upstream:Plant:coal-gate'] },
      boundary: () => `joulemark: boundary/1
applicant: Plant
supply_points: {coal-gate: {carrier: waste_coal}}
meters:
  heat: {kind: energy, at: coal-gate, counts: import, unit: mmBtu, accuracy: "0.01"}
  out: {kind: product, product: ${plant?.productType ?? ''}, unit: ${plant?.productUnit ?? ''}}
`,
      meters: `joulemark: profile/1
reads: meters
file: {encoding: utf-8}
time: {column: date, format: yyyy-MM-dd, zone: UTC}
cells: {blank: idle}
shape: wide
columns:
  heat: {meter: heat, unit: mmBtu}
  out: {meter: out, unit: ${plant?.productUnit ?? ''}}
`,
    });
    town.write(
      'mine',
      'deliveries.yaml',
      `joulemark: profile/1
reads: deliveries
file: {encoding: utf-8}
time: {column: date, format: yyyy-MM-dd, zone: UTC}
shape: {account: gate, value: mmbtu, unit: mmBtu}
account: {"1": coal-gate}
accuracy: {coal-gate: "0.005"}
`,
    );
    town.write(
      'mine',
      'deliveries.csv',
      ['date,gate,mmbtu', ...days.map(({ date, energy }) => `${date},1,${energy ?? '0'}`)].join('\n'),
    );
  }, 60_000);
  afterAll(() => town.remove());

  const RUN = ['audit', 'run', 'Plant', '--window', MONTH, '--records', 'deliveries.csv'].concat([
    '--profile',
    'deliveries.yaml',
    '--all-supply-points',
    'yes',
  ]);

  /** Submits the month with the fuel times a share, and what the mine then finds. */
  async function audited(share: string): Promise<{ readonly proposal: string; readonly line: Line }> {
    const fuel = (text: string | undefined): string =>
      text === undefined ? '' : roundPlaces(multiplyRatio(ratioOfDecimal(parseDecimal(text)), ratioOfText(share)), 6);
    town.now = Math.max(town.now, midnight('2022-08-08'));
    const rows = days.map(({ date, energy, product }) => `${date},${fuel(energy)},${product ?? ''}`);
    await town.submit('plant', 'july.csv', ['date,heat,out', ...rows].join('\n'));
    await town.turn('plant', 'mine');
    const run = await town.json<Ran>('mine', ...RUN);
    return { proposal: run.audits[0]!.figures.proposal, line: run.audits[0]!.figures.lines[0]! };
  }

  it('is found by its supplier with meters of 1 % and 0.5 %, inside a flat tolerance of 5 %', async () => {
    expect(days.length).toBe(31);
    const { proposal, line } = await audited('0.97');
    expect(proposal).toBe('fail');
    expect(line).toMatchObject({ label: 'coal-gate', agrees: false });
    const [reported, own] = [ratioOfText(line.reported), ratioOfText(line.own ?? '0')];
    expect(compareRatio(own, burnt)).toBe(0);
    // En^2 = (0.03 own)^2 / ((0.01 x 0.97 own)^2 + (0.005 own)^2) = 0.0009 / 0.00011909
    const enSquared = divideRatio(ratioOfText('0.0009'), ratioOfText('0.00011909'));
    expect(roundPlaces(multiplyRatio(ratioOfText(line.en ?? '0'), ratioOfText(line.en ?? '0')), 6)).toBe(
      roundPlaces(enSquared, 6),
    );
    expect(roundPlaces(divideRatio(subtractRatio(reported, own), own), 6)).toBe('-0.030000');
    await town.ok('mine', 'audit', 'sign', 'Plant');
    await town.turn('mine');
    town.now = midnight('2022-10-05');
    await town.ok('body', 'broadcast');
    const decided = await town.run('body', 'certify', 'run', 'Plant', '--period', MONTH, '--json');
    expect(decided.status).not.toBe(0);
    expect((JSON.parse(decided.stdout) as { status: string }).status).not.toBe('CERTIFIED');
    await town.ok('plant', 'sync');
    expect(await town.json('plant', 'audit', 'show', 'Mine/1')).toMatchObject({
      verdict: 'fail',
      counts: true,
    });
  }, 60_000);
});

interface RobustCase {
  readonly peers: readonly number[];
  readonly median: string;
  readonly applicants?: readonly { readonly x: number; readonly robust_z: number; readonly mean_sd_z: number }[];
}

describe.skipIf(!hasShared)('seven small peers, one of them contaminated', () => {
  const one = hasShared
    ? sharedJson<{ cases: readonly RobustCase[] }>('oracles/peer/robust_peer_cases.json').cases.at(-1)
    : undefined;
  const outlier = one?.applicants?.[0];
  const peers = (one?.peers ?? []).map((_, index) => [`p${index}`, `Peer ${index}`] as const);
  let town: WorksTown;

  beforeAll(async () => {
    town = await createWorksTown({
      policy: townPolicy({ length: 'P1M', relations: '{at_least: "1", always: [peer]}' }).replace(
        'needed: "1"',
        'needed: "2"',
      ),
      works: { works: 'Works', ...Object.fromEntries(peers) },
      auditors: {},
      relations: Object.fromEntries(peers.map(([, name]) => [name, ['peer:Works:cement']])),
    });
    // 10 t a day each: a figure of the oracle is tens of kWh a day
    town.now = at('2026-03-03');
    await town.submit(
      'works',
      'january.csv',
      meterRows('2026-01', () => '1400'),
    );
    await town.submit(
      'works',
      'february.csv',
      meterRows('2026-02', () => String((outlier?.x ?? 0) * 10)),
    );
    for (const [index, [folder]] of peers.entries())
      await town.submit(
        folder,
        'february.csv',
        meterRows('2026-02', () => String((one?.peers[index] ?? 0) * 10)),
      );
    await town.turn('works', ...peers.map(([folder]) => folder));
    town.now = at('2026-03-08');
    await town.turn('works', ...peers.map(([folder]) => folder));
  }, 240_000);
  afterAll(() => town.remove());

  it('three are drawn, and each finds the outlier that mean and deviation would hide', async () => {
    expect(Math.abs(outlier?.mean_sd_z ?? 9)).toBeLessThan(2);
    const drawn: string[] = [];
    for (const [folder] of peers) {
      const { tasks } = await town.json<{ tasks: readonly { readonly window: string }[] }>(folder, 'audit', 'list');
      if (tasks.some(({ window }) => window === '2026-02')) drawn.push(folder);
    }
    expect(drawn).toHaveLength(3);
    for (const folder of drawn) {
      const { audits } = await town.json<Ran>(folder, 'audit', 'run', 'Works', '--window', '2026-02');
      const { proposal, others, lines } = audits[0]!.figures;
      expect({ proposal, others }).toEqual({ proposal: 'fail', others: 7 });
      expect(lines[0]?.note).toBe(`7 others, robust z ${roundPlaces(ratioOfText(String(outlier?.robust_z)), 2)}`);
      // GJ/t: the oracle's figure is kWh/t
      const expected: Rational = multiplyRatio(ratioOfText(one?.median ?? '0'), ratioOfText('0.0036'));
      expect(compareRatio(ratioOfText(lines[0]?.own ?? '0'), expected)).toBe(0);
      await town.ok(folder, 'audit', 'sign', 'Works', '--window', '2026-02');
    }
    await town.turn(...drawn);
    town.now = at('2026-03-01') + 61 * DAY;
    await town.ok('body', 'broadcast');
    const run = await town.run('body', 'certify', 'run', 'Works', '--period', '2026-02', '--json');
    // 110 after 140 is a fifth less energy a tonne, on paper
    expect(run.status).toBe(5);
    const { status, reasons } = JSON.parse(run.stdout) as { status: string; reasons: readonly string[] };
    expect(status).toBe('INCOMPLETE');
    expect(reasons).toContain('audit-failed');
  }, 120_000);
});
