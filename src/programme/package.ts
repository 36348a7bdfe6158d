import { headSize, MAJOR, writeHead } from '../crypto/cbor-head.ts';
import { concatBytes } from '../crypto/hash.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { type Id, idBytes, idOf } from '../ledger/codec/id.ts';
import { decimal } from '../ledger/codec/quantity.ts';
import { scanProfile } from '../ledger/codec/scan.ts';
import { bytes, oneOf, optional, type Read, record, shortText } from '../ledger/codec/schema.ts';
import { readScanned } from '../ledger/codec/take.ts';
import type { PackageContent } from './entries.ts';

/** How a quantity came to be known. */
export const provenance = oneOf('metered', 'manual', 'estimated', 'idle');
export type Provenance = Read<typeof provenance>;

/** What a meter counted in one interval (spec section 9). `quantity` in `unit`; register readings in the unit of the register. */
export const packagePayload = record({
  quantity: decimal,
  unit: shortText(20),
  carrier: optional(shortText(60)),
  product: optional(shortText(60)),
  provenance,
  register: optional(record({ open: decimal, close: decimal })),
  party: optional(shortText(200)),
  source: optional(shortText(200)),
  device: optional(bytes()),
});
export type PackagePayload = Read<typeof packagePayload>;

/** The slot of a package: whose, which meter, which interval. One slot holds at most one counting package. */
export interface PackageSlot {
  readonly org: Id;
  readonly meter: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

/** The bytes that bind a commit to its slot: `CBOR([org, meter, kind, start, end])`. Put together by hand: a replay does it for every package,
 * and reads them at once. */
function slotBytes({ org, meter, kind, start, end }: PackageSlot): Uint8Array {
  const [meterText, kindText] = [encoded(meter), encoded(kind)];
  const size = 35 + textSize(meterText) + textSize(kindText) + headSize(start) + headSize(end);
  const slot = size > slotPlace.length ? new Uint8Array(size) : slotPlace.subarray(0, size);
  slot[0] = 0x85;
  slot[1] = 0x58;
  slot[2] = 32;
  slot.set(idBytes(org), 3);
  let offset = writeText(slot, 35, meterText);
  offset = writeText(slot, offset, kindText);
  offset = writeHead(slot, offset, MAJOR.UNSIGNED, start);
  writeHead(slot, offset, MAJOR.UNSIGNED, end);
  return slot;
}

/** Where it is put together, until the next one is. */
const slotPlace = new Uint8Array(512);

const textSize = (text: Uint8Array): number => headSize(text.length) + text.length;

function writeText(target: Uint8Array, offset: number, text: Uint8Array): number {
  const start = writeHead(target, offset, MAJOR.TEXT, text.length);
  target.set(text, start);
  return start + text.length;
}

const encoder = new TextEncoder();
/** Meters have few names and many packages: a call of TextEncoder takes 1 us. */
const MOST_KNOWN = 1024;
const known = new Map<string, Uint8Array>();

function encoded(text: string): Uint8Array {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= MOST_KNOWN) known.clear();
  const letters = encoder.encode(text);
  known.set(text, letters);
  return letters;
}

/** `HMAC-SHA-256(secret, message)`, given by whoever holds the organisation's commitment secret. */
export type SaltMaker = (message: Uint8Array) => Uint8Array;

/** Salt and commit of a payload in its place (spec section 9): the same input gives the same commit. */
export function commitTo(
  context: Uint8Array,
  payload: Uint8Array,
  makeSalt: SaltMaker,
): { readonly salt: Uint8Array; readonly commit: Id } {
  const salt = makeSalt(concatBytes(context, payload));
  return { salt, commit: commitOf(context, salt, payload) };
}

/** `H(salt || context || payload)` (spec section 9). */
export function commitOf(context: Uint8Array, salt: Uint8Array, payload: Uint8Array): Id {
  const size = salt.length + context.length + payload.length;
  if (size > commitInput.length) return idOf(concatBytes(salt, context, payload));
  commitInput.set(salt);
  commitInput.set(context, salt.length);
  commitInput.set(payload, salt.length + context.length);
  return idOf(commitInput.subarray(0, size));
}

/** Where the parts of a commit are put together: a replay does this for every package. */
const commitInput = new Uint8Array(1024);

/** The content of an open package entry for a slot. */
export function toPackageContent(slot: PackageSlot, payload: PackagePayload, makeSalt: SaltMaker): PackageContent {
  const payloadBytes = encodeCbor(packagePayload.write(payload));
  const { salt, commit } = commitTo(slotBytes(slot), payloadBytes, makeSalt);
  return { meter: slot.meter, kind: slot.kind, interval: [slot.start, slot.end], commit, salt, payload: payloadBytes };
}

/** True when the opening (salt and payload) is the one that the commit was made from, for this organisation and slot. */
export function isRightOpening(org: Id, content: PackageContent): boolean {
  if (content.salt === undefined || content.payload === undefined) return false;
  const slot = { org, meter: content.meter, kind: content.kind, start: content.interval[0], end: content.interval[1] };
  return commitOf(slotBytes(slot), content.salt, content.payload) === content.commit;
}

/** Decodes an opened payload. @throws JoulemarkError VERIFY_FAILED or USAGE with the path of the fault. */
export function decodePayload(payload: Uint8Array): PackagePayload {
  scanProfile(payload);
  return readScanned(packagePayload, payload, 0, 'payload');
}

/** The context of audit figures: `CBOR([auditor, "audit", applicant, relation, start, end])` (spec section 10). */
export function figuresContext(
  auditor: Id,
  applicant: Id,
  relation: string,
  window: readonly [number, number],
): Uint8Array {
  return encodeCbor([idBytes(auditor), 'audit', idBytes(applicant), relation, ...window]);
}

/** The context of an evaluation: `CBOR([ledger, "decision", applicant, start, end])` (spec section 11). */
export function evaluationContext(ledger: Id, applicant: Id, period: readonly [number, number]): Uint8Array {
  return encodeCbor([idBytes(ledger), 'decision', idBytes(applicant), ...period]);
}
