import { JoulemarkError } from '../errors.ts';
import type { Block } from '../ledger/block.ts';
import type { BlockPlace } from '../ledger/body.ts';
import type { Id } from '../ledger/codec/id.ts';
import { entryAt, entryType } from '../ledger/entry.ts';
import { organisationOfRef } from '../ledger/git/ref-name.ts';
import { admitContent } from '../programme/entries.ts';
import { loadChain } from './chain-reader.ts';
import { readCheckedStates } from './checked-states.ts';
import { listingsOf } from './choose-branch.ts';
import type { SyncHome } from './sync.ts';

/** A remote's branches, as far as the order needs them (ledger spec section 12). */
export interface Needs {
  readonly needed: ReadonlySet<string>;
  /** The branches of organisations that were never admitted, of which no broadcast lists more than is here. */
  readonly newcomers: readonly string[];
  /** The branches here of such organisations. */
  readonly kept: ReadonlySet<string>;
}

/**
 * Needed are one's own branch, those of organisations that were ever admitted, those that hold a listed block that is not here, and those that the
 * user names. `programme`: all its blocks that are known, in order.
 */
export function neededBranches(
  home: SyncHome,
  programme: readonly Block[],
  refs: Iterable<string>,
  named: readonly Id[],
): Needs {
  const known = new Set([home.ledger, ...admittedIn(programme), ...named, ...(home.org === null ? [] : [home.org])]);
  const listings = listingsOf(programme);
  const checked = readCheckedStates(home.paths.checked);
  const isNeeded = (ref: string, org: Id): boolean => {
    if (known.has(org)) return true;
    const listed = listings.get(org)?.at(-1);
    return listed !== undefined && !isHere(home, ref, org, listed, checked.get(ref) ?? null);
  };
  const needed = new Set<string>();
  const newcomers: string[] = [];
  for (const ref of refs) {
    const org = organisationOfRef(ref);
    if (org === null) continue;
    if (isNeeded(ref, org)) needed.add(ref);
    else newcomers.push(ref);
  }
  const kept = [...home.store.listRefs().keys()].filter((ref) => !known.has(organisationOfRef(ref) ?? home.ledger));
  return { needed, newcomers, kept: new Set(kept) };
}

function isHere(
  { store, ledger }: SyncHome,
  ref: string,
  org: Id,
  { seq, id }: BlockPlace,
  checked: Parameters<typeof loadChain>[2],
): boolean {
  if (store.readRef(ref) === null) return false;
  try {
    return loadChain(store, { kind: 'organisation', ledger, id: org }, checked)?.blocks[seq]?.id === id;
  } catch (error) {
    if (error instanceof JoulemarkError) return false; // what is broken here may come whole from there
    throw error;
  }
}

/** The organisations that the programme chain admits or ever has. */
function admittedIn(programme: readonly Block[]): ReadonlySet<Id> {
  const admitted = new Set<Id>();
  for (const block of programme) {
    for (let index = 0; index < block.items.length; index += 1) {
      const item = block.items[index];
      if (item === undefined || 'leaf' in item || entryType(item.bytes) !== 'admit') continue;
      const org = readAdmitted(block, index);
      if (org !== null) admitted.add(org);
    }
  }
  return admitted;
}

function readAdmitted(block: Block, index: number): Id | null {
  const entry = entryAt(block, index);
  try {
    return entry === null ? null : admitContent.read(entry.content, 'admit').org;
  } catch (error) {
    if (error instanceof JoulemarkError) return null; // a finding of the walk
    throw error;
  }
}
