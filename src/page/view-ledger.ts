import type { LedgerPage } from '../report/ledger-page.ts';
import { toSafeJson } from '../safe-text.ts';
import { element, named, table } from './dom.ts';
import type { Words } from './words.ts';

/** Who is on the ledger, and the chains they signed. */
export function ledgerView({ organisations, chains }: LedgerPage, { say, word, number }: Words): HTMLElement {
  return element(
    'section',
    { class: 'sheet', 'aria-labelledby': 'ledger' },
    element('h2', { id: 'ledger' }, say('ledger.heading')),
    table(
      say('ledger.heading'),
      [
        { title: say('ledger.organisation') },
        { title: say('ledger.roles') },
        { title: say('ledger.standing') },
        { title: say('ledger.packages'), figures: true },
        { title: say('ledger.audits'), figures: true },
        { title: say('ledger.id') },
      ],
      organisations.map(({ name, roles, standing, packages, audits, id }) => [
        named(name === '' ? id.slice(0, 8) : name),
        roles.map((role) => word('role', role)).join(say('list.comma')),
        word('standing', standing),
        number(packages),
        number(audits),
        code(id),
      ]),
    ),
    element(
      'details',
      { 'data-key': 'chains', 'data-print': true },
      element('summary', {}, say('ledger.chains')),
      table(
        say('ledger.chains'),
        [{ title: say('ledger.owner') }, { title: say('ledger.blocks'), figures: true }, { title: say('ledger.head') }],
        chains.map(({ owner, blocks, head }) => [named(owner), number(blocks), code(head)]),
      ),
    ),
  );
}

/** The verdict for other programs, and as the command line prints it. */
export function recordView({ verdict, lines }: LedgerPage, { say }: Words): HTMLElement {
  const json = toSafeJson(verdict);
  const save = (): void => {
    const url = URL.createObjectURL(new Blob([json, '\n'], { type: 'application/json' }));
    element('a', { href: url, download: `verdict-${verdict.ledger.slice(0, 8)}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return element(
    'section',
    { class: 'sheet', 'aria-labelledby': 'record' },
    element('h2', { id: 'record' }, say('raw.heading')),
    element(
      'details',
      { 'data-key': 'lines', 'data-print': true },
      element('summary', {}, say('raw.lines')),
      // line by line: a line break inside a line would be shown, not obeyed
      element(
        'div',
        { class: 'terminal', lang: 'en', translate: 'no' },
        lines.map((line) => element('div', {}, line)),
      ),
    ),
    element(
      'details',
      { 'data-key': 'json' },
      element('summary', {}, say('raw.json')),
      element('p', {}, element('button', { type: 'button', click: save }, say('raw.save'))),
      element('div', { class: 'terminal', id: 'verdict-json', lang: 'en', translate: 'no' }, json),
    ),
  );
}

/** What is beyond any copy, said every time. */
export function limitsView({ say }: Words): HTMLElement {
  return element(
    'section',
    { class: 'limits', 'aria-labelledby': 'limits' },
    element('h2', { id: 'limits' }, say('limits.heading')),
    element(
      'ul',
      {},
      (['limits.meter', 'limits.together', 'limits.never', 'limits.later', 'limits.page'] as const).map((key) =>
        element('li', {}, say(key)),
      ),
    ),
  );
}

const code = (text: string): HTMLElement => element('code', { class: 'commit', translate: 'no' }, text);
