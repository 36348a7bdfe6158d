import { toColumns } from './columns.ts';
import type { DataChange } from './diff-data.ts';
import type { DecisionDiff } from './diff-decisions.ts';
import type { PathChange } from './diff-documents.ts';
import type { Marks } from './render-decision.ts';

const NOTHING = 'none';

/** What two decisions differ in, for people: the answers, the figures, then what they rest on. */
export function diffLines(diff: DecisionDiff, marks: Marks): readonly string[] {
  const { a, b } = diff;
  const heads = toColumns(
    [a, b].map((head, index) => [
      index === 0 ? 'a' : 'b',
      head.label,
      head.status,
      head.applicant,
      head.period,
      `at ${head.decided}${head.reasons.length === 0 ? '' : `: ${head.reasons.join(', ')}`}`,
    ]),
  );
  if (diff.same) return [...heads, marks.good('nothing differs')];
  return [
    ...heads,
    ...section(
      'verdicts',
      diff.verdicts.map(({ product, a: before, b: after }) => [product, arrow(before, after)]),
      marks,
    ),
    ...section('figures', figureRows(diff), marks),
    ...section('data', diff.data.flatMap(dataRows), marks),
    ...section('factors', factorRows(diff), marks),
    ...section('method', diff.method.map(pathRow), marks),
    ...section('policy', diff.policy.map(pathRow), marks),
    ...section('boundary', diff.boundary.map(pathRow), marks),
    ...section(
      'tables',
      setRows(diff.tables, (digest) => digest.slice(0, 8)),
      marks,
    ),
    ...section(
      'audits',
      setRows(diff.audits, (place) => place.slice(0, 8) + place.slice(64)),
      marks,
    ),
  ];
}

function section(title: string, rows: readonly (readonly string[])[], marks: Marks): readonly string[] {
  if (rows.length === 0) return [marks.dim(`${title}: no difference`)];
  return [marks.strong(title), ...toColumns(rows).map((line) => `  ${line}`)];
}

const arrow = (a: string | null, b: string | null): string => `${a ?? NOTHING} -> ${b ?? NOTHING}`;

const pathRow = ({ path, a, b }: PathChange): readonly string[] => [path, arrow(a, b)];

function figureRows({ figures }: DecisionDiff): readonly (readonly string[])[] {
  return figures
    .filter(({ same }) => !same)
    .map(({ of, figure, unit, a, b, difference }) => [
      of,
      figure,
      `${arrow(a?.displayed ?? null, b?.displayed ?? null)} ${unit}`,
      difference === null ? '' : `(${difference.displayed.startsWith('-') ? '' : '+'}${difference.displayed})`,
    ]);
}

function dataRows(change: DataChange): readonly (readonly string[])[] {
  const { side, meter, kind, sameWindow, packages, added, removed, changed, quantity, unit, slots } = change;
  const counts = sameWindow
    ? [
        [added, 'added'],
        [removed, 'removed'],
        [changed, 'changed'],
      ]
        .filter(([count]) => count !== 0)
        .map(([count, word]) => `${count} ${word}`)
        .join(', ')
    : `another window: ${packages.a} -> ${packages.b} packages`;
  const sums = quantity === null ? '' : `${arrow(quantity.a.displayed, quantity.b.displayed)} ${unit}`;
  return [
    [side, meter, kind, counts, sums],
    ...slots.map(({ interval, a, b }) => ['', '', '', interval, arrow(a, b)]),
    ...(added + removed + changed > slots.length
      ? [['', '', '', `... and ${added + removed + changed - slots.length} more`, '']]
      : []),
  ];
}

function factorRows({ factors }: DecisionDiff): readonly (readonly string[])[] {
  return factors.map(({ carrier, side, a, b }) => [
    carrier,
    side,
    arrow(
      a === null ? null : `${a.factor.displayed} ${a.unit} (${a.source})`,
      b === null ? null : `${b.factor.displayed} ${b.unit} (${b.source})`,
    ),
  ]);
}

function setRows(
  { onlyA, onlyB }: DecisionDiff['tables'],
  show: (text: string) => string,
): readonly (readonly string[])[] {
  return [...onlyA.map((one) => ['only in a', show(one)]), ...onlyB.map((one) => ['only in b', show(one)])];
}
