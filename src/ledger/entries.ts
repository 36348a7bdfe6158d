/** The entries that the ledger itself reads (spec sections 6 and 8). All others belong to the programme. */
import { MAJOR } from '../crypto/cbor-head.ts';
import { enter, MISMATCH, take } from './codec/take.ts';
import {
  faultAt,
  listOf,
  optional,
  type Read,
  record,
  type Schema,
  shortText,
  text,
  uint,
  anyValue,
  bytes,
} from './codec/schema.ts';
import { type Id, id } from './codec/id.ts';
import type { CborValue } from './codec/value.ts';
import { isAgeRecipient } from './recipient.ts';

const publicKey = bytes(32);
const name = shortText(200);

/** An age X25519 recipient, `age1...`. */
export const recipient: Schema<string> = {
  read: (value, path) => {
    if (typeof value !== 'string' || !isAgeRecipient(value)) throw faultAt(path, "an age recipient 'age1...'", value);
    return value;
  },
  write: (value) => value,
};

export const foundContent = record({ name, key: publicKey, next: id, recipient });
export type FoundContent = Read<typeof foundContent>;

export const joinContent = record({ name, key: publicKey, next: id, recipient, legal_id: optional(text) });
export type JoinContent = Read<typeof joinContent>;

export const rotateContent = record({ key: publicKey, next: id, recipient: optional(recipient) });
export type RotateContent = Read<typeof rotateContent>;

/** One line of a broadcast: block `block` is block number `seq` of `org`. */
export interface Listing {
  readonly org: Id;
  readonly seq: number;
  readonly block: Id;
}

const triple = listOf(anyValue, 3, 3);

const listing: Schema<Listing> = {
  read: (value, path) => {
    const [org, seq, block] = triple.read(value, path) as readonly [CborValue, CborValue, CborValue];
    return { org: id.read(org, `${path}[0]`), seq: uint.read(seq, `${path}[1]`), block: id.read(block, `${path}[2]`) };
  },
  write: ({ org, seq, block }) => [id.write(org), seq, id.write(block)],
  take: (cursor) => {
    if (enter(cursor, MAJOR.ARRAY) !== 3) return MISMATCH;
    const org = take(id, cursor);
    const seq = take(uint, cursor);
    const block = take(id, cursor);
    return org === MISMATCH || seq === MISMATCH || block === MISMATCH ? MISMATCH : { org, seq, block };
  },
};

const unsortedListings = listOf(listing);

/** The first listing that is not after the one before it; -1 when all are. 64 lower-case hex digits sort as their bytes do. */
const firstUnsorted = (heads: readonly Listing[]): number =>
  heads.findIndex((head, index) => index > 0 && head.org <= (heads[index - 1] as Listing).org);

const listings: Schema<readonly Listing[]> = {
  read: (value, path) => {
    const heads = unsortedListings.read(value, path);
    const unsorted = firstUnsorted(heads);
    if (unsorted !== -1)
      throw faultAt(`${path}[${unsorted}]`, 'after the organisation before it, each once', heads[unsorted]?.org);
    return heads;
  },
  write: (heads) => heads.map(listing.write),
  take: (cursor) => {
    const heads = take(unsortedListings, cursor);
    return heads === MISMATCH || firstUnsorted(heads) !== -1 ? MISMATCH : heads;
  },
};

export const broadcastContent = record({ heads: listings });
export type BroadcastContent = Read<typeof broadcastContent>;
