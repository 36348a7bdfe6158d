import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../src/crypto/hash.ts';
import { merkleRootOfLeafHashes, leafHash } from '../../src/crypto/merkle.ts';
import { JoulemarkError } from '../../src/errors.ts';
import { decodeBlock, decodeRecord } from '../../src/ledger/block.ts';
import { decodeEntry } from '../../src/ledger/entry.ts';
import { encodeRecord, splitRecord } from '../../src/ledger/record.ts';
import { type Body, decodeBody, encodeBody } from '../../src/ledger/body.ts';
import { checkBranch } from '../../src/ledger/branch.ts';
import { verifyChain } from '../../src/ledger/chain.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { EMPTY_FRONTIER, extendFrontier, frontierRoot } from '../../src/ledger/frontier.ts';
import { verifyForkEvidence } from '../../src/ledger/fork.ts';
import { verifyReceipt } from '../../src/ledger/receipt-verify.ts';
import { isAgeRecipient } from '../../src/ledger/recipient.ts';
import { splitRecords } from '../../src/ledger/segment.ts';
import { append, entry, foundLedger, grownChain, joinLedger, RECIPIENT, rotate } from '../support/ledger.ts';
import { exponentOf } from '../support/growth.ts';

const body = foundLedger();
const acme = append(rotate(append(joinLedger(body, 'acme'), [entry('note', { a: 1 }), entry('note', { b: 'x' })])), [
  entry('note'),
]);
const name = { kind: 'organisation', ledger: body.state.id, id: acme.state.id } as const;
const stream = concatBytes(...acme.records);

/** True when the records are the very chain, as far as a verifier with the organisation id can tell. */
function isWholeChain(read: () => readonly Uint8Array[]): boolean {
  try {
    const { state } = verifyChain({ ...name, records: read() });
    return state.head === acme.state.head;
  } catch (error) {
    if (error instanceof JoulemarkError) return false;
    throw error;
  }
}

describe('a stored chain', () => {
  it('shows any bit that is flipped', () => {
    expect(isWholeChain(() => splitRecords(stream))).toBe(true);
    fc.assert(
      fc.property(fc.nat({ max: stream.length * 8 - 1 }), (bit) => {
        const changed = stream.slice();
        changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
        return !isWholeChain(() => splitRecords(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('shows any block removed, swapped or duplicated', () => {
    const long = grownChain(body, 'long', 12);
    const isWhole = (records: readonly Uint8Array[]): boolean => {
      const { state, fault } = checkBranch(
        { kind: 'organisation', ledger: body.state.id, id: long.state.id, records },
        () => undefined,
      );
      return fault === null && state?.head === long.state.head;
    };
    expect(isWhole(long.records)).toBe(true);
    const at = fc.nat({ max: long.records.length - 1 });
    fc.assert(fc.property(at, (index) => !isWhole(long.records.toSpliced(index, 1))));
    fc.assert(
      fc.property(at, at, (from, to) => !isWhole(long.records.toSpliced(to, 0, long.records[from] as Uint8Array))),
    );
    fc.assert(
      fc.property(at, at, (a, b) => {
        fc.pre(a !== b);
        const swapped = [...long.records];
        [swapped[a], swapped[b]] = [swapped[b] as Uint8Array, swapped[a] as Uint8Array];
        return !isWhole(swapped);
      }),
    );
  });

  it('costs time linear in its length to verify', () => {
    const exponent = exponentOf([150, 1200], (count) => {
      const { records, state } = grownChain(body, `chain of ${count}`, count);
      return () => verifyChain({ kind: 'organisation', ledger: body.state.id, id: state.id, records });
    });
    expect(exponent).toBeLessThan(1.3);
  });
});

const anyId = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => toHex(bytes) as Id);
const anySeq = fc.oneof(fc.nat({ max: 100_000 }), fc.maxSafeNat());
const anyBody: fc.Arbitrary<Body> = fc.record(
  {
    ledger: anyId,
    org: anyId,
    seq: anySeq,
    prev: fc.option(anyId),
    history: anyId,
    seen: fc.option(fc.record({ seq: anySeq, id: anyId })),
    time: fc.nat({ max: 253_402_300_799 }),
    entries: fc.record({ count: anySeq, root: anyId }),
  },
  { requiredKeys: ['seq', 'prev', 'history', 'seen', 'time', 'entries'] },
);

describe('a body', () => {
  it('is decoded as it was encoded', () => {
    fc.assert(
      fc.property(anyBody, (value) => {
        expect(decodeBody(encodeBody(value))).toEqual(value);
      }),
    );
  });

  it('has one encoding: changed bytes are refused or are the encoding of what they mean', () => {
    fc.assert(
      fc.property(
        anyBody,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        fc.nat({ max: 3 }),
        (value, place, bytes, removed) => {
          const encoded = encodeBody(value);
          const at = place % encoded.length;
          const changed = concatBytes(
            encoded.subarray(0, at),
            bytes,
            encoded.subarray(Math.min(at + removed, encoded.length)),
          );
          const decoded = orNull(() => decodeBody(changed));
          if (decoded !== null) expect(toHex(encodeBody(decoded))).toBe(toHex(changed));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('untrusted bytes', () => {
  const readers: readonly ((bytes: Uint8Array) => unknown)[] = [
    decodeRecord,
    decodeBlock,
    decodeBody,
    decodeEntry,
    splitRecord,
    splitRecords,
    (bytes) => verifyReceipt(bytes, body.state.id),
    (bytes) => verifyForkEvidence({ a: bytes, b: bytes }, body.state),
  ];

  it('never throw anything but our error', () => {
    const part = fc
      .tuple(fc.nat(), fc.nat())
      .map(([a, b]) => stream.slice(a % stream.length, (a % stream.length) + (b % 800)));
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), part),
        fc.nat(),
        fc.nat({ max: 255 }),
        (bytes, at, value) => {
          const changed = bytes.slice();
          if (changed.length > 0) changed[at % changed.length] = value;
          for (const reader of readers) orNull(() => reader(changed));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('that are a record are the one encoding of it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...acme.records), fc.nat(), fc.nat({ max: 255 }), (record, at, value) => {
        const changed = record.slice();
        changed[at % changed.length] = value;
        const parts = orNull(() => splitRecord(changed));
        if (parts !== null) expect(toHex(encodeRecord(parts.block, parts.items))).toBe(toHex(changed));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a frontier', () => {
  it('has the root of the tree of its leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (ids) => {
        const frontier = ids.reduce(extendFrontier, EMPTY_FRONTIER);
        expect(frontier.size).toBe(ids.length);
        expect(toHex(frontierRoot(frontier))).toBe(toHex(merkleRootOfLeafHashes(ids.map(leafHash))));
      }),
    );
  });
});

describe('an age recipient', () => {
  it('is accepted as age writes it and with no letter changed', () => {
    expect(isAgeRecipient(RECIPIENT)).toBe(true);
    fc.assert(
      fc.property(
        fc.nat({ max: RECIPIENT.length - 1 }),
        fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l1bioQ'),
        (at, letter) => {
          fc.pre(RECIPIENT[at] !== letter);
          return !isAgeRecipient(RECIPIENT.slice(0, at) + letter + RECIPIENT.slice(at + 1));
        },
      ),
    );
  });
});

function orNull<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}
