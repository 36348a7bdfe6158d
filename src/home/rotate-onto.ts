import { JoulemarkError } from '../errors.ts';
import { organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { fetchVerified } from '../ledger/remote/fetch-verified.ts';
import { onlyBranches } from '../ledger/remote/only-branches.ts';
import { openTransport } from '../ledger/remote/remote.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { type LoadedChain, loadChain } from './chain-reader.ts';
import { readCheckedStates } from './checked-states.ts';
import { chooseBranch, listingsOf } from './choose-branch.ts';
import { saveEvidence } from './evidence.ts';
import { type Home, openHome } from './home.ts';
import { leftOutEntries, noteOwnFork } from './own-fork.ts';
import { type RotatedKey, rotateKey } from './rotate-key.ts';
import { type Surroundings, withWriter } from './session.ts';
import { type SyncOptions, toTransportOptions } from './sync-options.ts';
import { rememberState } from './writer.ts';

/** A rotation, and what of one's own it put back after it. */
export interface RotatedOnto extends RotatedKey {
  /** Entries of a branch of ours that was left out, appended again. */
  readonly putBack: number;
}

/**
 * Takes the branch of our own chain that a remote holds in the place of ours, which is kept aside (own-fork.ts). What a thief wrote comes
 * with it; the rotation after it ends his key.
 * @throws JoulemarkError DIVERGED when that branch leaves out what is covered, USAGE when there is no such remote or the home is the body's.
 */
export async function takeOwnBranch(home: Home, remote: string, options: SyncOptions): Promise<void> {
  const url = home.config.remotes?.get(remote);
  if (url === undefined)
    throw new JoulemarkError('USAGE', `no remote '${remote}'`, { hints: ['joulemark remote list'] });
  if (home.isBody)
    throw new JoulemarkError('USAGE', 'an organisation can go on from another branch, the certification body cannot');
  let taken: LoadedChain | null = null;
  await fetchVerified({
    transport: onlyBranches(openTransport(url, toTransportOptions(options)), new Set([organisationRef(home.org)])),
    main: home.store,
    home: home.paths.home,
    lockPath: home.paths.lock,
    wait: options.wait * 1000,
    verify: (quarantine, refs) => {
      taken = offeredBranch(home, quarantine, refs);
      return new Map(taken === null ? [] : [[taken.ref, taken.commit]]);
    },
    afterwards: () => {
      if (taken !== null) rememberState(home.paths, taken.ref, taken.state);
    },
  });
}

function offeredBranch(home: Home, quarantine: GitStore, refs: ReadonlyMap<string, string>): LoadedChain | null {
  const { ledger, org, paths, store } = home;
  const ref = organisationRef(org);
  const offered = refs.get(ref);
  if (offered === undefined) return null;
  const name = { kind: 'organisation' as const, ledger, id: org };
  const checked = readCheckedStates(paths.checked);
  const ours = loadChain(store, name, checked.get(ref) ?? null);
  const offer = loadChain(quarantine, name, checked.get(ref) ?? null, offered);
  const programme = loadChain(store, { kind: 'programme', ledger }, checked.get(PROGRAMME_REF) ?? null);
  if (ours === null || offer === null || programme === null) return null;
  const { take, fork } = chooseBranch(ours, offer, listingsOf(programme.blocks).get(org) ?? []);
  if (fork === null) return take ? offer : null;
  if (fork.decided && !take)
    throw new JoulemarkError('DIVERGED', `the certification body has broadcast your block ${fork.seq}, not theirs`, {
      hints: ['nothing is to be done: joulemark sync'],
    });
  saveEvidence(paths, `fork-${org.slice(0, 16)}-${fork.seq}`, fork.blocks);
  noteOwnFork(paths, ours, fork, true);
  return offer;
}

/**
 * Rotates the key of this home (rotateKey), where asked for on top of the branch that a remote holds, and appends again what of our own
 * entries was left out of the chain.
 */
export async function rotateOnto(
  surroundings: Surroundings & { random(length: number): Uint8Array },
  nextKeyFile: string | undefined,
  onto: { readonly remote: string; readonly options: SyncOptions } | null,
): Promise<RotatedOnto> {
  if (onto !== null) await takeOwnBranch(openHome(surroundings.home), onto.remote, onto.options);
  const rotated = await rotateKey(surroundings, nextKeyFile);
  const home = openHome(surroundings.home);
  if (surroundings.dryRun || home.isBody) return { ...rotated, putBack: 0 };
  const own = loadChain(home.store, { kind: 'organisation', ledger: home.ledger, id: home.org }, null);
  if (own === null || leftOutEntries(home.paths, own).length === 0) return { ...rotated, putBack: 0 };
  const putBack = await withWriter(
    surroundings,
    (writer) => {
      const chain = writer.chains.get(home.org);
      const entries = chain === undefined ? [] : leftOutEntries(home.paths, chain);
      writer.append(entries);
      return entries.length;
    },
    { decisions: 'as-signed', only: [home.org] },
  );
  return { ...rotated, putBack };
}
