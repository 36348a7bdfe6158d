import { sha256, toHex } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { entryAt } from '../ledger/entry.ts';
import { type ChainState, verifyRecords } from '../ledger/chain.ts';
import { splitRecords } from '../ledger/segment.ts';
import { createPlainFile, placeFile, temporaryPath } from '../ledger/store/files.ts';
import { readFileIfPresent } from '../ledger/store/read-files.ts';
import { type Pin, readPin } from '../ledger/store/pin.ts';
import { PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { decodeSnapshot, encodeSnapshot, type OwnSnapshot } from '../programme/own-snapshot.ts';
import type { Home } from './home.ts';

/** Entries of the programme that may change what a submission rests on; a broadcast, an ask or a decision does not. */
const CHANGING: ReadonlySet<string> = new Set(['policy', 'admit', 'accept', 'suspend']);

/**
 * The snapshot of one's own chain, brought up to the programme chain as it is now: what is new there is verified. Null where it does not
 * hold any more, for whatever reason: then everything is read.
 */
export function openSnapshot(home: Home, ownRef: string, now: number): OwnSnapshot | null {
  const snapshot = readSnapshot(home);
  if (snapshot === null || now >= snapshot.until) return null;
  const { own, programme } = snapshot;
  if (own.state.id !== home.org || own.state.ledger !== home.ledger || home.store.readRef(ownRef) !== own.commit)
    return null;
  const commit = home.store.readRef(PROGRAMME_REF);
  if (commit === null) return null;
  const pin = readPin(home.paths.pin);
  if (commit === programme.commit) return isSamePin(pin, snapshot.pin) ? snapshot : null;
  try {
    return followProgramme(home, commit, snapshot, pin);
  } catch (error) {
    // what is wrong is found again, and named, by reading everything
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}

function followProgramme(home: Home, commit: string, snapshot: OwnSnapshot, pin: Pin | null): OwnSnapshot | null {
  const latest = snapshot.packages.reduce((end, counted) => Math.max(end, counted.end), 0);
  let state: ChainState = snapshot.programme.state;
  let pinned = isSamePin(pin, snapshot.pin) || (pin !== null && pin.seq === state.seq && pin.id === state.head);
  for (const step of verifyRecords({
    kind: 'programme',
    ledger: home.ledger,
    records: recordsAfter(home, commit, state.seq),
    from: state,
  })) {
    const { block } = step;
    for (let index = 0; index < block.items.length; index += 1) {
      const entry = entryAt(block, index);
      // a package that a broadcast covers before it has ended has no effect
      if (entry === null || CHANGING.has(entry.type) || (entry.type === 'broadcast' && block.body.time < latest))
        return null;
    }
    state = step.state;
    pinned ||= pin !== null && pin.seq === state.seq && pin.id === block.id;
  }
  if (!pinned || state.time >= snapshot.until) return null;
  return {
    ...snapshot,
    programme: { commit, state },
    ...(pin === null ? {} : { pin: { seq: pin.seq, id: pin.id as OwnSnapshot['own']['state']['id'] } }),
  };
}

/** The records of the programme chain after a block, read from its newest files only. */
function recordsAfter(home: Home, commit: string, seq: number): readonly Uint8Array[] {
  const segments = home.store.listSegments(PROGRAMME_REF, commit);
  const first = segments.findLastIndex(({ firstSeq }) => firstSeq <= seq + 1);
  return segments
    .slice(Math.max(0, first))
    .flatMap((segment) => splitRecords(home.store.readSegment(segment)).slice(Math.max(0, seq + 1 - segment.firstSeq)));
}

function isSamePin(pin: Pin | null, known: OwnSnapshot['pin']): boolean {
  return pin === null || known === undefined
    ? pin === null && known === undefined
    : pin.seq === known.seq && pin.id === known.id;
}

function readSnapshot(home: Home): OwnSnapshot | null {
  const bytes = readFileIfPresent(home.paths.ownChain);
  if (bytes === null) return null;
  const [digest = '', encoded = ''] = bytes.toString('latin1').split('\n');
  const content = Buffer.from(encoded, 'base64');
  if (toHex(sha256(content)) !== digest) return null;
  try {
    return decodeSnapshot(content);
  } catch (error) {
    if (error instanceof JoulemarkError) return null;
    throw error;
  }
}

/** Keeps a snapshot for the next start. Not synced: a torn one fails its digest and is not used. */
export function keepSnapshot(home: Home, snapshot: OwnSnapshot): void {
  const content = encodeSnapshot(snapshot);
  const temporary = temporaryPath(home.paths.home);
  createPlainFile(temporary, `${toHex(sha256(content))}\n${Buffer.from(content).toString('base64')}\n`);
  placeFile(temporary, home.paths.ownChain);
}
