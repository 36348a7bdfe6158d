import { type Language, LANGUAGE_NAMES, LANGUAGES } from '../report/page-text.ts';
import { element, svgElement } from './dom.ts';
import type { Words } from './words.ts';

/** The head of the page: whose it is, and its languages. */
export function topView(language: Language, { say }: Words, speak: (language: Language) => void): readonly Node[] {
  return [
    element('a', { class: 'skip', href: '#result' }, say('skip')),
    element(
      'div',
      { class: 'brand' },
      hallmark(),
      element('div', {}, element('p', { class: 'name' }, 'joulemark'), element('h1', {}, say('title'))),
    ),
    element('p', { class: 'tagline' }, say('tagline')),
    element(
      'nav',
      { 'aria-label': say('language') },
      LANGUAGES.map((one) =>
        element(
          'button',
          {
            type: 'button',
            lang: LANGUAGE_NAMES[one].tag,
            'data-language': one,
            'aria-pressed': String(one === language),
            click: () => speak(one),
          },
          LANGUAGE_NAMES[one].name,
        ),
      ),
      element('button', { type: 'button', class: 'print', click: () => globalThis.print() }, say('print')),
    ),
  ];
}

function hallmark(): SVGElement {
  return svgElement(
    'svg',
    { class: 'hallmark', viewBox: '0 0 48 48', 'aria-hidden': 'true' },
    svgElement('path', { d: 'M8 4 H40 L46 24 L40 44 H8 L2 24 Z', class: 'shield' }),
    svgElement('path', { d: 'M29 12 V29 A8 8 0 0 1 13 30', class: 'letter' }),
    svgElement('path', { d: 'M23 12 H35', class: 'letter' }),
  );
}
