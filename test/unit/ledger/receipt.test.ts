import { describe, expect, it } from 'vitest';
import { type Forgery, forge } from '../../../fixtures/forge.ts';
import { inclusionProof, leafHash } from '../../../src/crypto/merkle.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { type Block, decodeRecord } from '../../../src/ledger/block.ts';
import { decodeEntry, encodeEntry } from '../../../src/ledger/entry.ts';
import { leafOf } from '../../../src/ledger/record.ts';
import { toBranch } from '../../../src/ledger/branch.ts';
import { decodeCbor } from '../../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import { idBytes } from '../../../src/ledger/codec/id.ts';
import { buildReceipt, type KeyBlock, type Receipt, receiptSchema } from '../../../src/ledger/receipt.ts';
import { verifyReceipt } from '../../../src/ledger/receipt-verify.ts';
import {
  append,
  broadcast,
  type Chain,
  enrolment,
  entry,
  foundLedger,
  joinLedger,
  listingOf,
  rotate,
} from '../../support/ledger.ts';

const notes = (count: number): readonly Uint8Array[] => Array.from({ length: count }, (_, i) => entry('note', { i }));
const body = rotate(append(rotate(append(foundLedger(), [broadcast()])), [broadcast()]));
const acme = append(append(rotate(append(append(joinLedger(body, 'acme'), notes(3)), notes(5))), notes(2)), notes(1));
const bolt = joinLedger(body, 'bolt');
const programme = append(append(body, [entry('greeting'), broadcast(listingOf(acme), listingOf(bolt))]), [broadcast()]);
const listing = { programme: body.state.seq + 1, entry: 1 };
const LEDGER = programme.state.id;

const receiptOf = (seq: number, index: number, chain: Chain = acme): Uint8Array =>
  buildReceipt({ programme: toBranch(programme.blocks), organisation: toBranch(chain.blocks), seq, index, listing });
const witness = { programmeId: (seq: number) => programme.blocks[seq]?.id };

function failure(run: () => unknown): JoulemarkError {
  try {
    run();
  } catch (error) {
    if (error instanceof JoulemarkError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a receipt', () => {
  it('shows every covered entry', () => {
    for (const block of acme.blocks) {
      for (let index = 0; index < block.items.length; index++) {
        const bytes = receiptOf(block.body.seq, index);
        const shown = verifyReceipt(bytes, LEDGER);
        expect(shown).toMatchObject({
          verdict: 'listed',
          organisation: { id: acme.state.id, name: 'acme' },
          block: { seq: block.body.seq, id: block.id },
          index,
          listing: { seq: listing.programme, entry: 1 },
        });
        expect(shown.listing.time).toBe(programme.blocks[listing.programme]?.body.time);
        expect(shown.entry.bytes).toEqual((block.items[index] as { bytes: Uint8Array }).bytes);
        expect(verifyReceipt(bytes, LEDGER, witness).verdict).toBe('covered');
      }
    }
    expect(verifyReceipt(receiptOf(0, 0, bolt), LEDGER).organisation?.id).toBe(bolt.state.id);
  });

  it('is listed for a copy that ends earlier, evidence for one with another history, false where its listing is not good', () => {
    const bytes = receiptOf(3, 0);
    expect(
      verifyReceipt(bytes, LEDGER, {
        programmeId: (seq) => (seq < listing.programme ? programme.blocks[seq]?.id : undefined),
      }).verdict,
    ).toBe('listed');
    expect(failure(() => verifyReceipt(bytes, LEDGER, { programmeId: () => bolt.state.id })).code).toBe('DIVERGED');
    expect(failure(() => verifyReceipt(bytes, LEDGER, { ...witness, coveredId: () => undefined })).code).toBe(
      'VERIFY_FAILED',
    );
    expect(verifyReceipt(bytes, LEDGER, { ...witness, coveredId: (_org, seq) => acme.blocks[seq]?.id }).verdict).toBe(
      'covered',
    );
  });

  it('is refused under another ledger id', () => {
    expect(failure(() => verifyReceipt(receiptOf(1, 0), acme.state.id)).details['part']).toBe('ledger');
  });

  it('does not hold with a bit of it flipped, wherever', () => {
    const bytes = receiptOf(4, 1);
    const passed: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit += 83) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        verifyReceipt(changed, LEDGER);
        passed.push(bit);
      } catch (error) {
        expect(error).toBeInstanceOf(JoulemarkError);
      }
    }
    expect(passed).toEqual([]);
  });

  it('names the part that was exchanged', () => {
    const receipt = receiptSchema.read(decodeCbor(receiptOf(4, 1)), 'receipt');
    const other = receiptSchema.read(decodeCbor(receiptOf(3, 0)), 'receipt');
    const withPart = (part: Partial<Receipt>): string =>
      String(
        failure(() => verifyReceipt(encodeCbor(receiptSchema.write({ ...receipt, ...part })), LEDGER)).details['part'],
      );
    expect(withPart({ item: other.item })).toBe('entry');
    expect(withPart({ entry: { ...receipt.entry, index: 0 } })).toBe('entry');
    expect(withPart({ block: other.block })).toBe('head');
    expect(withPart({ head: { block: acme.blocks[4]?.bytes as Uint8Array, proof: [] } })).toBe('listing');
    expect(withPart({ keys: receipt.keys.slice(0, 1) })).toBe('keys');
    expect(withPart({ keys: receipt.keys.slice(1) })).toBe('keys');
    expect(withPart({ keys: receipt.keys.toReversed() })).toBe('keys');
    expect(withPart({ programme: receipt.programme.slice(0, 2) })).toBe('programme');
    expect(withPart({ programme: receipt.keys })).toBe('programme');
    expect(withPart({ listing: { ...receipt.listing, index: 0 } })).toBe('listing');
  });

  it('of a ledger is none of another, though the same body signed both', () => {
    const twin = foundLedger('body', (body.blocks[0]?.body.time as number) + 1);
    const receipt = receiptSchema.read(decodeCbor(receiptOf(1, 0)), 'receipt');
    const bytes = encodeCbor(receiptSchema.write({ ...receipt, ledger: twin.state.id }));
    expect(failure(() => verifyReceipt(bytes, twin.state.id)).details['part']).toBe('programme');
  });

  it('needs a broadcast, not an entry that looks like one', () => {
    const real = broadcast(listingOf(bolt));
    const lookalike = encodeEntry('greeting', decodeEntry(real).content);
    const listed = append(body, [lookalike, real]);
    const receipt = receiptSchema.read(
      decodeCbor(
        buildReceipt({
          programme: toBranch(listed.blocks),
          organisation: toBranch(bolt.blocks),
          seq: 0,
          index: 0,
          listing,
        }),
      ),
      'receipt',
    );
    const leaves = [lookalike, real].map(leafHash);
    const bytes = encodeCbor(
      receiptSchema.write({
        ...receipt,
        listing: { ...receipt.listing, entry: lookalike, index: 0, proof: inclusionProof(leaves, 0) },
      }),
    );
    expect(failure(() => verifyReceipt(bytes, LEDGER)).message).toMatch(/is 'greeting', expected 'broadcast'/);
  });

  it('takes its keys from block 0 and rotations only', () => {
    const receipt = receiptSchema.read(decodeCbor(receiptOf(4, 1)), 'receipt');
    const [join, rotation] = receipt.keys as [KeyBlock, KeyBlock];
    const leaves = acme.blocks.slice(0, -1).map((block) => leafHash(idBytes(block.id)));
    const ordinary = acme.blocks[1] as Block;
    const asKey: KeyBlock = {
      block: ordinary.bytes,
      entry: (ordinary.items[0] as { bytes: Uint8Array }).bytes,
      entry_proof: inclusionProof(ordinary.items.map(leafOf), 0),
      proof: inclusionProof(leaves, 1),
    };
    const bytes = encodeCbor(receiptSchema.write({ ...receipt, keys: [join, asKey, rotation] }));
    expect(failure(() => verifyReceipt(bytes, LEDGER)).message).toMatch(/block 1 is no rotation/);
  });

  /** A listed chain that no verifier of the chain would accept: what its receipt shows must not hold either. */
  function forgedReceipt(chain: Chain, forgery: Forgery): Receipt {
    const blocks = forge(chain, forgery).map((record) => decodeRecord(record));
    const head = blocks.at(-1) as Block;
    const listed = append(body, [
      entry('greeting'),
      broadcast({ org: chain.state.id, seq: head.body.seq, block: head.id }),
    ]);
    return receiptSchema.read(
      decodeCbor(
        buildReceipt({
          programme: toBranch(listed.blocks),
          organisation: toBranch(blocks),
          seq: head.body.seq,
          index: 0,
          listing,
        }),
      ),
      'receipt',
    );
  }

  it('does not let a stranger join in the name of another', () => {
    const receipt = forgedReceipt(bolt, { entries: [enrolment('join', 'evil', 0)], key: 'evil 0' });
    const keys = [{ block: receipt.block, entry: receipt.item, entry_proof: receipt.entry.proof, proof: [] }];
    expect(failure(() => verifyReceipt(encodeCbor(receiptSchema.write({ ...receipt, keys })), LEDGER)).message).toMatch(
      /must be block 0/,
    );
    expect(failure(() => verifyReceipt(encodeCbor(receiptSchema.write(receipt)), LEDGER)).message).toMatch(
      /not signed by the key in force/,
    );
  });

  it("refuses blocks that cannot be an organisation's", () => {
    const verify = (receipt: Receipt): string =>
      failure(() => verifyReceipt(encodeCbor(receiptSchema.write(receipt)), LEDGER)).message;
    expect(verify(forgedReceipt(bolt, { entries: notes(1), body: (fields) => ({ ...fields, seen: null }) }))).toMatch(
      /cannot be one of this chain/,
    );
    expect(verify(forgedReceipt(bolt, { entries: notes(1), body: (fields) => ({ ...fields, prev: null }) }))).toMatch(
      /cannot be one of this chain/,
    );
    expect(
      verify(forgedReceipt(bolt, { entries: notes(1), body: (fields) => ({ ...fields, ledger: acme.state.id }) })),
    ).toMatch(/is not one of the chain/);
  });

  it('is only made for an entry that the broadcast covers', () => {
    const above = append(acme, notes(1));
    expect(failure(() => receiptOf(above.state.seq, 0, above)).code).toBe('USAGE');
    expect(failure(() => receiptOf(1, 3)).code).toBe('USAGE');
    const stranger = joinLedger(body, 'stranger');
    expect(failure(() => receiptOf(0, 0, stranger)).code).toBe('USAGE');
  });

  it('is small: it grows with the logarithm of the chain', () => {
    let long = joinLedger(body, 'long');
    for (let seq = 1; seq < 200; seq++) long = append(long, notes(1));
    const listed = append(body, [entry('greeting'), broadcast(listingOf(long))]);
    const bytes = buildReceipt({
      programme: toBranch(listed.blocks),
      organisation: toBranch(long.blocks),
      seq: 50,
      index: 0,
      listing,
    });
    expect(verifyReceipt(bytes, LEDGER).block.seq).toBe(50);
    expect(bytes.length).toBeLessThan(6000);
  });
});
