/** Chains of blocks, judged one block after the other (spec section 4.1). */
import { verifyEd25519 } from '#primitives';

import { signatureInput } from '../crypto/cose.ts';
import { JoulemarkError } from '../errors.ts';
import { type Block, decodeRecord, LIMITS } from './block.ts';
import { type Id, idBytes, toId } from './codec/id.ts';
import { EMPTY_FRONTIER, extendFrontier, type Frontier, frontierRoot } from './frontier.ts';
import { type ChainKind, type KeyState, signerOf } from './keys.ts';
import { brokenRule, ruleOf } from './rule.ts';

export type { ChainKind, KeyState } from './keys.ts';

/** All that is needed to judge the next block of a chain. Plain data: it can be stored. */
export interface ChainState {
  readonly kind: ChainKind;
  readonly ledger: Id;
  /** Id of block 0: the ledger id or the organisation id. */
  readonly id: Id;
  readonly head: Id;
  readonly seq: number;
  /** `time` of the head. */
  readonly time: number;
  /** The tree over the ids of blocks 0..seq. */
  readonly frontier: Frontier;
  readonly keys: KeyState;
}

/** Which chain is expected. For a programme chain without `ledger` the genesis block found is taken at its word. */
export interface ChainName {
  readonly kind: ChainKind;
  readonly ledger?: Id | undefined;
  /** The organisation id, where it is known. */
  readonly id?: Id | undefined;
}

/** True iff the signature is valid under an enrolled key (spec section 7). The message is read at once, or copied: its place is used again. */
export type SignatureJudge = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/**
 * The state after a block 0.
 * @throws JoulemarkError VERIFY_FAILED with details {rule, seq}.
 */
export function startChain(name: ChainName, block: Block, judge: SignatureJudge = verifyEd25519): ChainState {
  const { body } = block;
  const ledger = name.kind === 'programme' ? block.id : name.ledger;
  if (ledger === undefined) throw new JoulemarkError('INTERNAL', "an organisation's chain is judged under a ledger id");
  if (name.kind === 'programme' && name.ledger !== undefined && name.ledger !== ledger) {
    throw brokenRule('names', body.seq, `the genesis block is '${ledger}', expected the ledger '${name.ledger}'`);
  }
  if (name.id !== undefined && name.id !== block.id)
    throw brokenRule('names', body.seq, `block 0 is '${block.id}', expected '${name.id}'`);
  if (body.seq !== 0 || body.prev !== null)
    throw brokenRule('position', body.seq, "block 0 must have 'seq' 0 and no predecessor");
  if (body.org !== undefined) throw brokenRule('names', 0, "'org' must be absent in block 0");
  if (name.kind === 'programme' && body.ledger !== undefined)
    throw brokenRule('names', 0, "'ledger' must be absent in the genesis block");
  if (name.kind === 'organisation' && body.ledger !== ledger)
    throw brokenRule('names', 0, `'ledger' must be '${ledger}', found '${body.ledger}'`);
  return accept({ kind: name.kind, ledger, id: block.id, frontier: EMPTY_FRONTIER, keys: null }, block, judge);
}

/**
 * The state after one more block.
 * @throws JoulemarkError VERIFY_FAILED with details {rule, seq}; PENDING when entry 0 is present only as a leaf hash.
 */
export function extendChain(state: ChainState, block: Block, judge: SignatureJudge = verifyEd25519): ChainState {
  const { body } = block;
  const seq = state.seq + 1;
  if (body.seq !== seq) throw brokenRule('position', seq, `'seq' must be ${seq}, found ${body.seq}`);
  if (body.prev !== state.head)
    throw brokenRule('position', seq, `'prev' must be '${state.head}', found '${body.prev}'`);
  if (body.ledger !== state.ledger)
    throw brokenRule('names', seq, `'ledger' must be '${state.ledger}', found '${body.ledger}'`);
  if (body.org !== state.id) throw brokenRule('names', seq, `'org' must be '${state.id}', found '${body.org}'`);
  if (state.kind === 'programme' && body.time < state.time)
    throw brokenRule('time', seq, `'time' must be at least ${state.time}, found ${body.time}`);
  return accept(state, block, judge);
}

/** Where what is signed is put together: no block is larger. */
const messagePlace = new Uint8Array(2 * LIMITS.blockBytes);

/** The conditions that block 0 and later blocks share. */
function accept(
  before: Pick<ChainState, 'kind' | 'ledger' | 'id' | 'frontier'> & { readonly keys: KeyState | null },
  block: Block,
  judge: SignatureJudge,
): ChainState {
  const { kind, ledger, id, frontier } = before;
  const { body } = block;
  const history = toId(frontierRoot(frontier));
  if (body.history !== history)
    throw brokenRule('position', body.seq, `'history' must be '${history}', found '${body.history}'`);
  if (kind === 'programme' && body.seen !== null)
    throw brokenRule('seen', body.seq, "'seen' must be null in the programme chain");
  if (kind === 'organisation' && body.seen === null)
    throw brokenRule('seen', body.seq, "'seen' must name a programme block");
  const signer = signerOf(kind, before.keys, block);
  if (block.kid !== signer.keyId)
    throw brokenRule('signature', body.seq, `it must be signed by the key '${signer.keyId}', it names '${block.kid}'`);
  const message = signatureInput(block.protectedBytes, block.payload, messagePlace);
  if (!judge(block.signature, message, signer.publicKey)) {
    throw brokenRule('signature', body.seq, `the signature is not one of the key '${signer.keyId}'`);
  }
  return {
    kind,
    ledger,
    id,
    head: block.id,
    seq: body.seq,
    time: body.time,
    frontier: extendFrontier(frontier, idBytes(block.id)),
    keys: signer.after,
  };
}

/** A chain to verify: all its records in order, or those after the head of `from`. */
export interface ChainInput extends ChainName {
  readonly records: Iterable<Uint8Array>;
  readonly from?: ChainState | undefined;
  /** Whoever says that it holds and finds out later has to judge again where it does not. */
  readonly judge?: SignatureJudge;
}

/**
 * Judges record after record and hands each valid block on with the state after it, holding none.
 * @throws JoulemarkError VERIFY_FAILED with details {rule, seq} at the first block that is not valid.
 */
export function* verifyRecords({
  records,
  from,
  judge,
  ...name
}: ChainInput): Generator<{ readonly block: Block; readonly state: ChainState }> {
  let state = from;
  for (const record of records) {
    const seq = state === undefined ? 0 : state.seq + 1;
    const block = decodeAt(record, seq);
    state = state === undefined ? startChain(name, block, judge) : extendChain(state, block, judge);
    yield { block, state };
  }
}

/**
 * The valid blocks of a chain and the state after them.
 * @throws JoulemarkError VERIFY_FAILED with details {rule, seq}; also for no block at all without `from`.
 */
export function verifyChain(input: ChainInput): { readonly state: ChainState; readonly blocks: readonly Block[] } {
  let state = input.from;
  const blocks: Block[] = [];
  for (const step of verifyRecords(input)) {
    state = step.state;
    blocks.push(step.block);
  }
  if (state === undefined) throw brokenRule('position', 0, 'the chain has no block');
  return { state, blocks };
}

/** `decodeRecord` for a record whose place is known: its faults name the block. */
function decodeAt(record: Uint8Array, seq: number): Block {
  try {
    return decodeRecord(record);
  } catch (cause) {
    const rule = ruleOf(cause);
    if (rule === null || !(cause instanceof JoulemarkError)) throw cause;
    throw new JoulemarkError(
      'VERIFY_FAILED',
      cause.message.replace(/^(the block|block \d+) breaks/, `block ${seq} breaks`),
      { details: { ...cause.details, seq }, cause },
    );
  }
}
