import { JoulemarkError } from '../errors.ts';
import { type Block, decodeRecord } from '../ledger/block.ts';
import { type ChainName, type ChainState, verifyRecords } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import { splitRecords } from '../ledger/segment.ts';
import type { GitStore } from '../ledger/store/git-store.ts';
import { organisationRef, PROGRAMME_REF } from '../ledger/git/ref-name.ts';

/** A chain of the store with every block, verified. */
export interface LoadedChain {
  readonly ref: string;
  /** The commit it was read at. */
  readonly commit: string;
  readonly blocks: readonly Block[];
  readonly state: ChainState;
  /** Blocks whose signature was checked now; the others were checked before and are fixed by hash. */
  readonly verifiedNow: number;
}

export const refOf = (name: { readonly kind: 'programme' | 'organisation'; readonly id?: Id | undefined }): string =>
  name.kind === 'programme' || name.id === undefined ? PROGRAMME_REF : organisationRef(name.id);

/**
 * Reads a chain and verifies what is not yet verified. `checked`: a state verified before; where the branch still extends
 * it, its blocks are fixed by its head's hash and only their links are followed, else everything is verified anew.
 * @throws JoulemarkError VERIFY_FAILED naming rule and block.
 */
export function loadChain(
  store: GitStore,
  name: ChainName,
  checked: ChainState | null,
  at?: string,
): LoadedChain | null {
  const ref = refOf(name);
  const commit = at ?? store.readRef(ref);
  if (commit === null) return null;
  const records: Uint8Array[] = [];
  for (const segment of store.readSegments(ref, commit)) {
    if (segment.firstSeq !== records.length)
      throw new JoulemarkError(
        'VERIFY_FAILED',
        `the files of '${ref}' are not contiguous: record ${records.length} is missing`,
        { details: { ref } },
      );
    for (const record of splitRecords(segment.bytes)) records.push(record);
  }
  return readRecords(ref, commit, name, records, checked);
}

function readRecords(
  ref: string,
  commit: string,
  name: ChainName,
  records: readonly Uint8Array[],
  checked: ChainState | null,
): LoadedChain {
  const linked = checked === null || !isStateOf(checked, name) ? null : followLinks(records, checked);
  const blocks: Block[] = linked === null ? [] : [...linked];
  let state = linked === null ? undefined : (checked ?? undefined);
  const known = blocks.length;
  try {
    for (const step of verifyRecords({ ...name, records: records.slice(known), from: state })) {
      state = step.state;
      blocks.push(step.block);
    }
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error;
    throw new JoulemarkError(error.code, `${ref}: ${error.message}`, {
      hints: error.hints,
      details: { ...error.details, ref },
      cause: error,
    });
  }
  if (state === undefined)
    throw new JoulemarkError('VERIFY_FAILED', `the chain of '${ref}' has no block`, { details: { ref } });
  return { ref, commit, blocks, state, verifiedNow: blocks.length - known };
}

/** True where a state was verified of the very chain that is asked for: links alone do not say whose a chain is. */
function isStateOf(checked: ChainState, { kind, ledger, id }: ChainName): boolean {
  return (
    checked.kind === kind &&
    (ledger === undefined || checked.ledger === ledger) &&
    (id === undefined || checked.id === id)
  );
}

/** The blocks up to a head that was verified before, if the records still lead there by hash; null when they do not. */
function followLinks(records: readonly Uint8Array[], checked: ChainState): readonly Block[] | null {
  if (records.length <= checked.seq) return null;
  const blocks: Block[] = [];
  let previous: Id | null = null;
  for (const record of records.slice(0, checked.seq + 1)) {
    const block = decodeRecord(record);
    if (block.body.prev !== previous || block.body.seq !== blocks.length) return null;
    previous = block.id;
    blocks.push(block);
  }
  return previous === checked.head ? blocks : null;
}
