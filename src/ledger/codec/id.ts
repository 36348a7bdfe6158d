import { JoulemarkError } from '../../errors.ts';
import { parseHex, sha256Hex, toHex } from '../../crypto/hash.ts';
import { faultAt, type Schema } from './schema.ts';
import { MISMATCH } from './take.ts';

declare const brand: unique symbol;

/**
 * A SHA-256 as 64 lower-case hex digits: of a block, an organisation (its block 0), a ledger (the genesis block), a
 * package or a key (spec section 2). Text in memory, so that ids are compared by `===` and are keys of a `Map`; 32 bytes on
 * the ledger.
 */
export type Id = string & { readonly [brand]: 'Id' };

const ID_PATTERN = /^[0-9a-f]{64}$/;

/** The id of bytes: their SHA-256. */
export function idOf(bytes: Uint8Array): Id {
  return sha256Hex(bytes) as Id;
}

/** A 32-byte hash as an id. */
export function toId(hash: Uint8Array): Id {
  if (hash.length !== 32) throw new JoulemarkError('INTERNAL', `an id must be 32 bytes, found ${hash.length}`);
  return toHex(hash) as Id;
}

/** The 32 bytes of an id. */
export function idBytes(id: Id): Uint8Array {
  return parseHex(id);
}

/** True for 64 lower-case hex digits. */
export function isId(text: string): text is Id {
  return ID_PATTERN.test(text);
}

/**
 * An id as people write it: 64 hex digits of either case, with or without single spaces between groups of four.
 * @throws JoulemarkError USAGE.
 */
export function parseId(text: string): Id {
  const trimmed = text.trim();
  const digits = (
    /^(?:[0-9a-fA-F]{4} ){15}[0-9a-fA-F]{4}$/.test(trimmed) ? trimmed.replaceAll(' ', '') : trimmed
  ).toLowerCase();
  if (!isId(digits)) {
    const shown = text.length > 100 ? `${text.slice(0, 97)}...` : text;
    throw new JoulemarkError('USAGE', `'${shown}' is not an id: expected 64 hex digits`);
  }
  return digits;
}

/** Sixteen groups of four digits: what people compare by eye. */
export function showId(id: Id): string {
  return (id.match(/.{4}/g) ?? []).join(' ');
}

/** The first `length` digits: for lists, never for a comparison. */
export function shortId(id: Id, length = 8): string {
  return id.slice(0, length);
}

/** 32 bytes on the ledger, 64 hex digits in memory. */
export const id: Schema<Id> = {
  read: (value, path) => {
    if (!(value instanceof Uint8Array) || value.length !== 32) throw faultAt(path, 'an id of 32 bytes', value);
    return toHex(value) as Id;
  },
  write: idBytes,
  take: (cursor) => {
    const { bytes, offset } = cursor;
    if (bytes[offset] !== 0x58 || bytes[offset + 1] !== 32) return MISMATCH;
    cursor.offset = offset + 34;
    return toHex(bytes.subarray(offset + 2, offset + 34)) as Id;
  },
};
