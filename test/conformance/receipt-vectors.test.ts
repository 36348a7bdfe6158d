import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readReceiptVector, type ReceiptVector, writeReceiptVector } from '../../fixtures/receipt-vector.ts';
import { receiptVectors } from '../../fixtures/receipt-vectors.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { parseId, type Id } from '../../src/ledger/codec/id.ts';
import { type ReceiptWitness, verifyReceipt } from '../../src/ledger/receipt-verify.ts';
import { readReceiptSubject } from '../../src/programme/receipt-subject.ts';

const FOLDER = fileURLToPath(new URL('../../fixtures/vectors/receipts/', import.meta.url));
const files = readdirSync(FOLDER).toSorted();
const vectors = files.map((file) => [file, readReceiptVector(readFileSync(`${FOLDER}${file}`, 'utf8'))] as const);

function outcomeOf({ receipt, ledger, copy }: ReceiptVector): Pick<ReceiptVector, 'expect' | 'part'> {
  try {
    const shown = verifyReceipt(receipt, parseId(ledger), copy === undefined ? undefined : witnessOf(copy));
    readReceiptSubject(shown);
    return { expect: shown.verdict };
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    if (error.code === 'DIVERGED') return { expect: 'diverged' };
    return { expect: 'refused', part: String(error.details['part']) };
  }
}

function witnessOf({ programme, organisations = {} }: NonNullable<ReceiptVector['copy']>): ReceiptWitness {
  return {
    programmeId: (seq) => programme[seq] as Id | undefined,
    coveredId: (org, seq) => (org in organisations ? (organisations[org]?.[seq] as Id | undefined) : null),
  };
}

describe('receipt vectors', () => {
  it.each(vectors)('%s', (file, vector) => {
    expect(file).toBe(`${vector.name}.json`);
    const { expect: word, part } = vector;
    expect(outcomeOf(vector)).toEqual(part === undefined ? { expect: word } : { expect: word, part });
  });

  it('are those that fixtures/receipt-vectors.ts makes', () => {
    const made = receiptVectors().map((vector) => [`${vector.name}.json`, writeReceiptVector(vector)]);
    const stored = vectors.map(([file, vector]) => [file, writeReceiptVector(vector)]);
    expect(stored).toEqual(made.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  });

  it('break every condition of the specification', () => {
    const broken = new Set(vectors.filter(([, { expect: word }]) => word === 'refused').map(([, { rule }]) => rule));
    for (const condition of [1, 2, 3, 4, 5, 6, 7]) expect(broken).toContain(`section 13 condition ${condition}`);
  });

  it('with a key that is not known are refused', () => {
    const text = writeReceiptVector(receiptVectors()[0] as ReceiptVector);
    expect(() => readReceiptVector(text.replace('"name"', '"nome"'))).toThrow(/unknown key 'nome'/);
  });
});
