import { shiftWindow, windowLength } from './coverage.ts';
import type { DataRules, Reading, Window } from './evaluation-input.ts';
import { readingsOf } from './meter-period.ts';
import { boughtMeters } from './meter-tree.ts';
import type { MeterNode } from './meter-tree.ts';
import type { PeriodQuestion } from './period-question.ts';
import { addRatio, ceilFinest, multiplyRatio, negateRatio, ratio, ratioOfDecimal, ZERO } from './ratio.ts';
import type { Rational } from './ratio.ts';
import { straddlingOf } from './readings.ts';
import { reason } from './reason.ts';
import { roundPlaces } from './rounding.ts';
import type { StockChange } from './stock-change.ts';

/** The time between the two counts of a stock that a window rests on. */
export interface CountedStock {
  readonly carrier: string;
  readonly product: string | null;
  readonly counts: Window;
}

/**
 * What was bought between a count and the edge of its window: whether it was used before that edge or after it nobody counted, and whoever counts
 * chooses when. So in the reporting period all that was bought in the window or between the two counts is used, in the baseline only what was bought in
 * both. A package across a count is taken whole.
 */
export function boughtBeside(
  { tree, period, window, input }: Pick<PeriodQuestion, 'tree' | 'period' | 'window' | 'input'>,
  stocks: readonly CountedStock[],
): readonly StockChange[] {
  const isCharged = period === 'reporting';
  return [...new Set(stocks.map(({ carrier }) => carrier))].flatMap((carrier) =>
    boughtMeters(tree, carrier).flatMap((node): readonly StockChange[] => {
      const { meter, unit, dayStart } = node.input;
      const own = shiftWindow(window, dayStart ?? 0);
      const counts = stocks
        .filter((stock) => stock.carrier === carrier && serves(node, stock))
        .map((stock) => stock.counts);
      if (counts.length === 0) return [];
      const stretches = isCharged ? outside(own, counts) : inside(own, counts);
      if (stretches.length === 0) return [];
      const readings = readingsOf(node, period).filter((one) => isTaken(node, one, own, input.dataRules));
      const change = { carrier, product: node.product, unit };
      if (isCharged && stretches.some((stretch) => coveredOf(readings, stretch) < windowLength(stretch))) {
        const text = `'${meter}' has no packages for all of the time between the counts of '${carrier}' and the period`;
        return [{ ...change, used: ZERO, reasons: [reason('stock-missing', 'critical', text, period, meter)] }];
      }
      const amount = readings
        .filter(({ quantity, ...one }) => quantity.mantissa > 0n && stretches.some((at) => overlap(one, at) > 0))
        .reduce((sum, one) => addRatio(sum, partOf(one, own, isCharged)), ZERO);
      if (amount.n === 0n) return [];
      const text = `${roundPlaces(amount, 3)} ${unit} of '${meter}' came between a count of '${carrier}' and the edge of the period: ${isCharged ? 'used' : 'not used'} in it`;
      const used = isCharged ? amount : negateRatio(amount);
      return [{ ...change, used, reasons: [reason('stock-timing', 'minor', text, period, meter)] }];
    }),
  );
}

/** What is bought for one product does not lie in the stock of another. */
function serves({ product }: MeterNode, stock: CountedStock): boolean {
  return product === null || stock.product === null || product === stock.product;
}

const least = (all: readonly number[]): number => all.reduce((a, b) => (b < a ? b : a));
const most = (all: readonly number[]): number => all.reduce((a, b) => (b > a ? b : a));
const withLength = (spans: readonly Window[]): readonly Window[] => spans.filter(({ start, end }) => start < end);

/** Between the counts, and not in the window. */
function outside(own: Window, counts: readonly Window[]): readonly Window[] {
  return withLength([
    { start: least(counts.map(({ start }) => start)), end: own.start },
    { start: own.end, end: most(counts.map(({ end }) => end)) },
  ]);
}

/** In the window, and not between the counts. */
function inside(own: Window, counts: readonly Window[]): readonly Window[] {
  const first = most(counts.map(({ start }) => start));
  const last = least(counts.map(({ end }) => end));
  return withLength([
    { start: own.start, end: least([first, own.end]) },
    { start: most([last, own.start]), end: own.end },
  ]);
}

function overlap(a: Window, b: Window): number {
  const shared = least([a.end, b.end]) - most([a.start, b.start]);
  return shared > 0 ? shared : 0;
}

/** What the window would count too, or would count if it lay there: estimated ones and those across its edge as there. */
function isTaken({ input }: MeterNode, reading: Reading, own: Window, rules: DataRules): boolean {
  if (reading.provenance === 'estimated' && rules.estimatedCountsAs === 'missing') return false;
  const shared = overlap(reading, own);
  return straddlingOf(input, rules) === 'prorate' || shared === 0 || shared === windowLength(reading);
}

const coveredOf = (readings: readonly Reading[], stretch: Window): number =>
  readings.reduce((seconds, one) => seconds + overlap(one, stretch), 0);

/** The part of a package outside the window, or inside it, by time; rounded up, for it is against the claimant both times. */
function partOf(reading: Reading, own: Window, isOutside: boolean): Rational {
  const length = windowLength(reading);
  const shared = overlap(reading, own);
  const seconds = isOutside ? length - shared : shared;
  const whole = ratioOfDecimal(reading.quantity);
  return seconds === length ? whole : ceilFinest(multiplyRatio(whole, ratio(BigInt(seconds), BigInt(length))));
}
