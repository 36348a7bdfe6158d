import { JoulemarkError } from '../errors.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idOf } from '../ledger/codec/id.ts';
import type { Schema } from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { documentContent } from './entries.ts';
import type { Dated } from './rules.ts';

/** Spec section 10: what the encoding of a document in an entry may measure. */
export const MOST_DOCUMENT_BYTES = 131_072;

/** A document of an entry with its digest: H of its deterministic CBOR (spec section 2). */
export function datedDocument<T>(
  content: CborValue,
  time: number,
  schema: Pick<Schema<T>, 'read'>,
  root: string,
): Dated<T> {
  const { document } = documentContent.read(content, root);
  const encoded = encodeCbor(document);
  if (encoded.length > MOST_DOCUMENT_BYTES)
    throw new JoulemarkError(
      'USAGE',
      `'${root}' has ${encoded.length} bytes encoded, at most ${MOST_DOCUMENT_BYTES} are allowed`,
    );
  return { digest: idOf(encoded), time, value: schema.read(document, root) };
}

/** `H` of the deterministic CBOR of a document (spec section 2). */
export const documentDigest = (document: CborValue): Id => idOf(encodeCbor(document));
