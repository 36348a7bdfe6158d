import { assertInvariant, JoulemarkError } from '../errors.ts';
import { entryAt } from '../ledger/entry.ts';
import { toBranch } from '../ledger/branch.ts';
import { buildProgrammeReceipt, buildReceipt, findCovering } from '../ledger/receipt.ts';
import { findDecision } from '../programme/certification.ts';
import type { DecisionRecord } from '../programme/state.ts';
import { verifyEffect } from './certify.ts';
import { findBlock, type FoundBlock } from './find-block.ts';
import { JUDGED } from './judged.ts';
import { replayLoaded } from './ledger.ts';
import { openWithCoverage, type PlacedBlock } from './ledger-blocks.ts';
import type { Session, Surroundings } from './session.ts';

/** A receipt that was made, and of what. */
export interface MadeReceipt {
  readonly bytes: Uint8Array;
  readonly ledger: string;
  /** `programme`, or the organisation's id. */
  readonly chain: string;
  readonly name: string;
  readonly seq: number;
  readonly entry: number;
  readonly type: string;
  /** The programme block from which the entry has its place. */
  readonly covered: number;
}

/**
 * The receipt of an entry: of a package by the first digits of its commit, of a decision by its number, of anything by
 * `chain:seq:entry`.
 * @throws JoulemarkError USAGE when there is no such entry, PENDING when no broadcast covers it yet, VERIFY_FAILED when only a decision that
 * the packages do not give has the number.
 */
export function makeReceipt(surroundings: Pick<Surroundings, 'home'>, text: string): MadeReceipt {
  const { session, blocks } = openWithCoverage(surroundings);
  const found = findSubject(session, blocks, text);
  const { placed } = found;
  const entry = theEntry(found, text);
  const { covered, block } = placed;
  const { seq } = block.body;
  if (covered === null)
    throw new JoulemarkError('PENDING', `no broadcast covers block ${seq} of '${placed.name}' yet`, {
      hints: ['joulemark sync', 'the certification body: joulemark broadcast'],
    });
  return {
    bytes: build(session, placed, entry, covered.seq),
    ledger: session.home.ledger,
    chain: placed.chain,
    name: placed.name,
    seq,
    entry,
    type: typeOf(placed, entry),
    covered: covered.seq,
  };
}

function findSubject(session: Session, blocks: readonly PlacedBlock[], text: string): FoundBlock {
  const wanted = text.trim();
  const decision = numbered(session, wanted) ?? session.state.decisions.find(isAt(wanted));
  if (decision === undefined) return findBlock(session, blocks, wanted);
  const placed = blocks.find(({ chain, block }) => chain === 'programme' && block.body.seq === decision.seq);
  assertInvariant(placed !== undefined, 'a decision stands in a programme block');
  return { placed, entry: decision.entry };
}

const isAt =
  (place: string) =>
  ({ seq, entry }: DecisionRecord): boolean =>
    `${seq}:${entry}` === place;

/**
 * The decision of a number: the one that the packages give, whoever else took it.
 * @throws JoulemarkError VERIFY_FAILED, PENDING when there is none, but one that was signed.
 */
function numbered(session: Session, number: string): DecisionRecord | null {
  if (!session.state.decisions.some(({ content }) => content.number === number)) return null;
  const state = replayLoaded(session.home, session, JUDGED);
  const decision = findDecision(state, number);
  verifyEffect(state, decision);
  return decision;
}

/** A block stands for its only entry, or its only decision. */
function theEntry({ placed, entry }: FoundBlock, text: string): number {
  if (entry !== null) return entry;
  const { items } = placed.block;
  if (items.length === 1) return 0;
  const decisions = items.flatMap((_, index) => (typeOf(placed, index) === 'decision' ? [index] : []));
  const [only] = decisions;
  if (only !== undefined && decisions.length === 1) return only;
  const place = `${placed.name}:${placed.block.body.seq}`;
  throw new JoulemarkError('USAGE', `'${text}' is a block of ${items.length} entries: a receipt is of one`, {
    hints: [`joulemark ledger show ${place}`, `joulemark ledger receipt ${place}:${items.length - 1}`],
  });
}

function typeOf({ block }: PlacedBlock, index: number): string {
  return entryAt(block, index)?.type ?? '(not here)';
}

function build(session: Session, { chain, block }: PlacedBlock, index: number, coveredBy: number): Uint8Array {
  const programme = toBranch(session.programme.blocks);
  const { seq } = block.body;
  if (chain === 'programme') return buildProgrammeReceipt({ programme, seq, index });
  const organisation = toBranch(session.chains.get(chain)?.blocks ?? []);
  const listing = findCovering(programme.block(coveredBy), organisation, seq);
  assertInvariant(listing !== null, 'a covered block is listed by the broadcast that covers it');
  return buildReceipt({ programme, organisation, seq, index, listing: { programme: coveredBy, entry: listing } });
}
