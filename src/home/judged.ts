import type { LedgerView } from '../ledger/order.ts';
import { replay } from '../programme/replay.ts';
import type { ProgrammeState } from '../programme/state.ts';
import { readWholeCheckpoint } from './checkpoint.ts';
import type { LedgerHome, LoadedLedger, LoadOptions } from './ledger.ts';

/** How a home is opened by whatever looks at decisions: each is recomputed, but for those that this home has recomputed before. */
export const JUDGED: LoadOptions = { resume: resumeReplay };

/**
 * Goes on from the checkpoint of a home where every chain here leads on from it: a head that stands in its place fixes all before it by hash.
 */
function resumeReplay(
  { paths, ledger }: LedgerHome,
  { programme, chains }: Omit<LoadedLedger, 'state'>,
  view: LedgerView,
): ProgrammeState | null {
  const checkpoint = readWholeCheckpoint(paths, ledger);
  if (checkpoint === null) return null;
  const here = new Map([programme, ...chains.values()].map(({ ref, blocks }) => [ref, blocks]));
  for (const [ref, { state: known }] of checkpoint.branches)
    if (here.get(ref)?.[known.seq]?.id !== known.head) return null;
  const { cursor, state } = checkpoint;
  const gone = replay(programme.blocks.slice(cursor.next), view, { from: { cursor, state } });
  return gone.fault === null ? gone.state : null;
}
