/** The keys of a chain (spec section 6): who may sign a block, and what its entry 0 changes. */
import { keyId } from '../crypto/cose.ts';
import { checkPublicKey } from '../crypto/key-enrolment.ts';
import { JoulemarkError } from '../errors.ts';
import type { Block } from './block.ts';
import { decodeEntry, entryType } from './entry.ts';
import type { Schema } from './codec/schema.ts';
import { type Id, toId } from './codec/id.ts';
import { foundContent, joinContent, rotateContent } from './entries.ts';
import { brokenRule } from './rule.ts';

/** The key in force after a block, and what the chain says of its owner. */
export interface KeyState {
  readonly current: Uint8Array;
  readonly currentId: Id;
  /** Id of the key that the next `rotate` must reveal. */
  readonly next: Id;
  /** Age recipient for what is sealed to the owner. */
  readonly recipient: string;
  readonly name: string;
  /** Ids of the keys before the current one, oldest first. */
  readonly past: readonly Id[];
}

/** Whose chain: the certification body's or an organisation's. */
export type ChainKind = 'programme' | 'organisation';

/** The key that must have signed a block, and the keys in force after it. */
export interface Signer {
  readonly publicKey: Uint8Array;
  readonly keyId: Id;
  readonly after: KeyState;
}

type Enrolment = 'found' | 'join' | 'rotate';

/**
 * Condition keys of a block after `before` (null: block 0).
 * @throws JoulemarkError VERIFY_FAILED, details.rule 'keys'; PENDING when entry 0 is present only as a leaf hash.
 */
export function signerOf(kind: ChainKind, before: KeyState | null, block: Block): Signer {
  const { seq } = block.body;
  const [first] = block.items;
  if (first === undefined || 'leaf' in first) {
    throw new JoulemarkError('PENDING', `block ${seq} cannot be judged: its entry 0 is present only as a leaf hash`, {
      details: { rule: 'keys', seq },
    });
  }
  for (const [index, item] of block.items.entries()) {
    const type = index === 0 || 'leaf' in item ? null : enrolmentOf(item.bytes);
    if (type !== null) throw brokenRule('keys', seq, `'${type}' stands as entry ${index}, allowed only as entry 0`);
  }
  const type = enrolmentOf(first.bytes);
  if (before === null) return founder(kind, type, first.bytes);
  if (type === null) return { publicKey: before.current, keyId: before.currentId, after: before };
  if (type !== 'rotate') throw brokenRule('keys', seq, `'${type}' stands in a later block, allowed only in block 0`);
  return rotated(before, first.bytes, seq);
}

function founder(kind: ChainKind, type: Enrolment | null, bytes: Uint8Array): Signer {
  const expected = kind === 'programme' ? 'found' : 'join';
  if (type !== expected) throw brokenRule('keys', 0, `its entry 0 must be '${expected}', found '${entryType(bytes)}'`);
  const { key, next, recipient, name } = read(kind === 'programme' ? foundContent : joinContent, bytes, 0);
  const id = enrolled(key, 0);
  return { publicKey: key, keyId: id, after: { current: key, currentId: id, next, recipient, name, past: [] } };
}

function rotated(before: KeyState, bytes: Uint8Array, seq: number): Signer {
  const { key, next, recipient = before.recipient } = read(rotateContent, bytes, seq);
  const id = enrolled(key, seq);
  // condition 8 speaks of this one, so that a rotation by a thief is a signature that is not the owner's
  if (id !== before.next)
    throw brokenRule('signature', seq, `it reveals the key '${id}', the one announced is '${before.next}'`);
  return {
    publicKey: key,
    keyId: id,
    after: {
      current: key,
      currentId: id,
      next,
      recipient,
      name: before.name,
      past: [...before.past, before.currentId],
    },
  };
}

function read<T>(schema: Schema<T>, bytes: Uint8Array, seq: number): T {
  const { type, content } = decodeEntry(bytes);
  try {
    return schema.read(content, type);
  } catch (cause) {
    if (!(cause instanceof JoulemarkError)) throw cause;
    throw brokenRule('keys', seq, cause.message, cause);
  }
}

function enrolled(publicKey: Uint8Array, seq: number): Id {
  const why = checkPublicKey(publicKey);
  if (why !== null) throw brokenRule('keys', seq, `its public key may not be enrolled: ${why}`);
  return toId(keyId(publicKey));
}

/** The words are 4, 5 and 6 letters: one byte tells almost every other entry apart. */
function enrolmentOf(bytes: Uint8Array): Enrolment | null {
  const head = bytes[1];
  if (head !== 0x64 && head !== 0x65 && head !== 0x66) return null;
  const type = entryType(bytes);
  return type === 'found' || type === 'join' || type === 'rotate' ? type : null;
}
