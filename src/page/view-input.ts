import { element } from './dom.ts';
import { givenOfDrop, givenOfInput } from './dropped-files.ts';
import { type Field, FIELDS, type Fields } from './fields.ts';
import type { Given } from './given.ts';
import type { Words } from './words.ts';

/** Where something is given: as what is to be verified, or as an earlier export beside it. */
export type Place = 'newest' | 'earlier';

/** What the reader does with the panel. */
export interface InputHandlers {
  readonly give: (given: Promise<readonly Given[]>, place: Place) => void;
  readonly takeAway: (index: number) => void;
  readonly type: (field: Field, text: string) => void;
  readonly compare: () => void;
}

export interface InputState {
  readonly given: readonly Given[];
  /** Of what was given the bundle that is in this page. */
  readonly embedded: Given | null;
  readonly fields: Fields;
  /** Whether what was given cannot be verified without an earlier export. */
  readonly waitsForEarlier: boolean;
}

/** Where files and what the reader was told are given: by dropping, by choosing, all by keyboard too. */
export function inputView(state: InputState, words: Words, handlers: InputHandlers): HTMLElement {
  const { say } = words;
  return element(
    'section',
    { class: 'input', 'aria-labelledby': 'input' },
    element('h2', { id: 'input' }, say('input.heading')),
    element(
      'div',
      { class: 'drops' },
      element(
        'div',
        { class: 'drop', id: 'drop' },
        element('p', { class: 'drop-what' }, say('input.drop')),
        choosers('', 'newest', words, handlers),
      ),
      state.given.length === 0 ? null : [givenList(state, words, handlers), earlierView(state, words, handlers)],
    ),
    toldForm(state.fields, words, handlers),
  );
}

function givenList({ given, embedded }: InputState, { say }: Words, { takeAway }: InputHandlers): HTMLElement {
  return element(
    'ul',
    { class: 'given', 'aria-label': say('input.given') },
    given.map((one, index) => {
      const names = [...one.files.keys()].join(say('list.comma'));
      const name = one === embedded ? say('input.embedded') : one.name;
      return element(
        'li',
        {},
        element(
          'span',
          {},
          name === '' ? null : element('strong', {}, name),
          name === '' || one === embedded ? null : ' ',
          one === embedded ? null : names,
        ),
        element(
          'button',
          {
            type: 'button',
            class: 'small',
            'aria-label': say('input.takeAwayNamed', { name: name === '' ? names : name }),
            click: () => takeAway(index),
          },
          say('input.takeAway'),
        ),
      );
    }),
  );
}

/** The earlier exports that one builds on: asked for where they are missing, offered elsewhere. */
function earlierView({ waitsForEarlier }: InputState, words: Words, handlers: InputHandlers): HTMLElement {
  return element(
    'div',
    { class: `drop earlier${waitsForEarlier ? ' wanted' : ''}`, id: 'earlier', tabindex: '-1' },
    element('p', {}, words.say(waitsForEarlier ? 'input.earlierWanted' : 'input.earlier')),
    choosers('earlier-', 'earlier', words, handlers),
  );
}

function choosers(prefix: string, place: Place, { say }: Words, { give }: InputHandlers): readonly Node[] {
  const folder = chooser({ id: `${prefix}folder`, webkitdirectory: true }, place, give);
  const file = chooser({ id: `${prefix}file`, accept: '.bundle', multiple: true }, place, give);
  return [
    element(
      'p',
      {},
      element('span', { class: 'aside' }, say('input.or')),
      ' ',
      choose(folder, say('input.folder')),
      choose(file, say('input.file')),
    ),
    folder,
    file,
  ];
}

/** A file input that a button of its own stands for: the browser's cannot be given words. */
function chooser(
  attributes: Parameters<typeof element>[1],
  place: Place,
  give: InputHandlers['give'],
): HTMLInputElement {
  const input = element('input', {
    ...attributes,
    type: 'file',
    class: 'unseen',
    tabindex: '-1',
    'aria-hidden': 'true',
  });
  input.addEventListener('change', () => {
    if (input.files !== null && input.files.length > 0) give(givenOfInput(input.files), place);
  });
  return input;
}

const choose = (input: HTMLInputElement, text: string): HTMLElement =>
  element('button', { type: 'button', 'data-for': input.id, click: () => input.click() }, text);

const IDS = { ledger: 'ledger-id', sums: 'told-sums', block: 'told-block' } as const;
const WORDS = {
  ledger: { label: 'input.id', help: 'input.idHelp' },
  sums: { label: 'input.sums', help: 'input.sumsHelp' },
  block: { label: 'input.block', help: 'input.blockHelp' },
} as const;

/** The id of a field's element, to take the reader there. */
export const idOfField = (field: Field): string => IDS[field];

function toldForm({ texts, problems }: Fields, { say }: Words, { type, compare }: InputHandlers): HTMLElement {
  return element(
    'form',
    {
      novalidate: true,
      submit: (event: SubmitEvent) => {
        event.preventDefault();
        compare();
      },
    },
    FIELDS.map((field) => {
      const id = IDS[field];
      const problem = problems[field];
      return [
        element('label', { for: id }, say(WORDS[field].label)),
        element('input', {
          id,
          name: id,
          type: 'text',
          autocomplete: 'off',
          spellcheck: 'false',
          value: texts[field],
          'aria-describedby': `${id}-problem ${id}-help`,
          'aria-invalid': problem === null ? null : 'true',
          input: ({ target }: Event) => type(field, (target as HTMLInputElement).value),
        }),
        element('p', { id: `${id}-problem`, class: 'problem', role: 'alert' }, problem === null ? '' : say(problem)),
        element('p', { id: `${id}-help`, class: 'aside' }, say(WORDS[field].help)),
      ];
    }),
    element('button', { type: 'submit' }, say('input.compare')),
  );
}

/** Anywhere on the page: who misses the field must not have the browser open the file instead. */
export function listenForDrops(give: InputHandlers['give']): void {
  const zoneOf = ({ target }: Event): Element | null =>
    (target instanceof Element ? target.closest('.drop') : null) ?? document.getElementById('drop');
  const mark = (over: Element | null): void => {
    for (const zone of document.querySelectorAll('.drop')) zone.classList.toggle('over', zone === over);
  };
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(zoneOf(event));
  });
  document.addEventListener('dragleave', () => mark(null));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(null);
    const place = zoneOf(event)?.id === 'earlier' ? 'earlier' : 'newest';
    if (event.dataTransfer !== null && event.dataTransfer.items.length > 0)
      give(givenOfDrop(event.dataTransfer), place);
  });
}
