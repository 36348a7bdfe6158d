/**
 * The only place that makes elements. Text goes in as text and never as markup, and what could fool a reader (text direction, invisible
 * characters) is shown instead of obeyed: names on a ledger are whatever a stranger wrote.
 */
import { toSafeText } from '../safe-text.ts';

export type Child = Node | string | null | readonly Child[];
/** Attributes; a function is listened with; false and null leave the attribute out. */
export type Attributes = Readonly<Record<string, string | boolean | null | ((event: never) => void)>>;

const SVG = 'http://www.w3.org/2000/svg';

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name, value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (typeof value === 'string') made.setAttribute(name, toSafeText(value));
  }
  append(made, children);
  return made;
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null) continue;
    if (typeof child === 'string') parent.append(toSafeText(child));
    else if (child instanceof Node) parent.append(child);
    else append(parent, child);
  }
}

/** Takes the place of all that an element holds. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** A name from the ledger, kept apart from the direction of the text around it. */
export function named(text: string): HTMLElement {
  return element('bdi', {}, text);
}

/** Hex digits in groups that can be compared by eye. */
export function digits(text: string): HTMLElement {
  return element('code', { class: 'digits', translate: 'no' }, (text.match(/.{1,4}/g) ?? [text]).join(' '));
}

/** What a table has in a column: its heading, and whether it is of figures. */
export interface Column {
  readonly title: string;
  readonly figures?: boolean;
}

/** A table whose first cell in each row is that row's heading. `caption` is for those who do not see what stands above. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Child[])[],
  attributes: Attributes = {},
): HTMLElement {
  const cell = (child: Child, column: number): HTMLElement =>
    column === 0
      ? element('th', { scope: 'row' }, child)
      : element('td', { class: columns[column]?.figures === true ? 'figure' : null }, child);
  return element(
    'div',
    { class: 'scroll', role: 'region', tabindex: '0', 'aria-label': caption, ...attributes },
    element(
      'table',
      {},
      element('caption', { class: 'unseen' }, caption),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          columns.map(({ title, figures }) =>
            element('th', { scope: 'col', class: figures === true ? 'figure' : null }, title),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row) => element('tr', {}, row.map(cell))),
      ),
    ),
  );
}
