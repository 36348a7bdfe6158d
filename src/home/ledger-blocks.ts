import { entryType } from '../ledger/entry.ts';
import type { Block } from '../ledger/block.ts';
import type { Id } from '../ledger/codec/id.ts';
import { knownOrganisations } from './known-organisations.ts';
import { openSession, type Session, type Surroundings } from './session.ts';

/** A block of the store with its place in ledger order. */
export interface PlacedBlock {
  /** `programme`, or the organisation's id. */
  readonly chain: Id | 'programme';
  readonly name: string;
  readonly block: Block;
  /** The programme block that covers it (of a programme block, itself) and its time; null while no broadcast covers it. */
  readonly covered: { readonly seq: number; readonly time: number } | null;
}

/** Opens a home to read, noting by which programme block each block is covered. */
export function openWithCoverage(surroundings: Pick<Surroundings, 'home'>): {
  readonly session: Session;
  readonly blocks: readonly PlacedBlock[];
} {
  const coverage = new Map<string, { readonly seq: number; readonly time: number }>();
  const session = openSession(surroundings, {
    decisions: 'as-signed',
    before: ({ org, seq, programmeSeq, time }) => {
      if (org !== null) coverage.set(`${org} ${seq}`, { seq: programmeSeq, time });
      return true;
    },
  });
  const names = new Map(knownOrganisations(session).map(({ id, name }) => [id, name]));
  const programme = session.programme.blocks.map((block): PlacedBlock => ({
    chain: 'programme',
    name: 'programme',
    block,
    covered: { seq: block.body.seq, time: block.body.time },
  }));
  const others = [...session.chains].flatMap(([org, { blocks }]) =>
    blocks.map((block): PlacedBlock => ({
      chain: org,
      name: names.get(org) ?? org.slice(0, 8),
      block,
      covered: coverage.get(`${org} ${block.body.seq}`) ?? null,
    })),
  );
  return { session, blocks: [...programme, ...others] };
}

/** Newest first: what waits for a broadcast, then programme blocks, each with what it covers below it. */
export function newestFirst(blocks: readonly PlacedBlock[]): readonly PlacedBlock[] {
  const rank = ({ covered }: PlacedBlock): number => covered?.seq ?? Number.MAX_SAFE_INTEGER;
  const side = ({ chain }: PlacedBlock): number => (chain === 'programme' ? 0 : 1);
  return blocks.toSorted(
    (a, b) =>
      rank(b) - rank(a) ||
      side(a) - side(b) ||
      (a.chain < b.chain ? -1 : Number(a.chain > b.chain)) ||
      b.block.body.seq - a.block.body.seq,
  );
}

/** How many entries of each type a block holds, in the order of their first. */
export function countTypes(block: Block): readonly { readonly type: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const item of block.items) {
    const type = 'leaf' in item ? '(not here)' : entryType(item.bytes);
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => ({ type, count }));
}
