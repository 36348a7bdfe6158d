import type { DecisionFigures, DecisionPage, MeterRow, PackageRow, Side } from '../report/decision-page.ts';
import { type Child, element, fill, named, table } from './dom.ts';
import type { Words } from './words.ts';

/** The packages of one meter behind a decision; they are fetched when they are looked at, because a year has thousands. */
export type FetchPackages = (place: string, meter: string, side: Side) => Promise<readonly PackageRow[]>;

/** Packages shown at a time. */
const PAGE = 100;

const SIDES = ['baseline', 'reporting'] as const;

/** From the figures of a decision down to the packages: energy by carrier, meters, packages, every step. */
export function traceView(
  decision: DecisionPage,
  figures: DecisionFigures,
  words: Words,
  packages: FetchPackages,
): HTMLElement {
  const { say } = words;
  return element(
    'details',
    { 'data-key': `trace ${decision.place}`, 'data-print': true },
    element('summary', {}, say('trace.heading')),
    element('h5', {}, say('trace.carriers')),
    carriersTable(figures, words),
    element('h5', {}, say('trace.meters')),
    metersTable(figures, words),
    figures.meters.flatMap((meter) =>
      SIDES.map((side) =>
        meter[side].packages === 0 ? null : packagesView(decision.place, meter, side, words, packages),
      ),
    ),
    figures.steps.length === 0 ? null : stepsView(decision.place, figures, words),
  );
}

function carriersTable({ carriers, view }: DecisionFigures, { say, word }: Words): HTMLElement {
  return table(
    say('trace.carriers'),
    [
      { title: say('product.product') },
      { title: say('trace.side') },
      { title: say('trace.carrier') },
      { title: say('trace.counts') },
      { title: say('trace.quantity'), figures: true },
      { title: say('trace.factor'), figures: true },
      { title: say('trace.energy'), figures: true },
      { title: say('trace.source') },
    ],
    carriers.map((row) => [
      named(row.product),
      say(`side.${row.side}`),
      named(row.carrier),
      word('counts', row.counts),
      [row.quantity, element('small', {}, ` ${row.unit}`)],
      [row.factor, element('small', {}, ` ${view.unit}/${row.unit}`)],
      [row.energy, element('small', {}, ` ${view.unit}`)],
      element('span', { lang: 'en' }, row.source),
    ]),
  );
}

function metersTable({ meters }: DecisionFigures, words: Words): HTMLElement {
  const { say, word } = words;
  return table(
    say('trace.meters'),
    [
      { title: say('trace.meter') },
      { title: say('trace.kind') },
      { title: say('trace.of') },
      { title: say('trace.under') },
      { title: say('side.baseline'), figures: true },
      { title: say('side.reporting'), figures: true },
    ],
    meters.map((meter) => [
      named(meter.meter),
      word('kind', meter.kind),
      [meter.carrier, meter.product].map((label) => (label === null ? null : [named(label), ' '])),
      meter.under === null ? '' : named(meter.under),
      sideOf(meter, 'baseline', words),
      sideOf(meter, 'reporting', words),
    ]),
  );
}

function sideOf(meter: MeterRow, side: Side, { say }: Words): Child {
  const { total, packages } = meter[side];
  return [
    total === null ? '' : [total.quantity, element('small', {}, ` ${total.unit}`)],
    element('small', { class: 'below' }, say('trace.packages', { n: packages })),
  ];
}

function packagesView(place: string, meter: MeterRow, side: Side, words: Words, packages: FetchPackages): HTMLElement {
  const { say } = words;
  const body = element('div', { class: 'packages' });
  let isAsked = false;
  const load = async (): Promise<void> => {
    fill(body, element('p', { role: 'status' }, say('trace.loading')));
    const rows = await packages(place, meter.meter, side);
    showPage(body, rows, PAGE, say('trace.show', { meter: meter.meter, side: say(`side.${side}`) }), words);
  };
  return element(
    'details',
    {
      'data-key': `packages ${place} ${meter.meter} ${side}`,
      class: 'inner',
      toggle: ({ target }: Event) => {
        if (isAsked || !(target as HTMLDetailsElement).open) return;
        isAsked = true;
        void load();
      },
    },
    element(
      'summary',
      {},
      say('trace.show', { meter: meter.meter, side: say(`side.${side}`) }),
      ' ',
      element('span', { class: 'count' }, words.number(meter[side].packages)),
    ),
    body,
  );
}

function showPage(body: HTMLElement, rows: readonly PackageRow[], count: number, caption: string, words: Words): void {
  const { say, word } = words;
  const shown = rows.slice(0, count);
  const left = rows.length - shown.length;
  fill(
    body,
    table(
      caption,
      [
        { title: say('package.interval') },
        { title: say('package.quantity'), figures: true },
        { title: say('package.register'), figures: true },
        { title: say('package.provenance') },
        { title: say('package.standing') },
        { title: say('package.place'), figures: true },
        { title: say('package.commit') },
      ],
      shown.map((row) => [
        row.interval,
        [row.quantity, element('small', {}, ` ${row.unit}`)],
        row.register ?? '',
        word('provenance', row.provenance),
        `${word('standing', row.standing)}${row.corrected ? `${say('list.comma')}${say('package.corrected')}` : ''}`,
        `${row.block} : ${row.entry}`,
        element('code', { class: 'commit', translate: 'no' }, row.commit),
      ]),
    ),
    left === 0
      ? null
      : element(
          'p',
          {},
          say('package.more', { shown: shown.length, all: rows.length }),
          ' ',
          element(
            'button',
            {
              type: 'button',
              click: () => {
                showPage(body, rows, count + PAGE * 5, caption, words);
                body.querySelector<HTMLElement>('.scroll')?.focus();
              },
            },
            say('package.next', { n: Math.min(left, PAGE * 5) }),
          ),
        ),
  );
}

function stepsView(place: string, { steps }: DecisionFigures, { say, number }: Words): HTMLElement {
  return element(
    'details',
    { 'data-key': `steps ${place}`, class: 'inner' },
    element('summary', {}, say('trace.steps'), ' ', element('span', { class: 'count' }, number(steps.length))),
    element(
      'ol',
      { class: 'steps', lang: 'en' },
      steps.map(({ title, clause, inputs, formula, displayed, unit, exact }) =>
        element(
          'li',
          {},
          element('strong', {}, title),
          ' ',
          element('small', {}, clause),
          element(
            'ul',
            {},
            inputs.map(({ name, value, unit: of, from }) =>
              element('li', {}, element('code', {}, `${name} = ${value} ${of}`), ' ', element('small', {}, from)),
            ),
          ),
          element(
            'p',
            {},
            element('code', {}, `${formula} = ${displayed} ${unit}`),
            ' ',
            element('small', { class: 'exact' }, say('trace.exact', { exact })),
          ),
        ),
      ),
    ),
  );
}
