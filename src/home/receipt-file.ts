import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { decodeReceipt } from '../ledger/receipt-verify.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';
import { JoulemarkError } from '../errors.ts';
import type { Id } from '../ledger/codec/id.ts';

/** More bytes than this are no receipt: a broadcast that lists a thousand organisations makes one of 75 KB. */
const MOST_BYTES = 1 << 20;

/** The heads of a CBOR map of 0 to 23 keys. Neither a bundle nor any file of a repository begins with one. */
const isMapHead = (byte: number): boolean => byte >= 0xa0 && byte <= 0xb7;

/** A receipt in a file, not yet verified, and the ledger it speaks of. */
export interface ReceiptFile {
  readonly bytes: Uint8Array;
  readonly ledger: Id;
}

/** The receipt at a path, or null where something else is. @throws JoulemarkError VERIFY_FAILED when it begins as one and is none. */
export function readReceiptFile(path: string): ReceiptFile | null {
  if (!beginsAsReceipt(path)) return null;
  const bytes = readFileIfPresent(path, MOST_BYTES);
  if (bytes === null) return null;
  return { bytes, ledger: decodeReceipt(bytes).receipt.ledger };
}

function beginsAsReceipt(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const first = new Uint8Array(1);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    throw new JoulemarkError('FAILED', `cannot read '${path}'`, { cause });
  }
  try {
    return readSync(descriptor, first, 0, 1, 0) === 1 && isMapHead(first[0] ?? 0);
  } finally {
    closeSync(descriptor);
  }
}
