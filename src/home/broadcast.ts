import type { Id } from '../ledger/codec/id.ts';
import { broadcastContent } from '../ledger/entries.ts';
import { dueAsks } from '../programme/audit-calendar.ts';
import { type AskContent, askContent } from '../programme/entries.ts';
import { type Appended, assertBody, type Session, type Surroundings, toEntry, withWriter } from './session.ts';

/** One organisation's chain that the broadcast lists. */
export interface ListedHead {
  readonly org: Id;
  readonly name: string;
  readonly seq: number;
  readonly block: Id;
  /** Blocks newly covered. */
  readonly blocks: number;
}

export interface BroadcastResult {
  readonly heads: readonly ListedHead[];
  readonly asks: readonly AskContent[];
  readonly appended: Appended | null;
}

/** A broadcast without news is a heartbeat: it says until when nothing was withheld. More often than this it says nothing. */
const HEARTBEAT_EVERY = 3600;

/**
 * Appends the heads that are new and the asks that fell due, in one block. Re-run within the hour without news: nothing.
 */
export async function broadcastOnce(surroundings: Surroundings): Promise<BroadcastResult> {
  return withWriter(
    surroundings,
    (writer) => {
      assertBody(writer.home, 'broadcast');
      const heads = fitHeads(
        newHeads(writer),
        (org) => (writer.state.organisations.get(org)?.admitted ?? null) !== null,
      );
      const now = Math.max(writer.now, writer.state.head.time);
      const asks = dueAsks(writer.state, now);
      const last = writer.state.lastBroadcast;
      if (heads.length === 0 && asks.length === 0 && last !== null && now - last.time < HEARTBEAT_EVERY)
        return { heads, asks, appended: null };
      const [appended] = writer.append([
        toEntry('broadcast', broadcastContent, { heads: heads.map(({ org, seq, block }) => ({ org, seq, block })) }),
        ...asks.map((ask) => toEntry('ask', askContent, ask)),
      ]);
      return { heads, asks, appended: appended ?? null };
    },
    // neither heads nor asks rest on a decision
    { decisions: 'as-signed' },
  );
}

/**
 * The chains that go beyond their covered head, sorted by organisation id (spec section 8). Listed up to the last block that is here with all its
 * entries: to cover what nobody can read would leave every copy pending, for as long as its signer likes.
 */
function newHeads({ chains, state }: Session): readonly ListedHead[] {
  return [...chains]
    .flatMap(
      ([
        org,
        {
          blocks,
          state: { keys },
        },
      ]): readonly ListedHead[] => {
        const covered = state.organisations.get(org)?.covered.seq ?? -1;
        const partial = blocks.findIndex(({ items }, seq) => seq > covered && items.some((item) => 'leaf' in item));
        const head = blocks[(partial < 0 ? blocks.length : partial) - 1];
        if (head === undefined || head.body.seq <= covered) return [];
        return [{ org, name: keys.name, seq: head.body.seq, block: head.id, blocks: head.body.seq - covered }];
      },
    )
    .sort((a, b) => (a.org < b.org ? -1 : 1));
}

/** A head has at most 78 bytes, so that many fit into the entries of one block (spec section 4). */
const MOST_HEADS = 3000;

/**
 * The heads that one broadcast can list. Anybody may join, and thousands may who mean no good: the organisations of the programme come first, the
 * others are left for the broadcasts after.
 */
export function fitHeads(heads: readonly ListedHead[], isAdmitted: (org: Id) => boolean): readonly ListedHead[] {
  if (heads.length <= MOST_HEADS) return heads;
  const [own, others] = [heads.filter(({ org }) => isAdmitted(org)), heads.filter(({ org }) => !isAdmitted(org))];
  return [...own, ...others].slice(0, MOST_HEADS).sort((a, b) => (a.org < b.org ? -1 : 1));
}
