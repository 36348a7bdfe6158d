import type { Id } from '../ledger/codec/id.ts';
import type { VerifiedReceipt } from '../ledger/receipt-verify.ts';
import { showTime } from './calendar.ts';
import { type DecisionFigures, toDecisionFigures } from './decision-figures.ts';
import { hasPackage } from './packages.ts';
import type { ReceiptSubject } from './receipt-subject.ts';
import { showInterval, showIntervalInUtc, showQuantity, showRegister } from './show-quantity.ts';
import type { ProgrammeState } from './state.ts';
import { toUpTo, zoneOfState } from './verdict.ts';
import type { Verification } from './verification.ts';

/** What a receipt was held against. */
export interface ReceiptSetting {
  /** Against what the ledger id was compared, in words; null when it was taken at its word. */
  readonly compared: string | null;
  /** The home or copy that was verified beside it. */
  readonly against: { readonly words: string; readonly verification: Verification } | null;
}

/** The verdict on a receipt and what it shows: plain data, the same from the command line and from a page. */
export interface ReceiptVerdict {
  readonly receipt: VerifiedReceipt['verdict'];
  readonly ledger: string;
  readonly body: string;
  readonly compared: string | null;
  readonly against: string | null;
  /** The newest broadcast of what it was held against. */
  readonly upTo: { readonly broadcast: number; readonly time: string } | null;
  /** `programme`, or the organisation's id. */
  readonly chain: string;
  readonly name: string;
  readonly block: { readonly seq: number; readonly id: string };
  readonly entry: number;
  readonly type: string;
  /** Where it has its place: the broadcast that covers it, of an entry of the programme chain itself. */
  readonly position: { readonly programme: number; readonly entry: number; readonly id: string };
  /** Ledger time. */
  readonly time: string;
  readonly package: PackageView | null;
  readonly decision: DecisionReceiptView | null;
}

export interface PackageView {
  readonly meter: string;
  readonly kind: string;
  readonly interval: string;
  readonly start: number;
  readonly end: number;
  readonly commit: string;
  readonly corrects: string | null;
  /** Null where nothing here opens the commit. */
  readonly quantity: string | null;
  readonly unit: string | null;
  readonly of: string | null;
  readonly provenance: string | null;
  readonly register: string | null;
  readonly opened: 'entry' | 'receipt' | null;
  /** In what it was held against; null where that cannot say. */
  readonly standing: 'counts' | 'replaced' | 'no effect' | null;
}

export interface DecisionReceiptView extends DecisionFigures {
  /** In what it was held against; null where that cannot say. */
  readonly standing: 'stands' | 'revoked' | 'no effect' | null;
  readonly revoked: { readonly time: string; readonly reason: string } | null;
}

/** What a receipt comes to (spec section 13). */
export function toReceiptVerdict(
  shown: VerifiedReceipt,
  subject: ReceiptSubject,
  { compared, against }: ReceiptSetting,
): ReceiptVerdict {
  const state = against?.verification.state ?? null;
  const zone = state === null ? null : zoneOfState(state);
  // what is above the newest block held here, this state does not speak of
  const known = shown.verdict === 'covered' && against?.verification.stopped === null ? toKnown(against) : null;
  const { listing, organisation } = shown;
  return {
    receipt: shown.verdict,
    ledger: shown.ledger,
    body: shown.body,
    compared,
    against: against?.words ?? null,
    upTo: against === null ? null : toUpTo(against.verification.state),
    chain: organisation?.id ?? 'programme',
    name: organisation?.name ?? 'programme',
    block: shown.block,
    entry: shown.index,
    type: shown.entry.type,
    position: { programme: listing.seq, entry: listing.entry, id: listing.id },
    time: showTime(listing.time, zone ?? 'UTC'),
    package: subject.type === 'package' ? toPackageView(shown, subject, known, zone) : null,
    decision: subject.type === 'decision' ? toDecisionView(shown, subject, known, zone) : null,
  };
}

/** What a copy says of standing, and of which chains it has entries by their hashes only: any of them may be the one that changes it. */
interface Known {
  readonly state: ProgrammeState;
  readonly lacks: (chain: Id | 'programme') => boolean;
}

function toKnown({ verification: { state, findings } }: NonNullable<ReceiptSetting['against']>): Known {
  const partial = new Set(findings.filter(({ code }) => code === 'entry-absent').map(({ place }) => place.chain));
  return { state, lacks: (chain) => partial.has(chain) || (chain !== 'programme' && state.absent.has(chain)) };
}

/** True where what it was held against says that the decision is not to be relied on. */
export const isVoid = ({ decision }: ReceiptVerdict): boolean =>
  decision?.standing === 'revoked' || decision?.standing === 'no effect';

function toPackageView(
  shown: VerifiedReceipt,
  { content, payload, opened, corrects }: Extract<ReceiptSubject, { type: 'package' }>,
  known: Known | null,
  zone: string | null,
): PackageView {
  const [start, end] = content.interval;
  return {
    meter: content.meter,
    kind: content.kind,
    interval: zone === null ? showIntervalInUtc(start, end) : showInterval(start, end, zone),
    start,
    end,
    commit: content.commit,
    corrects,
    quantity: payload === null ? null : showQuantity(payload.quantity),
    unit: payload?.unit ?? null,
    of: payload?.carrier ?? payload?.product ?? null,
    provenance: payload?.provenance ?? null,
    register: payload?.register === undefined ? null : showRegister(payload.register.open, payload.register.close),
    opened,
    standing: known === null ? null : packageStanding(shown, content.commit, payload !== null, known),
  };
}

function packageStanding(
  { organisation }: VerifiedReceipt,
  commit: Id,
  opened: boolean,
  { state, lacks }: Known,
): PackageView['standing'] {
  const owner = organisation === null ? undefined : state.organisations.get(organisation.id);
  if (owner === undefined || lacks(owner.id) || lacks('programme')) return null;
  // a commit that counts, in a slot where it does not open, is a copy
  if (opened && hasPackage(owner.packages, commit)) return 'counts';
  return opened && owner.packages.replaced.has(commit) ? 'replaced' : 'no effect';
}

function toDecisionView(
  { block, index }: VerifiedReceipt,
  { content }: Extract<ReceiptSubject, { type: 'decision' }>,
  known: Known | null,
  zone: string | null,
): DecisionReceiptView {
  const record = known?.state.decisions.find(({ seq, entry }) => seq === block.seq && entry === index);
  const revoked = record?.revoked;
  return {
    ...toDecisionFigures(content, zone),
    standing: known === null ? null : decisionStanding(record, known.lacks('programme')),
    revoked: revoked === undefined ? null : { time: showTime(revoked.time, zone ?? 'UTC'), reason: revoked.reason },
  };
}

/** `isPartial`: entries of the programme are missing, of which any may be the decision itself or its revocation. */
function decisionStanding(
  record: ProgrammeState['decisions'][number] | undefined,
  isPartial: boolean,
): DecisionReceiptView['standing'] {
  if (record === undefined) return isPartial ? null : 'no effect';
  if (!record.recomputed && !record.unknown) return 'no effect';
  if (record.revoked !== undefined) return 'revoked';
  return record.unknown || isPartial ? null : 'stands';
}
