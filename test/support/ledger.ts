/** Chains with real blocks and signatures from fixed seeds, for tests of the ledger core. */
import { publicKeyOf } from '#primitives';
import { sha256 } from '../../src/crypto/hash.ts';
import type { Block } from '../../src/ledger/block.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import type { BlockPlace } from '../../src/ledger/body.ts';
import type { ChainState } from '../../src/ledger/chain.ts';
import { type Id, idBytes } from '../../src/ledger/codec/id.ts';
import type { CborValue } from '../../src/ledger/codec/value.ts';
import { broadcastContent, type Listing } from '../../src/ledger/entries.ts';
import { keyIdOf } from '../../src/ledger/key-id.ts';
import { sealBlock } from '../../src/ledger/seal.ts';

/** An age recipient that no test ever seals to. */
export const RECIPIENT = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
export const START = 1_767_225_600;

export interface KeyPair {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The key pair of a word. */
export function keyPair(word: string): KeyPair {
  const secretKey = sha256(new TextEncoder().encode(`joulemark ${word}`));
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}

/** A chain as it grows. Keys are those of `<name> 0`, `<name> 1`, ... in the order of rotations. */
export interface Chain {
  readonly name: string;
  readonly state: ChainState;
  readonly records: readonly Uint8Array[];
  readonly blocks: readonly Block[];
  /** The number of the key in force. */
  readonly key: number;
}

export const entry = (type: string, content: Readonly<Record<string, CborValue>> = {}): Uint8Array =>
  encodeEntry(type, new Map(Object.entries(content)));

/** `found`, `join` or `rotate` to key `number` of a chain's owner. */
export function enrolment(type: 'found' | 'join' | 'rotate', name: string, number: number): Uint8Array {
  const keys = {
    key: keyPair(`${name} ${number}`).publicKey,
    next: idBytes(keyIdOf(keyPair(`${name} ${number + 1}`).publicKey)),
  };
  return entry(type, type === 'rotate' ? keys : { ...keys, name, recipient: RECIPIENT });
}

/** A programme chain of its genesis block. */
export function foundLedger(name = 'body', time = START): Chain {
  const sealed = sealBlock({
    state: null,
    seen: null,
    time,
    entries: [enrolment('found', name, 0)],
    ...keyPair(`${name} 0`),
  });
  return { name, state: sealed.state, records: [sealed.record], blocks: [sealed.block], key: 0 };
}

/** An organisation's chain of its `join`. */
export function joinLedger(programme: Chain, name: string, time = START): Chain {
  const sealed = sealBlock({
    state: null,
    ledger: programme.state.id,
    seen: headOf(programme),
    time,
    entries: [enrolment('join', name, 0)],
    ...keyPair(`${name} 0`),
  });
  return { name, state: sealed.state, records: [sealed.record], blocks: [sealed.block], key: 0 };
}

/** One more block; `seen` for organisations. A chain is not changed: appending twice to one makes a fork. */
export function append(
  chain: Chain,
  entries: readonly Uint8Array[],
  more: { readonly seen?: BlockPlace; readonly time?: number; readonly key?: number } = {},
): Chain {
  const key = more.key ?? chain.key;
  const seen = chain.state.kind === 'programme' ? null : (more.seen ?? chain.blocks[0]?.body.seen ?? null);
  const sealed = sealBlock({
    state: chain.state,
    seen,
    time: more.time ?? chain.state.time + 60,
    entries,
    ...keyPair(`${chain.name} ${key}`),
  });
  return {
    ...chain,
    state: sealed.state,
    records: [...chain.records, sealed.record],
    blocks: [...chain.blocks, sealed.block],
    key,
  };
}

/** A block that rotates to the announced key, with further entries. */
export function rotate(chain: Chain, entries: readonly Uint8Array[] = []): Chain {
  return append(chain, [enrolment('rotate', chain.name, chain.key + 1), ...entries], { key: chain.key + 1 });
}

export const headOf = (chain: Chain): BlockPlace => ({ seq: chain.state.seq, id: chain.state.head });

/** A listing of a chain's head, or of one of its blocks. */
export function listingOf(chain: Chain, seq = chain.state.seq): Listing {
  return { org: chain.state.id, seq, block: chain.blocks[seq]?.id as Id };
}

export function broadcast(...listings: readonly Listing[]): Uint8Array {
  const heads = listings.toSorted((a, b) => (a.org < b.org ? -1 : 1));
  return encodeEntry('broadcast', broadcastContent.write({ heads }) as ReadonlyMap<string, CborValue>);
}

/** A chain of an organisation with `count` blocks in all, made fast: for bulk tests. */
export function grownChain(programme: Chain, name: string, count: number): Chain {
  const first = joinLedger(programme, name);
  const records = [...first.records];
  const blocks = [...first.blocks];
  let { state } = first;
  const keys = keyPair(`${name} 0`);
  const seen = headOf(programme);
  for (let seq = 1; seq < count; seq++) {
    const sealed = sealBlock({
      state,
      seen,
      time: START + seq,
      entries: [entry('note', { text: `entry ${seq}` })],
      ...keys,
    });
    records.push(sealed.record);
    blocks.push(sealed.block);
    state = sealed.state;
  }
  return { ...first, state, records, blocks };
}
