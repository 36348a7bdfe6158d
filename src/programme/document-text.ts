import { stringify } from 'yaml';
import { type CborValue, isCborMap } from '../ledger/codec/value.ts';

/** A text tree as JSON has it: maps become objects, their order kept. */
export type PlainDocument = string | readonly PlainDocument[] | { readonly [key: string]: PlainDocument };

/** A document of the ledger (spec section 10, every scalar is text) as plain values. */
export function toPlainDocument(document: CborValue): PlainDocument {
  if (isCborMap(document))
    return Object.fromEntries([...document].map(([key, value]) => [key, toPlainDocument(value)]));
  if (Array.isArray(document)) return document.map(toPlainDocument);
  return typeof document === 'string' ? document : JSON.stringify(document);
}

/**
 * The document as YAML lines; what `parseDocument` reads back as the same tree. Texts of several lines are quoted: as blocks, those that
 * begin or end with white space would not all come back.
 */
export function toDocumentLines(document: PlainDocument): readonly string[] {
  return stringify(document, { schema: 'failsafe', lineWidth: 0, blockQuote: false }).replace(/\n$/, '').split('\n');
}
