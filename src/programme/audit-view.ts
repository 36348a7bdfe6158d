import { multiplyRatio, type Rational, ratio } from '../calc/ratio.ts';
import { rootText } from '../calc/root.ts';
import { exactText, groupThousands, roundPlaces } from '../calc/rounding.ts';
import type { AuditVerdict } from './entries.ts';
import type { AuditFigures, FiguresLine, SampleFigures } from './figures.ts';

/** One compared line for people and scripts: JSON-safe, figures exact where scripts read them and rounded where people do. */
export interface LineView {
  readonly label: string;
  /** What the applicant gave off there; null: what he took in, or no direction at all. */
  readonly direction: 'export' | null;
  readonly unit: string;
  readonly reported: string;
  readonly own: string | null;
  readonly difference: string | null;
  readonly differencePercent: string | null;
  readonly tolerancePercent: string | null;
  readonly en: string | null;
  readonly agrees: boolean;
  readonly note: string | null;
}

export interface FiguresView {
  readonly relation: string;
  readonly method: string;
  readonly others: number | null;
  readonly allSupplyPoints: boolean | null;
  readonly proposal: string;
  readonly lines: readonly LineView[];
  /** What was looked at one by one, where the policy asks for a sample. */
  readonly sample: SampleView | null;
}

export interface SampleView {
  readonly series: string;
  readonly label: string;
  readonly value: string;
  readonly seed: string;
  readonly looks: 'none' | 'sample' | 'all';
  readonly of: number;
  readonly packages: readonly { readonly meter: string; readonly start: number; readonly end: number }[];
  readonly compared: number;
  readonly differ: number;
}

export function viewFigures(figures: AuditFigures): FiguresView {
  return {
    relation: figures.relation,
    method: figures.method,
    others: figures.others ?? null,
    allSupplyPoints: figures.all_supply_points ?? null,
    proposal: figures.proposal,
    lines: figures.lines.map(viewLine),
    sample: figures.sample === undefined ? null : viewSample(figures.sample),
  };
}

const viewSample = ({ packages, ...sample }: SampleFigures): SampleView => ({
  ...sample,
  packages: packages.map(([meter, [start, end]]) => ({ meter, start, end })),
});

/** What a line is about, for people. */
export const nameOfLine = ({ label, direction }: Pick<LineView, 'label' | 'direction'>): string =>
  direction === null ? label : `${label}, ${direction}`;

/** A sample in a line: what was drawn by which value, and what was found. */
export function showSample({ series, label, value, looks, of, packages, compared, differ }: SampleView): string {
  const drawn = { none: 'not drawn', sample: `${packages.length} of ${of} packages drawn`, all: `all ${of} packages` };
  return `${drawn[looks]}, by '${series}' ${label} = ${value}; ${compared} compared one by one, ${differ} differ`;
}

/** How many audits propose each verdict, the best first. */
export function countVerdicts(verdicts: readonly AuditVerdict[]): Readonly<Partial<Record<AuditVerdict, number>>> {
  const known: readonly AuditVerdict[] = ['pass', 'pass_with_remarks', 'cannot_judge', 'fail'];
  return Object.fromEntries(
    known.flatMap((verdict) => {
      const count = verdicts.filter((one) => one === verdict).length;
      return count === 0 ? [] : [[verdict, count]];
    }),
  );
}

function viewLine({
  label,
  direction,
  unit,
  reported,
  expected,
  difference,
  tolerance,
  en_squared: enSquared,
  agrees,
  note,
}: FiguresLine): LineView {
  return {
    label,
    direction: direction ?? null,
    unit,
    reported: exactText(reported),
    own: expected === undefined ? null : exactText(expected),
    difference: difference === undefined ? null : exactText(difference),
    differencePercent:
      difference === undefined || expected === undefined || expected.n === 0n
        ? null
        : exactText(percent({ n: difference.n * expected.d, d: difference.d * expected.n })),
    tolerancePercent: tolerance === undefined ? null : exactText(percent(tolerance)),
    en: enSquared === undefined ? null : rootText(enSquared, 12),
    agrees,
    note: note ?? null,
  };
}

const percent = (value: Rational): Rational => multiplyRatio(ratio(value.n, value.d), ratio(100n, 1n));

const PLACES = 3;

/** A figure of a view for a table: rounded half-even to three places, thousands grouped, no idle zeros. */
export function displayFigure(exact: string | null): string {
  if (exact === null) return '-';
  const [n = '0', d = '1'] = exact.split('/');
  const value = exact.includes('/') ? ratio(BigInt(n), BigInt(d)) : decimalRatio(exact);
  const rounded = roundPlaces(value, PLACES);
  return groupThousands(rounded.replace(/\.?0+$/, ''));
}

function decimalRatio(text: string): Rational {
  const [whole = '', fraction = ''] = text.split('.');
  return ratio(BigInt(whole + fraction), 10n ** BigInt(fraction.length));
}
