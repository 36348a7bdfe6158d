import type { Branch } from './branch.ts';
import type { ChainState } from './chain.ts';
import { type Id, idBytes } from './codec/id.ts';
import { EMPTY_FRONTIER, extendFrontier, type Frontier } from './frontier.ts';
import { type ChainKind, type KeyState, signerOf } from './keys.ts';

/** Whose chain is followed. */
export interface FollowedChain {
  readonly kind: ChainKind;
  readonly ledger: Id;
  readonly id: Id;
}

/**
 * The state after each block of a branch up to `last`, in order. The branch was verified before: signatures are not looked at again.
 */
export function* followChain(chain: FollowedChain, branch: Branch, last: number): Generator<ChainState> {
  let frontier: Frontier = EMPTY_FRONTIER;
  let keys: KeyState | null = null;
  for (let seq = 0; seq <= last && seq < branch.length; seq += 1) {
    const block = branch.block(seq);
    frontier = extendFrontier(frontier, idBytes(block.id));
    keys = signerOf(chain.kind, keys, block).after;
    yield { ...chain, head: block.id, seq, time: block.body.time, frontier, keys };
  }
}
