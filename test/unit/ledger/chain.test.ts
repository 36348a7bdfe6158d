import { Sign1 } from '@auth0/cose';
import { createHash, createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { concatBytes, toHex } from '../../../src/crypto/hash.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { decodeEntry, entryAt } from '../../../src/ledger/entry.ts';
import { decodeRecord } from '../../../src/ledger/block.ts';
import { encodeRecord } from '../../../src/ledger/record.ts';
import { verifyChain } from '../../../src/ledger/chain.ts';
import { splitRecords } from '../../../src/ledger/segment.ts';
import { append, entry, foundLedger, grownChain, joinLedger, keyPair, rotate } from '../../support/ledger.ts';

const programme = foundLedger();
const organisation = append(
  rotate(append(joinLedger(programme, 'acme'), [entry('note', { a: 1 }), entry('note', { a: 2 })])),
  [entry('note')],
);
const name = { kind: 'organisation', ledger: programme.state.ledger } as const;

function failure(run: () => unknown): JoulemarkError {
  try {
    run();
  } catch (error) {
    if (error instanceof JoulemarkError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

describe('a chain', () => {
  it('is verified from its records', () => {
    const { state, blocks } = verifyChain({ ...name, records: organisation.records });
    expect(state).toEqual(organisation.state);
    expect(blocks.map((block) => block.id)).toEqual(organisation.blocks.map((block) => block.id));
    expect(state.keys.name).toBe('acme');
    expect(state.keys.past).toHaveLength(1);
    expect(toHex(state.keys.current)).toBe(toHex(keyPair('acme 1').publicKey));
  });

  it('is verified on from a state that was stored', () => {
    const { state: middle } = verifyChain({ ...name, records: organisation.records.slice(0, 2) });
    const { state } = verifyChain({ ...name, from: structuredClone(middle), records: organisation.records.slice(2) });
    expect(state).toEqual(organisation.state);
  });

  it('has block ids that sha256sum gives', () => {
    for (const block of organisation.blocks)
      expect(block.id).toBe(createHash('sha256').update(block.bytes).digest('hex'));
  });

  it('is refused under another ledger, as another organisation and without blocks', () => {
    const other = foundLedger('another body');
    expect(
      failure(() => verifyChain({ ...name, ledger: other.state.ledger, records: organisation.records })).details,
    ).toMatchObject({ rule: 'names', seq: 0 });
    expect(
      failure(() => verifyChain({ ...name, id: other.state.id, records: organisation.records })).details,
    ).toMatchObject({ rule: 'names', seq: 0 });
    expect(
      failure(() => verifyChain({ kind: 'programme', ledger: other.state.id, records: programme.records })).details,
    ).toMatchObject({ rule: 'names', seq: 0 });
    expect(failure(() => verifyChain({ ...name, records: [] })).code).toBe('VERIFY_FAILED');
  });

  it('cannot be judged where entry 0 is only a leaf hash, and can be where another one is', () => {
    const block = decodeRecord(organisation.records[1] as Uint8Array);
    const leaves = block.items.map((item) => ({
      leaf: createHash('sha256')
        .update(Buffer.of(0))
        .update('bytes' in item ? item.bytes : '')
        .digest(),
    }));
    const [first, second] = block.items as [(typeof block.items)[0], (typeof block.items)[0]];
    const without = (items: typeof block.items) => [
      organisation.records[0] as Uint8Array,
      encodeRecord(block.bytes, items),
      ...organisation.records.slice(2),
    ];
    const partial = verifyChain({ ...name, records: without([first, leaves[1] as { leaf: Uint8Array }]) });
    expect(partial.state).toEqual(organisation.state);
    expect(partial.blocks[1] === undefined ? null : entryAt(partial.blocks[1], 1)).toBeNull();
    expect(
      failure(() => verifyChain({ ...name, records: without([leaves[0] as { leaf: Uint8Array }, second]) })).code,
    ).toBe('PENDING');
  });

  it('is one stream, however it is split', () => {
    const stream = concatBytes(...organisation.records);
    expect(splitRecords(stream).map((record) => toHex(record))).toEqual(
      organisation.records.map((record) => toHex(record)),
    );
    expect(failure(() => splitRecords(stream.subarray(0, -1))).details['record']).toBe(
      stream.length - (organisation.records.at(-1)?.length ?? 0),
    );
    expect(failure(() => splitRecords(concatBytes(stream, Uint8Array.of(0)))).details).toMatchObject({
      record: stream.length,
      offset: stream.length,
    });
  });
});

describe('an outline', () => {
  it('is bounded: what a head announces costs nothing', () => {
    const announced = (count: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(0x82, 0x40), count);
    expect(failure(() => splitRecords(announced(Uint8Array.of(0x99, 0x10, 0x01)))).message).toMatch(
      /at most 4096 entries/,
    );
    expect(
      failure(() => splitRecords(announced(Uint8Array.of(0x9b, 0, 0x1f, 255, 255, 255, 255, 255, 255)))).message,
    ).toMatch(/at most 4096 entries/);
    expect(
      failure(() => decodeRecord(announced(Uint8Array.of(0x9b, 0, 0x1f, 255, 255, 255, 255, 255, 255)))).message,
    ).toMatch(/ends inside the entries/);
    const large = new Uint8Array(300_000);
    large.set([0x82, 0x40, 0x81, 0x5a, 0, 0x04, 0x93, 0xd8]);
    expect(failure(() => splitRecords(large)).message).toMatch(/bytes a record/);
  });

  it('of an entry is a type and a map', () => {
    expect(decodeEntry(entry('note', { a: 1 }))).toMatchObject({ type: 'note', content: new Map([['a', 1]]) });
    expect(failure(() => decodeEntry(Uint8Array.of(0x82, 0x61, 0x6e, 0x80))).message).toMatch(/content must be a map/);
    expect(failure(() => decodeEntry(Uint8Array.of(0x80))).message).toMatch(/list of 2/);
  });
});

describe('sealing', () => {
  it('refuses a key that is not in force, entries that no block holds and a clock behind the chain', () => {
    expect(failure(() => append(organisation, [entry('note')], { key: 0 })).code).toBe('KEY_UNAVAILABLE');
    expect(failure(() => append(organisation, [])).code).toBe('USAGE');
    expect(
      failure(() =>
        append(
          organisation,
          Array.from({ length: 4097 }, () => entry('note')),
        ),
      ).code,
    ).toBe('USAGE');
    expect(failure(() => append(organisation, [entry('note', { text: 'x'.repeat(262_144) })])).code).toBe('USAGE');
    expect(failure(() => append(programme, [entry('note')], { time: programme.state.time - 1 })).details['rule']).toBe(
      'time',
    );
  });

  it('holds as many entries as a block can', () => {
    const full = append(
      organisation,
      Array.from({ length: 4096 }, (_, index) => entry('n', { i: index })),
    );
    expect(verifyChain({ ...name, records: full.records }).state.seq).toBe(4);
  });
});

describe('other tools', () => {
  it('agree: @auth0/cose verifies every block', async () => {
    for (const block of organisation.blocks) {
      const owner = block.body.seq < 2 ? keyPair('acme 0') : keyPair('acme 1');
      const key = createPublicKey({
        key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), owner.publicKey]),
        format: 'der',
        type: 'spki',
      });
      const sign1 = Sign1.decode(block.bytes);
      await expect(sign1.verify(key as never)).resolves.toBeUndefined();
      await expect(
        Sign1.decode(decodeRecord(grownChain(programme, 'other', 1).records[0] as Uint8Array).bytes).verify(
          key as never,
        ),
      ).rejects.toThrow();
    }
  });
});
