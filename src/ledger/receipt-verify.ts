import { verifyEd25519 } from '#primitives';

import { signatureInput } from '../crypto/cose.ts';
import { equalBytes } from '../crypto/hash.ts';
import { leafHash, verifyInclusion } from '../crypto/merkle.ts';
import { assertInvariant, JoulemarkError } from '../errors.ts';
import { type BlockPlace, decodeBlock, type SignedBlock } from './block.ts';
import { decodeEntry, type Entry } from './entry.ts';
import { decodeCbor } from './codec/decode.ts';
import { isCborMap } from './codec/value.ts';
import { type Id, idBytes, showId } from './codec/id.ts';
import { broadcastContent } from './entries.ts';
import { type ChainKind, type KeyState, type Signer, signerOf } from './keys.ts';
import {
  type KeyBlock,
  type Opening,
  type ProgrammeReceipt,
  programmeReceiptSchema,
  type Receipt,
  receiptSchema,
} from './receipt.ts';

/** What a verifier knows beside the receipt: a pin, or a copy of the ledger. */
export interface ReceiptWitness {
  /** Id of a programme block that was verified; undefined above the highest. */
  readonly programmeId: (seq: number) => Id | undefined;
  /**
   * Id of a covered block of an organisation: undefined where no such block is covered, null where it is not known here. Absent where only
   * the programme chain is known.
   */
  readonly coveredId?: (org: Id, seq: number) => Id | null | undefined;
}

/** What a receipt shows. */
export interface VerifiedReceipt {
  /**
   * `listed`: the certification body signed it into a history; a later rotation or a second history cannot be excluded.
   * `covered`: that history is the one known.
   */
  readonly verdict: 'listed' | 'covered';
  readonly ledger: Id;
  /** The name under which the certification body founded the ledger. */
  readonly body: string;
  /** The organisation and the name under which it joined; null of an entry of the programme chain. */
  readonly organisation: { readonly id: Id; readonly name: string } | null;
  readonly block: BlockPlace;
  readonly index: number;
  readonly entry: Entry;
  /** Handed over with it; whether it is the entry's is for the reader of the entry to check. */
  readonly opening: Opening | null;
  /**
   * The programme block and entry from which the entry has its place: the broadcast that lists it, of an entry of the programme chain
   * itself. `time` is the entry's ledger time, seconds since 1970.
   */
  readonly listing: BlockPlace & { readonly entry: number; readonly time: number };
}

/**
 * Verifies a receipt against a ledger id that came by another way than the receipt did.
 * @throws JoulemarkError VERIFY_FAILED naming the part that does not hold; DIVERGED when the witness knows another
 * programme block in the place of the listing one.
 */
export function verifyReceipt(bytes: Uint8Array, ledger: Id, witness?: ReceiptWitness): VerifiedReceipt {
  const read = decodeReceipt(bytes);
  if (read.receipt.ledger !== ledger)
    throw broken('ledger', `it is of the ledger ${showId(read.receipt.ledger)}, expected ${showId(ledger)}`);
  return read.of === 'organisation'
    ? verifyOfOrganisation(read.receipt, ledger, witness)
    : verifyOfProgramme(read.receipt, ledger, witness);
}

function verifyOfOrganisation(receipt: Receipt, ledger: Id, witness: ReceiptWitness | undefined): VerifiedReceipt {
  const listing = part('listing', () => decodeBlock(receipt.listing.block));
  const body = verifyChainPart(
    'programme',
    { kind: 'programme', ledger, id: ledger, head: listing },
    receipt.programme,
    [listing],
  );
  const head = part('head', () => decodeBlock(receipt.head.block));
  const block = part('block', () => decodeBlock(receipt.block));
  const org = block.body.org ?? block.id;
  const heads = part('listing', () => verifyListing(receipt, listing));
  if (!heads.some((line) => line.org === org && line.seq === head.body.seq && line.block === head.id))
    throw broken('listing', `the broadcast does not list block ${head.body.seq} of '${org}'`);
  verifyIncluded('head', head, block, receipt.head.proof);
  const owner = verifyChainPart('keys', { kind: 'organisation', ledger, id: org, head }, receipt.keys, [head, block]);
  const entry = verifyItem(receipt, block);
  return {
    verdict: judge(witness, listing, { org, block }),
    ledger,
    body: body.name,
    organisation: { id: org, name: owner.name },
    block: { seq: block.body.seq, id: block.id },
    index: receipt.entry.index,
    entry,
    opening: receipt.opening ?? null,
    listing: { seq: listing.body.seq, id: listing.id, entry: receipt.listing.index, time: listing.body.time },
  };
}

function verifyOfProgramme(
  receipt: ProgrammeReceipt,
  ledger: Id,
  witness: ReceiptWitness | undefined,
): VerifiedReceipt {
  const block = part('block', () => decodeBlock(receipt.block));
  const body = verifyChainPart('programme', { kind: 'programme', ledger, id: ledger, head: block }, receipt.programme, [
    block,
  ]);
  const entry = verifyItem(receipt, block);
  const { seq, time } = block.body;
  const { index } = receipt.entry;
  return {
    verdict: judge(witness, block, null),
    ledger,
    body: body.name,
    organisation: null,
    block: { seq, id: block.id },
    index,
    entry,
    opening: receipt.opening ?? null,
    listing: { seq, id: block.id, entry: index, time },
  };
}

/** The entry, proved to stand in its block. */
function verifyItem({ item, entry: { index, proof } }: Receipt | ProgrammeReceipt, block: SignedBlock): Entry {
  const entry = part('item', () => decodeEntry(item));
  verifyEntry('entry', block, item, index, proof);
  return entry;
}

/** A receipt as it is written: which of the two forms it has. */
export type AnyReceipt =
  | { readonly of: 'organisation'; readonly receipt: Receipt }
  | { readonly of: 'programme'; readonly receipt: ProgrammeReceipt };

/** Reads a receipt without verifying it. @throws JoulemarkError VERIFY_FAILED when it is none. */
export function decodeReceipt(bytes: Uint8Array): AnyReceipt {
  return part('receipt', () => {
    const value = decodeCbor(bytes);
    return isCborMap(value) && value.has('listing')
      ? { of: 'organisation', receipt: receiptSchema.read(value, 'receipt') }
      : { of: 'programme', receipt: programmeReceiptSchema.read(value, 'receipt') };
  });
}

function verifyListing(receipt: Receipt, listing: SignedBlock): ReturnType<typeof broadcastContent.read>['heads'] {
  const { entry, index, proof } = receipt.listing;
  verifyEntry('listing', listing, entry, index, proof);
  const { type, content } = decodeEntry(entry);
  if (type !== 'broadcast') throw broken('listing', `its entry is '${type}', expected 'broadcast'`);
  return broadcastContent.read(content, 'broadcast').heads;
}

interface ChainPart {
  readonly kind: ChainKind;
  readonly ledger: Id;
  readonly id: Id;
  /** The block in whose history the others are. */
  readonly head: SignedBlock;
}

/** The keys of a chain up to its head, in order, and that each of `signed` is signed by the one in force. Returns the last. */
function verifyChainPart(
  name: string,
  chain: ChainPart,
  keys: readonly KeyBlock[],
  signed: readonly SignedBlock[],
): KeyState {
  const signers: { readonly block: SignedBlock; readonly signer: Signer }[] = [];
  let state: KeyState | null = null;
  for (const key of keys) {
    const block = part(name, () => decodeBlock(key.block));
    verifyEntry(name, block, key.entry, 0, key.entry_proof);
    verifyIncluded(name, chain.head, block, key.proof);
    if (block.body.seq <= (signers.at(-1)?.block.body.seq ?? -1))
      throw broken(name, 'its key blocks are not in the order of the chain');
    if ((state === null) !== (block.body.seq === 0))
      throw broken(name, 'its first key block, and no other, must be block 0');
    const before: KeyState | null = state;
    const signer: Signer = part(name, () => signerOf(chain.kind, before, { ...block, items: [{ bytes: key.entry }] }));
    if (signer.after === before) throw broken(name, `block ${block.body.seq} is no rotation`);
    verifySigned(name, chain, block, signer);
    signers.push({ block, signer });
    state = signer.after;
  }
  for (const block of signed) {
    const { seq } = block.body;
    const latest = signers.findLast((candidate) => candidate.block.body.seq <= seq);
    assertInvariant(latest !== undefined, 'the first key block is block 0');
    verifySigned(name, chain, block, latest.signer);
  }
  assertInvariant(state !== null, 'there is at least one key block');
  return state;
}

function verifySigned(name: string, { kind, ledger, id }: ChainPart, block: SignedBlock, signer: Signer): void {
  const { body } = block;
  const isFirst = body.seq === 0;
  const expectedLedger = isFirst && kind === 'programme' ? undefined : ledger;
  if (body.ledger !== expectedLedger || body.org !== (isFirst ? undefined : id) || (isFirst && block.id !== id))
    throw broken(name, `block ${body.seq} is not one of the chain '${id}'`);
  if ((body.prev === null) !== isFirst || (body.seen === null) !== (kind === 'programme'))
    throw broken(name, `block ${body.seq} cannot be one of this chain`);
  if (
    block.kid !== signer.keyId ||
    !verifyEd25519(block.signature, signatureInput(block.protectedBytes, block.payload), signer.publicKey)
  ) {
    throw broken(name, `block ${body.seq} is not signed by the key in force, '${signer.keyId}'`);
  }
}

function verifyIncluded(name: string, head: SignedBlock, block: SignedBlock, proof: readonly Uint8Array[]): void {
  if (block.id === head.id && equalBytes(block.bytes, head.bytes) && proof.length === 0) return;
  if (!verifyInclusion(block.body.seq, head.body.seq, leafHash(idBytes(block.id)), proof, idBytes(head.body.history))) {
    throw broken(name, `block ${block.body.seq} is not in the history of block ${head.body.seq}`);
  }
}

function verifyEntry(
  name: string,
  block: SignedBlock,
  bytes: Uint8Array,
  index: number,
  proof: readonly Uint8Array[],
): void {
  const { count, root } = block.body.entries;
  if (!verifyInclusion(index, count, leafHash(bytes), proof, idBytes(root)))
    throw broken(name, `its entry is not entry ${index} of block ${block.body.seq}`);
}

function judge(
  witness: ReceiptWitness | undefined,
  listing: SignedBlock,
  covered: { readonly org: Id; readonly block: SignedBlock } | null,
): 'listed' | 'covered' {
  const known = witness?.programmeId(listing.body.seq);
  if (witness === undefined || known === undefined) return 'listed';
  if (known !== listing.id) {
    throw new JoulemarkError(
      'DIVERGED',
      `the receipt names programme block ${listing.body.seq} as '${listing.id}', the one known here is '${known}'`,
      {
        hints: ['keep the receipt: it is evidence that the certification body signed two histories'],
      },
    );
  }
  if (covered === null || witness.coveredId === undefined) return 'covered';
  const { org, block } = covered;
  const here = witness.coveredId(org, block.body.seq);
  if (here !== null && here !== block.id)
    throw broken(
      'listing',
      `block ${block.body.seq} of '${org}' is not covered in the ledger known here: its listing is not good`,
    );
  return 'covered';
}

/** Runs one step and names the part of the receipt in its failure. */
function part<T>(name: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    if (!(cause instanceof JoulemarkError) || cause.details['part'] !== undefined) throw cause;
    throw broken(name, cause.message, cause);
  }
}

function broken(name: string, message: string, cause?: unknown): JoulemarkError {
  return new JoulemarkError('VERIFY_FAILED', `the receipt's '${name}' does not hold: ${message}`, {
    details: { part: name },
    cause,
  });
}
