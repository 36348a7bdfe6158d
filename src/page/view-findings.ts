import type { LedgerPage } from '../report/ledger-page.ts';
import type { ToldFinding } from '../programme/verdict.ts';
import { type Child, element, table } from './dom.ts';
import { idOfField } from './view-input.ts';
import type { Words } from './words.ts';

/** Places listed of one finding before the rest are only counted. */
const FEW_PLACES = 200;

/** What verification noticed: broken chains first, then errors one by one, then notes by their code. */
export function findingsView({ verdict }: LedgerPage, words: Words): HTMLElement {
  const { say } = words;
  const { broken, unjudged, errors, notes, absent, stopped, twoHistoriesAt } = verdict;
  const isQuiet =
    broken.length + unjudged.length + errors.length + notes.length + absent.length === 0 &&
    stopped === null &&
    twoHistoriesAt === null;
  return element(
    'section',
    { class: 'sheet', 'aria-labelledby': 'findings' },
    element('h2', { id: 'findings' }, say('findings.heading')),
    isQuiet ? element('p', {}, say('findings.none')) : null,
    stopped === null ? null : element('p', { class: 'alarm' }, say('findings.stopped')),
    twoHistoriesAt === null
      ? null
      : element(
          'p',
          { class: 'alarm' },
          say('findings.twoHistories', { seq: String(twoHistoriesAt) }),
          ' ',
          element('a', { href: `#${idOfField('block')}` }, say('findings.enterBlock')),
        ),
    broken.length === 0
      ? null
      : [
          element('h3', {}, say('findings.broken')),
          table(
            say('findings.broken'),
            [{ title: say('findings.place') }, { title: say('findings.message') }],
            broken.map(({ ref, seq, message }) => [code(`${ref} ${seq}`), english(message)]),
          ),
        ],
    unjudged.length === 0
      ? null
      : [
          element('h3', {}, say('findings.unjudged')),
          table(
            say('findings.unjudged'),
            [{ title: say('findings.place') }, { title: say('findings.message') }],
            unjudged.map(({ ref, message }) => [code(ref), english(message)]),
          ),
        ],
    absent.length === 0
      ? null
      : [
          element('h3', {}, say('findings.absent')),
          element(
            'ul',
            {},
            absent.map((id) => element('li', {}, code(id))),
          ),
        ],
    errors.length === 0
      ? null
      : [
          element('h3', {}, say('findings.errors')),
          table(
            say('findings.errors'),
            [{ title: say('findings.code') }, { title: say('findings.message') }, { title: say('findings.place') }],
            errors.map((finding) => [code(finding.code), english(finding.message), code(placeOf(finding))]),
          ),
        ],
    notes.length === 0
      ? null
      : [element('h3', {}, say('findings.notes')), byCode(notes).map((group) => groupView(group, words))],
  );
}

function groupView({ code: name, findings }: Group, { say, word }: Words): HTMLElement {
  const listed = findings.slice(0, FEW_PLACES);
  return element(
    'details',
    { 'data-key': `finding ${name}` },
    element(
      'summary',
      {},
      code(name),
      ` ${word('finding', name)} `,
      element('span', { class: 'count' }, say('findings.count', { n: findings.length })),
    ),
    table(
      say('findings.all', { n: findings.length }),
      [{ title: say('findings.place') }, { title: say('findings.message') }],
      listed.map((finding) => [code(placeOf(finding)), english(finding.message)]),
    ),
    listed.length === findings.length
      ? null
      : element('p', {}, say('package.more', { shown: listed.length, all: findings.length })),
  );
}

interface Group {
  readonly code: string;
  readonly findings: readonly ToldFinding[];
}

function byCode(notes: readonly ToldFinding[]): readonly Group[] {
  const groups = new Map<string, ToldFinding[]>();
  for (const note of notes) {
    const group = groups.get(note.code);
    if (group === undefined) groups.set(note.code, [note]);
    else group.push(note);
  }
  return [...groups].map(([name, findings]) => ({ code: name, findings }));
}

const code = (text: string): Child => element('code', { translate: 'no' }, text);
const english = (text: string): Child => element('span', { lang: 'en' }, text);

const placeOf = ({ chain, seq, entry }: ToldFinding): string =>
  `${chain === null ? '-' : chain.slice(0, 9)}${seq === null ? '' : ` ${seq}`}${entry === null ? '' : `:${entry}`}`;
