/** What the reader types: what he was told by another way, as text and as what it means. */
import { parseId } from '../ledger/codec/id.ts';
import { parseBlockPlace } from '../programme/told-history.ts';
import type { PageKey } from '../report/page-text.ts';
import type { Told } from './engine.ts';

export const FIELDS = ['ledger', 'sums', 'block'] as const;
export type Field = (typeof FIELDS)[number];

export interface Fields {
  readonly texts: Readonly<Record<Field, string>>;
  /** What is wrong with a text, or stands in the way of it. */
  readonly problems: Readonly<Record<Field, PageKey | null>>;
}

export const EMPTY_FIELDS: Fields = {
  texts: { ledger: '', sums: '', block: '' },
  problems: { ledger: null, sums: null, block: null },
};

/** What the texts say, by the rules of the command line's --ledger, --sums and --at; null where one of them says nothing that can be compared. */
export function readFields({ texts }: Fields): { readonly told: Told | null; readonly problems: Fields['problems'] } {
  const ledger = read(texts.ledger, parseId);
  const sums = read(texts.sums, parseId);
  const at = read(texts.block, parseBlockPlace);
  const problems = {
    ledger: ledger === 'bad' ? ('input.badId' as const) : null,
    sums: sums === 'bad' ? ('input.badSums' as const) : null,
    block: at === 'bad' ? ('input.badBlock' as const) : null,
  };
  return {
    told: ledger === 'bad' || sums === 'bad' || at === 'bad' ? null : { ledger, sums, at },
    problems,
  };
}

/** With nothing to compare it with, a text waits. */
export function waitingFields({ texts }: Fields): Fields['problems'] {
  const of = (field: Field): PageKey | null => (texts[field].trim() === '' ? null : 'input.waiting');
  return { ledger: of('ledger'), sums: of('sums'), block: of('block') };
}

function read<T>(text: string, parse: (text: string) => T): T | 'bad' | null {
  if (text.trim() === '') return null;
  try {
    return parse(text.trim());
  } catch {
    return 'bad';
  }
}
