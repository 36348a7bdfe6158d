import { serialize } from 'node:v8';
import { concatBytes, sha256 } from '../crypto/hash.ts';
import { JoulemarkError } from '../errors.ts';
import { type Id, idBytes } from '../ledger/codec/id.ts';
import { type PieceWriter, writeInPieces } from '../ledger/store/piece-writer.ts';
import type { Verification } from '../programme/verification.ts';
import { type Checkpoint, type CheckpointPaths, type Head, LENGTH_BYTES, PROGRAM, type Section } from './checkpoint.ts';
import { sealOwn } from './own-home.ts';

/** So many new blocks are cheaper to walk again than a checkpoint is to write; of a large ledger a share. A decision costs as much as many blocks. */
const WORTH_KEEPING = 256;
const WORTH_KEEPING_SHARE = 1 / 200;
const WORTH_KEEPING_DECISIONS = 16;

/**
 * Keeps what was verified for the next time, where enough of it is new. Only of a ledger in which nothing is broken or absent: later bytes
 * may change what is said of the others. `before`: the checkpoint that the verification went on from.
 */
export function keepCheckpoint(
  paths: CheckpointPaths,
  verification: Verification,
  before: Pick<Checkpoint, 'blocks' | 'decisions'> | null,
): void {
  if ((before !== null && !isWorthKeeping(verification, before)) || !isWhole(verification)) return;
  try {
    const file = writeInPieces(paths.home, 0o600, true);
    try {
      if (writeCheckpoint(paths, verification, file)) file.commit(paths.checkpoint);
    } finally {
      file.abort();
    }
  } catch (error) {
    if (!(error instanceof JoulemarkError)) throw error; // no room, or a home that may only be read
  }
}

function isWorthKeeping({ blocks, state }: Verification, before: Pick<Checkpoint, 'blocks' | 'decisions'>): boolean {
  return (
    blocks - before.blocks >= Math.max(WORTH_KEEPING, before.blocks * WORTH_KEEPING_SHARE) ||
    state.decisions.length - before.decisions >= WORTH_KEEPING_DECISIONS
  );
}

function isWhole({
  broken,
  unjudged,
  stopped,
  twoHistoriesAt,
  absent,
  findings,
  state,
  states,
  branches,
}: Verification): boolean {
  return (
    broken.length === 0 &&
    unjudged.length === 0 &&
    stopped === null &&
    twoHistoriesAt === null &&
    absent.length === 0 &&
    states.size === branches.size &&
    !findings.some(({ code }) => code === 'entry-absent' || code === 'listing-absent') &&
    !state.decisions.some(({ unknown }) => unknown)
  );
}

/** Section after section, so that no more than one is held. */
function writeCheckpoint(paths: CheckpointPaths, verification: Verification, file: PieceWriter): boolean {
  const { ledger, blocks, state, states, branches, commits, cursor, memo } = verification;
  let offset = 0;
  const add = (body: Uint8Array): Section => {
    const section = { offset, length: body.length, digest: sha256(body) };
    file.write(body);
    offset += body.length;
    return section;
  };
  const packages: Head['packages'] = new Map(
    [...state.organisations].map(([id, { packages: index }]) => {
      const { size, changes } = index;
      return [id, { size, changes, section: add(serialize({ ...index })) }];
    }),
  );
  const kept: Head['branches'] = new Map(
    [...branches].flatMap(([ref, branch]) => {
      const [commit, chain] = [commits.get(ref), states.get(ref)];
      if (commit === undefined || chain === undefined) return [];
      const ids = concatBytes(...Array.from({ length: branch.length }, (_, seq) => idBytes(branch.idAt(seq) as Id)));
      return [[ref, { commit, state: chain, ids: add(ids) }]];
    }),
  );
  const organisations = new Map(
    [...state.organisations].map(([id, organisation]) => [id, { ...organisation, packages: null }]),
  );
  const head: Head = {
    program: PROGRAM,
    ledger,
    blocks,
    branches: kept,
    cursor,
    state: { ...state, organisations },
    packages,
    memo,
  };
  const encoded = serialize(head);
  const seal = sealOwn(paths, ledger, encoded);
  if (seal === null) return false;
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(encoded.length);
  for (const part of [encoded, length, seal]) file.write(part);
  return true;
}
