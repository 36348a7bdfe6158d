import type { Block } from '../ledger/block.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { documentDigest } from '../programme/dated-document.ts';
import { documentContent } from '../programme/entries.ts';
import { JoulemarkError } from '../errors.ts';
import { entriesOf, type PlacedEntry } from './find-entry.ts';

/** A policy, boundary or table as it stands in a chain. */
export interface PlacedDocument extends PlacedEntry {
  readonly document: CborValue;
  readonly digest: Id;
}

/** The documents of one type in a chain, oldest first; malformed entries have no effect and are left out. */
export function documentsOf(
  blocks: readonly Block[],
  type: 'policy' | 'boundary' | 'table',
): readonly PlacedDocument[] {
  return [...entriesOf(blocks, type)].flatMap((placed) => {
    try {
      const { document } = documentContent.read(placed.content, type);
      return [{ ...placed, document, digest: documentDigest(document) }];
    } catch (error) {
      if (error instanceof JoulemarkError && error.code !== 'INTERNAL') return [];
      throw error;
    }
  });
}

/**
 * The document that a person names by the first digits of its digest; the newest without.
 * @throws JoulemarkError USAGE listing those there are.
 */
export function findDocument(
  documents: readonly PlacedDocument[],
  digest: string | undefined,
  what: string,
): PlacedDocument {
  const newest = documents.at(-1);
  if (newest === undefined) throw new JoulemarkError('USAGE', `no ${what} on the ledger yet`);
  if (digest === undefined) return newest;
  const digits = digest.replaceAll(' ', '').toLowerCase();
  const found = /^[0-9a-f]{4,64}$/.test(digits)
    ? documents.filter((document) => document.digest.startsWith(digits))
    : [];
  const distinct = new Set(found.map((document) => document.digest));
  const [last] = found.slice(-1);
  if (last !== undefined && distinct.size === 1) return last;
  const candidates = [...new Set(documents.map((document) => document.digest.slice(0, 8)))].join(', ');
  throw new JoulemarkError(
    'USAGE',
    `${distinct.size === 0 ? 'no' : 'more than one'} ${what} '${digest}', there are ${candidates}`,
  );
}
