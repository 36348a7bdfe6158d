import type { Align, Ui } from './ui.ts';

/** A table asked for by `render`, laid out later, because the table library is only loaded when there is a table. */
export interface TableRequest {
  readonly rows: readonly (readonly string[])[];
  readonly head: readonly string[] | undefined;
  readonly align: readonly Align[];
}

export type Style = 'strong' | 'dim' | 'good' | 'bad' | 'warn';

/** What `render` leaves behind: text with marks, and the tables that the marks refer to. */
export interface Markup {
  readonly ui: Ui;
  readonly tables: readonly TableRequest[];
}

// Marks are control characters. None can come from a result, whose strings have been through `toSafeText`.
const STYLE_START = '\u0001';
const STYLE_END = '\u0002';
const TABLE_START = '\u0003';
const TABLE_END = '\u0004';

export const STYLED = new RegExp(`${STYLE_START}(\\w+):([^${STYLE_START}${STYLE_END}]*)${STYLE_END}`, 'gu');
export const TABLE = new RegExp(`${TABLE_START}(\\d+)${TABLE_END}`, 'gu');

/** A `Ui` that only marks: it needs neither a terminal nor a library, so rendering stays synchronous and pure. */
export function createMarkup(): Markup {
  const tables: TableRequest[] = [];
  const styled =
    (style: Style) =>
    (text: string): string =>
      `${STYLE_START}${style}:${text}${STYLE_END}`;
  const ui: Ui = {
    strong: styled('strong'),
    dim: styled('dim'),
    good: styled('good'),
    bad: styled('bad'),
    warn: styled('warn'),
    table(rows, more = {}) {
      if (rows.length === 0) return '';
      tables.push({ rows, head: more.head, align: more.align ?? [] });
      return `${TABLE_START}${tables.length - 1}${TABLE_END}`;
    },
  };
  return { ui, tables };
}
