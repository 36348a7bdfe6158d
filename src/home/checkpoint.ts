/**
 * What a home has verified, so that the next verification goes on from there: heads and ids of the chains, the state they make true, how far
 * the walk came, and what was found of each applicant. A cache, sealed with the secret of the user who made the home (own-home.ts): one that
 * is torn, of another program, of another home or another ledger is not used, and losing it costs one verification from genesis.
 *
 * One file: for each organisation and chain a section, which is read when something asks for it; the head, which holds the digest of each
 * section; its length (4 bytes); the seal over it (32 bytes).
 */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { equalBytes, sha256 } from '../crypto/hash.ts';
import type { ChainState } from '../ledger/chain.ts';
import type { Id } from '../ledger/codec/id.ts';
import type { OrderCursor } from '../ledger/order.ts';
import { errnoOf } from '../system-error.ts';
import type { FindingMemo } from '../programme/applicant-findings.ts';
import type { PackageIndex } from '../programme/packages.ts';
import type { Organisation, ProgrammeState } from '../programme/state.ts';
import { BUILD } from './build.ts';
import { sealOwn } from './own-home.ts';
import type { HomePaths } from './paths.ts';

/** A chain as far as it was verified. */
export interface CheckpointBranch {
  readonly commit: string;
  readonly state: ChainState;
  /** Its ids, 32 bytes each. @throws StaleCheckpoint. */
  readonly ids: () => Uint8Array;
}

export interface Checkpoint {
  readonly blocks: number;
  /** How many decisions `state` holds, before anything goes on with it. */
  readonly decisions: number;
  readonly branches: ReadonlyMap<string, CheckpointBranch>;
  readonly cursor: OrderCursor;
  readonly state: ProgrammeState;
  readonly memo: FindingMemo;
}

/** A section turned out to be another one than was sealed, when it was asked for. */
export class StaleCheckpoint extends Error {}

/** Where a section is, and the hash of its bytes. */
export interface Section {
  readonly offset: number;
  readonly length: number;
  readonly digest: Uint8Array;
}

/** The head of the file. */
export interface Head {
  readonly program: string;
  readonly ledger: Id;
  readonly blocks: number;
  readonly branches: ReadonlyMap<string, Omit<CheckpointBranch, 'ids'> & { readonly ids: Section }>;
  readonly cursor: OrderCursor;
  readonly state: Omit<ProgrammeState, 'organisations'> & {
    readonly organisations: ReadonlyMap<Id, Omit<Organisation, 'packages'>>;
  };
  readonly packages: ReadonlyMap<Id, Pick<PackageIndex, 'size' | 'changes'> & { readonly section: Section }>;
  readonly memo: FindingMemo;
}

/** What state is made of may change with every build, and zones and formats with Node: a build is named by its content. */
export const PROGRAM = `checkpoint/1 ${BUILD} ${process.version}`;

const SEAL_BYTES = 32;
export const LENGTH_BYTES = 4;
const TRAILER_BYTES = LENGTH_BYTES + SEAL_BYTES;

export type CheckpointPaths = Pick<HomePaths, 'home' | 'checkpoint'>;

/**
 * The checkpoint of a home; null where there is none that this program and this user can take at its word. Sections are read from the file
 * that was opened, whatever takes its name meanwhile.
 */
export function readCheckpoint(paths: CheckpointPaths, ledger: Id): Checkpoint | null {
  return fromFile(paths, 'later', (file) => {
    const head = readHead(file, paths, ledger);
    return head === null ? null : open(head, (section) => readSection(file, section));
  });
}

/** The same with every section, so that nothing turns out stale when something asks for it later. */
export function readWholeCheckpoint(paths: CheckpointPaths, ledger: Id): Checkpoint | null {
  return fromFile(paths, 'now', (file) => {
    const head = readHead(file, paths, ledger);
    if (head === null) return null;
    const packages = [...head.packages.values()].map(({ section }) => section);
    const places = [...packages, ...[...head.branches.values()].map(({ ids }) => ids)];
    const sections = new Map(places.map((place) => [place, readSection(file, place)]));
    return open(head, (section) => sections.get(section) ?? new Uint8Array());
  });
}

/** `sections`: whether they are read here, or later from the file, which then stays open. */
function fromFile(
  paths: CheckpointPaths,
  sections: 'now' | 'later',
  read: (file: number) => Checkpoint | null,
): Checkpoint | null {
  const file = openIfPresent(paths.checkpoint);
  if (file === null) return null;
  let checkpoint: Checkpoint | null = null;
  try {
    checkpoint = read(file);
  } catch {
    // whatever it is: what is not as it was written is not used
  }
  if (sections === 'now' || checkpoint === null) closeSync(file);
  return checkpoint;
}

/** Null where it is not what this program sealed for this user. */
function readHead(file: number, paths: CheckpointPaths, ledger: Id): Head | null {
  const end = fstatSync(file).size - TRAILER_BYTES;
  const trailer = readAt(file, end, TRAILER_BYTES);
  const length = trailer.readUInt32LE();
  const encoded = readAt(file, end - length, Math.min(length, end));
  const seal = sealOwn(paths, ledger, encoded);
  if (seal === null || !equalBytes(seal, trailer.subarray(LENGTH_BYTES))) return null;
  const head = deserialize(encoded) as Head;
  return head.program === PROGRAM && head.ledger === ledger ? head : null;
}

function readSection(file: number, { offset, length, digest }: Section): Uint8Array {
  const bytes = readAt(file, offset, length);
  if (!equalBytes(sha256(bytes), digest)) throw new StaleCheckpoint('a section is not the one that was sealed');
  return bytes;
}

function open(head: Head, read: (section: Section) => Uint8Array): Checkpoint {
  const organisations = new Map(
    [...head.state.organisations].map(([id, organisation]): [Id, Organisation] => {
      const known = head.packages.get(id);
      if (known === undefined) throw new StaleCheckpoint(`no packages of '${id}'`);
      return [
        id,
        { ...organisation, packages: packagesFrom(known, () => deserialize(read(known.section)) as PackageIndex) },
      ];
    }),
  );
  return {
    blocks: head.blocks,
    decisions: head.state.decisions.length,
    branches: new Map(
      [...head.branches].map(([ref, { ids, ...branch }]) => [ref, { ...branch, ids: () => read(ids) }] as const),
    ),
    cursor: head.cursor,
    state: { ...head.state, organisations },
    memo: head.memo,
  };
}

/** Packages that are read when they are first looked at. */
function packagesFrom(
  { size, changes }: Pick<PackageIndex, 'size' | 'changes'>,
  read: () => PackageIndex,
): PackageIndex {
  let index: PackageIndex | undefined;
  const loaded = (): PackageIndex => (index ??= read());
  return {
    size,
    changes,
    get columns() {
      return loaded().columns;
    },
    get rows() {
      return loaded().rows;
    },
    get rowOfSlot() {
      return loaded().rowOfSlot;
    },
    get rowList() {
      return loaded().rowList;
    },
    get labelOfSlot() {
      return loaded().labelOfSlot;
    },
    get labelList() {
      return loaded().labelList;
    },
    get labelPlaces() {
      return loaded().labelPlaces;
    },
    get corrected() {
      return loaded().corrected;
    },
    get replaced() {
      return loaded().replaced;
    },
  };
}

function openIfPresent(path: string): number | null {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (errnoOf(error) !== null) return null;
    throw error;
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  if (readSync(file, bytes, 0, length, offset) !== length) throw new StaleCheckpoint('the file ends early');
  return bytes;
}
