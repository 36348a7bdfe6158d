import { JoulemarkError } from '../errors.ts';
import type { Block } from '../ledger/block.ts';
import { toBranch, type Branch } from '../ledger/branch.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { LedgerView } from '../ledger/order.ts';
import { readPin } from '../ledger/store/pin.ts';
import { organisationOfRef, organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { replay, type ReplayOptions } from '../programme/replay.ts';
import type { ProgrammeState } from '../programme/state.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { readCheckedStates, writeCheckedStates } from './checked-states.ts';
import type { Home } from './home.ts';
import { isOwnHome } from './own-home.ts';

/** The chains of a home, verified, and what they make true. */
export interface LoadedLedger {
  readonly programme: LoadedChain;
  readonly chains: ReadonlyMap<Id, LoadedChain>;
  readonly state: ProgrammeState;
}

/** A home as far as reading needs it: it may only read this ledger. */
export type LedgerHome = Pick<Home, 'paths' | 'store' | 'ledger'>;

/** The organisations of which the store holds a chain. */
export function organisationsOf(home: Pick<Home, 'store'>): readonly Id[] {
  return [...home.store.listRefs().keys()].map(organisationOfRef).filter((org) => org !== null);
}

/** Which chains to read: all, or only one's own beside the programme's, which is enough to submit. */
export interface LoadOptions extends ReplayOptions {
  readonly only?: readonly Id[];
  /** What the chains make true, on from what this home has verified before; null where that does not do. Asked in one's own home only. */
  readonly resume?: (home: LedgerHome, loaded: Omit<LoadedLedger, 'state'>, view: LedgerView) => ProgrammeState | null;
}

/**
 * Reads and verifies the chains of a home, then replays them.
 * @throws JoulemarkError VERIFY_FAILED naming the block; DIVERGED when the programme chain is not the pinned one; NO_LEDGER.
 */
export function loadLedger(home: LedgerHome, options: LoadOptions = {}): LoadedLedger {
  // in a home that somebody else prepared nothing is taken as verified, and nothing is written
  const isOwn = isOwnHome(home.paths, home.ledger);
  const checked = isOwn ? readCheckedStates(home.paths.checked) : new Map<string, ChainState>();
  const programme = loadChain(
    home.store,
    { kind: 'programme', ledger: home.ledger },
    checked.get(PROGRAMME_REF) ?? null,
  );
  if (programme === null)
    throw new JoulemarkError('NO_LEDGER', 'the programme chain is not here', { hints: ['joulemark sync'] });
  checkPin(home, programme);
  const chains = new Map<Id, LoadedChain>();
  for (const org of options.only ?? organisationsOf(home)) {
    const ref = organisationRef(org);
    const chain = loadChain(
      home.store,
      { kind: 'organisation', ledger: home.ledger, id: org },
      checked.get(ref) ?? null,
    );
    if (chain !== null) chains.set(org, chain);
  }
  const loaded = [programme, ...chains.values()];
  if (isOwn && loaded.some((chain) => chain.verifiedNow > 0)) {
    writeCheckedStates(
      home.paths.checked,
      new Map([...checked, ...loaded.map((chain) => [chain.ref, chain.state] as const)]),
    );
  }
  return { programme, chains, state: replayLoaded(home, { programme, chains }, options) };
}

/**
 * What chains that were read make true.
 * @throws JoulemarkError VERIFY_FAILED where other bytes stand in the place of listed ones.
 */
export function replayLoaded(
  home: LedgerHome,
  { programme, chains }: Omit<LoadedLedger, 'state'>,
  options: LoadOptions,
): ProgrammeState {
  const view = toView(home.ledger, programme.blocks, chains);
  const { resume } = options;
  const resumed =
    resume !== undefined && isOwnHome(home.paths, home.ledger) ? resume(home, { programme, chains }, view) : null;
  if (resumed !== null) return resumed;
  const { state, fault } = replay(programme.blocks, view, options);
  if (fault !== null) throw fault;
  return state;
}

/** The pin fixes everything covered: a chain that does not hold the pinned block is another history. */
function checkPin(home: Pick<Home, 'paths'>, programme: LoadedChain): void {
  const pin = readPin(home.paths.pin);
  if (pin === null || programme.blocks[pin.seq]?.id === pin.id) return;
  throw new JoulemarkError(
    'DIVERGED',
    `the programme chain here is not the one that was pinned: block ${pin.seq} was ${pin.id}`,
    {
      hints: ['joulemark sync', 'if the repository was restored from a backup, sync brings back what is missing'],
    },
  );
}

export function toView(
  ledger: Id,
  programme: readonly Block[],
  chains: ReadonlyMap<Id, Pick<LoadedChain, 'blocks'>>,
): LedgerView {
  return {
    ledger,
    branches: (org): readonly Branch[] => {
      const chain = chains.get(org);
      return chain === undefined ? [] : [toBranch(chain.blocks)];
    },
    organisations: () => chains.keys(),
    programmeId: (seq) => programme[seq]?.id,
  };
}
