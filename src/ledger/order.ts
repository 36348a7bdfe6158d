/** Order, coverage and ledger time: the walk along the programme chain (spec section 8). */
import { JoulemarkError } from '../errors.ts';
import { type Block, type BlockPlace, type Entry, entryAt } from './block.ts';
import type { Branch } from './branch.ts';
import type { Id } from './codec/id.ts';
import { broadcastContent, type Listing } from './entries.ts';
import { type Finding, type ListingReason, toFinding } from './finding.ts';
import { judgeListing } from './listing.ts';

/**
 * Where an entry stands in the ledger. Of an entry of the programme chain `org` is null and `seq` and `index` are 0; of an
 * organisation's entry `programme` and `entry` are those of the broadcast that covers it.
 */
export interface Position {
  readonly programme: number;
  readonly entry: number;
  readonly org: Id | null;
  readonly seq: number;
  readonly index: number;
}

/** Negative when `a` comes first, as `sort` wants it. A broadcast comes before what it covers. */
export function comparePositions(a: Position, b: Position): number {
  if (a.programme !== b.programme) return a.programme - b.programme;
  if (a.entry !== b.entry) return a.entry - b.entry;
  if (a.org !== b.org) return (a.org ?? '') < (b.org ?? '') ? -1 : 1;
  return a.seq === b.seq ? a.index - b.index : a.seq - b.seq;
}

/** What the walk reads of the organisations' chains. */
export interface LedgerView {
  readonly ledger: Id;
  /** The branches known of an organisation's chain; usually one, none for an unknown organisation. */
  readonly branches: (org: Id) => readonly Branch[];
  /** All organisations of which something is known. */
  readonly organisations: () => Iterable<Id>;
}

/**
 * How far a walk has come. Plain data that the walk changes in place: a copy (structuredClone) continues on its own, and a
 * stored one goes on where it stopped.
 */
export interface OrderCursor {
  /** The number of programme blocks walked. */
  next: number;
  /** The head last covered of each organisation. */
  readonly covered: Map<Id, BlockPlace>;
  /** Organisations of which a listed block is absent: what is covered of them from there on is unknown. */
  readonly absent: Set<Id>;
}

/** A walk that has not begun. */
export function newCursor(): OrderCursor {
  return { next: 0, covered: new Map(), absent: new Set() };
}

/** What the walk meets, in ledger order. `time`: ledger time, seconds since 1970. */
export type OrderEvent =
  | { readonly type: 'programme'; readonly block: Block; readonly index: number; readonly entry: Entry; readonly position: Position; readonly time: number }
  | { readonly type: 'organisation'; readonly org: Id; readonly block: Block; readonly index: number; readonly entry: Entry; readonly position: Position; readonly time: number }
  | { readonly type: 'finding'; readonly finding: Finding; readonly position: Position; readonly time: number };

/**
 * Walks on along verified programme blocks, the first of which is block `cursor.next`. Entries are decoded when looked at.
 * @throws JoulemarkError VERIFY_FAILED where other, invalid bytes stand in the place of listed ones.
 */
export function* walkOrder(cursor: OrderCursor, programme: Iterable<Block>, view: LedgerView): Generator<OrderEvent> {
  for (const block of programme) {
    if (block.body.seq !== cursor.next) throw new JoulemarkError('INTERNAL', `the walk expects programme block ${cursor.next}, found ${block.body.seq}`);
    yield* walkProgrammeBlock(cursor, block, view);
    cursor.next += 1;
  }
}

function* walkProgrammeBlock(cursor: OrderCursor, block: Block, view: LedgerView): Generator<OrderEvent> {
  const { seq, time } = block.body;
  for (let index = 0; index < block.items.length; index++) {
    const position: Position = { programme: seq, entry: index, org: null, seq: 0, index: 0 };
    const entry = entryAt(block, index);
    if (entry === null) {
      const message = `entry ${index} of programme block ${seq} is present only as a leaf hash`;
      yield { type: 'finding', finding: toFinding('entry-absent', { chain: 'programme', seq, entry: index }, message), position, time };
      continue;
    }
    yield { type: 'programme', block, index, entry, position, time };
    if (entry.type === 'broadcast') yield* walkBroadcast(cursor, entry, position, time, view);
  }
}

function* walkBroadcast(cursor: OrderCursor, entry: Entry, position: Position, time: number, view: LedgerView): Generator<OrderEvent> {
  const place = { chain: 'programme', seq: position.programme, entry: position.entry } as const;
  const heads = readHeads(entry);
  if (typeof heads === 'string') {
    yield { type: 'finding', finding: toFinding('broadcast-malformed', place, `the broadcast covers nothing: ${heads}`), position, time };
    return;
  }
  for (const listing of heads) {
    const at: Position = { ...position, org: listing.org };
    const verdict = judgeListing(listing, cursor, view);
    if (verdict.type === 'good') {
      yield* walkCovered(cursor, listing, verdict.branch, at, time);
    } else if (verdict.type === 'absent') {
      cursor.absent.add(listing.org);
      yield { type: 'finding', finding: toFinding('listing-absent', place, `block ${listing.seq} of '${listing.org}' is listed and not here: '${listing.block}'`), position: at, time };
    } else {
      yield { type: 'finding', finding: listingNotGood(listing, verdict.reason, place), position: at, time };
    }
  }
}

function* walkCovered(cursor: OrderCursor, listing: Listing, branch: Branch, at: Position, time: number): Generator<OrderEvent> {
  const { org } = listing;
  const first = (cursor.covered.get(org)?.seq ?? -1) + 1;
  for (let seq = first; seq <= listing.seq; seq++) {
    const block = branch.block(seq);
    for (let index = 0; index < block.items.length; index++) {
      const position: Position = { ...at, seq, index };
      const entry = entryAt(block, index);
      if (entry === null) {
        const message = `entry ${index} of block ${seq} of '${org}' is present only as a leaf hash`;
        yield { type: 'finding', finding: toFinding('entry-absent', { chain: org, seq, entry: index }, message), position, time };
        continue;
      }
      yield { type: 'organisation', org, block, index, entry, position, time };
    }
  }
  cursor.covered.set(org, { seq: listing.seq, id: listing.block });
}

function readHeads(entry: Entry): readonly Listing[] | string {
  try {
    return broadcastContent.read(entry.content, 'broadcast').heads;
  } catch (error) {
    if (error instanceof JoulemarkError) return error.message;
    throw error;
  }
}

const REASONS: Readonly<Record<ListingReason, string>> = {
  'below-head': 'it is not above the head last covered',
  'on-sibling': 'it does not extend the head last covered',
  'bad-ancestor': 'it or a block below it is not valid',
  'unknown-organisation': "it is not that block of that organisation's chain",
};

function listingNotGood(listing: Listing, reason: ListingReason, place: Finding['place']): Finding {
  const message = `the listing of block ${listing.seq} of '${listing.org}' covers nothing: ${REASONS[reason]}`;
  return { ...toFinding('listing-not-good', place, message), reason };
}
