/** Order, coverage and ledger time: the walk along the programme chain (spec section 8). */
import { JoulemarkError } from '../errors.ts';
import type { Block, BlockPlace } from './block.ts';
import { entryAt, type Entry, readContent } from './entry.ts';
import type { Branch } from './branch.ts';
import { type Id, toId } from './codec/id.ts';
import { keyId } from '../crypto/cose.ts';
import { broadcastContent, type Listing } from './entries.ts';
import { type Finding, type ListingReason, toFinding } from './finding.ts';
import { judgeListing, knownBlocks } from './listing.ts';

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

/** What the walk reads of the organisations' chains and of the programme chain. */
export interface LedgerView {
  readonly ledger: Id;
  /** The branches known of an organisation's chain; usually one, none for an unknown organisation. */
  readonly branches: (org: Id) => readonly Branch[];
  /** All organisations of which something is known. */
  readonly organisations: () => Iterable<Id>;
  /** Id of a verified programme block. */
  readonly programmeId: (seq: number) => Id | undefined;
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
  /** The chain in which each key was covered first, by key id. */
  readonly keys: Map<Id, Id>;
  /** Organisations whose `join` or `rotate` revealed another chain's key, and from where they are inadmissible. */
  readonly inadmissible: Map<Id, Position>;
  /** Organisations of which a listed block is absent: what is covered of them from there on is unknown. */
  readonly absent: Set<Id>;
}

/** A walk that has not begun. */
export function newCursor(): OrderCursor {
  return { next: 0, covered: new Map(), keys: new Map(), inadmissible: new Map(), absent: new Set() };
}

/** What the walk meets, in ledger order. `time`: ledger time, seconds since 1970. */
export type OrderEvent =
  | {
      readonly type: 'programme';
      readonly block: Block;
      readonly index: number;
      readonly entry: Entry;
      readonly position: Position;
      readonly time: number;
    }
  | {
      readonly type: 'organisation';
      readonly org: Id;
      readonly block: Block;
      readonly index: number;
      readonly entry: Entry;
      readonly position: Position;
      readonly time: number;
    }
  | { readonly type: 'finding'; readonly finding: Finding; readonly position: Position; readonly time: number };

/**
 * Walks on along verified programme blocks, the first of which is block `cursor.next`. Entries are decoded when looked at.
 * @throws JoulemarkError VERIFY_FAILED where other, invalid bytes stand in the place of listed ones.
 */
export function* walkOrder(cursor: OrderCursor, programme: Iterable<Block>, view: LedgerView): Generator<OrderEvent> {
  const isKnown = knownBlocks(view);
  for (const block of programme) {
    if (block.body.seq !== cursor.next)
      throw new JoulemarkError('INTERNAL', `the walk expects programme block ${cursor.next}, found ${block.body.seq}`);
    yield* walkProgrammeBlock(cursor, block, view, isKnown);
    cursor.next += 1;
  }
}

function* walkProgrammeBlock(
  cursor: OrderCursor,
  block: Block,
  view: LedgerView,
  isKnown: (block: Id) => boolean,
): Generator<OrderEvent> {
  const { seq, time } = block.body;
  for (let index = 0; index < block.items.length; index++) {
    const position: Position = { programme: seq, entry: index, org: null, seq: 0, index: 0 };
    const entry = entryAt(block, index);
    if (entry === null) {
      const message = `entry ${index} of programme block ${seq} is present only as a leaf hash`;
      yield {
        type: 'finding',
        finding: toFinding('entry-absent', { chain: 'programme', seq, entry: index }, message),
        position,
        time,
      };
      continue;
    }
    const revealed = revealedKey(entry, index);
    if (revealed !== null && !cursor.keys.has(revealed)) cursor.keys.set(revealed, view.ledger);
    yield { type: 'programme', block, index, entry, position, time };
    if (entry.type === 'broadcast') yield* walkBroadcast(cursor, entry, position, time, view, isKnown);
  }
}

function* walkBroadcast(
  cursor: OrderCursor,
  entry: Entry,
  position: Position,
  time: number,
  view: LedgerView,
  isKnown: (block: Id) => boolean,
): Generator<OrderEvent> {
  const place = { chain: 'programme', seq: position.programme, entry: position.entry } as const;
  const heads = readHeads(entry);
  if (typeof heads === 'string') {
    yield {
      type: 'finding',
      finding: toFinding('broadcast-malformed', place, `the broadcast covers nothing: ${heads}`),
      position,
      time,
    };
    return;
  }
  for (const listing of heads) {
    const at: Position = { ...position, org: listing.org };
    const verdict = judgeListing(listing, cursor, view, isKnown);
    if (verdict.type === 'good') {
      yield* walkCovered(cursor, listing, verdict.branch, at, time, view);
    } else if (verdict.type === 'absent') {
      cursor.absent.add(listing.org);
      yield {
        type: 'finding',
        finding: toFinding(
          'listing-absent',
          place,
          `block ${listing.seq} of '${listing.org}' is listed and not here: '${listing.block}'`,
        ),
        position: at,
        time,
      };
    } else {
      yield { type: 'finding', finding: listingNotGood(listing, verdict.reason, place), position: at, time };
    }
  }
}

function* walkCovered(
  cursor: OrderCursor,
  listing: Listing,
  branch: Branch,
  at: Position,
  time: number,
  view: LedgerView,
): Generator<OrderEvent> {
  const { org } = listing;
  const first = (cursor.covered.get(org)?.seq ?? -1) + 1;
  for (let seq = first; seq <= listing.seq; seq++) {
    const block = branch.block(seq);
    const elsewhere = checkSeen(block, org, at, view);
    if (elsewhere !== null) yield { type: 'finding', finding: elsewhere, position: { ...at, seq }, time };
    for (let index = 0; index < block.items.length; index++) {
      const position: Position = { programme: at.programme, entry: at.entry, org, seq, index };
      const entry = entryAt(block, index);
      if (entry === null) {
        const message = `entry ${index} of block ${seq} of '${org}' is present only as a leaf hash`;
        yield {
          type: 'finding',
          finding: toFinding('entry-absent', { chain: org, seq, entry: index }, message),
          position,
          time,
        };
        continue;
      }
      const reused = enrol(cursor, org, entry, position);
      if (reused !== null) yield { type: 'finding', finding: reused, position, time };
      yield { type: 'organisation', org, block, index, entry, position, time };
    }
  }
  cursor.covered.set(org, { seq: listing.seq, id: listing.block });
}

/** `seen` makes every signer a witness of what the certification body had published. */
function checkSeen(block: Block, org: Id, { programme }: Position, view: LedgerView): Finding | null {
  const { seen, seq } = block.body;
  if (seen === null || (seen.seq < programme && view.programmeId(seen.seq) === seen.id)) return null;
  const message = `block ${seq} of '${org}' has seen programme block ${seen.seq} as '${seen.id}', which is not before its broadcast in this programme chain`;
  return toFinding('seen-elsewhere', { chain: org, seq }, message);
}

/** Notes the key that a `join` or `rotate` reveals; a finding when another chain had it first (spec section 6). */
function enrol(cursor: OrderCursor, org: Id, entry: Entry, position: Position): Finding | null {
  const key = revealedKey(entry, position.index);
  if (key === null) return null;
  const owner = cursor.keys.get(key);
  if (owner === undefined) cursor.keys.set(key, org);
  if (owner === undefined || owner === org) return null;
  if (!cursor.inadmissible.has(org)) cursor.inadmissible.set(org, position);
  const message = `'${entry.type}' of '${org}' reveals the key '${key}', which belongs to '${owner}'`;
  return toFinding('key-reused', { chain: org, seq: position.seq, entry: position.index }, message);
}

/** The id of the key that entry 0 of a valid block reveals, or null. */
function revealedKey(entry: Entry, index: number): Id | null {
  if (index !== 0 || (entry.type !== 'found' && entry.type !== 'join' && entry.type !== 'rotate')) return null;
  return toId(keyId(entry.content.get('key') as Uint8Array));
}

function readHeads(entry: Entry): readonly Listing[] | string {
  try {
    return readContent(entry, broadcastContent, 'broadcast').heads;
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
