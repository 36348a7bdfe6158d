import type { Block } from '../ledger/block.ts';
import { encodeRecord } from '../ledger/record.ts';
import { encodeBundleHead } from '../ledger/git/bundle.ts';
import { chainObjects, type NamedObject } from '../ledger/git/chain-objects.ts';
import { organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';
import { sha1 } from '../ledger/store/git-primitives.ts';
import { packBytes } from '../ledger/store/pack-writer.ts';
import type { OrderCursor } from '../ledger/order.ts';
import type { LoadedLedger } from './ledger.ts';

/** Branches as git objects: what a bundle is made of. */
export interface LedgerObjects {
  readonly refs: ReadonlyMap<string, string>;
  readonly objects: ReadonlyMap<string, NamedObject>;
}

/** The blocks of each branch that are final as of a programme block: that chain up to it, and what it covers. */
export function coveredBlocks(
  { programme, chains }: Pick<LoadedLedger, 'programme' | 'chains'>,
  seq: number,
  covered: OrderCursor['covered'],
): ReadonlyMap<string, readonly Block[]> {
  const branches = new Map<string, readonly Block[]>([[PROGRAMME_REF, programme.blocks.slice(0, seq + 1)]]);
  for (const [org, head] of covered) {
    const blocks = chains.get(org)?.blocks;
    if (blocks !== undefined) branches.set(organisationRef(org), blocks.slice(0, head.seq + 1));
  }
  return branches;
}

/** The git objects of branches. `time`: seconds since 1970, of the commits. The same blocks and time give the same objects on every machine. */
export function ledgerObjects(
  branches: ReadonlyMap<string, readonly Block[]>,
  time: number,
  progress?: (blocks: number) => void,
): LedgerObjects {
  const refs = new Map<string, string>();
  const objects = new Map<string, NamedObject>();
  for (const [ref, blocks] of [...branches].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const records = blocks.map((block) => encodeRecord(block.bytes, block.items));
    const chain = chainObjects(records, { ref, time, sha1 });
    refs.set(ref, chain.commit);
    for (const object of chain.objects) objects.set(object.oid, object);
    progress?.(blocks.length);
  }
  return { refs, objects };
}

/** The bundle of a ledger; with `below`, which its reader has, only what that lacks. */
export function encodeLedgerBundle({ refs, objects }: LedgerObjects, below: LedgerObjects | null): Uint8Array {
  const fresh = [...objects.values()].filter(({ oid }) => below?.objects.has(oid) !== true);
  const head = encodeBundleHead(refs, new Set(below?.refs.values()));
  return Buffer.concat([head, packBytes(fresh)]);
}
