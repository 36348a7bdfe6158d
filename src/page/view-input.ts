import { filesOfDrop, filesOfInput, type Files } from './dropped-files.ts';
import { element } from './dom.ts';
import type { Words } from './words.ts';

/** What the reader does with the panel. */
export interface InputHandlers {
  readonly give: (files: Promise<Files>) => void;
  readonly compare: (text: string) => void;
}

export interface InputState {
  /** Names of what was given; empty before. */
  readonly names: readonly string[];
  readonly isEmbedded: boolean;
  readonly idText: string;
  readonly problem: string | null;
}

/** Where files and the ledger id are given: by dropping, by choosing, all by keyboard too. */
export function inputView(state: InputState, { say }: Words, { give, compare }: InputHandlers): HTMLElement {
  const file = chooser({ id: 'file', accept: '.bundle', multiple: true }, give);
  const folder = chooser({ id: 'folder', webkitdirectory: true }, give);
  const id = element('input', {
    id: 'ledger-id',
    name: 'ledger-id',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    value: state.idText,
    'aria-describedby': 'ledger-id-help',
    'aria-invalid': state.problem === null ? null : 'true',
  });
  const drop = element(
    'div',
    { class: 'drop', id: 'drop' },
    element('p', { class: 'drop-what' }, say('input.drop')),
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
    state.names.length === 0
      ? null
      : element(
          'p',
          { class: 'given' },
          say('input.given', { names: state.isEmbedded ? say('input.embedded') : state.names.join(say('list.comma')) }),
        ),
  );
  return element(
    'section',
    { class: 'input', 'aria-labelledby': 'input' },
    element('h2', { id: 'input' }, say('input.heading')),
    drop,
    element(
      'form',
      {
        novalidate: true,
        submit: (event: SubmitEvent) => {
          event.preventDefault();
          compare(id.value);
        },
      },
      element('label', { for: 'ledger-id' }, say('input.id')),
      element('div', { class: 'row' }, id, element('button', { type: 'submit' }, say('input.compare'))),
      element('p', { id: 'ledger-id-problem', class: 'problem', role: 'alert' }, state.problem ?? ''),
      element('p', { id: 'ledger-id-help', class: 'aside' }, say('input.idHelp')),
    ),
  );
}

/** A file input that a button of its own stands for: the browser's cannot be given words. */
function chooser(attributes: Parameters<typeof element>[1], give: InputHandlers['give']): HTMLInputElement {
  const input = element('input', {
    ...attributes,
    type: 'file',
    class: 'unseen',
    tabindex: '-1',
    'aria-hidden': 'true',
  });
  input.addEventListener('change', () => {
    if (input.files !== null && input.files.length > 0) give(filesOfInput(input.files));
  });
  return input;
}

const choose = (input: HTMLInputElement, text: string): HTMLElement =>
  element('button', { type: 'button', 'data-for': input.id, click: () => input.click() }, text);

/** Anywhere on the page: who misses the field must not have the browser open the file instead. */
export function listenForDrops(give: InputHandlers['give']): void {
  const mark = (isOver: boolean): void => void document.getElementById('drop')?.classList.toggle('over', isOver);
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', () => mark(false));
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer !== null && event.dataTransfer.items.length > 0) give(filesOfDrop(event.dataTransfer));
  });
}
