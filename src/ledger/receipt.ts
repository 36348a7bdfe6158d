/** Receipts (spec section 13): one entry with everything that shows it to be on the ledger. */
import { inclusionProof, leafHash } from '../crypto/merkle.ts';
import { JoulemarkError } from '../errors.ts';
import type { Block } from './block.ts';
import { entryAt, type Entry } from './entry.ts';
import { leafOf } from './record.ts';
import type { Branch } from './branch.ts';
import { encodeCbor } from './codec/encode.ts';
import { type Id, id, idBytes } from './codec/id.ts';
import { bytes, faultAt, listOf, optional, type Read, record, type Schema, uint } from './codec/schema.ts';
import { broadcastContent, type Listing } from './entries.ts';

const hashes = listOf(bytes(32), 0, 64);

const versionOne: Schema<1> = {
  read: (value, path) => {
    if (value !== 1) throw faultAt(path, '1', value);
    return 1;
  },
  write: () => 1,
};

/** A block with its entry 0 and its place in a later block's history. */
const keyBlock = record({ block: bytes(), entry: bytes(), entry_proof: hashes, proof: hashes });
export type KeyBlock = Read<typeof keyBlock>;

const openingSchema = record({ salt: bytes(32), payload: bytes() });
/** What opens a commit that stands in the entry without it (spec section 9); checked where commits are understood. */
export type Opening = Read<typeof openingSchema>;

/** What every receipt has: the entry, its block, its proof in it. */
const shown = {
  v: versionOne,
  ledger: id,
  item: bytes(),
  block: bytes(),
  entry: record({ index: uint, proof: hashes }),
  opening: optional(openingSchema),
};

/** Of an entry of the programme chain: it has its place by standing there. */
export const programmeReceiptSchema = record({ ...shown, programme: listOf(keyBlock, 1) });
export type ProgrammeReceipt = Read<typeof programmeReceiptSchema>;

/** Of an entry of an organisation: it has its place by the broadcast that covers it. */
export const receiptSchema = record({
  ...shown,
  head: record({ block: bytes(), proof: hashes }),
  keys: listOf(keyBlock, 1),
  listing: record({ block: bytes(), entry: bytes(), index: uint, proof: hashes }),
  programme: listOf(keyBlock, 1),
});
export type Receipt = Read<typeof receiptSchema>;

/** Which entry, and by which broadcast it is covered: its position in ledger order. */
export interface ReceiptRequest {
  /** The programme chain, at least up to the listing block. */
  readonly programme: Branch;
  /** The organisation's chain, at least up to the listed head. */
  readonly organisation: Branch;
  /** Block and entry of the organisation. */
  readonly seq: number;
  readonly index: number;
  /** The covering broadcast: programme block and entry. */
  readonly listing: { readonly programme: number; readonly entry: number };
  readonly opening?: Opening;
}

/** Which entry of the programme chain. */
export interface ProgrammeReceiptRequest {
  /** The programme chain, at least up to the block. */
  readonly programme: Branch;
  readonly seq: number;
  readonly index: number;
  readonly opening?: Opening;
}

/**
 * The bytes of the receipt of an entry of the programme chain: a decision, an admission, a policy.
 * @throws JoulemarkError USAGE when there is no such entry; PENDING when one that the receipt needs is here only as a leaf hash.
 */
export function buildProgrammeReceipt({ programme, seq, index, opening }: ProgrammeReceiptRequest): Uint8Array {
  const block = programme.block(seq);
  return encodeCbor(
    programmeReceiptSchema.write({
      v: 1,
      ledger: programme.block(0).id,
      item: presentEntry(block, index).bytes,
      block: block.bytes,
      entry: { index, proof: entryProof(block, index) },
      programme: keyBlocks(programme, seq, historyProver(programme, seq)),
      ...(opening === undefined ? {} : { opening }),
    }),
  );
}

/**
 * The bytes of the receipt of a covered entry.
 * @throws JoulemarkError USAGE when the broadcast does not list the organisation; PENDING when an entry that the receipt
 * needs is here only as a leaf hash.
 */
export function buildReceipt({ programme, organisation, seq, index, listing, opening }: ReceiptRequest): Uint8Array {
  const item = organisation.block(seq);
  const listingBlock = programme.block(listing.programme);
  const broadcast = presentEntry(listingBlock, listing.entry);
  const { seq: headSeq } = listingOf(organisation.block(0).id, broadcast);
  const head = organisation.block(headSeq);
  if (seq > headSeq)
    throw new JoulemarkError(
      'USAGE',
      `block ${seq} is above the listed block ${headSeq}: expected the broadcast that covers it`,
    );
  const ofOrganisation = historyProver(organisation, headSeq);
  const ofProgramme = historyProver(programme, listing.programme);
  return encodeCbor(
    receiptSchema.write({
      v: 1,
      ledger: programme.block(0).id,
      item: presentEntry(item, index).bytes,
      block: item.bytes,
      entry: { index, proof: entryProof(item, index) },
      head: { block: head.bytes, proof: ofOrganisation(seq) },
      keys: keyBlocks(organisation, headSeq, ofOrganisation),
      listing: {
        block: listingBlock.bytes,
        entry: broadcast.bytes,
        index: listing.entry,
        proof: entryProof(listingBlock, listing.entry),
      },
      programme: keyBlocks(programme, listing.programme, ofProgramme),
      ...(opening === undefined ? {} : { opening }),
    }),
  );
}

/**
 * The entry of a programme block that covers block `seq` of a chain, one that is listed there; null when none does. Of several listings
 * of one organisation in a block the first on this chain is the good one: a later one is below it or extends it.
 */
export function findCovering(block: Block, organisation: Branch, seq: number): number | null {
  const org = organisation.idAt(0);
  for (let index = 0; index < block.items.length; index++) {
    const entry = entryAt(block, index);
    if (entry === null || entry.type !== 'broadcast') continue;
    const line = headsOf(entry).find((listing) => listing.org === org);
    if (line !== undefined && line.seq >= seq && organisation.idAt(line.seq) === line.block) return index;
  }
  return null;
}

/** A broadcast of another shape covers nothing. */
function headsOf(broadcast: Entry): readonly Listing[] {
  try {
    return broadcastContent.read(broadcast.content, 'broadcast').heads;
  } catch (error) {
    if (error instanceof JoulemarkError) return [];
    throw error;
  }
}

function listingOf(org: Id, broadcast: Entry): Listing {
  const found =
    broadcast.type === 'broadcast'
      ? broadcastContent.read(broadcast.content, 'broadcast').heads.find((listing) => listing.org === org)
      : undefined;
  if (found === undefined) throw new JoulemarkError('USAGE', `the '${broadcast.type}' entry does not list '${org}'`);
  return found;
}

/** Proofs of blocks in the history of block `headSeq`; the block itself needs none. */
function historyProver(chain: Branch, headSeq: number): (seq: number) => readonly Uint8Array[] {
  const leaves = Array.from({ length: headSeq }, (_, seq) => leafHash(idBytes(chain.idAt(seq) as Id)));
  return (seq) => (seq === headSeq ? [] : inclusionProof(leaves, seq));
}

function entryProof(block: Block, index: number): readonly Uint8Array[] {
  return inclusionProof(block.items.map(leafOf), index);
}

/** Block 0 and every rotation up to a block. */
function keyBlocks(chain: Branch, headSeq: number, prove: (seq: number) => readonly Uint8Array[]): readonly KeyBlock[] {
  const result: KeyBlock[] = [];
  for (let seq = 0; seq <= headSeq; seq++) {
    const block = chain.block(seq);
    const entry = presentEntry(block, 0);
    if (seq > 0 && entry.type !== 'rotate') continue;
    result.push({ block: block.bytes, entry: entry.bytes, entry_proof: entryProof(block, 0), proof: prove(seq) });
  }
  return result;
}

function presentEntry(block: Block, index: number): Entry {
  if (index >= block.items.length)
    throw new JoulemarkError('USAGE', `block ${block.body.seq} has ${block.items.length} entries, no entry ${index}`);
  const entry = entryAt(block, index);
  if (entry === null)
    throw new JoulemarkError('PENDING', `entry ${index} of block ${block.body.seq} is present only as a leaf hash`);
  return entry;
}
