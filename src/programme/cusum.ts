import { type CumulativeSavings, cumulativeSavings } from '../calc/cusum.ts';
import { SAVING } from '../calc/explain-step.ts';
import { divideRatio, maxRatio, absRatio, multiplyRatio, type Rational, ratio, ZERO } from '../calc/ratio.ts';
import { roundPlaces } from '../calc/rounding.ts';
import { addDuration, calendarWindows, dateAt, type Duration } from './calendar.ts';
import { toColumns } from './columns.ts';
import type { Decided } from './decide.ts';
import { toEvaluationInput } from './evaluation-input.ts';
import { amount, type Figure, significant } from './figure.ts';
import { withHistory } from './lineage.ts';
import type { Marks } from './render-decision.ts';
import { boundaryInForce } from './rules.ts';
import type { Organisation, ProgrammeState } from './state.ts';

/** A product's savings month by month, JSON-safe: every figure exact and displayed. */
export interface CusumView {
  readonly product: string;
  readonly unit: string;
  readonly energyUnit: string;
  /** e_b, and what it is. */
  readonly reference: Figure;
  readonly referenceFrom: CumulativeSavings['referenceFrom'];
  readonly formula: string;
  readonly clause: string;
  readonly months: readonly CusumMonth[];
  /** In the period's figures and in no month; null where it is nothing, and while months are still to come. */
  readonly rest: { readonly output: Figure; readonly energy: Figure; readonly saving: Figure } | null;
  /** The period's saving at its own output; null while months are still to come. */
  readonly total: Figure | null;
}

interface CusumMonth {
  /** '2022-03', or the first date where a window begins within a month. */
  readonly month: string;
  readonly output: Figure;
  readonly energy: Figure;
  /** What the reference would have used for that output. */
  readonly expected: Figure;
  /** Positive = saved. */
  readonly saving: Figure;
  readonly cumulative: Figure;
  /** False where gaps are filled against the claimant. */
  readonly complete: boolean;
  /** The cumulative sum as a part of the greatest one, in hundredths: for a chart. */
  readonly height: number;
}

const MONTH: Duration = { years: 0, months: 1, days: 0, seconds: 0 };
const FORMULA = 'sum of (e_b * M - E) over the months up to here';

/**
 * The cumulative savings of a computed decision, by month. Months that end after `until` (the last broadcast, in a period that is still
 * open) are left out. Empty where the decision has no figures.
 */
export function monthlySavings(
  state: ProgrammeState,
  organisation: Organisation,
  { policy, windows, evaluation }: Decided,
  until: number,
): readonly CusumView[] {
  if (policy === null || windows === null || evaluation === null) return [];
  const applicant = withHistory(state, organisation);
  const { start, end } = windows.reporting;
  const boundary = boundaryInForce(applicant.boundaries, start);
  if (boundary === undefined) return [];
  const { zone } = policy.time;
  const input = toEvaluationInput(state, applicant, policy, boundary.value, windows, []);
  const all = calendarWindows(start, end, MONTH, zone);
  const ended = all.filter((month) => month.end <= until);
  return cumulativeSavings(input, evaluation, ended, ended.length === all.length).map((savings) =>
    toView(savings, evaluation.verdictUnit, zone),
  );
}

function toView(savings: CumulativeSavings, energyUnit: string, zone: string): CusumView {
  const { product, unit, reference, referenceFrom, parts, rest, total } = savings;
  const highest = parts.reduce<Rational>((most, { cumulative }) => maxRatio(most, absRatio(cumulative)), ZERO);
  return {
    product,
    unit,
    energyUnit,
    reference: figureOf(significant(reference)),
    referenceFrom,
    formula: FORMULA,
    clause: `${SAVING}, cumulative sum`,
    months: parts.map((part) => ({
      month: monthLabel(part, zone),
      output: figureOf(amount(part.output)),
      energy: figureOf(amount(part.energy)),
      expected: figureOf(amount(part.reference)),
      saving: figureOf(amount(part.saving)),
      cumulative: figureOf(amount(part.cumulative)),
      complete: part.complete,
      height: highest.n === 0n ? 0 : hundredths(divideRatio(part.cumulative, highest)),
    })),
    rest:
      rest === null || (rest.output.n === 0n && rest.energy.n === 0n)
        ? null
        : {
            output: figureOf(amount(rest.output)),
            energy: figureOf(amount(rest.energy)),
            saving: figureOf(amount(rest.saving)),
          },
    total: amount(total),
  };
}

const hundredths = (share: Rational): number => Number(roundPlaces(multiplyRatio(share, ratio(100n, 1n)), 0));

function figureOf(figure: Figure | null): Figure {
  return figure ?? { exact: '0/1', displayed: '0' };
}

function monthLabel({ start, end }: { readonly start: number; readonly end: number }, zone: string): string {
  const first = dateAt(start, zone);
  return first.endsWith('-01') && addDuration(start, MONTH, zone) === end ? first.slice(0, 7) : first;
}

/** Half of the width of the chart, in characters. */
const HALF = 15;

/** The months as a table with a chart of the cumulative sum: to the right of the line saved, to the left used more. */
export function cusumLines(view: CusumView, marks: Marks): readonly string[] {
  const { product, unit, energyUnit, reference, referenceFrom, months, rest, total } = view;
  const from = referenceFrom === 'model' ? 'expected by its model' : 'of the baseline';
  const row = (label: string, output: string, energy: string, saving: string, sum: string): readonly string[] => [
    label,
    output,
    energy,
    saving,
    sum,
  ];
  const cells = [
    row('month', `output ${unit}`, `energy ${energyUnit}`, 'saved', 'cumulative'),
    ...months.map(({ month, output, energy, saving, cumulative, complete }) =>
      row(complete ? month : `${month} *`, output.displayed, energy.displayed, saving.displayed, cumulative.displayed),
    ),
    ...(rest === null
      ? []
      : [row('in no month', rest.output.displayed, rest.energy.displayed, rest.saving.displayed, '')]),
    ...(total === null ? [] : [row('period', '', '', total.displayed, '')]),
  ];
  // one more column, so that the last one is set to the right too
  const lines = toColumns(
    cells.map((cell, index) => [...cell, bar(months[index - 1]?.height)]),
    new Set([1, 2, 3, 4]),
  );
  return [
    `${marks.strong(product)}   saved = ${reference.displayed} ${energyUnit}/${unit} ${from} x output - energy   (positive = saved)`,
    ...lines.map((line, index) => (index === 0 ? marks.dim(line) : line)),
    ...(months.some(({ complete }) => !complete) ? [marks.dim('* gaps filled against the claimant')] : []),
    ...(total === null ? [marks.dim('the period is not over: months to come are left out')] : []),
  ];
}

function bar(height: number | undefined): string {
  if (height === undefined) return '';
  const length = Math.round((Math.abs(height) * HALF) / 100);
  const filled = '#'.repeat(length);
  return height < 0 ? `${filled.padStart(HALF)}|` : `${''.padStart(HALF)}|${filled}`;
}
