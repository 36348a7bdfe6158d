import { decodeCbor } from '../ledger/codec/decode.ts';
import { encodeCbor } from '../ledger/codec/encode.ts';
import { id, type Id } from '../ledger/codec/id.ts';
import { decimal } from '../ledger/codec/quantity.ts';
import {
  bytes,
  listOf,
  mapOf,
  oneOf,
  optional,
  type Read,
  record,
  type Schema,
  shortText,
  text,
  time,
  uint,
} from '../ledger/codec/schema.ts';
import type { CborValue } from '../ledger/codec/value.ts';
import { meterEventContent } from './entries.ts';
import type { OwnHistory, SituatedMeter, SubmissionRules } from './meter-situation.ts';
import type { OwnPackages } from './own-packages.ts';
import { packagePayload } from './package.ts';
import { packageRows } from './package-ranges.ts';
import { addPackage, type CountedPackage, emptyPackageIndex, rowKey } from './packages.ts';

/**
 * What a submission needs of the ledger, small enough to be read at every start: the rules, the meters, and of each meter the newest
 * packages. A cache: whoever reads it knows by commit and head whether it still holds, and losing it costs one replay.
 */

const duration = record({ years: uint, months: uint, days: uint, seconds: uint });

const meter = record({
  meter: text,
  kind: oneOf('energy', 'product', 'value', 'stock', 'shipment', 'quality', 'variable'),
  reads: oneOf('register', 'interval', 'level', 'bill'),
  unit: text,
  dayStarts: uint,
  carrier: optional(text),
  product: optional(text),
  counts: optional(oneOf('import', 'use', 'export', 'recovered', 'converted')),
  digits: optional(uint),
  multiplier: optional(decimal),
  every: optional(duration),
  zone: optional(text),
}) satisfies Schema<SituatedMeter>;

const counted = record({
  commit: id,
  meter: text,
  kind: text,
  start: time,
  end: time,
  payload: bytes(),
  time,
  seq: uint,
  entry: uint,
});

const chainState = record({
  kind: oneOf('programme', 'organisation'),
  ledger: id,
  id,
  head: id,
  seq: uint,
  time,
  frontier: record({ size: uint, subtrees: listOf(bytes(32)) }),
  keys: record({ current: bytes(32), currentId: id, next: id, recipient: text, name: text, past: listOf(id) }),
});

const snapshotSchema = record({
  /** Grows with the shape: an older program does not read a newer one's. */
  version: oneOf('own/1'),
  programme: record({ commit: text, state: chainState }),
  own: record({ commit: text, state: chainState }),
  pin: optional(record({ seq: uint, id })),
  /** It holds while ledger and clock are before this. */
  until: time,
  rules: record({ zone: shortText(60), interval: duration, longest_interval: duration }),
  meters: mapOf(meter),
  events: listOf(meterEventContent),
  packages: listOf(counted),
  /** Rows of which older packages are left out: 'kind NUL meter' -> the start of the oldest that is here. */
  horizon: mapOf(time),
  replaced: listOf(id),
});

export type OwnSnapshot = Read<typeof snapshotSchema>;

/** How many packages of a meter: more than a month of days, which is what files repeat; fewer where there are many meters. */
const MOST_EACH = 40;
const LEAST_EACH = 3;
const MOST_PACKAGES = 400;
const MOST_REPLACED = 1000;

/**
 * The parts of a snapshot that come from one's own packages; null where there is too much that a short one would have to leave out.
 * `before`: the snapshot from which they are known, so that nothing is decoded only to be encoded again.
 */
export function snapshotPackages(
  own: OwnPackages,
  before: OwnSnapshot | null = null,
): Pick<OwnSnapshot, 'packages' | 'horizon' | 'replaced'> | null {
  const rows = new Map<string, CountedPackage[]>();
  for (const index of [own.covered, own.pending]) {
    for (const { meter: name, kind, packages } of packageRows(index)) {
      const key = rowKey(name, kind);
      rows.set(key, [
        ...(rows.get(key) ?? []),
        ...packages.filter(({ commit }) => index === own.pending || !own.corrected.has(commit)),
      ]);
    }
  }
  const replaced = [...own.covered.replaced, ...own.pending.replaced, ...own.corrected];
  const each = Math.min(MOST_EACH, Math.floor(MOST_PACKAGES / Math.max(1, rows.size)));
  const encoded = new Map((before?.packages ?? []).map(({ commit, payload }) => [commit, payload]));
  if (own.waiting.size > 0 || replaced.length > MOST_REPLACED || each < LEAST_EACH) return null;
  const packages: OwnSnapshot['packages'][number][] = [];
  const horizon = new Map<string, number>();
  for (const [key, row] of rows) {
    const sorted = row.toSorted((a, b) => a.start - b.start);
    const kept = sorted.slice(Math.max(0, sorted.length - each));
    if (kept.length < sorted.length && kept[0] !== undefined) horizon.set(key, kept[0].start);
    for (const one of kept) {
      const { commit, meter: name, kind, start, end, time: at, place } = one;
      packages.push({
        commit,
        meter: name,
        kind,
        start,
        end,
        payload: encoded.get(commit) ?? encodeCbor(packagePayload.write(one.payload)),
        time: at,
        ...place,
      });
    }
  }
  return { packages, horizon, replaced };
}

/** One's own history from a snapshot, payloads decoded when they are looked at. */
export function historyOf(snapshot: OwnSnapshot): OwnHistory {
  const pending = emptyPackageIndex();
  for (const { payload, seq, entry, ...rest } of snapshot.packages)
    addPackage(pending, { ...rest, standing: 'on_time', place: { seq, entry }, encoded: payload });
  for (const commit of snapshot.replaced) pending.replaced.add(commit);
  return {
    packages: { covered: emptyPackageIndex(), pending, corrected: new Set<Id>(), waiting: new Set<Id>() },
    events: snapshot.events,
  };
}

/** True when a package may touch one that the snapshot leaves out. */
export function isBehind(
  snapshot: Pick<OwnSnapshot, 'horizon'>,
  { kind, meter: name, start }: Pick<CountedPackage, 'kind' | 'meter' | 'start'>,
): boolean {
  const oldest = snapshot.horizon.get(rowKey(name, kind));
  return oldest !== undefined && start < oldest;
}

export const encodeSnapshot = (snapshot: OwnSnapshot): Uint8Array => encodeCbor(snapshotSchema.write(snapshot));

/** @throws JoulemarkError for bytes that are no snapshot of this version. */
export function decodeSnapshot(encoded: Uint8Array): OwnSnapshot {
  const value: CborValue = decodeCbor(encoded);
  return snapshotSchema.read(value, 'snapshot');
}

/** The rules of a policy as a snapshot has them. */
export const toRules = ({ zone, interval, longest_interval }: SubmissionRules): SubmissionRules => ({
  zone,
  interval,
  longest_interval,
});
