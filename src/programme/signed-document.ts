import { JoulemarkError } from '../errors.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idOf } from '../ledger/codec/id.ts';
import type { Schema } from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { MOST_DOCUMENT_BYTES } from './dated-document.ts';
import { parseDocument, readDocument, toDocumentText } from './document.ts';

/** A document as it goes on the ledger: the text tree as its author wrote it, what it means, and its digest. */
export interface SignedDocument<T> {
  readonly document: CborValue;
  readonly value: T;
  /** `H` of the deterministic CBOR of the tree: comments and layout do not change it. */
  readonly digest: Id;
}

/**
 * Reads a policy, boundary or table that is about to be signed. `fileName`: for messages; `root`: the first word of paths.
 * @throws JoulemarkError USAGE naming `fileName:line`.
 */
export function parseSignedDocument<T>(
  bytes: Uint8Array,
  fileName: string,
  schema: Pick<Schema<T>, 'read'>,
  root: string,
): SignedDocument<T> {
  const source = toDocumentText(bytes, fileName);
  const value = readDocument(source, fileName, schema, root);
  const document = parseDocument(source, fileName);
  const encoded = encodeCbor(document);
  if (encoded.length > MOST_DOCUMENT_BYTES) {
    throw new JoulemarkError(
      'USAGE',
      `'${fileName}' is too large for the ledger: ${encoded.length} bytes encoded, at most ${MOST_DOCUMENT_BYTES} are allowed`,
    );
  }
  return { document, value, digest: idOf(encoded) };
}
