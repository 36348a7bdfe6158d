import { showTime } from '../programme/calendar.ts';
import type { Verdict } from '../programme/verdict.ts';
import type { LedgerPage } from '../report/ledger-page.ts';
import { type Child, digits, element, named, svgElement } from './dom.ts';
import type { Outcome } from './engine.ts';
import { type Failure, waitsForEarlier } from './failure.ts';
import type { Words } from './words.ts';

const KNOWN = ['CHECKED', 'VERIFY_FAILED', 'DIVERGED', 'PENDING', 'STALE', 'NO_LEDGER', 'USAGE'] as const;
type Known = (typeof KNOWN)[number] | 'FAILED';

const LOOKS: Readonly<Record<Known, 'good' | 'bad' | 'warn'>> = {
  CHECKED: 'good',
  VERIFY_FAILED: 'bad',
  DIVERGED: 'bad',
  PENDING: 'warn',
  STALE: 'warn',
  NO_LEDGER: 'warn',
  USAGE: 'warn',
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
    failure === null ? null : failureView(failure, words),
    page === null ? null : facts(page, outcome, words),
  );
}

/** Why there is nothing to look at: in the reader's words where the page has some, and in those that any reader can compare. */
function failureView(failure: Failure, { say }: Words): Child {
  const { message, of, says } = failure;
  return [
    says === null ? null : element('p', { class: 'why' }, say(says.key, says.places)),
    says?.compared === undefined
      ? null
      : element(
          'dl',
          { class: 'held' },
          (['here', 'entered'] as const).map((which) =>
            element(
              'div',
              {},
              element('dt', {}, say(`why.${which}`)),
              element('dd', {}, digits(says.compared?.[which] ?? '')),
            ),
          ),
        ),
    waitsForEarlier(failure)
      ? element('p', { class: 'why' }, element('a', { href: '#earlier' }, say('why.earlierLink')))
      : null,
    element(
      'div',
      { class: 'failure' },
      of === null || says !== null ? null : element('p', {}, say('why.of', { export: of })),
      element(
        'ul',
        { lang: 'en' },
        message.split('\n').map((line) => element('li', {}, line)),
      ),
    ),
  ];
}

type Entry = readonly [title: string, value: Child, look?: 'wide'];

function facts(page: LedgerPage, outcome: Outcome, words: Words): HTMLElement {
  const { verdict, body } = page;
  const { say, number } = words;
  const entries: readonly Entry[] = [
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
    ...toldFact(page, words),
    [say('fact.body'), named(body)],
    [say('fact.upTo'), upToView(verdict, words)],
    [say('fact.decisions'), decisionsText(verdict, words)],
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
    ...copyFacts(outcome, words),
  ];
  return element(
    'dl',
    { class: 'facts' },
    entries.map(([title, value, look]) =>
      element('div', { class: look ?? null }, element('dt', {}, title), element('dd', {}, value)),
    ),
  );
}

function toldFact({ told }: LedgerPage, { say }: Words): readonly Entry[] {
  if (told === null) return [];
  const [seq, head] = [String(told.seq), String(told.head)];
  const text = told.isHere
    ? element('p', { class: 'fine' }, say('fact.toldSame', { seq }))
    : element('p', { class: 'caution' }, say('fact.toldBeyond', { seq, head }));
  return [[say('fact.told'), text, 'wide']];
}

function upToView({ upTo }: Verdict, { say }: Words): Child {
  return [
    upTo === null
      ? say('fact.upToNone')
      : say('fact.upToValue', { broadcast: String(upTo.broadcast), time: upTo.time }),
    element('small', {}, say('fact.upToLimit')),
  ];
}

/** What was verified, and when. */
function copyFacts({ folder, onto, time, seconds }: Outcome, { say }: Words): readonly Entry[] {
  return [
    [say('fact.when'), say('fact.whenValue', { time: showTime(time, 'UTC'), seconds: seconds.toFixed(1) })],
    ...(onto.length === 0
      ? []
      : [[say('fact.onto'), onto.map((name) => element('div', {}, named(name))), 'wide'] as const]),
    [
      say('fact.folder'),
      folder === null
        ? say('fact.folderNone')
        : [
            folder.compared
              ? element('p', { class: 'fine' }, say('fact.folderCompared'))
              : element('p', {}, say('fact.folderValue')),
            digits(folder.sha256Sums),
          ],
      'wide',
    ],
  ];
}

function decisionsText({ decisions }: Verdict, { say, number }: Words): string {
  const { recomputed, revoked, different } = decisions;
  const text = different === 0 ? number(recomputed) : say('fact.decisionsDiffer', { same: recomputed, different });
  return revoked === 0 ? text : say('fact.decisionsRevoked', { text, revoked });
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
