import { JoulemarkError } from '../errors.ts';
import type { Block } from '../ledger/block.ts';
import { type LedgerView, newCursor, type OrderCursor, walkOrder } from '../ledger/order.ts';
import { applyEvent } from './apply.ts';
import type { DecisionChecker } from './decision-checker.ts';
import { recomputeDecision } from './recompute.ts';
import { emptyState, type LedgerEvent, organisationOf, type ProgrammeState } from './state.ts';

/** A replay that can go on: the walk's cursor and the state so far. */
export interface Replay {
  readonly cursor: OrderCursor;
  readonly state: ProgrammeState;
  /** Where other, invalid bytes stand in the place of listed ones: the state is what was true before. Null when all could be walked. */
  readonly fault: JoulemarkError | null;
}

export interface ReplayOptions {
  /** Recompute every decision (the default), or take them as they stand where only the rules are needed, or as they were found before. */
  readonly decisions?: 'recompute' | 'as-signed' | DecisionChecker;
  /** Called before each entry is applied, so that a caller can stop at a place. */
  readonly before?: (event: LedgerEvent, state: ProgrammeState) => boolean;
  /** Where to go on, with the first block that was not walked; both are changed in place. Else from the first block of all. */
  readonly from?: Pick<Replay, 'cursor' | 'state'>;
}

const CHECKERS = { recompute: recomputeDecision, 'as-signed': () => true } as const satisfies Record<
  string,
  DecisionChecker
>;

/**
 * Walks verified chains in ledger order and applies every entry: what is true after the last programme block. Pure; the
 * same blocks give the same state everywhere.
 */
export function replay(programme: Iterable<Block>, view: LedgerView, options: ReplayOptions = {}): Replay {
  const { cursor, state } = options.from ?? { cursor: newCursor(), state: emptyState(view.ledger) };
  const { decisions = 'recompute' } = options;
  const checkDecision = typeof decisions === 'string' ? CHECKERS[decisions] : decisions;
  try {
    walk(cursor, state, programme, view, checkDecision, options);
    return { cursor, state, fault: null };
  } catch (error) {
    if (!(error instanceof JoulemarkError) || error.code !== 'VERIFY_FAILED') throw error;
    return { cursor, state, fault: error };
  }
}

function walk(
  cursor: OrderCursor,
  state: ProgrammeState,
  programme: Iterable<Block>,
  view: LedgerView,
  checkDecision: DecisionChecker,
  options: ReplayOptions,
): void {
  for (const event of walkOrder(cursor, programme, view)) {
    if (event.type === 'finding') {
      state.findings.push(event.finding);
      const { chain } = event.finding.place;
      if (event.finding.code === 'key-reused' && chain !== undefined && chain !== 'programme')
        organisationOf(state, chain).inadmissible = true;
      if (event.finding.code === 'listing-absent' && event.position.org !== null) state.absent.add(event.position.org);
      continue;
    }
    const { seq } = event.block.body;
    if (event.type === 'programme') state.head = { seq, id: event.block.id, time: event.time };
    const applied: LedgerEvent = {
      org: event.type === 'programme' ? null : event.org,
      seq,
      index: event.index,
      type: event.entry.type,
      entry: event.entry,
      time: event.time,
      programmeSeq: event.position.programme,
      seen: event.block.body.seen,
    };
    if (options.before?.(applied, state) === false) break;
    applyEvent(state, applied, checkDecision);
  }
}
