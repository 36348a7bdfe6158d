import type { Id } from '../ledger/codec/id.ts';
import { PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { splitRecords } from '../ledger/segment.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { noteFirstSeen, readFirstSeen, readPin, writePin } from '../ledger/store/pin.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { readCheckedStates } from './checked-states.ts';
import type { HomePaths } from './paths.ts';

interface PinnedHome {
  readonly paths: HomePaths;
  readonly store: GitStore;
  readonly ledger: Id;
}

/** Moves the pin to the end of a verified programme chain, and notes which of its blocks are seen for the first time. The caller holds the lock. */
export function movePin(
  { paths, ledger }: Pick<PinnedHome, 'paths' | 'ledger'>,
  chain: LoadedChain,
  now: number,
): void {
  const seen = readFirstSeen(paths.firstSeen);
  noteFirstSeen(
    paths.firstSeen,
    chain.blocks.map(({ id }) => id).filter((id) => !seen.has(id)),
    now,
  );
  writePin(paths.pin, { ledger, seq: chain.state.seq, id: chain.state.head });
}

/** True when the programme chain here goes beyond the pin: a crash came after the branches moved and before the pin did. */
export function isPinBehind({ paths, store }: PinnedHome): boolean {
  const last = store.listSegments(PROGRAMME_REF).at(-1);
  if (last === undefined) return false;
  const pin = readPin(paths.pin);
  return pin === null || pin.seq < last.firstSeq + splitRecords(store.readSegment(last)).length - 1;
}

/** Moves a pin that a crash left behind. What it pins must be on the chain here: a pin that contradicts it is left for `verify` to name. */
export function catchUpPin(home: PinnedHome, now: number): void {
  const { paths, store, ledger } = home;
  const state = readCheckedStates(paths.checked).get(PROGRAMME_REF) ?? null;
  const chain = loadChain(store, { kind: 'programme', ledger }, state);
  const pin = readPin(paths.pin);
  if (chain === null || (pin !== null && chain.blocks[pin.seq]?.id !== pin.id)) return;
  movePin(home, chain, now);
}
