import { signEd25519 } from '#primitives';

import { encodeSign1, keyId, PROTECTED_HEADER, signatureInput } from '../crypto/cose.ts';
import { merkleRoot } from '../crypto/merkle.ts';
import { JoulemarkError } from '../errors.ts';
import { type Block, type Body, decodeRecord, LIMITS } from './block.ts';
import { encodeRecord } from './record.ts';
import { type BlockPlace, encodeBody } from './body.ts';
import { type ChainState, extendChain, startChain } from './chain.ts';
import { type Id, toId } from './codec/id.ts';
import { EMPTY_FRONTIER, frontierRoot } from './frontier.ts';

/** What the next block of a chain is made of. */
export interface Draft {
  /** The state after the head; null for a block 0. */
  readonly state: ChainState | null;
  /** For block 0 of an organisation: the ledger it joins. Absent for a genesis block; else it must be the chain's. */
  readonly ledger?: Id | undefined;
  /** For a later block: the chain's id, where the caller wants it compared. */
  readonly org?: Id | undefined;
  /** The newest programme block verified; null in the programme chain. */
  readonly seen: BlockPlace | null;
  /** Seconds since 1970. */
  readonly time: number;
  /** Encoded entries, 1 to LIMITS.entries, together at most LIMITS.entryBytes. */
  readonly entries: readonly Uint8Array[];
  /** 32-byte Ed25519 seed and its public key. */
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A sealed block: its record for the store, itself, and the state of the chain after it. */
export interface Sealed {
  readonly record: Uint8Array;
  readonly block: Block;
  readonly state: ChainState;
}

/**
 * Builds and signs the next block of a chain and judges it as a stranger would: what is returned is valid.
 * @throws JoulemarkError USAGE for entries that no block can hold; KEY_UNAVAILABLE for a key that may not sign here;
 * VERIFY_FAILED naming the rule for anything else that would not be valid, a clock behind the chain's for example.
 */
export function sealBlock(draft: Draft): Sealed {
  const { state, entries } = draft;
  checkEntries(entries);
  checkNames(draft);
  const protectedBytes = PROTECTED_HEADER(keyId(draft.publicKey));
  const payload = encodeBody(bodyOf(draft));
  const signature = signEd25519(signatureInput(protectedBytes, payload), draft.secretKey);
  const record = encodeRecord(
    encodeSign1(protectedBytes, payload, signature),
    entries.map((bytes) => ({ bytes })),
  );
  const block = decodeRecord(record);
  const kind = draft.ledger === undefined ? 'programme' : 'organisation';
  try {
    return {
      record,
      block,
      state: state === null ? startChain({ kind, ledger: draft.ledger }, block) : extendChain(state, block),
    };
  } catch (cause) {
    if (!(cause instanceof JoulemarkError) || cause.details['rule'] !== 'signature') throw cause;
    throw new JoulemarkError(
      'KEY_UNAVAILABLE',
      `the key '${block.kid}' may not sign block ${block.body.seq} of this chain`,
      { cause },
    );
  }
}

function bodyOf({ state, ledger, seen, time, entries }: Draft): Body {
  const tree = { count: entries.length, root: toId(merkleRoot(entries)) };
  if (state === null) {
    return {
      ...(ledger === undefined ? {} : { ledger }),
      seq: 0,
      prev: null,
      history: toId(frontierRoot(EMPTY_FRONTIER)),
      seen,
      time,
      entries: tree,
    };
  }
  return {
    ledger: state.ledger,
    org: state.id,
    seq: state.seq + 1,
    prev: state.head,
    history: toId(frontierRoot(state.frontier)),
    seen,
    time,
    entries: tree,
  };
}

function checkNames({ state, ledger, org }: Draft): void {
  if (state === null) return;
  if (ledger !== undefined && ledger !== state.ledger)
    throw new JoulemarkError('USAGE', `the chain belongs to the ledger '${state.ledger}', not '${ledger}'`);
  if (org !== undefined && org !== state.id)
    throw new JoulemarkError('USAGE', `the chain is '${state.id}', not '${org}'`);
}

function checkEntries(entries: readonly Uint8Array[]): void {
  if (entries.length < 1 || entries.length > LIMITS.entries)
    throw new JoulemarkError('USAGE', `a block holds 1 to ${LIMITS.entries} entries, found ${entries.length}`);
  const size = entries.reduce((sum, entry) => sum + entry.length, 0);
  if (size > LIMITS.entryBytes)
    throw new JoulemarkError('USAGE', `the entries of a block have at most ${LIMITS.entryBytes} bytes, found ${size}`);
}
