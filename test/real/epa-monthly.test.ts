import { beforeAll, describe, expect, it } from 'vitest';
import { cumulativeSavings } from '../../src/calc/cusum.ts';
import { evaluate } from '../../src/calc/evaluate.ts';
import { addRatio, compareRatio, ratioOfText, subtractRatio, sumRatios } from '../../src/calc/ratio.ts';
import { type CusumView, monthlySavings } from '../../src/programme/cusum.ts';
import { calendarWindows } from '../../src/programme/calendar.ts';
import { type Decided, decide } from '../../src/programme/decide.ts';
import { periodNamed } from '../../src/programme/rules.ts';
import type { ProgrammeState } from '../../src/programme/state.ts';
import { PLANTS, readPlant, readRows } from '../support/epa.ts';
import { createEpaLedger, type EpaLedger, midnight } from '../support/epa-ledger.ts';
import { plantInput, readPlant as readReadings } from '../support/epa-plant.ts';
import { hasShared } from '../support/shared.ts';

const YEARS = ['2013', '2014', '2015', '2022'];
const DECIDED_AT = midnight('2023-03-05');
const MONTHS = Array.from({ length: 12 }, (_, index) => `2022-${String(index + 1).padStart(2, '0')}`);

/** A figure of the published file in thousandths, as a whole number: nothing of the project's arithmetic. */
function thousandths(text: string | undefined): bigint {
  if (text === undefined || text === '') return 0n;
  const [whole = '0', places = ''] = text.split('.');
  return BigInt(whole) * 1000n + BigInt(places.padEnd(3, '0'));
}

/** Energy and output of the days whose date begins so, in thousandths. */
function sums(id: string, ...dates: readonly string[]): { readonly energy: bigint; readonly output: bigint } {
  const days = readPlant(id).days.filter(({ date }) => dates.some((begin) => date.startsWith(begin)));
  return {
    energy: days.reduce((sum, day) => sum + thousandths(day.energy), 0n),
    output: days.reduce((sum, day) => sum + thousandths(day.product), 0n),
  };
}

/** a/b and c/d are one number. */
function isSame(exact: string, n: bigint, d: bigint): boolean {
  const [top = '', bottom = ''] = exact.split('/');
  return BigInt(top) * d === n * BigInt(bottom);
}

describe.skipIf(!hasShared)('savings by month of four EPA plants, 2022 against 2013-2015', () => {
  let ledger: EpaLedger;
  let state: ProgrammeState;
  const decided = new Map<string, Decided>();
  const views = new Map<string, CusumView>();
  const published = hasShared ? readRows('data/epa-campd-daily/expected_monthly.csv') : [];

  beforeAll(() => {
    ledger = createEpaLedger({ years: YEARS });
    state = ledger.world.replay().state;
    for (const { plant, actor } of ledger.plants) {
      const organisation = state.organisations.get(actor.id)!;
      const answer = decide(state, organisation, periodNamed(state.policies[0]!.value, '2022')!, DECIDED_AT);
      decided.set(plant.id, answer);
      views.set(plant.id, monthlySavings(state, organisation, answer, DECIDED_AT)[0]!);
    }
  });

  it.each(PLANTS)('%s: the sums of each month are the published ones', (id) => {
    const { months } = views.get(id)!;
    expect(months.map(({ month }) => month)).toEqual(MONTHS);
    for (const { month, energy, output } of months) {
      const row = published.find((one) => one['facility_id'] === id && one['month'] === month)!;
      expect(isSame(energy.exact, thousandths(row['energy_mmbtu']), 1000n), `${month} energy`).toBe(true);
      expect(isSame(output.exact, thousandths(row['product_qty']), 1000n), `${month} output`).toBe(true);
    }
  });

  it.each(PLANTS)('%s: each saving and each cumulative sum, from the daily figures in whole numbers', (id) => {
    const base = sums(id, '2013', '2014', '2015');
    let cumulative = 0n;
    for (const row of views.get(id)!.months) {
      const { energy, output } = sums(id, row.month);
      // e_b x M - E = (E_b M - E M_b) / M_b
      const saving = base.energy * output - energy * base.output;
      cumulative += saving;
      expect(isSame(row.saving.exact, saving, base.output * 1000n), row.month).toBe(true);
      expect(isSame(row.cumulative.exact, cumulative, base.output * 1000n), row.month).toBe(true);
      expect(row.complete).toBe(true);
    }
  });

  it.each(PLANTS)('%s: the last sum is the saving of the decision, nothing is in no month', (id) => {
    const view = views.get(id)!;
    const saving = decided.get(id)!.evaluation!.products[0]!.headline!.saving!;
    expect(view.total?.exact).toBe(`${saving.n}/${saving.d}`);
    expect(view.months.at(-1)!.cumulative.exact).toBe(view.total?.exact);
    expect(view.rest).toBe(null);
  });

  it('in a period that is still open only the months that are over are shown, and no total', () => {
    const [{ plant, actor }] = ledger.plants as [EpaLedger['plants'][number]];
    const organisation = state.organisations.get(actor.id)!;
    const [view] = monthlySavings(state, organisation, decided.get(plant.id)!, midnight('2022-08-20'));
    expect(view!.months.map(({ month }) => month)).toEqual(MONTHS.slice(0, 7));
    expect([view!.total, view!.rest]).toEqual([null, null]);
    expect(view!.months[6]).toMatchObject({ cumulative: views.get(plant.id)!.months[6]!.cumulative });
  });

  it('with gaps: they are filled as in the evaluation, so the months still make up the whole', () => {
    const plant = readReadings('50888');
    const baseline = { start: midnight('2013-01-01'), end: midnight('2016-01-01') };
    const reporting = { start: midnight('2022-01-01'), end: midnight('2023-01-01') };
    const energy = plant.energy.filter(({ start }) => start < reporting.start || (start / 86_400) % 20 !== 0);
    const input = plantInput({ ...plant, energy }, baseline, reporting);
    const months = calendarWindows(reporting.start, reporting.end, { years: 0, months: 1, days: 0, seconds: 0 }, 'UTC');
    const evaluation = evaluate(input);
    const [savings] = cumulativeSavings(input, evaluation, months, true);
    expect(savings!.parts.some(({ complete }) => !complete)).toBe(true);
    const headline = evaluation.products[0]!.headline!;
    expect(compareRatio(sumRatios(savings!.parts.map((part) => part.energy)), headline.reporting.energy)).toBe(0);
    expect(savings!.total).toEqual(headline.saving);
    expect(compareRatio(savings!.rest!.saving, ratioOfText('0'))).toBe(0);
  });

  it('what lies across the edges of months is shown as such, and nothing of the saving is lost', () => {
    const plant = readReadings('50888');
    const baseline = { start: midnight('2013-01-01'), end: midnight('2016-01-01') };
    const reporting = { start: midnight('2022-01-01'), end: midnight('2023-01-01') };
    const input = plantInput(plant, baseline, reporting);
    // a register read every five days: some readings lie across the edges of months
    const [heat, out] = input.meters as [(typeof input.meters)[number], (typeof input.meters)[number]];
    const merged = (readings: typeof heat.reporting) => {
      const days = readings.toSorted((a, b) => a.start - b.start);
      return Array.from({ length: 73 }, (_, index) => days.slice(index * 5, index * 5 + 5)).map((five) => ({
        ...five[0]!,
        end: five.at(-1)!.end,
        provenance: 'metered' as const,
        quantity: {
          mantissa: five.reduce(
            (sum, { quantity: { mantissa, exponent } }) => sum + mantissa * 10n ** BigInt(3 + exponent),
            0n,
          ),
          exponent: -3,
        },
      }));
    };
    const fiveDays = {
      ...input,
      interval: 5 * 86_400,
      meters: [
        { ...heat, reporting: merged(heat.reporting) },
        { ...out, reporting: merged(out.reporting) },
      ],
    };
    const months = calendarWindows(reporting.start, reporting.end, { years: 0, months: 1, days: 0, seconds: 0 }, 'UTC');
    const evaluation = evaluate(fiveDays);
    const [savings] = cumulativeSavings(fiveDays, evaluation, months, true);
    const { parts, rest, total } = savings!;
    expect(rest!.output.n).not.toBe(0n);
    expect(addRatio(parts.at(-1)!.cumulative, rest!.saving)).toEqual(total);
    expect(subtractRatio(total!, evaluation.products[0]!.headline!.saving!).n).toBe(0n);
  });
});
