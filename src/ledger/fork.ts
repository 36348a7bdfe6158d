import { verifyEd25519 } from '#primitives';

import { keyId, signatureInput } from '../crypto/cose.ts';
import { checkPublicKey } from '../crypto/key-enrolment.ts';
import { JoulemarkError } from '../errors.ts';
import { decodeBlock, type SignedBlock } from './block.ts';
import type { ChainState } from './chain.ts';
import { type Id, toId } from './codec/id.ts';
import { frontierRoot } from './frontier.ts';
import { brokenRule } from './rule.ts';

/** Two blocks in one place of one chain, in the order of their ids (spec section 12). */
export interface Fork {
  readonly org: Id;
  readonly seq: number;
  readonly a: SignedBlock;
  readonly b: SignedBlock;
}

/** The fork that two blocks would be if both are valid: same ledger, organisation and predecessor, different ids. */
export function detectFork(a: SignedBlock, b: SignedBlock): Fork | null {
  const { ledger, org, prev, seq } = a.body;
  if (a.id === b.id || ledger === undefined || org === undefined || prev === null) return null;
  if (b.body.ledger !== ledger || b.body.org !== org || b.body.prev !== prev) return null;
  return a.id < b.id ? { org, seq, a, b } : { org, seq, a: b, b: a };
}

/** The content of a `fork` entry: two blocks without their entries. */
export interface ForkEvidence {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
}

/**
 * Judges evidence of a fork against the state of the chain before it. Its blocks come without their entries, so that a key
 * revealed in one of them is needed where a block was signed by it: `revealed`, any keys that may be it.
 * @throws JoulemarkError VERIFY_FAILED when it is no fork or a block is not one of this chain; PENDING when the key
 * announced in the chain has signed and is not among `revealed`.
 */
export function verifyForkEvidence(
  evidence: ForkEvidence,
  before: ChainState,
  revealed: readonly Uint8Array[] = [],
): Fork {
  const fork = detectFork(decodeBlock(evidence.a), decodeBlock(evidence.b));
  if (fork === null)
    throw new JoulemarkError(
      'VERIFY_FAILED',
      'the evidence is no fork: expected two blocks with the same ledger, organisation and predecessor',
    );
  for (const block of [fork.a, fork.b]) verifySigned(block, before, revealed);
  return fork;
}

/** The conditions of a later block that show without its entries. */
function verifySigned(block: SignedBlock, before: ChainState, revealed: readonly Uint8Array[]): void {
  const { body, kid } = block;
  const seq = before.seq + 1;
  if (body.ledger !== before.ledger || body.org !== before.id)
    throw brokenRule('names', body.seq, `it belongs to '${body.org}', expected '${before.id}'`);
  if (body.prev !== before.head || body.seq !== seq)
    throw brokenRule('position', body.seq, `it does not follow block ${before.seq}, '${before.head}'`);
  if (body.history !== toId(frontierRoot(before.frontier)))
    throw brokenRule('position', seq, "its 'history' is not that of the chain");
  if ((body.seen === null) !== (before.kind === 'programme'))
    throw brokenRule('seen', seq, "'seen' is null in programme blocks only");
  if (before.kind === 'programme' && body.time < before.time)
    throw brokenRule('time', seq, `'time' must be at least ${before.time}, found ${body.time}`);
  const key = kid === before.keys.currentId ? before.keys.current : revealedKey(before, kid, revealed);
  if (key === null) throw brokenRule('signature', seq, `it names the key '${kid}', neither in force nor announced`);
  if (!verifyEd25519(block.signature, signatureInput(block.protectedBytes, block.payload), key))
    throw brokenRule('signature', seq, `the signature is not one of the key '${kid}'`);
}

function revealedKey(before: ChainState, kid: Id, revealed: readonly Uint8Array[]): Uint8Array | null {
  if (kid !== before.keys.next) return null;
  const key = revealed.find((candidate) => toId(keyId(candidate)) === kid);
  if (key === undefined)
    throw new JoulemarkError(
      'PENDING',
      `the evidence cannot be judged: the key '${kid}' was announced and is not known yet`,
    );
  const why = checkPublicKey(key);
  if (why !== null) throw brokenRule('keys', before.seq + 1, `its public key may not be enrolled: ${why}`);
  return key;
}
