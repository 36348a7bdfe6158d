import { JoulemarkError } from '../errors.ts';
import type { Branch } from './branch.ts';
import type { Id } from './codec/id.ts';
import type { Listing } from './entries.ts';
import type { ListingReason } from './finding.ts';
import type { LedgerView, OrderCursor } from './order.ts';

/** What a listing is (spec section 8). Later bytes turn 'absent' into one of the others and change no other verdict. */
export type ListingVerdict =
  | { readonly type: 'good'; readonly branch: Branch }
  | { readonly type: 'not-good'; readonly reason: ListingReason }
  | { readonly type: 'absent' };

/**
 * Judges one listing against the head last covered. `isKnown`: see `knownBlocks`.
 * @throws JoulemarkError VERIFY_FAILED where other, invalid bytes stand in the place of the listed block.
 */
export function judgeListing(
  listing: Listing,
  cursor: OrderCursor,
  view: LedgerView,
  isKnown: (block: Id) => boolean,
): ListingVerdict {
  const { org, seq, block } = listing;
  // decided by the listing alone, before any bytes of the organisation are looked at
  if (org === view.ledger || (seq === 0 && block !== org)) return notGood('unknown-organisation');
  const head = cursor.covered.get(org);
  if (head !== undefined && seq <= head.seq) return notGood('below-head');
  if (cursor.absent.has(org)) return { type: 'absent' };
  const branches = view.branches(org);
  const branch = branches.find((candidate) => candidate.idAt(seq) === block);
  if (branch !== undefined)
    return head === undefined || branch.idAt(head.seq) === head.id ? { type: 'good', branch } : notGood('on-sibling');
  if (branches.some(({ fault }) => fault !== null && fault.neverValid[seq - fault.seq] === block))
    return notGood('bad-ancestor');
  if (isKnown(block)) return notGood('unknown-organisation');
  const broken = branches.find(({ fault }) => fault !== null && fault.seq <= seq);
  if (broken?.fault === undefined || broken.fault === null) return { type: 'absent' };
  throw new JoulemarkError(
    'VERIFY_FAILED',
    `block ${seq} of '${org}' is listed and other bytes stand in its place: ${broken.fault.message}`,
    {
      details: { org, seq: broken.fault.seq, rule: broken.fault.rule },
    },
  );
}

const notGood = (reason: ListingReason): ListingVerdict => ({ type: 'not-good', reason });

/**
 * Tells the valid blocks of all organisations, whatever their number. The index is made when it is first asked for: only a
 * listing that nothing else explains needs it.
 */
export function knownBlocks(view: LedgerView): (block: Id) => boolean {
  let known: Set<Id> | undefined;
  return (block) => {
    known ??= new Set(allIds(view));
    return known.has(block);
  };
}

function* allIds(view: LedgerView): Generator<Id> {
  for (const org of view.organisations()) {
    for (const branch of view.branches(org)) {
      for (let seq = 0; seq < branch.length; seq++) yield branch.idAt(seq) as Id;
    }
  }
}
