/** What is known of one branch of a chain: its valid blocks, and how it ends where it is broken. */
import { sha256, toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import type { Block } from './block.ts';
import { splitRecord } from './record.ts';
import { decodeBody } from './body.ts';
import { decodeSign1 } from '../crypto/cose.ts';
import { type ChainInput, type ChainState, verifyRecords } from './chain.ts';
import type { Id } from './codec/id.ts';
import { type BlockRule, ruleOf } from './rule.ts';

/** The first block of a branch that is not valid. */
export interface BranchFault {
  readonly seq: number;
  readonly rule: BlockRule;
  readonly message: string;
  /**
   * Ids of blocks that are known not to be valid whatever else turns up: the faulty one, and those after it as far as each
   * names the one before. Empty when the fault may lie in the bytes kept here and not in the block that a hash names.
   */
  readonly neverValid: readonly Id[];
}

/** The blocks of one branch of an organisation's chain, from its block 0 on. `block` may load what it returns. */
export interface Branch {
  /** The number of valid blocks. */
  readonly length: number;
  readonly idAt: (seq: number) => Id | undefined;
  readonly block: (seq: number) => Block;
  readonly fault: BranchFault | null;
}

/** A branch of blocks held in memory. */
export function toBranch(blocks: readonly Block[], fault: BranchFault | null = null): Branch {
  return {
    length: blocks.length,
    idAt: (seq) => blocks[seq]?.id,
    block: (seq) => {
      const block = blocks[seq];
      if (block === undefined) throw new JoulemarkError('INTERNAL', `no block ${seq} in a branch of ${blocks.length}`);
      return block;
    },
    fault,
  };
}

/** How a branch ends: the state after its last valid block, and what is wrong with the next. */
export interface BranchEnd {
  readonly state: ChainState | null;
  readonly fault: BranchFault | null;
}

/** `checkBranchInSteps` in one go; `visit` is given each valid block. */
export function checkBranch(input: ChainInput, visit: (block: Block) => void): BranchEnd {
  const steps = checkBranchInSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    visit(step.value);
  }
}

/**
 * The valid blocks of a chain up to its first fault, which is returned and not thrown: what stands below it is as good as
 * ever. Each valid block is handed on, none is held.
 */
export function* checkBranchInSteps(input: ChainInput): Generator<Block, BranchEnd> {
  const records = input.records[Symbol.iterator]();
  let current: Uint8Array | undefined;
  const watched: Iterable<Uint8Array> = {
    [Symbol.iterator]: () => ({
      next: () => {
        current = undefined;
        const step = records.next();
        current = step.done === true ? undefined : step.value;
        return step;
      },
    }),
  };
  let state = input.from ?? null;
  try {
    for (const step of verifyRecords({ ...input, records: watched })) {
      state = step.state;
      yield step.block;
    }
    return { state, fault: null };
  } catch (error) {
    const rule = ruleOf(error);
    if (rule === null || !(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
    const seq = state === null ? 0 : state.seq + 1;
    const isOwn = current !== undefined && isOwnFault(rule, current, state, input.id);
    return {
      state,
      fault: { seq, rule, message: error.message, neverValid: isOwn ? neverValid(current as Uint8Array, records) : [] },
    };
  }
}

/** True when no other bytes could make the block valid that the hash of this record's block names. */
function isOwnFault(rule: BlockRule, record: Uint8Array, before: ChainState | null, org: Id | undefined): boolean {
  const link = linkOf(record);
  if (link === null || rule === 'entries') return false;
  if (rule === 'encoding' || rule === 'header' || link.prev === undefined) return true;
  // the other conditions are judged against the block before: it must be the one that is meant
  return before === null ? org === undefined || link.id === org : link.prev === before.head;
}

function neverValid(record: Uint8Array, rest: Iterator<Uint8Array>): readonly Id[] {
  const ids: Id[] = [];
  let link = linkOf(record);
  while (link !== null && (ids.length === 0 || link.prev === ids.at(-1))) {
    ids.push(link.id);
    const step = rest.next();
    link = step.done === true ? null : linkOf(step.value);
  }
  return ids;
}

interface Link {
  readonly id: Id;
  /** Undefined where no body can be read. */
  readonly prev: Id | null | undefined;
}

/** The id of a record's block and of the one before, as far as its bytes can be read. */
function linkOf(record: Uint8Array): Link | null {
  try {
    const { block } = splitRecord(record);
    return { id: toHex(sha256(block)) as Id, prev: prevOf(block) };
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}

function prevOf(block: Uint8Array): Id | null | undefined {
  try {
    return decodeBody(decodeSign1(block).payload).prev;
  } catch (error) {
    if (error instanceof JoulemarkError) return undefined;
    throw error;
  }
}
