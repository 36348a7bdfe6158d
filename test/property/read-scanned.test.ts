/** Two readers of one schema: by the value, and straight from scanned bytes. They give the same, key for key in the same order, or refuse with the same words. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JoulemarkError } from '../../src/errors.ts';
import { decodeScanned } from '../../src/ledger/codec/decode.ts';
import { encodeCbor } from '../../src/ledger/codec/encode.ts';
import type { Id } from '../../src/ledger/codec/id.ts';
import { scanProfile } from '../../src/ledger/codec/scan.ts';
import { readScanned } from '../../src/ledger/codec/take.ts';
import type { Schema } from '../../src/ledger/codec/schema.ts';
import { type CborValue, isCborMap } from '../../src/ledger/codec/value.ts';
import { broadcastContent, foundContent, joinContent, rotateContent } from '../../src/ledger/entries.ts';
import {
  acceptContent,
  adjustContent,
  adjustmentContent,
  admitContent,
  answerContent,
  askContent,
  auditContent,
  correctContent,
  decisionContent,
  documentContent,
  forkContent,
  meterEventContent,
  ORGANISATION_ENTRY_TYPES,
  packageContent,
  PROGRAMME_ENTRY_TYPES,
  recuseContent,
  revokeContent,
  rulingContent,
  submissionContent,
  suspendContent,
} from '../../src/programme/entries.ts';
import { packagePayload } from '../../src/programme/package.ts';
import { cborValue } from '../support/cbor-values.ts';
import { RECIPIENT } from '../support/ledger.ts';

const a = 'aa'.repeat(32) as Id;
const b = 'bb'.repeat(32) as Id;
const key = new Uint8Array(32).fill(7);
const window = [0, 86_400] as const;
const place = { auditor: a, seq: 3, entry: 1 };
const counted = {
  meter: 'gate',
  kind: 'energy',
  interval: window,
  commit: a,
  salt: key,
  payload: Uint8Array.of(1, 2, 3),
} as const;
const decimal = { mantissa: -12n, exponent: -1 };

interface Case {
  readonly schema: Schema<unknown>;
  readonly written: CborValue;
}

const caseOf = <T>(schema: Schema<T>, value: T): Case => ({
  schema,
  written: schema.write(value),
});

const document = caseOf(documentContent, { document: new Map([['list', ['a', new Map()]]]) });
const fork = caseOf(forkContent, { a: Uint8Array.of(1), b: new Uint8Array(70) });
const rotate = caseOf(rotateContent, { key, next: a, recipient: RECIPIENT });

/** Every entry that has a meaning, with every key that it may have, and what stands in a package. */
const CASES: Readonly<Record<string, Case>> = {
  found: caseOf(foundContent, { name: 'Body', key, next: a, recipient: RECIPIENT }),
  join: caseOf(joinContent, { name: 'Wörks', key, next: a, recipient: RECIPIENT, legal_id: 'HRB 1' }),
  rotate,
  broadcast: caseOf(broadcastContent, {
    heads: [
      { org: a, seq: 0, block: a },
      { org: b, seq: 2 ** 40, block: a },
    ],
  }),
  admit: caseOf(admitContent, {
    org: a,
    roles: ['applicant', 'auditor'],
    relations: [{ applicant: b, relation: 'peer', labels: ['cement', 'clinker'] }],
    until: 9,
    first_period: '2026-01-01',
    continues: b,
  }),
  accept: caseOf(acceptContent, { org: a, boundary: b }),
  suspend: caseOf(suspendContent, { org: a, reason: 'x'.repeat(30) }),
  policy: document,
  table: document,
  boundary: document,
  ask: caseOf(askContent, { applicant: a, relation: 'upstream', auditor: b, window, due: 5 }),
  ruling: caseOf(rulingContent, { ...place, ruling: 'upheld', reason: 'r' }),
  adjustment: caseOf(adjustmentContent, { applicant: a, seq: 1, entry: 0, reason: 'r' }),
  decision: caseOf(decisionContent, {
    applicant: a,
    period: window,
    status: 'CERTIFIED',
    number: '2026/1',
    reasons: ['pending'],
    baseline: window,
    policy: a,
    boundary: null,
    tables: [a, b],
    unit: 'GJ',
    products: [{ product: 'cement', verdict: 'saved', rate: { n: -1n, d: 3n }, saving: { n: 0n, d: 1n } }],
    packages: { baseline: a, reporting: b },
    audits: [place],
    evaluation: a,
    salt: key,
    payload: Uint8Array.of(0xa0),
  }),
  revoke: caseOf(revokeContent, { seq: 1, entry: 0, reason: 'r' }),
  fork,
  'meter-event': caseOf(meterEventContent, {
    meter: 'gate',
    event: 'exchange',
    at: 1,
    old: decimal,
    new: { mantissa: 0n, exponent: 0 },
    serial: 's',
    reason: 'r',
  }),
  submission: caseOf(submissionContent, { profile: a, source: 'a.csv' }),
  package: caseOf(packageContent, counted),
  correct: caseOf(correctContent, { replaces: b, package: counted, reason: 'meter_error' }),
  audit: caseOf(auditContent, {
    applicant: a,
    relation: 'downstream',
    labels: ['cement'],
    window,
    at: 4,
    root: a,
    verdict: 'pass',
    figures: b,
    salt: key,
    payload: Uint8Array.of(1),
    reason: 'r',
  }),
  recuse: caseOf(recuseContent, { applicant: a, relation: 'peer', window, reason: 'r' }),
  answer: caseOf(answerContent, { ...place, text: 't' }),
  adjust: caseOf(adjustContent, { product: 'cement', window, energy: decimal, unit: 'GJ', reason: 'r', evidence: a }),
  payload: caseOf(packagePayload, {
    quantity: decimal,
    unit: 'kWh',
    carrier: 'electricity',
    product: 'cement',
    provenance: 'metered',
    register: { open: decimal, close: decimal },
    party: 'Pearl',
    source: 'a.csv',
    device: Uint8Array.of(9),
  }),
};

/** What a reader comes to: the value with its keys in their order, or its words. */
function outcome(read: () => unknown): unknown {
  try {
    return { value: inOrder(read()) };
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    return { code: error.code, message: error.message, details: error.details };
  }
}

function inOrder(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (value instanceof Map) return { map: [...value].map(([name, item]) => [name, inOrder(item)]) };
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return { record: Object.entries(value).map(([name, item]) => [name, inOrder(item)]) };
}

function expectSame({ schema }: Case, bytes: Uint8Array): void {
  // what stands before and after an item in its entry is none of its business
  const framed = Uint8Array.from([0x82, 0x60, ...bytes, 0xff, 0xff]);
  const straight = outcome(() => readScanned(schema, framed, 2, 'entry'));
  expect(straight).toEqual(outcome(() => schema.read(decodeScanned(bytes), 'entry')));
}

function sizeOf(value: CborValue): number {
  if (isCborMap(value)) return value.size;
  return Array.isArray(value) ? value.length : 0;
}

/** A value with one thing in it changed, at a place that the numbers choose. */
function changed(value: CborValue, [step = 0, ...rest]: readonly number[], other: CborValue): CborValue {
  const size = sizeOf(value);
  if (size === 0 || rest.length === 0) return other;
  const at = step % (size + 2);
  if (Array.isArray(value)) {
    if (at === size) return [...value, other];
    if (at > size) return value.slice(1);
    return value.map((item: CborValue, index) => (index === at ? changed(item, rest, other) : item));
  }
  const pairs = [...(value as ReadonlyMap<string, CborValue>)];
  if (at === size) return new Map([...pairs, [typeof other === 'string' ? other : 'key', other]]);
  if (at > size) return new Map(pairs.filter((_, index) => index !== (rest[0] ?? 0) % size));
  return new Map(pairs.map(([name, item], index) => [name, index === at ? changed(item, rest, other) : item]));
}

test('every entry of version 1 is among them', () => {
  for (const type of [...PROGRAMME_ENTRY_TYPES, ...ORGANISATION_ENTRY_TYPES])
    expect(Object.keys(CASES)).toContain(type);
});

describe.each(Object.entries(CASES))('%s', (_, one) => {
  const bytes = encodeCbor(one.written);

  test('as it is written', () => {
    expect(outcome(() => readScanned(one.schema, bytes, 0, 'entry'))).toHaveProperty('value');
    expectSame(one, bytes);
  });

  test('with something else in it', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }), cborValue, (path, other) =>
        expectSame(one, encodeCbor(changed(one.written, path, other))),
      ),
      { numRuns: 150 },
    );
  });

  test('with any other byte that is still an item', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      for (const flip of [1, 2, 4, 16, 32, 64, 0x40 ^ 0x60, 0xff]) {
        const other = Uint8Array.from(bytes);
        other[at] = (other[at] ?? 0) ^ flip;
        try {
          scanProfile(other);
        } catch {
          continue;
        }
        expectSame(one, other);
      }
    }
  });

  test('any value instead', () => {
    fc.assert(
      fc.property(cborValue, (value) => expectSame(one, encodeCbor(value))),
      { numRuns: 60 },
    );
  });
});
