import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../src/crypto/merkle.ts';
import { JoulemarkError } from '../../../src/errors.ts';
import { decodeRecord, type Block } from '../../../src/ledger/block.ts';
import { encodeRecord } from '../../../src/ledger/record.ts';
import { type Branch, checkBranch, toBranch } from '../../../src/ledger/branch.ts';
import type { Id } from '../../../src/ledger/codec/id.ts';
import {
  comparePositions,
  type LedgerView,
  newCursor,
  type OrderCursor,
  type OrderEvent,
  walkOrder,
} from '../../../src/ledger/order.ts';
import {
  append,
  broadcast,
  type Chain,
  entry,
  foundLedger,
  headOf,
  joinLedger,
  listingOf,
  rotate,
} from '../../support/ledger.ts';

const body = foundLedger();
const acme = append(append(rotate(joinLedger(body, 'acme')), [entry('note', { i: 0 }), entry('note', { i: 1 })]), [
  entry('note'),
]);
const bolt = append(joinLedger(body, 'bolt'), [entry('note')]);
const programme = [
  [listingOf(acme, 1), listingOf(bolt, 0)],
  [],
  [listingOf(acme, 3)],
  [listingOf(bolt, 1)],
].reduce<Chain>((chain, listings) => append(chain, [entry('greeting'), broadcast(...listings)]), body);

function viewOf(chains: readonly (readonly [Id, readonly Branch[]])[], of = programme): LedgerView {
  const known = new Map(chains);
  return {
    ledger: of.state.id,
    branches: (org) => known.get(org) ?? [],
    organisations: () => known.keys(),
    programmeId: (seq) => of.blocks[seq]?.id,
  };
}

const view = viewOf([acme, bolt].map((chain) => [chain.state.id, [toBranch(chain.blocks)]]));
const walk = (cursor: OrderCursor, blocks: readonly Block[], over: LedgerView = view): readonly OrderEvent[] => [
  ...walkOrder(cursor, blocks, over),
];

describe('the walk', () => {
  it('gives every covered entry once, in the order of positions', () => {
    const events = walk(newCursor(), programme.blocks);
    expect(events.filter(({ type }) => type === 'finding')).toEqual([]);
    const seen = events.map((event) =>
      event.type === 'organisation'
        ? `${event.org === acme.state.id ? 'acme' : 'bolt'} ${event.block.body.seq}.${event.index}`
        : `${event.position.programme}.${event.position.entry}`,
    );
    const first =
      acme.state.id < bolt.state.id ? ['acme 0.0', 'acme 1.0', 'bolt 0.0'] : ['bolt 0.0', 'acme 0.0', 'acme 1.0'];
    expect(seen).toEqual([
      '0.0',
      '1.0',
      '1.1',
      ...first,
      '2.0',
      '2.1',
      '3.0',
      '3.1',
      'acme 2.0',
      'acme 2.1',
      'acme 3.0',
      '4.0',
      '4.1',
      'bolt 1.0',
    ]);
    const positions = events.map(({ position }) => position);
    expect(positions.toSorted(comparePositions)).toEqual(positions);
    expect(positions.toReversed().toSorted(comparePositions)).toEqual(positions);
  });

  it('gives organisations the time of the broadcast', () => {
    for (const event of walk(newCursor(), programme.blocks))
      expect(event.time).toBe(programme.blocks[event.position.programme]?.body.time);
  });

  it('stops and goes on anywhere with the same events, also from a stored cursor', () => {
    const whole = walk(newCursor(), programme.blocks);
    for (let cut = 0; cut <= programme.blocks.length; cut++) {
      const cursor = newCursor();
      const before = walk(cursor, programme.blocks.slice(0, cut));
      const after = walk(structuredClone(cursor), programme.blocks.slice(cut));
      expect([...before, ...after].map(({ position }) => position)).toEqual(whole.map(({ position }) => position));
    }
    expect(() => walk(newCursor(), programme.blocks.slice(1))).toThrow(/expects programme block 0/);
  });

  it('says what is absent, and more bytes turn unknown into known', () => {
    const cursor = newCursor();
    const without = walk(cursor, programme.blocks, viewOf([[acme.state.id, [toBranch(acme.blocks.slice(0, 2))]]]));
    const findings = without.flatMap((event) => (event.type === 'finding' ? [event] : []));
    expect(findings.map(({ finding }) => finding.code)).toEqual(['listing-absent', 'listing-absent', 'listing-absent']);
    expect(cursor.covered.get(acme.state.id)?.seq).toBe(1);
    const places = new Set(walk(newCursor(), programme.blocks).map(({ position }) => JSON.stringify(position)));
    for (const event of without)
      if (event.type !== 'finding') expect(places.has(JSON.stringify(event.position))).toBe(true);
  });

  it('fails where other, invalid bytes stand in the place of listed ones', () => {
    const broken = acme.records.map((record, seq) => (seq === 2 ? flipLast(record) : record));
    const blocks: Block[] = [];
    const { fault } = checkBranch(
      { kind: 'organisation', ledger: body.state.id, id: acme.state.id, records: broken },
      (block) => blocks.push(block),
    );
    expect(fault).toMatchObject({ seq: 2, rule: 'entries', neverValid: [] });
    const run = (): unknown =>
      walk(
        newCursor(),
        programme.blocks,
        viewOf([
          [acme.state.id, [toBranch(blocks, fault)]],
          [bolt.state.id, [toBranch(bolt.blocks)]],
        ]),
      );
    expect(run).toThrow(JoulemarkError);
    expect(run).toThrow(/block 3 of .* is listed and other bytes stand in its place/);
    // the same bytes do not matter while nobody lists them
    const early = programme.blocks.slice(0, 3);
    expect(
      walk(
        newCursor(),
        early,
        viewOf([
          [acme.state.id, [toBranch(blocks, fault)]],
          [bolt.state.id, [toBranch(bolt.blocks)]],
        ]),
      ),
    ).toHaveLength(walk(newCursor(), early).length);
  });

  it('reports entries of which only the leaf hash is here', () => {
    const block = acme.blocks[2] as Block;
    const [first, second] = block.items as readonly { readonly bytes: Uint8Array }[];
    const partial = decodeRecord(
      encodeRecord(block.bytes, [
        first as { bytes: Uint8Array },
        { leaf: leafHash((second as { bytes: Uint8Array }).bytes) },
      ]),
    );
    const blocks = acme.blocks.map((known, seq) => (seq === 2 ? partial : known));
    const codes = walk(
      newCursor(),
      programme.blocks,
      viewOf([
        [acme.state.id, [toBranch(blocks)]],
        [bolt.state.id, [toBranch(bolt.blocks)]],
      ]),
    ).flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
    expect(codes).toMatchObject([{ code: 'entry-absent', place: { chain: acme.state.id, seq: 2, entry: 1 } }]);
  });

  it('decodes no content that nobody looks at', () => {
    for (const event of walk(newCursor(), programme.blocks)) {
      if (event.type === 'finding') continue;
      expect(Object.hasOwn(event.entry, 'content')).toBe(false);
      expect(event.entry.content).toBe(event.entry.content);
    }
  });
});

describe('a reused key', () => {
  it('makes the organisation with the later position inadmissible', () => {
    const twin = joinLedger(body, 'acme', body.state.time + 1);
    const listed = append(body, [broadcast(listingOf(twin), listingOf(acme, 0))]);
    const cursor = newCursor();
    walk(
      cursor,
      listed.blocks,
      viewOf(
        [
          [acme.state.id, [toBranch(acme.blocks)]],
          [twin.state.id, [toBranch(twin.blocks)]],
        ],
        listed,
      ),
    );
    const later = acme.state.id < twin.state.id ? twin.state.id : acme.state.id;
    expect([...cursor.inadmissible.keys()]).toEqual([later]);
    expect(cursor.keys.get(twin.blocks[0]?.kid as Id)).not.toBe(later);
  });

  it('is noticed at a rotation, and in its own chain is none', () => {
    const thief = joinLedger(body, 'thief');
    const listed = append(body, [broadcast(listingOf(rotate(thief)), listingOf(acme))]);
    const cursor = newCursor();
    walk(
      cursor,
      listed.blocks,
      viewOf(
        [
          [acme.state.id, [toBranch(acme.blocks)]],
          [thief.state.id, [toBranch(rotate(thief).blocks)]],
        ],
        listed,
      ),
    );
    expect(cursor.inadmissible.size).toBe(0);
    expect(cursor.keys.size).toBe(5);
  });
});

describe('a witness', () => {
  it('may have seen any earlier programme block and no later one', () => {
    const heartbeat = append(body, [broadcast()]);
    const fresh = append(joinLedger(body, 'fresh'), [entry('note')], { seen: headOf(heartbeat) });
    const codesOf = (listed: Chain): readonly string[] =>
      walk(newCursor(), listed.blocks, viewOf([[fresh.state.id, [toBranch(fresh.blocks)]]], listed)).flatMap((event) =>
        event.type === 'finding' ? [event.finding.code] : [],
      );
    expect(codesOf(append(heartbeat, [broadcast(listingOf(fresh))]))).toEqual([]);
    expect(codesOf(append(body, [broadcast(listingOf(fresh))]))).toEqual(['seen-elsewhere']);
  });
});

function flipLast(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy[copy.length - 1] = (copy[copy.length - 1] as number) ^ 1;
  return copy;
}
