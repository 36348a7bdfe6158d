import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { main } from '../../src/main.ts';
import type { CusumView } from '../../src/programme/cusum.ts';
import type { DecisionView } from '../../src/programme/decision-view.ts';
import type { DecisionDiff } from '../../src/programme/diff-decisions.ts';
import type { PendingChain } from '../../src/programme/simulate.ts';
import { openGitStore } from '../../src/ledger/store/git-store.ts';
import { carry, createMeterHomes, type MeterHomes, type Run } from '../support/meter-homes.ts';
import { changedFiles, readFolder } from '../support/folder-state.ts';
import { policyText } from '../support/policy-text.ts';
import { createTranscriptWorld, textOf } from '../support/transcript-world.ts';

// One plant with round figures: January 2024 is the baseline of February. Every figure below is redone here in whole numbers.

const BOUNDARY = `joulemark: boundary/1
applicant: guangnan-cement
supply_points: {coal-gate: {carrier: waste_coal}}
meters:
  heat: {kind: energy, at: coal-gate, counts: use, product: electricity, reads: interval, unit: mmBtu}
  out: {kind: product, product: electricity, reads: interval, unit: MWh}
`;
const PROFILE = `joulemark: profile/1
reads: meters
file: {}
time: {column: day, format: yyyy-MM-dd, zone: UTC, stamp: start}
shape: wide
columns: COLUMNS
`;
const at = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 1000;

/** Heat of a day: 100 + day in January, 95 + day in February, each for 10 MWh; days count from 1. */
const heatOf = (month: number, day: number): number => (month === 1 ? 100 : 95) + day;
const days = (month: number): readonly number[] =>
  Array.from({ length: month === 1 ? 31 : 29 }, (_, index) => index + 1);
const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0);
const outSum = (month: number): number => days(month).length * 10;
const JANUARY_HEAT = sum(days(1).map((day) => heatOf(1, day)));
/** February as it came at first: without its last day. */
const MEASURED = sum(days(2).map((day) => heatOf(2, day))) - heatOf(2, 29);
/** A gap takes the highest day of both months: the last of January. */
const WITH_GAP = MEASURED + heatOf(1, 31);
/** 10 February is corrected to more than any day had. */
const CORRECTED = 210;
const MEASURED_CORRECTED = MEASURED - heatOf(2, 10) + CORRECTED;
const CORRECTED_WITH_GAP = MEASURED_CORRECTED + CORRECTED;
/** In the end the last day comes too, late. */
const COMPLETE = MEASURED_CORRECTED + heatOf(2, 29);

/** n/d in lowest terms. */
function exact(n: number, d: number): string {
  let [a, b] = [Math.abs(n), d];
  while (b !== 0) [a, b] = [b, a % b];
  return `${n / (a || 1)}/${d / (a || 1)}`;
}

/** 100 (e_b - e_r) / e_b with e = heat / output, for this heat of February. */
const ratePercent = (heat: number): string =>
  exact(100 * (JANUARY_HEAT * outSum(2) - heat * outSum(1)), JANUARY_HEAT * outSum(2));
/** e_b x output of February, less this heat. */
const saving = (heat: number): string => exact(JANUARY_HEAT * outSum(2) - heat * outSum(1), outSum(1));

interface Simulation {
  readonly covered: DecisionView;
  readonly withPending: DecisionView | null;
  readonly pending: readonly PendingChain[];
  readonly opens: string | null;
  readonly period: string;
  readonly standing: { readonly number: string | null; readonly block: number } | null;
}

let homes: MeterHomes;

async function body(...argv: readonly string[]): Promise<Run> {
  const world = createTranscriptWorld({ cwd: homes.folder, env: { JOULEMARK_HOME: homes.body }, now: homes.now });
  const status = await main(argv, world);
  return { status, stdout: textOf(world, 'stdout'), stderr: textOf(world, 'stderr') };
}

/** The applicant learns what the certification body has decided; nothing of its own is covered by that. */
function bringBack(): void {
  const [from, to] = [homes.body, homes.applicant].map((home) => openGitStore(join(home, 'ledger.git')));
  carry(from!, to!, 'refs/heads/programme');
}

/** What a command prints with --json; T says what the test takes it for. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
async function json<T>(...argv: readonly string[]): Promise<{ readonly status: number; readonly result: T }> {
  const { status, stdout, stderr } = await homes.run(...argv, '--json');
  expect(stderr).toBe('');
  return { status, result: JSON.parse(stdout) as T };
}

async function submit(month: number, isHere: (day: number) => boolean = () => true): Promise<void> {
  const date = (day: number): string => `2024-0${month}-${String(day).padStart(2, '0')}`;
  const heat = days(month).filter(isHere);
  const files = [
    ['heat', heat.map((day) => `${date(day)},${heatOf(month, day)}`)],
    ['out', days(month).map((day) => `${date(day)},10`)],
  ] as const;
  for (const [meter, rows] of files) {
    const unit = meter === 'heat' ? 'mmBtu' : 'MWh';
    homes.write('profile.yaml', PROFILE.replace('COLUMNS', `{value: {meter: ${meter}, unit: ${unit}}}`));
    homes.write('month.csv', ['day,value', ...rows].join('\n'));
    expect(await homes.run('meter', 'submit', 'month.csv', '--profile', 'profile.yaml')).toMatchObject({ status: 0 });
  }
}

/** The place of the decision on a period. */
async function decisionOf(period: string): Promise<string> {
  const { stdout } = await homes.run('certify', 'list', '--json');
  const { rows } = JSON.parse(stdout) as {
    rows: readonly { readonly period: string; readonly block: number | null }[];
  };
  return `${rows.find((row) => row.period === period)!.block}:0`;
}

beforeAll(async () => {
  homes = await createMeterHomes({
    policy: policyText({ first: '2024-01-01', length: 'P1M' }),
    boundary: BOUNDARY,
    now: at('2023-12-01'),
  });
  homes.now = at('2024-02-02');
  await submit(1);
  await homes.broadcast();
  homes.now = at('2024-03-02');
  await submit(2, (day) => day < 29);
});
afterAll(() => homes.remove());

const FEBRUARY = ['guangnan-cement', '--period', '2024-02'] as const;

describe('certify simulate', () => {
  test('what is pending is told, and what the answer would be with it; nothing is appended', async () => {
    const before = readFolder(homes.applicant);
    const { status, result } = await json<Simulation>('certify', 'simulate', ...FEBRUARY);
    // nothing of February is covered: no figures, not yet
    expect(status).toBe(5);
    expect(result.covered).toMatchObject({ status: 'INCOMPLETE', products: [{ verdict: 'insufficient_data' }] });
    expect(result.pending).toMatchObject([
      { organisation: 'guangnan-cement', blocks: 2, packages: 57, corrections: 0, audits: 0, others: 0 },
    ]);
    const [product] = result.withPending!.products;
    expect(product!.baseline!.exact).toBe(exact(JANUARY_HEAT, outSum(1)));
    expect(product!.reporting!.exact).toBe(exact(WITH_GAP, outSum(2)));
    expect(product!.ratePercent!.exact).toBe(ratePercent(WITH_GAP));
    expect(product!.verdict).toBe('saved');
    expect(changedFiles(before, readFolder(homes.applicant))).toEqual([]);
  });

  test('says both for people, and when the period can be decided', async () => {
    const { stdout } = await homes.run('certify', 'simulate', ...FEBRUARY);
    expect(stdout).toContain('the period can be decided from 2024-04-30 on; judged as if nothing more came');
    expect(stdout).toContain('guangnan-cement: 2 blocks with 57 packages');
    expect(stdout.indexOf('covered')).toBeLessThan(stdout.indexOf('pending'));
  });

  test('once covered, the figures are those of the answer itself, and nothing is pending', async () => {
    await homes.broadcast();
    const { result, status } = await json<Simulation>('certify', 'simulate', ...FEBRUARY);
    expect(result).toMatchObject({ pending: [], withPending: null, standing: null });
    expect(result.covered.products[0]!.ratePercent!.exact).toBe(ratePercent(WITH_GAP));
    // the programme asks for an audit, and nobody gave one
    expect({ status, reasons: result.covered.reasons }).toEqual({ status: 5, reasons: ['audit-missing'] });
  });

  test('a pending correction: both rates, each from its own sum', async () => {
    const correct = ['heat', '2024-02-10', String(CORRECTED), '--because', 'transcription'];
    expect(await homes.run('meter', 'correct', ...correct)).toMatchObject({ status: 0, stderr: '' });
    const { result } = await json<Simulation>('certify', 'simulate', ...FEBRUARY);
    expect(result.pending).toMatchObject([{ blocks: 1, packages: 0, corrections: 1 }]);
    expect(result.covered.products[0]).toMatchObject({
      verdict: 'saved',
      ratePercent: { exact: ratePercent(WITH_GAP) },
    });
    expect(result.withPending!.products[0]).toMatchObject({
      verdict: 'not_saved',
      ratePercent: { exact: ratePercent(CORRECTED_WITH_GAP) },
    });
    await homes.broadcast();
  });

  test('without --period it is the one to be decided next', async () => {
    homes.now = at('2024-07-15');
    const { result } = await json<Simulation>('certify', 'simulate', 'guangnan-cement');
    expect(result.period).toBe('2024-01');
  });
});

describe('certify diff', () => {
  let february = '';

  test('a decision and now: nothing differs before anything came', async () => {
    expect((await body('certify', 'run', ...FEBRUARY)).status).toBe(4);
    bringBack();
    february = await decisionOf('2024-02');
    const { status, result } = await json<DecisionDiff>('certify', 'diff', february);
    expect(status).toBe(0);
    expect(result).toMatchObject({ same: true, data: [], factors: [], method: [], policy: [], boundary: [] });
    expect((await homes.run('certify', 'diff', february, 'now')).stdout).toContain('nothing differs');
    const simulated = await json<Simulation>('certify', 'simulate', ...FEBRUARY);
    expect(simulated.result.standing).toMatchObject({ status: 'INCOMPLETE' });
  });

  test('a package that came since: the slot, the sums, the figures and their differences, exact', async () => {
    await submit(2);
    await homes.broadcast();
    const { result } = await json<DecisionDiff>('certify', 'diff', february);
    expect(result.same).toBe(false);
    expect(result.data).toEqual([
      {
        side: 'reporting',
        meter: 'heat',
        kind: 'energy',
        sameWindow: true,
        packages: { a: 28, b: 29 },
        added: 1,
        removed: 0,
        changed: 0,
        quantity: {
          a: { exact: `${MEASURED_CORRECTED}/1`, displayed: '3,171.000' },
          b: { exact: `${COMPLETE}/1`, displayed: '3,295.000' },
          difference: { exact: `${heatOf(2, 29)}/1`, displayed: '124.000' },
        },
        unit: 'mmBtu',
        slots: [{ interval: '2024-02-29', a: null, b: '124 mmBtu, metered' }],
      },
    ]);
    const figure = (name: string) => result.figures.find((one) => one.figure === name)!;
    expect(figure('energy, reporting')).toMatchObject({
      same: false,
      a: { exact: `${CORRECTED_WITH_GAP}/1` },
      b: { exact: `${COMPLETE}/1` },
      difference: { exact: `${COMPLETE - CORRECTED_WITH_GAP}/1` },
    });
    expect(figure('energy, baseline')).toMatchObject({ same: true, difference: { exact: '0/1' } });
    expect(figure('saving rate')).toMatchObject({
      a: { exact: ratePercent(CORRECTED_WITH_GAP) },
      b: { exact: ratePercent(COMPLETE) },
      difference: { exact: exact(100 * (CORRECTED_WITH_GAP - COMPLETE) * outSum(1), JANUARY_HEAT * outSum(2)) },
    });
    expect(figure('saving')).toMatchObject({
      a: { exact: saving(CORRECTED_WITH_GAP) },
      b: { exact: saving(COMPLETE) },
    });
    expect(result.verdicts).toEqual([{ product: 'electricity', a: 'not_saved', b: 'saved' }]);
    expect([result.method, result.policy, result.boundary, result.factors]).toEqual([[], [], [], []]);
  });

  test('for people: the change, and what did not change', async () => {
    const { stdout } = await homes.run('certify', 'diff', february);
    expect(stdout).toMatch(/reporting +heat +energy +1 added +3,171\.000 -> 3,295\.000 mmBtu/);
    expect(stdout).toMatch(/2024-02-29 +none -> 124 mmBtu, metered/);
    expect(stdout).toContain('not_saved -> saved');
    expect(stdout).toContain('policy: no difference');
  });

  test('two decisions of different periods: windows are named, packages counted', async () => {
    homes.now = at('2024-09-01');
    expect((await body('certify', 'run', 'guangnan-cement', '--period', '2024-03')).status).toBe(4);
    bringBack();
    const { result } = await json<DecisionDiff>('certify', 'diff', february, await decisionOf('2024-03'));
    expect(result.method).toEqual([
      { path: 'window baseline', a: '2024-01', b: '2024-02' },
      { path: 'window reporting', a: '2024-02', b: '2024-03' },
    ]);
    const heat = result.data.find(({ side, meter }) => side === 'baseline' && meter === 'heat')!;
    expect(heat).toMatchObject({ sameWindow: false, packages: { a: 31, b: 29 }, slots: [] });
    expect([heat.quantity!.a.exact, heat.quantity!.b.exact]).toEqual([`${JANUARY_HEAT}/1`, `${COMPLETE}/1`]);
  });
});

describe('certify explain --monthly', () => {
  test.each([
    ['of a decision, at its place: used more, to the left of the line', () => CORRECTED_WITH_GAP, false, / #+\|$/m],
    ['as it stands now: saved, to the right', () => COMPLETE, true, / \|#+$/m],
  ])('%s', async (_, heat, isNow, chart) => {
    const subject = isNow ? FEBRUARY : [await decisionOf('2024-02')];
    const { result } = await json<{ monthly: readonly CusumView[] }>('certify', 'explain', ...subject, '--monthly');
    const saved = saving(heat());
    expect(result.monthly[0]).toMatchObject({
      product: 'electricity',
      referenceFrom: 'baseline',
      reference: { exact: exact(JANUARY_HEAT, outSum(1)) },
      months: [
        {
          month: '2024-02',
          energy: { exact: `${heat()}/1` },
          saving: { exact: saved },
          cumulative: { exact: saved },
          complete: isNow,
          height: isNow ? 100 : -100,
        },
      ],
      rest: null,
      total: { exact: saved },
    });
    const { stdout } = await homes.run('certify', 'explain', ...subject, '--monthly');
    expect(stdout).toMatch(chart);
    expect(stdout.includes('* gaps filled against the claimant')).toBe(!isNow);
  });
});
