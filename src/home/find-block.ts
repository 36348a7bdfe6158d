import { allPackages } from '../programme/packages.ts';
import { JoulemarkError } from '../errors.ts';
import { findChain } from './find-chain.ts';
import type { PlacedBlock } from './ledger-blocks.ts';
import type { Session } from './session.ts';

/** A block, and which of its entries was asked for. */
export interface FoundBlock {
  readonly placed: PlacedBlock;
  readonly entry: number | null;
}

const MOST_LISTED = 8;

/**
 * What a person names by `chain:seq`, `chain:seq:entry`, or the first digits (4 or more) of a block id or of a package's commit.
 * @throws JoulemarkError USAGE when there is none, or several.
 */
export function findBlock(session: Session, blocks: readonly PlacedBlock[], text: string): FoundBlock {
  const place = /^(.+?):(\d{1,9})(?::(\d{1,9}))?$/s.exec(text);
  if (place !== null)
    return findPlace(
      session,
      blocks,
      place[1] ?? '',
      Number(place[2]),
      place[3] === undefined ? null : Number(place[3]),
    );
  const digits = text.replaceAll(' ', '').toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(digits)) {
    throw new JoulemarkError(
      'USAGE',
      `'${text}' names no block, expected 4 to 64 hex digits, <chain>:<seq> or <chain>:<seq>:<entry>`,
      { hints: ['joulemark ledger log'] },
    );
  }
  const found: readonly FoundBlock[] = [
    ...blocks.filter(({ block }) => block.id.startsWith(digits)).map((placed) => ({ placed, entry: null })),
    ...findCommits(session, blocks, digits),
  ];
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined)
    throw new JoulemarkError('USAGE', `no block and no package '${text}' here`, {
      hints: ['joulemark ledger log', 'joulemark sync'],
    });
  const listed = found
    .slice(0, MOST_LISTED)
    .map(({ placed, entry }) => `${placed.name}:${placed.block.body.seq}${entry === null ? '' : `:${entry}`}`);
  throw new JoulemarkError('USAGE', `'${text}' fits ${found.length}: ${listed.join(', ')}`, {
    hints: ['give more digits'],
  });
}

function findCommits(session: Session, blocks: readonly PlacedBlock[], digits: string): readonly FoundBlock[] {
  return [...session.state.organisations.values()].flatMap(({ id, packages }) =>
    [...allPackages(packages)]
      .filter(({ commit }) => commit.startsWith(digits))
      .flatMap(({ place }) => {
        const placed = blocks.find(({ chain, block }) => chain === id && block.body.seq === place.seq);
        return placed === undefined ? [] : [{ placed, entry: place.entry }];
      }),
  );
}

function findPlace(
  session: Session,
  blocks: readonly PlacedBlock[],
  name: string,
  seq: number,
  entry: number | null,
): FoundBlock {
  const { chain, isProgramme, name: shown } = findChain(session, name);
  const id = isProgramme ? 'programme' : chain.state.id;
  const placed = blocks.find((candidate) => candidate.chain === id && candidate.block.body.seq === seq);
  if (placed === undefined)
    throw new JoulemarkError('USAGE', `no block ${seq} of '${shown}', its newest here is ${chain.state.seq}`);
  if (entry !== null && entry >= placed.block.items.length)
    throw new JoulemarkError(
      'USAGE',
      `no entry ${entry} in block ${seq} of '${shown}', it has ${placed.block.items.length}`,
    );
  return { placed, entry };
}
