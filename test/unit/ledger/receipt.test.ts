import { describe, expect, it } from 'vitest';
import { JoulemarkError } from '../../../src/errors.ts';
import { toBranch } from '../../../src/ledger/branch.ts';
import { decodeCbor } from '../../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../../src/ledger/codec/encode.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import { buildReceipt, type Receipt, receiptSchema } from '../../../src/ledger/receipt.ts';
import { verifyReceipt } from '../../../src/ledger/receipt-verify.ts';
import { append, broadcast, type Chain, entry, foundLedger, joinLedger, listingOf, rotate } from '../../support/ledger.ts';

const notes = (count: number): readonly Uint8Array[] => Array.from({ length: count }, (_, i) => entry('note', { i }));
const body = rotate(append(rotate(append(foundLedger(), [broadcast()])), [broadcast()]));
const acme = append(append(rotate(append(append(joinLedger(body, 'acme'), notes(3)), notes(5))), notes(2)), notes(1));
const bolt = joinLedger(body, 'bolt');
const programme = append(append(body, [entry('greeting'), broadcast(listingOf(acme), listingOf(bolt))]), [broadcast()]);
const listing = { programme: body.state.seq + 1, entry: 1 };
const LEDGER = programme.state.id;

const receiptOf = (seq: number, index: number, chain: Chain = acme): Uint8Array => buildReceipt({ programme: toBranch(programme.blocks), organisation: toBranch(chain.blocks), seq, index, listing });
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
        expect(shown).toMatchObject({ verdict: 'listed', org: acme.state.id, block: { seq: block.body.seq, id: block.id }, index, listing: { seq: listing.programme, entry: 1 } });
        expect(shown.listing.time).toBe(programme.blocks[listing.programme]?.body.time);
        expect(shown.entry.bytes).toEqual((block.items[index] as { bytes: Uint8Array }).bytes);
        expect(verifyReceipt(bytes, LEDGER, witness).verdict).toBe('covered');
      }
    }
    expect(verifyReceipt(receiptOf(0, 0, bolt), LEDGER).org).toBe(bolt.state.id);
  });

  it('is listed for a copy that ends earlier, evidence for one with another history, false where its listing is not good', () => {
    const bytes = receiptOf(3, 0);
    expect(verifyReceipt(bytes, LEDGER, { programmeId: (seq) => (seq < listing.programme ? programme.blocks[seq]?.id : undefined) }).verdict).toBe('listed');
    expect(failure(() => verifyReceipt(bytes, LEDGER, { programmeId: () => bolt.state.id })).code).toBe('DIVERGED');
    expect(failure(() => verifyReceipt(bytes, LEDGER, { ...witness, coveredId: () => undefined })).code).toBe('VERIFY_FAILED');
    expect(verifyReceipt(bytes, LEDGER, { ...witness, coveredId: (_org, seq) => acme.blocks[seq]?.id }).verdict).toBe('covered');
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
    const withPart = (part: Partial<Receipt>): string => String(failure(() => verifyReceipt(encodeCbor(receiptSchema.write({ ...receipt, ...part })), LEDGER)).details['part']);
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
    const bytes = buildReceipt({ programme: toBranch(listed.blocks), organisation: toBranch(long.blocks), seq: 50, index: 0, listing });
    expect(verifyReceipt(bytes, LEDGER as Id).block.seq).toBe(50);
    expect(bytes.length).toBeLessThan(6000);
  });
});
