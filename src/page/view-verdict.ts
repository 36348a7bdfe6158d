import type { LedgerPage } from '../report/ledger-page.ts';
import type { Outcome } from './engine.ts';
import { type Child, digits, element, named, svgElement } from './dom.ts';
import type { Words } from './words.ts';

const KNOWN = ['CHECKED', 'VERIFY_FAILED', 'DIVERGED', 'PENDING', 'STALE', 'NO_LEDGER'] as const;
type Known = (typeof KNOWN)[number] | 'FAILED';

const LOOKS: Readonly<Record<Known, 'good' | 'bad' | 'warn'>> = {
  CHECKED: 'good',
  VERIFY_FAILED: 'bad',
  DIVERGED: 'bad',
  PENDING: 'warn',
  STALE: 'warn',
  NO_LEDGER: 'warn',
  FAILED: 'warn',
};

/** The word of an outcome, as it stands in the catalogue. */
export function verdictOf({ page, failure }: Outcome): Known {
  const word = page?.verdict.verdict ?? failure?.code ?? 'FAILED';
  return KNOWN.find((known) => known === word) ?? 'FAILED';
}

/** The answer, and what it is an answer about. */
export function verdictView(outcome: Outcome, words: Words): HTMLElement {
  const { say } = words;
  const word = verdictOf(outcome);
  const { page, failure } = outcome;
  return element(
    'section',
    { class: `verdict ${LOOKS[word]}`, 'aria-labelledby': 'verdict-word' },
    element(
      'div',
      { class: 'verdict-head' },
      sign(LOOKS[word]),
      element(
        'div',
        {},
        element(
          'h2',
          { id: 'verdict-word', tabindex: '-1' },
          say(`verdict.${word}`),
          ' ',
          element('code', { class: 'code', translate: 'no' }, page?.verdict.verdict ?? failure?.code ?? ''),
        ),
        element('p', {}, say(`verdict.${word}.says`)),
      ),
    ),
    failure === null
      ? null
      : element(
          'ul',
          { class: 'failure', lang: 'en' },
          failure.message.split('\n').map((line) => element('li', {}, line)),
        ),
    page === null ? null : facts(page, outcome, words),
  );
}

function facts({ verdict, body }: LedgerPage, { sumsHash, seconds }: Outcome, { say, number }: Words): HTMLElement {
  const { decisions, upTo } = verdict;
  const entries: (readonly [string, Child, string?])[] = [
    [
      say('fact.ledger'),
      [
        digits(verdict.ledger),
        verdict.compared === null
          ? element('p', { class: 'caution' }, element('strong', {}, say('verdict.notYet')), ' ', say('id.notCompared'))
          : element('p', { class: 'fine' }, say('id.compared')),
      ],
      'wide',
    ],
    [say('fact.body'), named(body)],
    [
      say('fact.upTo'),
      [
        upTo === null
          ? say('fact.upToNone')
          : say('fact.upToValue', { broadcast: String(upTo.broadcast), time: upTo.time }),
        element('small', {}, say('fact.upToLimit')),
      ],
    ],
    [say('fact.decisions'), decisionsText(decisions, say, number)],
    [say('fact.audits'), number(verdict.audits)],
    [
      say('fact.packages'),
      say('fact.packagesOf', { opened: verdict.packages, all: verdict.packages + verdict.sealed }),
    ],
    [say('fact.blocks'), number(verdict.blocks)],
    [say('fact.chains'), number(verdict.chains)],
    ...(verdict.pending === 0
      ? []
      : [[say('fact.pending'), say('fact.pendingValue', { n: verdict.pending })] as const]),
    [say('fact.seconds'), say('fact.secondsValue', { seconds: seconds.toFixed(1) })],
    [
      say('fact.folder'),
      sumsHash === null ? say('fact.folderNone') : [element('p', {}, say('fact.folderValue')), digits(sumsHash)],
      'wide',
    ],
  ];
  return element(
    'dl',
    { class: 'facts' },
    entries.map(([term, value, look]) =>
      element('div', { class: look ?? null }, element('dt', {}, term), element('dd', {}, value)),
    ),
  );
}

function decisionsText(
  { recomputed, different }: LedgerPage['verdict']['decisions'],
  say: Words['say'],
  number: Words['number'],
): string {
  return different === 0 ? number(recomputed) : say('fact.decisionsDiffer', { same: recomputed, different });
}

/** A mark beside the word, for the eye only: the word says it. */
function sign(look: 'good' | 'bad' | 'warn'): SVGElement {
  const paths = { good: 'M14 25 l8 8 l14 -17', bad: 'M16 16 l16 16 M32 16 l-16 16', warn: 'M24 13 v14 M24 33 v2' };
  return svgElement(
    'svg',
    { class: 'sign', viewBox: '0 0 48 48', 'aria-hidden': 'true' },
    svgElement('circle', { cx: '24', cy: '24', r: '22' }),
    svgElement('path', { d: paths[look] }),
  );
}
