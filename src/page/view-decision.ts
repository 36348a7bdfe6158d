import type { DecisionView } from '../programme/decision-view.ts';
import type { Figure } from '../programme/figure.ts';
import type { AuditRow, DecisionFigures, DecisionPage, LedgerPage } from '../report/ledger-page.ts';
import { bars } from './bars.ts';
import { type Child, digits, element, named, table } from './dom.ts';
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
          `${say('decisions.reasons')}: ${view.reasons.map((reason) => word('reason', reason)).join(say('list.comma'))}`,
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
      { 'data-key': `documents ${decision.place}` },
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
        : element('li', {}, `${say(key)}: ${change(figure, say)}`),
    ),
    uncertaintyPercent === null
      ? null
      : element('li', {}, say('product.uncertainty', { percent: inPercent(uncertaintyPercent) })),
    element(
      'li',
      {},
      say('product.idle', { idle: idleDays.idle, of: idleDays.of }),
      say('list.comma'),
      gapsFilled === 0 ? say('product.noGaps') : say('product.gaps', { n: gapsFilled }),
    ),
    product.reasons
      // the model says that one in both languages
      .filter(({ severity, code }) => severity !== 'minor' && code !== 'base-load')
      .map(({ text }) => element('li', { class: 'caution', lang: 'en' }, text)),
  );
}

/** A share as percent for people: three places. */
const inPercent = (share: string): string => (Number(share) * 100).toFixed(3);

function auditsTable(view: DecisionView, { say, word, number }: Words): HTMLElement {
  const figured = (title: string) => ({ title, figures: true });
  return table(
    say('audit.heading'),
    [
      { title: say('audit.relation') },
      { title: say('audit.standing') },
      figured(say('audit.share')),
      figured(say('audit.passes')),
      figured(say('audit.fails')),
      figured(say('audit.auditors')),
    ],
    view.audits.map((audit) => [
      word('relation', audit.relation),
      standing(audit, say, word),
      audit.sharePercent === null ? '–' : `${audit.sharePercent.displayed} % ${word('share', audit.relation)}`,
      number(audit.passes),
      number(audit.fails),
      number(audit.auditors),
    ]),
  );
}

function standing(audit: DecisionView['audits'][number], say: Words['say'], word: Words['word']): Child {
  if (!audit.passed) return audit.reason === null ? say('audit.notPassed') : word('reason', audit.reason);
  return audit.limited ? `${say('audit.passed')}${say('list.comma')}${say('audit.limited')}` : say('audit.passed');
}

function auditList(decision: DecisionPage, audits: readonly AuditRow[], { say, word, number }: Words): HTMLElement {
  return element(
    'details',
    { 'data-key': `audits ${decision.place}` },
    element('summary', {}, say('audit.each'), ' ', element('span', { class: 'count' }, number(audits.length))),
    table(
      say('audit.each'),
      [
        { title: say('audit.auditor') },
        { title: say('audit.relation') },
        { title: say('audit.window') },
        { title: say('audit.labels') },
        { title: say('audit.verdict') },
        { title: say('audit.lines') },
        { title: say('audit.place') },
      ],
      audits.map((audit) => [
        named(audit.auditor),
        word('relation', audit.relation).split(/[:：]/)[0] ?? '',
        audit.window,
        audit.labels.map((label, index) => [index === 0 ? '' : say('list.comma'), named(label)]),
        word('opinion', audit.verdict),
        linesOf(audit, say),
        element('code', { translate: 'no' }, audit.place),
      ]),
    ),
  );
}

/** Each comparison in a line: what was reported, what the auditor's books say, how far apart. */
function linesOf({ figures }: AuditRow, say: Words['say']): Child {
  return (figures?.lines ?? []).map(({ label, unit, reported, own, differencePercent }) =>
    element(
      'div',
      { class: 'compared' },
      named(label),
      ` ${say('audit.reported')} ${reported} ${unit}`,
      own === null ? '' : `${say('list.comma')}${say('audit.own')} ${own}`,
      differencePercent === null ? '' : ` (${differencePercent} %)`,
    ),
  );
}
