import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiptVectors } from '../../fixtures/receipt-vectors.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { parseId } from '../../src/ledger/codec/id.ts';
import { verifyReceipt } from '../../src/ledger/receipt-verify.ts';
import { readReceiptSubject } from '../../src/programme/receipt-subject.ts';

/** Right receipts of both forms, open, sealed and with an opening. */
const right = receiptVectors().filter(({ expect: word, copy }) => word === 'listed' && copy === undefined);

/** True when the receipt holds, whatever it shows. */
function holds(bytes: Uint8Array, ledger: string): boolean {
  try {
    readReceiptSubject(verifyReceipt(bytes, parseId(ledger)));
    return true;
  } catch (error) {
    if (error instanceof JoulemarkError) return false;
    throw error;
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  return changed;
}

describe('a receipt', () => {
  it('holds as it was made', () => {
    expect(right.length).toBeGreaterThan(7);
    expect(right.filter(({ receipt, ledger }) => !holds(receipt, ledger)).map(({ name }) => name)).toEqual([]);
  });

  it('does not hold with any bit flipped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...right), fc.nat(), ({ receipt, ledger }, at) => {
        return !holds(flipped(receipt, at % (receipt.length * 8)), ledger);
      }),
      { numRuns: 500 },
    );
  });

  it('the smallest does not hold with each single bit flipped in turn', () => {
    const { receipt, ledger } = right.toSorted((a, b) => a.receipt.length - b.receipt.length)[0]!;
    const passed = Array.from({ length: receipt.length * 8 }, (_, bit) => bit).filter((bit) =>
      holds(flipped(receipt, bit), ledger),
    );
    expect(passed).toEqual([]);
  });

  it('does not hold with bytes cut off, put in or changed, and nothing but our error is thrown', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...right),
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.uint8Array({ maxLength: 3 }),
        ({ receipt, ledger }, at, cut, put) => {
          const place = at % receipt.length;
          const changed = Uint8Array.from([...receipt.slice(0, place), ...put, ...receipt.slice(place + cut)]);
          return Buffer.compare(changed, receipt) === 0 || !holds(changed, ledger);
        },
      ),
      { numRuns: 500 },
    );
  });
});
