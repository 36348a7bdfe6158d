import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';
import type { DecisionFigures, DecisionPage } from '../report/decision-page.ts';
import type { LedgerPage } from '../report/ledger-page.ts';
import { bars } from './bars.ts';
import { type Child, digits, element, named, table } from './dom.ts';
import { auditList, auditsTable } from './view-audits.ts';
import { modelView } from './view-model.ts';
import { type FetchPackages, traceView } from './view-trace.ts';
import type { Words } from './words.ts';

type Product = DecisionView['products'][number];

/** Every decision on the ledger, newest first. */
export function decisionsView({ decisions }: LedgerPage, words: Words, packages: FetchPackages): HTMLElement {
  return element(
    'section',
    { class: 'sheet', 'aria-labelledby': 'decisions' },
    element('h2', { id: 'decisions' }, words.say('decisions.heading')),
    decisions.length === 0 ? element('p', {}, words.say('decisions.none')) : null,
    decisions.map((decision) => decisionView(decision, words, packages)),
  );
}

function decisionView(decision: DecisionPage, words: Words, packages: FetchPackages): HTMLElement {
  const { say, word } = words;
  const { place, status, number, applicant, figures, revoked, recomputed, time } = decision;
  const [block = '', entry = ''] = place.split(':');
  const stands = recomputed && revoked === null;
  const id = `decision-${block}-${entry}`;
  return element(
    'article',
    { class: `decision${stands ? '' : ' void'}`, 'aria-labelledby': id },
    element(
      'header',
      {},
      element(
        'h3',
        { id },
        element('span', { class: `badge ${stands ? status : 'void'}` }, word('status', status)),
        number === null ? null : element('span', { class: 'number' }, number),
        named(applicant),
      ),
      figures === null
        ? null
        : element(
            'p',
            { class: 'span' },
            say('decisions.on', { period: figures.view.period, baseline: figures.view.baseline }),
          ),
      element(
        'p',
        { class: 'aside' },
        say('decisions.taken', { time, block, entry }),
        ' · ',
        recomputed ? say('decisions.same') : say('decisions.notRecomputed'),
      ),
    ),
    recomputed ? null : element('p', { class: 'alarm' }, say('decisions.differs')),
    revoked === null
      ? null
      : element('p', { class: 'alarm' }, say('decisions.revoked', { time: revoked.time, reason: revoked.reason })),
    figures === null && recomputed ? element('p', {}, say('decisions.noFigures')) : null,
    figures === null ? null : figuresView(decision, figures, words, packages),
  );
}

function figuresView(decision: DecisionPage, figures: DecisionFigures, words: Words, packages: FetchPackages): Child {
  const { say, word } = words;
  const { view } = figures;
  return [
    view.reasons.length === 0
      ? null
      : element(
          'p',
          { class: 'caution' },
          `${say('decisions.reasons')}${say('list.colon')}${view.reasons.map((reason) => word('reason', reason)).join(say('list.comma'))}`,
        ),
    element('h4', {}, say('product.heading')),
    productsTable(view, words),
    view.products.map((product) => [bars(product, view, words), asides(product, words)]),
    element('h4', {}, say('audit.heading')),
    auditsTable(view, words),
    figures.audits.length === 0 ? element('p', {}, say('audit.none')) : auditList(decision, figures.audits, words),
    traceView(decision, figures, words, packages),
    element(
      'details',
      { 'data-key': `documents ${decision.place}`, 'data-print': true },
      element('summary', {}, say('decisions.documents')),
      element(
        'dl',
        { class: 'documents' },
        decision.documents.map(({ kind, digest }) =>
          element('div', {}, element('dt', {}, say(`document.${kind}`)), element('dd', {}, digits(digest))),
        ),
      ),
    ),
  ];
}

function productsTable(view: DecisionView, { say, word }: Words): HTMLElement {
  const figured = (title: string) => ({ title, figures: true });
  return table(
    say('product.heading'),
    [
      { title: say('product.product') },
      figured(`${say('product.baseline')} ${view.baseline}`),
      figured(`${say('product.reporting')} ${view.period}`),
      figured(say('product.rate')),
      figured(say('product.saving')),
      { title: say('product.verdict') },
    ],
    view.products.map((product) => [
      named(product.product),
      withUnit(product.baseline, `${view.unit}/${product.unit}`, say),
      withUnit(product.reporting, `${view.unit}/${product.unit}`, say),
      product.ratePercent === null ? say('product.none') : element('strong', {}, change(product.ratePercent, say)),
      savingOf(product, view.unit, say),
      word('product', product.verdict),
    ]),
  );
}

const withUnit = (figure: Figure | null, unit: string, say: Words['say']): Child =>
  figure === null ? say('product.none') : [figure.displayed, element('small', {}, ` ${unit}`)];

/** The sign said in words (calculation rule 6). */
function change(percent: Figure, say: Words['say']): string {
  const { displayed } = percent;
  return displayed.startsWith('-')
    ? say('product.more', { percent: displayed.slice(1) })
    : say('product.less', { percent: displayed });
}

function savingOf({ saving }: Product, unit: string, say: Words['say']): Child {
  if (saving === null) return say('product.none');
  const { displayed } = saving;
  return displayed.startsWith('-')
    ? say('product.savingMore', { quantity: `${displayed.slice(1)} ${unit}` })
    : [displayed, element('small', {}, ` ${unit}`)];
}

/** What is printed beside the headline: the other ways to compute it, and what the data are like. */
function asides(product: Product, words: Words): HTMLElement {
  const { say } = words;
  const { ratePercent, uncertaintyPercent, idleDays, gapsFilled } = product;
  const others = [
    ['product.adverse', product.adverseRatePercent],
    ['product.ownTable', product.ownTableRatePercent],
    ['product.withoutFill', product.withoutFillRatePercent],
    ['product.fixedBase', product.fixedBaseRatePercent],
    ['product.chain', product.chainRatePercent],
    ['product.withoutAdjustment', product.withoutAdjustmentRatePercent],
  ] as const;
  return element(
    'ul',
    { class: 'asides' },
    modelView(product, words, change),
    others.map(([key, figure]) =>
      figure === null || figure.exact === ratePercent?.exact
        ? null
        : element('li', {}, `${say(key)}${say('list.colon')}${change(figure, say)}`),
    ),
    uncertaintyPercent === null
      ? null
      : element('li', {}, say('product.uncertainty', { percent: inPercent(uncertaintyPercent) })),
    element(
      'li',
      {},
      say('product.idle', { idle: idleDays.idle, of: idleDays.of }),
      say('list.comma'),
      gapsText(gapsFilled, say),
    ),
    product.reasons
      // the model says that one in both languages
      .filter(({ severity, code }) => severity !== 'minor' && code !== 'base-load')
      .map(({ text }) => element('li', { class: 'caution', lang: 'en' }, text)),
  );
}

/** A share as percent for people: three places. */
const inPercent = (share: string): string => (Number(share) * 100).toFixed(3);

function gapsText(gaps: number, say: Words['say']): string {
  if (gaps === 0) return say('product.noGaps');
  return gaps === 1 ? say('product.oneGap') : say('product.gaps', { n: gaps });
}
